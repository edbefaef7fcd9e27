"""Writing a letter: briefing, name, country, a line of one's own, the draft, and sending it."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice, Country, Line, Name, Option
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect, QueueLetter
from assistant.domain.model import Case, Draft
from assistant.domain.speech import Printed, Speech
from conversations import after_sending as after
from conversations import sentences as say
from conversations.choosing import choose_case


def letter(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk)
    if case.slug in talk.person.paused:
        talk.say(say.case_paused(case))
        return []
    if posted := talk.person.letters.get(case.slug):
        talk.say(after.already_written(case, posted))
        return []
    if talk.ask("ready", Choice(say.GO, say.LATER), say.hello(case), say.ask_ready()) == "later":
        talk.say(say.see_you_later())
        return []
    draft = compose(talk, case)
    if not confirmed(talk, draft, say.STOP):
        talk.say(say.not_sent())
        return []
    talk.say(after.queued(case, talk.person.leaving.get(case.slug)), *passing_on(talk))
    return [QueueLetter(draft), Begin("subscribe", case.slug)]


def compose(talk: Talk, case: Case) -> Draft:
    """The letter of the answers, asking for those that are not known yet."""
    name = talk.ask("name", Name(), say.ask_name(case))
    country = talk.ask("country", Country(say.NONE), say.ask_country())
    line = talk.ask("line", Line(say.SKIP, say.YES), say.ask_line(country))
    return case.draft(name=name, country=country, line=line)


def confirmed(talk: Talk, draft: Draft, stop: Option) -> bool:
    """Whether the draft is to be sent, after all changes; not where `stop` was chosen."""
    verdict = talk.ask("verdict", Choice(say.SEND, say.EDIT, stop), *shown(talk, draft))
    if verdict == "edit":
        field = talk.ask("field", Choice(say.NAME, say.COUNTRY, say.LINE), say.ask_field())
        talk.redo(field, "field", "verdict")
    return verdict == "send"


def share(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk)
    talk.say(*([say.case_paused(case)] if case.slug in talk.person.paused else passing_on(talk)))
    return []


def shown(talk: Talk, draft: Draft) -> list[Speech]:
    """The draft as it will be sent; before it the printed page, and a translation where one is needed."""
    languages = [each for each in talk.tongue.fallbacks if each in draft.readings]
    translation = [say.reading(draft, languages[0])] if languages and languages[0] != draft.language else []
    return [*translation, Printed(say.printed(), draft), say.preview(draft, talk.case)]


def passing_on(talk: Talk) -> list[Speech]:
    """What to share, and where to follow the campaign in the reader's language."""
    links = next((talk.case.follow[each] for each in talk.tongue.fallbacks if each in talk.case.follow), ())
    return [say.share(talk.case), *([say.follow(links)] if links else [])]
