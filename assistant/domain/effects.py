"""What a conversation wants done, as data. A turn's effects are carried out in the turn's transaction."""

from dataclasses import dataclass
from datetime import timedelta

from assistant.domain.answers import AnswerStatus
from assistant.domain.broadcasts import Announcement
from assistant.domain.letter_decisions import Decision
from assistant.domain.letters import ActionRef, Draft
from assistant.domain.organisers import ApprovalRequest, Role
from assistant.domain.review import RefusalReason, ReviewDecision


@dataclass(frozen=True, slots=True)
class Save:
    """Keep this as a draft, in place of the broadcast of that number; it is counted and tested then."""

    announcement: Announcement
    replaces: int | None = None


@dataclass(frozen=True, slots=True)
class Propose:
    """Ask the others to approve the broadcast, which reads as `digest` says."""

    broadcast: int
    digest: str


@dataclass(frozen=True, slots=True)
class Approve:
    """Have the broadcast sent, which reads as `digest` says."""

    broadcast: int
    digest: str


@dataclass(frozen=True, slots=True)
class Halt:
    """Stop the broadcast; None: all of them."""

    broadcast: int | None


@dataclass(frozen=True, slots=True)
class Resume:
    """Let the broadcast go on that was halted."""

    broadcast: int


@dataclass(frozen=True, slots=True)
class Discard:
    """Drop the broadcast, which is not being sent yet."""

    broadcast: int


@dataclass(frozen=True, slots=True)
class Pause:
    """Stop the letters, updates and alerts of a case, or of one action."""

    subject: str


@dataclass(frozen=True, slots=True)
class RequestApproval:
    """Want something that takes two persons."""

    request: ApprovalRequest


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Be the second person who wants that, or drop it."""

    request: int
    agreed: bool


@dataclass(frozen=True, slots=True)
class SettleAnswers:
    """Pass an office's answer on, or set it aside.

    `same_up_to`: with all that say the same, up to that number; None: this one only.
    """

    answer: int
    status: AnswerStatus
    same_up_to: int | None = None


@dataclass(frozen=True, slots=True)
class DecideLetters:
    """Say what becomes of letters that wait to be read, by their numbers: of all of them, or of none.

    `reason`: for which they are refused.
    """

    letters: tuple[int, ...]
    decision: ReviewDecision
    reason: RefusalReason | None = None


@dataclass(frozen=True, slots=True)
class DecideText:
    """Say whether the new text of an action's letter matters for letters that wait with the old one.

    `text`: the new one, as it was when it was read, see `Action.text_version`; None: whatever it is by now.
    """

    action: ActionRef
    matters: bool
    text: str | None = None


@dataclass(frozen=True, slots=True)
class DecideLetter:
    """Say what becomes of a letter that may have arrived, or is held: see `letter_decisions.TEAM_DECIDES`.

    `seen`: the number of its log's newest entry when it was looked at: nothing else is decided about.
    """

    letter: int
    decision: Decision
    seen: int


@dataclass(frozen=True, slots=True)
class SignOut:
    """Sign the organiser out in every browser."""


@dataclass(frozen=True, slots=True)
class SendTestEvent:
    """Tell that endpoint of webhooks of an event that means nothing, to see whether it arrives."""

    endpoint: str


OrganiserEffect = (
    Save
    | Propose
    | Approve
    | Halt
    | Resume
    | Discard
    | Pause
    | RequestApproval
    | AnswerRequest
    | SettleAnswers
    | DecideLetters
    | DecideText
    | DecideLetter
    | SignOut
    | SendTestEvent
)
"""What only organisers can want."""


@dataclass(frozen=True, slots=True)
class QueueLetter:
    """Put this letter in the queue for its office, in place of the person's one that still waits there."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Postpone:
    """Give the person time to change their letters of that action, which wait in the queue."""

    action: ActionRef


@dataclass(frozen=True, slots=True)
class Withdraw:
    """Take the person's letters of that action out of the queue, or the one to that target."""

    action: ActionRef
    target: str | None = None


@dataclass(frozen=True, slots=True)
class Subscribe:
    """Send this chat the case's updates from now on."""

    case: str


@dataclass(frozen=True, slots=True)
class Unsubscribe:
    """Send this chat no updates any more, of any case."""


@dataclass(frozen=True, slots=True)
class SetLanguage:
    """Speak this language in this chat."""

    language: str


@dataclass(frozen=True, slots=True)
class ShowData:
    """Show the person everything that is stored about this chat."""


@dataclass(frozen=True, slots=True)
class ShowMenu:
    """Have these words, each with what it does, be this chat's menu; none: the usual ones."""

    words: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Forget:
    """Cancel this chat's unsent letters and destroy everything that is stored about it.

    `messages_of`: messages of ours that were sent in that time are deleted from the chat, too.
    """

    messages_of: timedelta | None = None


@dataclass(frozen=True, slots=True)
class MarkGroupChat:
    """Remember that this chat is a group, which has been told once."""


@dataclass(frozen=True, slots=True)
class Join:
    """Become an organiser, by the code that the person was given; `name`: what the team calls them."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class OfferMove:
    """Make a code by which this chat moves to another channel; the person is told it."""


@dataclass(frozen=True, slots=True)
class TakeChat:
    """Have the chat here that the code is for, with all that is in it."""

    code: str


@dataclass(frozen=True, slots=True)
class Invite:
    """Make a code by which somebody joins the team in that role; the organiser is told it."""

    role: Role


@dataclass(frozen=True, slots=True)
class OpenDashboard:
    """Make a link by which the organiser signs in to the dashboard, once; they are told it."""


Effect = (
    QueueLetter
    | Postpone
    | Withdraw
    | Subscribe
    | Unsubscribe
    | SetLanguage
    | ShowData
    | ShowMenu
    | Forget
    | MarkGroupChat
    | Join
    | Invite
    | OpenDashboard
    | OfferMove
    | TakeChat
    | OrganiserEffect
)


@dataclass(frozen=True, slots=True)
class HandOn:
    """Give a text to the conversation below, as an answer. The dialogue carries this out itself.

    `ref`: the message that it came in.
    """

    text: str
    ref: str | None = None


@dataclass(frozen=True, slots=True)
class Begin:
    """Go on with another conversation. The dialogue carries this out itself.

    `afresh`: drop whatever else was going on first. `answers`: what is known already, by question.
    """

    conversation: str
    case: str | None = None
    afresh: bool = False
    answers: tuple[tuple[str, str | None], ...] = ()
