"""Writing a letter, and changing or withdrawing one that has not been sent yet."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice, Country, Name, Option, PersonalLine
from assistant.dialogue.talk import Talk
from assistant.domain.cases import Case
from assistant.domain.effects import Begin, Effect, Postpone, QueueLetter, Withdraw
from assistant.domain.letters import Draft
from assistant.domain.texts import Printed, Text
from conversations.supporters import sentences as say
from conversations.supporters.navigation import choose_case, offer_to_withdraw


def letter(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk)
    if case.slug in talk.person.paused:
        talk.say(say.case_paused(case))
        return []
    if posted := talk.person.letters.get(case.slug):
        talk.say(say.already_written(case, posted))
        return []
    if talk.ask("ready", Choice(say.GO, say.LATER), say.hello(case), say.ask_ready()) == "later":
        talk.say(say.see_you_later())
        return []
    draft = compose(talk, case)
    if not confirmed(talk, draft, say.STOP):
        talk.say(say.not_sent())
        return []
    talk.say(say.queued(case, talk.person.leaving.get(case.slug)), *passing_on(talk))
    return [QueueLetter(draft), Begin("subscribe", case.slug)]


def compose(talk: Talk, case: Case) -> Draft:
    """The letter of the answers, asking for those that are not known yet."""
    name = talk.ask("name", Name(), say.ask_name(case))
    country = talk.ask("country", Country(say.NONE), say.ask_country())
    personal_line = talk.ask("line", PersonalLine(say.SKIP, say.YES), say.ask_personal_line(country, case))
    return case.draft(name=name, country=country, personal_line=personal_line)


def confirmed(talk: Talk, draft: Draft, stop: Option) -> bool:
    """Whether the draft is to be sent, after all changes; not where `stop` was chosen."""
    verdict = talk.ask("verdict", Choice(say.SEND, say.EDIT, stop), *shown(talk, draft))
    if verdict == "edit":
        field = talk.ask("field", Choice(say.NAME, say.COUNTRY, say.PERSONAL_LINE), say.ask_field())
        talk.redo(field, "field", "verdict")
    return verdict == "send"


def share(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk)
    talk.say(*([say.case_paused(case)] if case.slug in talk.person.paused else passing_on(talk)))
    return []


def shown(talk: Talk, draft: Draft) -> list[Text]:
    """The draft as it will be sent; before it the printed page, and a translation where one is needed."""
    languages = [each for each in talk.locale.fallbacks if each in draft.readings]
    translation = [say.reading(draft, languages[0])] if languages and languages[0] != draft.language else []
    return [*translation, Printed(say.printed(), draft), say.preview(draft, talk.case)]


def passing_on(talk: Talk) -> list[Text]:
    """What to share, and where to follow the campaign in the reader's language."""
    links = next((talk.case.follow[each] for each in talk.locale.fallbacks if each in talk.case.follow), ())
    return [say.share(talk.case), *([say.follow(links)] if links else [])]


def change(talk: Talk) -> Iterable[Effect | Begin]:
    case = _choose_letter(talk)
    answers = _answers(talk, case)
    if case is None or answers is None:
        talk.say(_too_late(case))
        return []
    return [Postpone(case.slug), Begin("rewrite", case.slug, answers=answers)]


def rewrite(talk: Talk) -> Iterable[Effect | Begin]:
    case = talk.case
    if case.slug in talk.person.paused:
        talk.say(say.case_paused(case))
        return []
    if _answers(talk, case) is None:
        talk.say(_too_late(case if case.slug in talk.person.letters else None))
        return []
    draft = compose(talk, case)
    if not confirmed(talk, draft, say.KEEP_LETTER):
        talk.say(say.left_as_it_was(case))
        return []
    talk.say(say.queued(case, talk.person.leaving.get(case.slug)))
    return [QueueLetter(draft)]


def withdraw(talk: Talk) -> Iterable[Effect | Begin]:
    case = _choose_letter(talk)
    if case is None or _answers(talk, case) is None:
        talk.say(_too_late(case))
        return []
    leaving, paused = talk.person.leaving.get(case.slug), case.slug in talk.person.paused
    question = say.ask_withdraw(case, leaving, paused=paused)
    if talk.ask("withdraw", Choice(say.WITHDRAW, say.SEND_IT), question) == "no":
        talk.say(say.left_as_it_was(case))
        return []
    talk.say(say.withdrawn())
    return [Withdraw(case.slug)]


def status(talk: Talk) -> Iterable[Effect | Begin]:
    """Where each letter is."""
    written = [talk.cases[slug] for slug in talk.cases if slug in talk.person.letters]
    for case in written:
        letter, leaving = talk.person.letters[case.slug], talk.person.leaving.get(case.slug)
        talk.say(say.where_it_is(case, letter, leaving, paused=case.slug in talk.person.paused))
    if not written:
        talk.say(say.nothing_written())
    return []


def undo(talk: Talk) -> Iterable[Effect | Begin]:
    """What a person may mean who wants something undone, where no question is open."""
    return offer_to_withdraw(talk) or status(talk)


def _choose_letter(talk: Talk) -> Case | None:
    """The case whose letter it is about, asked only where that is open; None where there is no letter."""
    written = [case for slug, case in talk.cases.items() if slug in talk.person.letters]
    if talk.frame.case in talk.person.letters:
        return talk.case
    if len(written) < 2:
        return written[0] if written else None
    options = [say.case_option(case) for case in written]
    return talk.cases[talk.ask("letter", Choice(*options), say.ask_which_letter())]


def _answers(talk: Talk, case: Case | None) -> tuple[tuple[str, str | None], ...] | None:
    """What the letter was made of; None where it cannot be changed."""
    posted = talk.person.letters.get(case.slug) if case else None
    return posted.answers if posted else None


def _too_late(case: Case | None) -> Text:
    return say.has_left(case) if case else say.nothing_written()
