"""The team of organisers: joining it, changing it, pausing and resuming a case."""

import re
from collections.abc import Iterable, Sequence

from assistant.dialogue.answers import Choice, Code, Name, Which
from assistant.dialogue.options import Option
from assistant.dialogue.talk import Talk
from assistant.dialogue.words import fold
from assistant.domain.actions import Action
from assistant.domain.broadcasts import Broadcast
from assistant.domain.effects import (
    AnswerRequest,
    Begin,
    DecideText,
    Effect,
    Invite,
    Join,
    OpenDashboard,
    Pause,
    RequestApproval,
    ShowMenu,
    SignOut,
)
from assistant.domain.figures import NO_LETTERS, CaseFigures, show_letters
from assistant.domain.organisers import ApprovalRequest, Permission, RequestKind, Role
from assistant.domain.pauses import find, pausable
from assistant.domain.team import Team
from conversations.commands import menu
from conversations.organisers.formatting import named
from conversations.organisers.notifications import describe_request
from conversations.organisers.sentences import charts, shared
from conversations.organisers.sentences import team as say

_WORD = re.compile(r"\w+")


def the_team(talk: Talk) -> Team:
    """The team. Only organisers have the conversations that ask for it: see `Script.team`."""
    team = talk.person.team
    if team is None:
        raise AssertionError("a conversation of the team, with somebody who is not in it")
    return team


def chosen(talk: Talk, candidates: Sequence[Broadcast]) -> Broadcast | None:
    """The broadcast that a conversation is about: given at the start, or asked where there are several.

    None where there is none, or where the one that was given is none of them, or reads otherwise by now.
    """
    given = talk.frame.answer("broadcast")
    number, _hyphen, digest = (given.value or "" if given else "").partition(".")
    if given is None and len(candidates) > 1:
        options = map(broadcast_option, candidates)
        number = talk.ask("broadcast", Which(*options), say.ask_which_broadcast())
    elif given is None:
        return candidates[0] if candidates else None
    found = next((each for each in candidates if str(each.id) == number.lstrip("#")), None)
    return found if found and digest in ("", found.digest) else None


def broadcast_option(broadcast: Broadcast) -> Option:
    """It is chosen by its number."""
    return Option(str(broadcast.id), named(broadcast), word=str(broadcast.id))


def organiser(talk: Talk) -> Iterable[Effect | Begin]:
    """Join the team, with a code that the operator or an owner has given."""
    code = talk.ask("code", Code(), say.ask_code())
    name = talk.ask("called", Name(), say.ask_called())
    talk.say(say.thank_you(name))
    return [Join(code, name)]


def team(talk: Talk) -> Iterable[Effect | Begin]:
    """Who is in it, and what this organiser can write."""
    known = the_team(talk)
    talk.say(say.members(known), say.words(known))
    return [ShowMenu(tuple(menu(talk.locale, known).items()))]


def invite(talk: Talk) -> Iterable[Effect | Begin]:
    """Make a code for somebody who is to join."""
    if not the_team(talk).may(Permission.MANAGE):
        talk.say(shared.not_trusted())
        return []
    roles = [say.role_option(role) for role in Role if not role.weighty]
    role = talk.ask("role", Choice(*roles, say.INVITE_NOBODY), say.ask_invited())
    if role == say.INVITE_NOBODY.value:
        talk.say(say.team_unchanged())
        return []
    talk.say(say.code_made())
    return [Invite(Role(role))]


def dashboard(talk: Talk) -> Iterable[Effect | Begin]:
    """Sign in to the dashboard, in a browser."""
    the_team(talk)
    talk.say(say.link_made())
    return [OpenDashboard()]


def sign_out(talk: Talk) -> Iterable[Effect | Begin]:
    """Sign out of the dashboard, in every browser."""
    the_team(talk)
    talk.say(say.signed_out())
    return [SignOut()]


def role(talk: Talk) -> Iterable[Effect | Begin]:
    """Change somebody's role, or take them out of the team."""
    known = the_team(talk)
    if not known.may(Permission.MANAGE):
        talk.say(shared.not_trusted())
        return []
    options = [say.member_option(each) for each in known.members]
    number = talk.ask("member", Which(*options, say.DONE), say.members(known), say.ask_member())
    if number == say.DONE.value:
        talk.say(say.team_unchanged())
        return []
    member = next(each for each in known.members if str(each.number) == number)
    roles = [say.role_option(role) for role in Role if role is not member.role]
    wanted = talk.ask("role", Choice(*roles, say.REMOVE, say.KEEP_ORGANISER), say.ask_role(member))
    if wanted == say.KEEP_ORGANISER.value:
        talk.say(say.team_unchanged())
        return []
    if wanted == say.REMOVE.value:
        wish = ApprovalRequest(id=0, what=RequestKind.REMOVE, subject=number, author=known.me.number)
    else:
        wish = ApprovalRequest(
            id=0, what=RequestKind.ROLE, subject=number, value=wanted, author=known.me.number
        )
    return _want(talk, known, wish)


