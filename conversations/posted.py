"""Changing or withdrawing a letter that has not left yet."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, Effect, Postpone, QueueLetter, Withdraw
from assistant.domain.model import Case
from assistant.domain.speech import Speech
from conversations import after_sending as say
from conversations import sentences
from conversations.letter import compose, confirmed


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
        talk.say(sentences.case_paused(case))
        return []
    if _answers(talk, case) is None:
        talk.say(_too_late(case if case.slug in talk.person.letters else None))
        return []
    draft = compose(talk, case)
    if not confirmed(talk, draft, say.KEEP):
        talk.say(say.left_as_it_was(case))
        return []
    talk.say(say.queued(case, talk.person.leaving.get(case.slug)))
    return [QueueLetter(draft)]


def withdraw(talk: Talk) -> Iterable[Effect | Begin]:
    case = _choose_letter(talk)
    if case is None or _answers(talk, case) is None:
        talk.say(_too_late(case))
        return []
    if talk.ask("withdraw", Choice(say.WITHDRAW, say.SEND_IT), say.ask_withdraw(case)) == "no":
        talk.say(say.left_as_it_was(case))
        return []
    talk.say(say.withdrawn())
    return [Withdraw(case.slug)]


def _choose_letter(talk: Talk) -> Case | None:
    """The case whose letter it is about, asked only where that is open; None where there is no letter."""
    written = [case for slug, case in talk.cases.items() if slug in talk.person.letters]
    if talk.frame.case in talk.person.letters:
        return talk.case
    if len(written) < 2:
        return written[0] if written else None
    options = [sentences.case_option(case) for case in written]
    return talk.cases[talk.ask("letter", Choice(*options), say.ask_which_letter())]


def _answers(talk: Talk, case: Case | None) -> tuple[tuple[str, str | None], ...] | None:
    """What the letter was made of; None where it cannot be changed."""
    posted = talk.person.letters.get(case.slug) if case else None
    return posted.answers if posted else None


def _too_late(case: Case | None) -> Speech:
    return say.has_left(case) if case else say.nothing_written()
