"""What we ask and say. The registry that app.py hands to the dialogue."""

from collections.abc import Mapping

from assistant.dialogue.talk import Conversation
from conversations.broadcast_message import more
from conversations.organisers.approving import (
    approve,
    broadcasts,
    discard,
    halt,
    halt_everything,
    propose,
    resume,
)
from conversations.organisers.drafting import alert, correct, edit, update
from conversations.organisers.team import agree, organiser, pause, team
from conversations.supporters.account import about, explain, forget, language, mydata, privacy
from conversations.supporters.letter import change, letter, rewrite, share, status, undo, withdraw
from conversations.supporters.navigation import cancel, come_back, help_
from conversations.supporters.subscriptions import mine, perhaps_question, perhaps_stop, stop, subscribe

CONVERSATIONS: Mapping[str, Conversation] = {
    "letter": letter,
    "change": change,
    "rewrite": rewrite,
    "withdraw": withdraw,
    "status": status,
    "undo": undo,
    "share": share,
    "subscribe": subscribe,
    "language": language,
    "come_back": come_back,
    "help": help_,
    "cancel": cancel,
    "stop": stop,
    "perhaps_stop": perhaps_stop,
    "perhaps_question": perhaps_question,
    "mine": mine,
    "about": about,
    "explain": explain,
    "privacy": privacy,
    "mydata": mydata,
    "forget": forget,
    "more": more,
    "organiser": organiser,
    # What only organisers have
    "team": team,
    "agree": agree,
    "pause": pause,
    "update": update,
    "alert": alert,
    "correct": correct,
    "edit": edit,
    "broadcasts": broadcasts,
    "propose": propose,
    "approve": approve,
    "discard": discard,
    "halt": halt,
    "halt_everything": halt_everything,
    "resume": resume,
}

# These end what was going on before they begin.
AFRESH = frozenset({"cancel", "stop"})

# These stop something: they are understood in every spelling, and rather too often than too seldom.
URGENT = frozenset({"stop", "halt", "pause"})

# What can be begun with an argument, or by a button, and the question that the argument answers.
ARGUMENTS: Mapping[str, str] = {
    "letter": "case",
    "more": "case",
    "organiser": "code",
    "agree": "request",
    "pause": "which",
    "correct": "broadcast",
    "edit": "broadcast",
    "propose": "broadcast",
    "approve": "broadcast",
    "discard": "broadcast",
    "halt": "broadcast",
    "resume": "which",
}
