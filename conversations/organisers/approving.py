"""What organisers do with a broadcast once it is written: propose, approve, discard, halt, resume."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from assistant.dialogue.answers import Choice, Number, Which
from assistant.dialogue.talk import Talk
from assistant.domain.broadcasts import Broadcast, Confirmation, Obstacle, Operation
from assistant.domain.effects import Approve, Begin, Discard, Effect, Halt, Propose, Resume
from assistant.domain.pauses import find
from assistant.domain.team import Team
from assistant.domain.texts import Text
from conversations.organisers.sentences import approving as say
from conversations.organisers.sentences import shared
from conversations.organisers.team import broadcast_option, chosen, resume_paused, the_team

_NUMBER_DIGITS_MAX = 10
# The others cannot be met here: `_fitting` leaves them out.
_WORDS: Mapping[Obstacle, Callable[[], Text]] = {
    Obstacle.ROLE: shared.not_trusted,
    Obstacle.NOT_TESTED: say.not_tested_yet,
    Obstacle.FORGED: say.is_forged,
    Obstacle.OWN: say.needs_another,
    Obstacle.HALTED_BY_ANOTHER: say.needs_another_to_resume,
    Obstacle.PAUSED: say.is_paused,
    Obstacle.WORTHLESS: say.too_late,
}


def broadcasts(talk: Talk) -> Iterable[Effect | Begin]:
    """Show what is being written, waiting or being sent."""
    talk.say(say.under_way(the_team(talk)))
    return []


def propose(talk: Talk) -> Iterable[Effect | Begin]:
    """Ask the others to approve a draft of one's own."""
    team = the_team(talk)
    mine = [each for each in _fitting(team, Operation.PROPOSE) if each.author == team.me.number]
    found = chosen(talk, mine)
    if not team.may(Operation.PROPOSE.permission):
        talk.say(shared.not_trusted())
        return []
    if found is None:
        talk.say(say.nothing_to_propose())
        return []
    if _is_hindered(talk, Operation.PROPOSE, found):
        return []
    others = [
        each for each in team.members if each.role.may(Operation.APPROVE.permission) and each != team.me
    ]
    alone = team.approvals < 2
    talk.say(say.proposed(alone=alone) if others or alone else say.nobody_to_ask())
    return [Propose(found.id, found.digest)]


def approve(talk: Talk) -> Iterable[Effect | Begin]:
    """Approve what somebody else has proposed."""
    team = the_team(talk)
    if not team.may(Operation.APPROVE.permission):
        talk.say(shared.not_trusted())
        return []
    found = chosen(talk, _fitting(team, Operation.APPROVE))
    if found is None:
        talk.say(say.nothing_to_approve())
        return []
    if _is_hindered(talk, Operation.APPROVE, found):
        return []
    if (
        talk.ask("approve", Choice(say.APPROVE, say.NOT_NOW), say.ask_approve(found, team, talk.cases))
        == "no"
    ):
        talk.say(say.not_approved())
        return []
    if Confirmation.URGENT in found.confirmations:
        urgent = talk.ask("urgent", Choice(say.CONFIRM_URGENT, say.NOT_URGENT), say.ask_urgent())
        if urgent == "no":
            talk.say(say.not_urgent())
            return []
    if Confirmation.NUMBER in found.confirmations:
        talk.ask("number", Number(found.reach), say.ask_number(found))
    talk.say(say.approved(team.approvals))
    return [Approve(found.id, found.digest)]


def discard(talk: Talk) -> Iterable[Effect | Begin]:
    """Discard what is not being sent yet."""
    team = the_team(talk)
    found = chosen(talk, _fitting(team, Operation.DISCARD))
    if not team.may(Operation.DISCARD.permission):
        talk.say(shared.not_trusted())
        return []
    if found is None:
        talk.say(say.nothing_to_discard())
        return []
    if talk.ask("discard", Choice(say.DISCARD, say.KEEP_BROADCAST), say.ask_discard(found)) == "no":
        talk.say(say.kept())
        return []
    talk.say(say.discarded())
    return [Discard(found.id)]


