"""What we ask and say. The registry that app.py hands to the dialogue."""

from collections.abc import Mapping

from assistant.dialogue.talk import Conversation
from conversations.language import language
from conversations.letter import letter, share
from conversations.moving import cancel, help_, resume
from conversations.posted import change, rewrite, withdraw
from conversations.privacy import about, forget, mydata, privacy
from conversations.subscribe import mine, stop, subscribe

CONVERSATIONS: Mapping[str, Conversation] = {
    "letter": letter,
    "change": change,
    "rewrite": rewrite,
    "withdraw": withdraw,
    "share": share,
    "subscribe": subscribe,
    "language": language,
    "resume": resume,
    "help": help_,
    "cancel": cancel,
    "stop": stop,
    "mine": mine,
    "about": about,
    "privacy": privacy,
    "mydata": mydata,
    "forget": forget,
}

# These end what was going on before they begin.
AFRESH = frozenset({"cancel", "stop"})
