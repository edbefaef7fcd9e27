"""What we ask and say. The registry that app.py hands to the dialogue."""

from collections.abc import Mapping

from assistant.dialogue.talk import Conversation
from assistant.domain.review import RefusalReason
from conversations.broadcast_message import more
from conversations.organisers.answers import answers
from conversations.organisers.approving import (
    approve,
    broadcasts,
    clarify_halt,
    discard,
    halt,
    propose,
    resume,
)
from conversations.organisers.drafting import alert, correct, edit, update
from conversations.organisers.review import review
from conversations.organisers.team import (
    agree,
    clarify_pause,
    dashboard,
    invite,
    organiser,
    pause,
    reword,
    role,
    sign_out,
    stats,
    team,
)
from conversations.supporters.account import (
    about,
    clarify_question,
    explain,
    faq,
    forget,
    language,
    move,
    mydata,
    privacy,
)
from conversations.supporters.letter import (
    change,
    letter,
    renew,
    rewrite,
    sent_before,
    share,
    signing,
    status,
    undo,
    withdraw,
    withdrawn_before,
)
from conversations.supporters.navigation import cancel, come_back, help_, wait
from conversations.supporters.subscriptions import clarify_stop, mine, resubscribe, stop, subscribe

CONVERSATIONS: Mapping[str, Conversation] = {
    "letter": letter,
    "change": change,
    "rewrite": rewrite,
    "renew": renew,
    "withdraw": withdraw,
    "status": status,
    "undo": undo,
    "sent_before": sent_before,
    "withdrawn_before": withdrawn_before,
    "share": share,
    "subscribe": subscribe,
    "language": language,
    "come_back": come_back,
    "help": help_,
    "cancel": cancel,
    "stop": stop,
    "clarify_stop": clarify_stop,
    "resubscribe": resubscribe,
    "clarify_question": clarify_question,
    "mine": mine,
    "about": about,
    "explain": explain,
    "signing": signing,
    "wait": wait,
    "faq": faq,
    "privacy": privacy,
    "move": move,
    "mydata": mydata,
    "forget": forget,
    "more": more,
    "organiser": organiser,
    # What only organisers have
    "team": team,
    "dashboard": dashboard,
    "signout": sign_out,
    "invite": invite,
    "role": role,
    "stats": stats,
    "review": review,
    "answers": answers,
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
    "clarify_halt": clarify_halt,
    "clarify_pause": clarify_pause,
    "resume": resume,
    "reword": reword,
}

# These end what was going on before they begin.
AFRESH = frozenset({"cancel", "stop"})

# These stop something: they are understood in every spelling, and rather too often than too seldom. Each
# with the conversation that asks whether it is meant.
URGENT: Mapping[str, str] = {"stop": "clarify_stop", "halt": "clarify_halt", "pause": "clarify_pause"}

# With these people protect somebody: they are read also where too much is written.
PROTECTIVE = frozenset({*URGENT, "forget"})

# These ask one small thing back: nothing is lost where it stays without an answer.
ASIDES = frozenset({*URGENT.values(), "clarify_question", "resubscribe"})

# What tells how it stands, where somebody presses a second time what has been done: by question and answer.
SETTLED: Mapping[tuple[str, str], str] = {
    ("verdict", "send"): "sent_before",
    ("withdraw", "yes"): "withdrawn_before",
    ("subscribe", "yes"): "mine",
    ("stop", "yes"): "mine",
    ("check", "save"): "broadcasts",
    ("approve", "yes"): "broadcasts",
    ("urgent", "yes"): "broadcasts",
    ("discard", "yes"): "broadcasts",
    ("resume", "yes"): "broadcasts",
    ("all", "yes"): "broadcasts",
    **{(f"settle{each}", done): "answers" for each in ("", "-one") for done in ("pass", "aside")},
    ("read", "aside"): "answers",
    **{("decide", done): "review" for done in ("release", "without-line")},
    **{("why", reason.value): "review" for reason in RefusalReason},
}

# What can be begun with an argument, or by a button, and the question that the argument answers.
ARGUMENTS: Mapping[str, str] = {
    "letter": "case",
    "more": "case",
    "renew": "letter",
    "move": "code",
    "organiser": "code",
    "agree": "request",
    "review": "wanted",
    "answers": "answer",
    "pause": "which",
    "correct": "broadcast",
    "edit": "broadcast",
    "propose": "broadcast",
    "approve": "broadcast",
    "discard": "broadcast",
    "halt": "broadcast",
    "resume": "which",
    "reword": "action",
}
