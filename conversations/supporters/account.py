"""Who we are, what we keep, how to see or delete it, and which language we speak."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice, clean_code
from assistant.dialogue.talk import Talk
from assistant.domain.cases import FrequentQuestion
from assistant.domain.effects import Begin, Effect, Forget, HandOn, OfferMove, SetLanguage, ShowData, TakeChat
from assistant.domain.texts import Paragraphs
from conversations.commands import cannot_answer
from conversations.supporters.navigation import follow_links, hand_on
from conversations.supporters.sentences import account as say
from conversations.supporters.sentences import moving


def about(talk: Talk) -> Iterable[Effect | Begin]:
    cases = [talk.case] if talk.frame.about else talk.cases.values()
    links = [each for case in cases for each in follow_links(talk, case)]
    talk.say(say.about(talk.organisation, dict.fromkeys(links)))
    return []


def explain(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.what_happens())
    return []


def clarify_question(talk: Talk) -> Iterable[Effect | Begin | HandOn]:
    """Ask whether a sentence that asks something is for us, or for the letter."""
    topic = talk.frame.answer("topic")
    if talk.ask("meant", Choice(say.FOR_US, say.FOR_THE_LETTER), say.ask_meant()) == "us":
        if topic and topic.value:
            return [_answering(topic.value)]
        talk.say(cannot_answer())
        return []
    return hand_on(talk)


def _answering(topic: str) -> Begin:
    command, _, entry = topic.partition(" ")
    return Begin(command, answers=(("entry", entry),) if entry else ())


def faq(talk: Talk) -> Iterable[Effect | Begin]:
    """Answer a question of a case's own: which one, the dialogue has found out."""
    found = _frequent_question(talk)
    talk.say(Paragraphs((found.answer,)) if found else say.what_happens())
    return []


def _frequent_question(talk: Talk) -> FrequentQuestion | None:
    """The one that is meant; None where the case has changed since."""
    entry = talk.frame.answer("entry")
    try:
        slug, language, place = (entry.value or "" if entry else "").split("/")
        return talk.cases[slug].faq[language][int(place)]
    except (ValueError, LookupError):
        return None


def privacy(talk: Talk) -> Iterable[Effect | Begin]:
    targets = [target for case in talk.cases.values() for target in case.targets.values()]
    carriers = {route.carrier: None for target in targets for route in target.routes}
    person = talk.person
    talk.say(*say.privacy(list(carriers), person.overheard_by, talk.retention, stays=person.keeps_messages))
    return []


def move(talk: Talk) -> Iterable[Effect | Begin]:
    """Take this chat to another channel, or the one of a code here."""
    given = talk.frame.answer("code")
    if not given or not given.value:
        talk.say(moving.how_to_move())
        return [OfferMove()]
    if talk.ask("take", Choice(moving.TAKE, moving.LEAVE), moving.ask_take()) == "no":
        talk.say(moving.left_there())
        return []
    talk.say(moving.looking_for_it())
    return [TakeChat(clean_code(given.value))]


def mydata(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.your_data(talk.person, talk.cases.values()))
    return [ShowData()]


def forget(talk: Talk) -> Iterable[Effect | Begin]:
    within = talk.person.deletes_within
    options = (say.FORGET, say.KEEP) if within is None else (say.FORGET, say.FORGET_MESSAGES, say.KEEP)
    answer = talk.ask("forget", Choice(*options), say.ask_forget(within))
    if answer == "no":
        talk.say(say.kept())
        return []
    deleted = within if answer == "messages" else None
    wrote = bool(talk.person.letters)
    stays = talk.person.keeps_messages
    talk.say(*say.forgotten(talk.person.copies_last_until, deleted, wrote=wrote, stays=stays))
    return [Forget(deleted)]


def language(talk: Talk) -> Iterable[Effect | Begin]:
    options = [say.language_option(code) for code in talk.locale.siblings]
    code = talk.ask("language", Choice(*options), say.ask_language())
    if talk.person.language is not None:
        talk.say(say.language_set(code))
    return [SetLanguage(code)]
