"""Finding one's way: which case, help, cancelling, coming back after days."""

from collections.abc import Iterable, Sequence

from assistant.dialogue.answers import Choice
from assistant.dialogue.talk import Talk
from assistant.domain.cases import Case
from assistant.domain.effects import Begin, Effect, HandOn
from assistant.domain.texts import Text
from conversations.organisers.sentences.drafting import dropped
from conversations.organisers.sentences.team import words
from conversations.supporters.sentences import navigation as say
from conversations.supporters.sentences import shared


def choose_case(talk: Talk, *before: Text) -> Case:
    """The case of this conversation. `before`: said first, where it is asked for."""
    if talk.frame.case is None:
        cases = sorted(talk.cases.values(), key=lambda case: case.closed is not None)  # closed ones last
        options = [shared.case_option(case) for case in cases]
        return talk.cases[talk.ask("case", Choice(*options, by_words=True), *before, shared.ask_which_case())]
    return talk.case


def offer_to_withdraw(talk: Talk) -> list[Begin]:
    """To be asked whether a letter is withdrawn, where one waits: nobody has to know the word for it."""
    waiting = {each.ref.of: None for each in talk.person.letters if not each.has_left}
    if not waiting:
        return []
    first, *others = waiting
    case = first.case if first.case in talk.cases else None
    return [Begin("withdraw") if others else Begin("withdraw", case, answers=(("letter", str(first)),))]


def follow_links(talk: Talk, case: Case) -> Sequence[str]:
    """Where to follow the case's campaign, in the reader's language."""
    return next((case.follow[each] for each in talk.locale.fallbacks if each in case.follow), ())


def hand_on(talk: Talk) -> list[HandOn]:
    """What was said, for the question below: it was an answer to that."""
    said = talk.frame.answer("said")
    return [HandOn(said.value or "", said.refs[-1] if said.refs else None)] if said else []


def help_(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.help_text(), *([words(talk.person.team)] if talk.person.team else []))
    return []


def wait(talk: Talk) -> Iterable[Effect | Begin]:
    """Who needs a moment has it; whoever has sent a letter may want to hold that up."""
    talk.say(say.take_your_time())
    return [] if talk.interrupts else offer_to_withdraw(talk)


def cancel(talk: Talk) -> Iterable[Effect | Begin]:
    organiser = talk.person.team is not None  # who has most likely ended an alert
    ended = talk.frame.answer("dropped")
    if ended and ended.value == "withdraw":  # the letter, or only the question? It is asked again
        return offer_to_withdraw(talk)
    talk.say(dropped() if organiser else say.cancelled(has_written=bool(talk.person.letters)))
    return offer_to_withdraw(talk)


def come_back(talk: Talk) -> Iterable[Effect | Begin]:
    said = say.ask_come_back(talk.interrupted, talk.cases.get(talk.frame.case or ""))
    other = talk.cases.get(talk.frame.case or "")
    anew = say.start_letter(other) if other and other != talk.interrupted else say.AGAIN
    again = talk.ask("resume", Choice(say.CONTINUE, anew), said) == "again"
    chosen = talk.frame.answer("action")
    known = (("action", chosen.value),) if chosen else ()
    return [Begin("letter", afresh=True, answers=known)] if again else []
