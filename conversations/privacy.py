"""Who we are, what we keep, and how to see or delete it."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect, Forget, ShowData
from conversations import sentences as say


def about(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.about())
    return []


def privacy(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(*say.privacy())
    return []


def mydata(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.your_data())
    return [ShowData()]


def forget(talk: Talk) -> Iterable[Effect | Begin]:
    if talk.ask("forget", Choice(say.FORGET, say.KEEP), say.ask_forget()) == "no":
        talk.say(say.kept())
        return []
    talk.say(say.forgotten())
    return [Forget()]
