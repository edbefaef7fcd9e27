"""Writing a letter, and changing or withdrawing one that has not been sent yet."""

from collections.abc import Iterable, Sequence

from assistant.dialogue.answers import Choice, Country, Name, PersonalLine
from assistant.dialogue.options import Option
from assistant.dialogue.talk import Talk
from assistant.domain.cases import Case
from assistant.domain.effects import Begin, Effect, Postpone, QueueLetter, Withdraw
from assistant.domain.letters import Draft
from assistant.domain.texts import Printed, Text
from conversations.commands import stale
from conversations.supporters.navigation import choose_case, follow_links, offer_to_withdraw
from conversations.supporters.sentences import letter as say
from conversations.supporters.sentences import shared


def letter(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk, say.greeting())
    if case.slug in talk.person.paused:
        talk.say(say.case_paused(case))
        return []
    if posted := talk.person.letters.get(case.slug):
        talk.say(say.already_written(case, posted))
        return []
    if talk.ask("ready", Choice(say.GO, say.LATER), say.hello(case), say.ask_ready()) == "later":
        talk.say(say.see_you_later())
        return []
    if signed := _signed_before(talk):
        return [Begin("letter", case.slug, answers=(("ready", say.GO.value), *signed))]
    draft = compose(talk, case)
    if not confirmed(talk, draft, say.STOP):
        talk.say(say.not_sent())
        return []
    talk.say(say.queued(case, talk.person.leaving.get(case.slug)))
    asking = [] if case.slug in talk.person.subscriptions else [Begin("subscribe", case.slug)]
    return [QueueLetter(draft), Begin("share", case.slug), *asking]


def _signed_before(talk: Talk) -> Sequence[tuple[str, str | None]]:
    """Name and country of an earlier letter, where they are to stand under this one, too."""
    kept = [dict(each.answers) for each in talk.person.letters.values() if each.answers]
    if not kept or talk.frame.answer("name") or talk.frame.answer("country"):
        return ()
    name, country = kept[-1]["name"], kept[-1]["country"]
    if not name or not country:
        return ()
    again = talk.ask("again", Choice(say.SIGN_AGAIN, say.SIGN_OTHERWISE), say.ask_again(name, country))
    return (("name", name), ("country", country)) if again == "yes" else ()


def compose(talk: Talk, case: Case) -> Draft:
    """The letter of the answers, asking for those that are not known yet."""
    name = talk.ask("name", Name(say.NAME_DOUBTS, [case.person]), say.ask_name(case))
    country = talk.ask("country", Country(say.that_country, say.NONE), say.ask_country())
    question = say.ask_personal_line(country, case)
    personal_line = talk.ask("line", PersonalLine(say.SKIP, say.NO_LINES, say.LINE_DOUBTS), question)
    return case.draft(name=name, country=country, personal_line=personal_line)


def confirmed(talk: Talk, draft: Draft, stop: Option) -> bool:
    """Whether the draft is to be sent, after all changes; not where `stop` was chosen."""
    if talk.answered == "country":
        talk.say(say.your_country(draft.country))
    mine = next((each for each in talk.locale.fallbacks if each in draft.readings), draft.language)
    shows: dict[str, tuple[Text, ...]] = {}
    options = [say.SEND, say.EDIT]
    if mine != draft.language:
        options.append(say.original(draft))
        shows["original"] = (say.preview(draft, draft.language, talk.case),)
    if talk.person.gets_files:
        options.append(say.PAGE)
        shows["page"] = (Printed(say.printed(), draft),)
    verdict = talk.ask(
        "verdict", Choice(*options, stop), say.preview(draft, mine, talk.case), say.ask_send(), shows=shows
    )
    if verdict == "edit":
        field = talk.ask("field", Choice(*say.FIELDS, say.NOTHING), say.ask_field())
        talk.redo("verdict" if field == say.NOTHING.value else field, "field", "verdict")
    return verdict == "send"


def share(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk)
    talk.say(*([say.case_paused(case)] if case.slug in talk.person.paused else passing_on(talk)))
    return []


def passing_on(talk: Talk) -> list[Text]:
    """What to share, and where to follow the campaign in the reader's language."""
    links = follow_links(talk, talk.case)
    return [say.share(talk.case, talk.person.link), *([say.follow(links)] if links else [])]


def change(talk: Talk) -> Iterable[Effect | Begin]:
    """Ask what to change before anything is shown; the letter waits meanwhile."""
    case = _choose_letter(talk)
    answers = _answers(talk, case)
    if case is None and talk.interrupts:
        talk.say(say.goes_back())
        return []
    if case is None or answers is None:
        talk.say(_too_late(talk, case))
        return []
    field = talk.ask("field", Choice(*say.FIELDS, say.KEEP_LETTER), say.ask_field())
    if field == say.KEEP_LETTER.value:
        talk.say(say.left_as_it_was(case))
        return []
    kept = tuple(each for each in answers if each[0] != field)
    return [Postpone(case.slug), Begin("rewrite", case.slug, answers=kept)]


def rewrite(talk: Talk) -> Iterable[Effect | Begin]:
    case = talk.case
    if case.slug in talk.person.paused:
        talk.say(say.case_paused(case))
        return []
    if case.slug not in talk.person.letters:  # withdrawn meanwhile, which was said then
        return []
    if _answers(talk, case) is None:
        talk.say(say.has_left(case))
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
        talk.say(_too_late(talk, case))
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
        talk.say(say.nothing_written(under_way=talk.interrupts))
    return []


def signing(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.signing())
    return []


def sent_before(talk: Talk) -> Iterable[Effect | Begin]:
    """For who presses *Send* once more; it may also be under a draft that was never sent."""
    if talk.person.letters:
        return status(talk)
    talk.say(stale())
    return []


def withdrawn_before(talk: Talk) -> Iterable[Effect | Begin]:
    """For who presses *Withdraw* once more."""
    if talk.person.letters:
        return status(talk)
    talk.say(say.withdrawn())
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
    options = [shared.case_option(case) for case in written]
    return talk.cases[talk.ask("letter", Choice(*options, by_words=True), say.ask_which_letter())]


def _answers(talk: Talk, case: Case | None) -> tuple[tuple[str, str | None], ...] | None:
    """What the letter was made of; None where it cannot be changed."""
    posted = talk.person.letters.get(case.slug) if case else None
    return posted.answers if posted and not posted.has_left else None


def _too_late(talk: Talk, case: Case | None) -> Text:
    if case is None:
        return say.nothing_sent_yet() if talk.interrupts else say.nothing_written()
    return say.has_left(case)
