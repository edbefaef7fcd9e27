"""Which language we speak."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect, SetLanguage
from conversations import sentences as say


def language(talk: Talk) -> Iterable[Effect | Begin]:
    options = [say.language_option(code) for code in talk.tongue.siblings]
    code = talk.ask("language", Choice(*options), say.ask_language())
    if talk.person.language is not None:
        talk.say(say.language_set(code))
    return [SetLanguage(code)]