def stats(talk: Talk) -> Iterable[Effect | Begin]:
    """How many letters and readers a case has, with pictures, and where people came from."""
    known = the_team(talk)
    if len(talk.cases) > 1:
        options = map(shared.case_option, talk.cases.values())
        case = talk.cases[talk.ask("case", Choice(*options), shared.ask_which_case())]
    elif talk.cases:
        (case,) = talk.cases.values()
    else:
        talk.say(say.no_case())
        return []
    counted = known.figures.get(case.slug, CaseFigures())
    talk.say(say.figures(case, counted))
    if counted.steps:
        talk.say(charts.how_far(counted))
    letters = show_letters(counted.actions)
    for action in case.actions.values():
        if action.goal:
            talk.say(charts.goal(action, letters.actions.get(action.slug, NO_LETTERS)))
    if (where := charts.countries(counted)) is not None:
        talk.say(where)
    if known.sources:
        talk.say(say.sources(known.sources))
    return []


def _want(talk: Talk, known: Team, wish: ApprovalRequest) -> Iterable[Effect]:
    others = [each for each in known.members if each.role.may(wish.needs) and each != known.me]
    if known.approvals < 2 or not wish.takes_two(known.members):
        talk.say(say.done())
    elif others:
        talk.say(say.request_needs_another(wish))
    else:
        talk.say(say.nobody_to_agree())
    return [RequestApproval(wish)]


def agree(talk: Talk) -> Iterable[Effect | Begin]:
    """Agree to a request of somebody else, or refuse it."""
    known = the_team(talk)
    mine = [
        each for each in known.requests.values() if each.author != known.me.number and known.may(each.needs)
    ]
    given = talk.frame.answer("request")
    wish = next((each for each in mine if given and str(each.id) == given.value), None)
    if given is None and len(mine) == 1:
        wish = mine[0]
    elif given is None and mine:
        options = [
            Option(str(each.id), describe_request(each, known.members), word=str(each.id)) for each in mine
        ]
        picked = talk.ask("request", Which(*options), say.ask_which_wish())
        wish = known.requests[int(picked)]
    if wish is None:
        talk.say(say.no_wish())
        return []
    agreed = talk.ask("agree", Choice(say.AGREE, say.REFUSE), say.ask_agree(wish, known.members)) == "yes"
    talk.say(say.agreed() if agreed else say.refused_wish())
    return [AnswerRequest(wish.id, agreed)]


def pause(talk: Talk) -> Iterable[Effect | Begin]:
    """Pause a case or an action at once: its letters, updates and alerts."""
    running = pausable(talk.cases, talk.person.paused, talk.person.now)
    subject = _named(talk)
    if subject is None and running:
        options = [shared.pause_option(*each) for each in running.items()]
        subject = talk.ask("which", Choice(*options), shared.ask_which_case())
    return _paused(talk, subject)


def clarify_pause(talk: Talk) -> Iterable[Effect | Begin]:
    """Ask whether a case or an action is to be paused, and which."""
    running = pausable(talk.cases, talk.person.paused, talk.person.now)
    options = [shared.pause_option(*each) for each in running.items()]
    subject = talk.ask("which", Choice(*options, say.PAUSE_NONE), say.ask_pause()) if options else None
    if subject == say.PAUSE_NONE.value:
        talk.say(say.not_paused())
        return []
    return _paused(talk, subject)


def _paused(talk: Talk, subject: str | None) -> Iterable[Effect | Begin]:
    found = find(talk.cases, subject) if subject else None
    if subject is None or found is None:
        talk.say(say.nothing_to_pause())
        return []
    if subject in talk.person.paused:
        talk.say(say.paused_already(found))
        return []
    talk.say(say.paused(found))
    return [Pause(subject)]


def resume_paused(talk: Talk, subject: str) -> Iterable[Effect | Begin]:
    """Ask that what is paused is resumed."""
    known = the_team(talk)
    return _want(
        talk, known, ApprovalRequest(id=0, what=RequestKind.RESUME, subject=subject, author=known.me.number)
    )


def _named(talk: Talk) -> str | None:
    """What was named at the start: `/pause norma-cruz--fax-2012`, or, by any word of it, a case."""
    given = talk.frame.answer("which")
    written = fold((given.value if given else None) or "")
    if find(talk.cases, written):
        return written
    words = set(_WORD.findall(written))
    found = [
        slug
        for slug, case in talk.cases.items()
        if words & {*slug.split("-"), *_WORD.findall(fold(case.person))}
    ]
    return found[0] if len(found) == 1 else None


def reword(talk: Talk) -> Iterable[Effect | Begin]:
    """Say whether a letter's new text matters for those that wait and stand on the old one."""
    team = the_team(talk)
    if not team.may(Permission.APPROVE):
        talk.say(shared.not_trusted())
        return []
    action = _reworded(talk, team)
    if action is None:
        talk.say(say.nothing_reworded())
        return []
    matters = talk.ask("matters", Choice(say.MATTERS, say.SPELLING), say.ask_matters(action)) == "yes"
    talk.say(say.reworded(matters=matters))
    return [DecideText(action.ref, matters)]


def _reworded(talk: Talk, team: Team) -> Action | None:
    """The action that it is about, asked where there are several; None where it is decided already."""
    every = (action for case in talk.cases.values() for action in case.actions.values())
    undecided = {str(action.ref): action for action in every if action.ref in team.undecided}
    given = talk.frame.answer("action")
    if given is None and len(undecided) == 1:
        return next(iter(undecided.values()))
    if not undecided or (given and given.value not in undecided):
        return None
    options = [Option(ref, action.title) for ref, action in undecided.items()]
    return undecided[talk.ask("action", Choice(*options, by_words=True), say.ask_which_action())]
