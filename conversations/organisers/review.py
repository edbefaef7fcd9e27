"""Letters that wait until somebody has read them: organisers let them go, or do not."""

from collections.abc import Iterable, Sequence

from assistant.dialogue.answers import Choice, Which
from assistant.dialogue.talk import Talk
from assistant.domain.effects import Begin, DecideLetters, Effect
from assistant.domain.organisers import Permission
from assistant.domain.review import HeldLetter, RefusalReason, ReviewDecision
from conversations.organisers.sentences import review as say
from conversations.organisers.sentences import shared
from conversations.organisers.team import the_team

SHOWN = 5  # letters in one message: so many lines are still read


def review(talk: Talk) -> Iterable[Effect | Begin]:
    """Show letters that wait, some at once; let them go, with or without their lines, or refuse them."""
    team = the_team(talk)
    if not team.may(Permission.APPROVE):
        talk.say(shared.not_trusted())
        return []
    if not team.held_letters:
        talk.say(say.nothing_waits())
        return []
    chosen = _chosen(talk, team.held_letters)
    decided, reason = _decide(talk, chosen)
    if decided is None:
        talk.say(say.still_wait())
        return []
    talk.say(say.done(decided, len(chosen), more=len(chosen) < len(team.held_letters)))
    return [DecideLetters(tuple(each.number for each in chosen), decided, reason)]


def _chosen(talk: Talk, waiting: Sequence[HeldLetter]) -> Sequence[HeldLetter]:
    """One that was named at the start, or is chosen from those that are shown; or all of these."""
    named = talk.frame.answer("wanted")
    number = (named.value or "").lstrip("#") if named else ""
    if found := [each for each in waiting if str(each.number) == number]:
        return found
    page = waiting[:SHOWN]
    if len(page) == 1:
        return page
    everything = say.all_of(page)
    options = (*map(say.number_option, page), everything)
    shown = say.shown(page, talk.cases)
    wanted = talk.ask("held", Which(*options), shown, say.ask_which(len(waiting)))
    return page if wanted == everything.value else [each for each in page if str(each.number) == wanted]


def _decide(talk: Talk, letters: Sequence[HeldLetter]) -> tuple[ReviewDecision | None, RefusalReason | None]:
    """What is to become of them; None where that is left for later."""
    can_lose_line = all(each.can_lose_line for each in letters)
    options = say.decisions(len(letters), without_line=can_lose_line)
    seen = [say.shown(letters, talk.cases)] if len(letters) == 1 else []
    decided = talk.ask("decide", Choice(*options), *seen, say.ask_decide(letters))
    if decided == say.LATER.value:
        return None, None
    if decided != ReviewDecision.REFUSE:
        return ReviewDecision(decided), None
    why = talk.ask("why", Choice(*say.REASONS, say.LATER), say.ask_why(len(letters)))
    if why == say.LATER.value:
        return None, None
    return ReviewDecision.REFUSE, RefusalReason(why)
