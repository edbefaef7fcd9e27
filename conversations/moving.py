"""Finding one's way: help, cancelling, coming back after days."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect
from conversations import sentences as say


def help_(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.help_text())
    return []


def cancel(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.cancelled(has_written=bool(talk.person.letters)))
    return []


def resume(talk: Talk) -> Iterable[Effect | Begin]:
    said = say.ask_resume(talk.interrupted, talk.cases.get(talk.frame.case or ""))
    again = talk.ask("resume", Choice(say.CONTINUE, say.AGAIN), said) == "again"
    return [Begin("letter", afresh=True)] if again else []