def halt(talk: Talk) -> Iterable[Effect | Begin]:
    """Halt what is being sent, at once and without a question; everything where no number says what."""
    team = the_team(talk)
    leaving = _fitting(team, Operation.HALT)
    given = talk.frame.answer("broadcast")
    numbers = _numbers(given.value or "") if given else []
    found = next((each for each in leaving if each.id in numbers), None)
    if found is not None:
        talk.say(say.halting(found))
        return [Halt(found.id)]
    over = next((each for each in numbers if each <= max([*team.broadcasts, *team.sent], default=0)), None)
    if over is not None and leaving:
        question = say.ask_halt_all(over, leaving)
        if talk.ask("all", Choice(say.HALT_ALL, say.GO_ON_SENDING), question) == "no":
            talk.say(say.still_sent())
            return []
    talk.say(say.all_halted(leaving))
    return [Halt(None)] if leaving else []


def clarify_halt(talk: Talk) -> Iterable[Effect | Begin]:
    """Ask whether what is being sent is to be halted."""
    leaving = _fitting(talk.person.team, Operation.HALT) if talk.person.team else []
    if leaving:
        question = say.ask_halt_sent(leaving)
        if talk.ask("all", Choice(say.HALT_ALL, say.GO_ON_SENDING), question) == "no":
            talk.say(say.still_sent())
            return []
    talk.say(say.all_halted(leaving))
    return [Halt(None)] if leaving else []


def _numbers(text: str) -> list[int]:
    return [int(each) for each in re.findall(r"\d+", text) if len(each) < _NUMBER_DIGITS_MAX]


def resume(talk: Talk) -> Iterable[Effect | Begin]:
    """Resume a broadcast that was halted, or a case or an action that was paused."""
    team = the_team(talk)
    if not team.may(Operation.RESUME.permission):
        talk.say(shared.not_trusted())
        return []
    halted = _fitting(team, Operation.RESUME)
    picked = _to_resume(talk, halted)
    if picked in talk.person.paused:
        return resume_paused(talk, picked)
    found = next((each for each in halted if str(each.id) == picked), None)
    if found is None:
        talk.say(say.nothing_to_resume(named=bool(picked)))
        return []
    if _is_hindered(talk, Operation.RESUME, found):
        return []
    if talk.ask("resume", Choice(say.RESUME, say.NOT_YET), say.ask_resume(found)) == "no":
        talk.say(say.still_halted())
        return []
    talk.say(say.resumed(found))
    return [Resume(found.id)]


def _to_resume(talk: Talk, halted: Sequence[Broadcast]) -> str:
    """A broadcast's number or what is paused: given at the start, or asked for. Empty where there is none."""
    if given := talk.frame.answer("which"):
        return (given.value or "").lstrip("#").casefold()
    paused = {each: found for each in talk.person.paused if (found := find(talk.cases, each))}
    if len(halted) == 1 and not paused:
        return str(halted[0].id)  # the question that follows names it
    options = [
        *map(broadcast_option, halted),
        *(shared.pause_option(*each) for each in sorted(paused.items())),
    ]
    return talk.ask("which", Which(*options), say.ask_what_to_resume()) if options else ""


def _fitting(team: Team, action: Operation) -> list[Broadcast]:
    """The broadcasts that are in a state for that."""
    return [each for each in team.broadcasts.values() if each.fits(action)]


def _is_hindered(talk: Talk, action: Operation, found: Broadcast) -> bool:
    """Say what stands against it, where anything does."""
    team = the_team(talk)
    obstacle = found.obstacle(action, team.me, team.now, approvals=team.approvals)
    if obstacle is not None:
        talk.say(_WORDS[obstacle]())
    return obstacle is not None
