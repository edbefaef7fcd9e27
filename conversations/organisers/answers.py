"""What offices have answered: an organiser looks at it, then its readers get it, or nobody."""

from collections.abc import Iterable, Sequence

from assistant.dialogue.answers import Choice, Which
from assistant.dialogue.talk import Talk
from assistant.domain.answers import SETTLED_AT_ONCE, AnswerGroup, AnswerStatus
from assistant.domain.effects import Begin, Effect, SettleAnswers
from assistant.domain.organisers import Permission
from conversations.organisers.sentences import answers as say
from conversations.organisers.team import the_team


def answers(talk: Talk) -> Iterable[Effect | Begin]:
    """Show answers that wait, pass them on or set them aside; to who may not, how many there are."""
    team = the_team(talk)
    if not team.may(Permission.APPROVE):
        talk.say(say.counted(talk.cases, team.figures))
        return []
    group = _chosen(talk, team.answers)
    if group is None:
        talk.say(say.nothing_waits(team.figures, named=talk.frame.answer("answer") is not None))
        return []
    decided, whole = _decide(talk, group)
    if decided == say.LATER.value:
        talk.say(say.still_waits())
        return []
    status = AnswerStatus.PASSED if decided == say.PASS.value else AnswerStatus.SET_ASIDE
    count = min(group.count, SETTLED_AT_ONCE) if whole else 1
    more = len(team.answers) > 1 or count < group.count
    talk.say(say.settled(status, count, more=more))
    return [SettleAnswers(group.example.id, status, same_up_to=group.last if whole else None)]


def _chosen(talk: Talk, groups: Sequence[AnswerGroup]) -> AnswerGroup | None:
    """What the conversation is about: named at the start, or asked for where there are several."""
    given = talk.frame.answer("answer")
    if given is None and len(groups) == 1:
        return groups[0]
    if given is None and groups:
        number = talk.ask("answer", Which(*map(say.group_option, groups)), say.ask_which(groups))
    else:
        number = (given.value or "").lstrip("#") if given else ""
    return next((each for each in groups if str(each.example.id) == number), None)


def _decide(talk: Talk, group: AnswerGroup) -> tuple[str, bool]:
    """What is to be done, and whether with all that say the same."""
    several = group.count > 1
    seen = say.shown(group, talk.cases)
    if say.is_long(group):  # nobody passes on what they have not been shown
        first = talk.ask("read", Choice(say.WHOLE, say.aside(group.count), say.LATER), *seen, say.ask_read())
        if first != say.WHOLE.value:
            return first, several
        seen = say.whole(group)
    more = [*([say.ONLY_THIS] if several else []), *([say.WHOLE] if say.has_quotation(group) else [])]
    options = Choice(*say.decisions(group.count), *more, say.LATER)
    shows = {say.WHOLE.value: say.whole(group)}
    decided = talk.ask("settle", options, *seen, say.ask_settle(group), shows=shows)
    if decided == say.ONLY_THIS.value:
        return talk.ask("settle-one", Choice(*say.decisions(1), say.LATER), say.ask_one()), False
    return decided, several
