"""What organisers read about their team."""

from collections.abc import Sequence

from assistant.dialogue.answers import Option
from assistant.domain.model import Case
from assistant.domain.roles import Deed, Role
from assistant.domain.speech import Lines, Paragraphs, Sentence, Speech, Values
from assistant.domain.team import Member, Request, Team
from conversations.composing_sentences import not_trusted as not_trusted  # the same words
from conversations.figures import role_name
from conversations.team_voice import wish as wish

_ = Sentence

DONE = Option("done", _("Change nothing"), _("no, nothing, done"), word="done")
REMOVE = Option("remove", _("Take them out of the team"), _("remove, out"))
KEEP = Option("keep", _("Leave it as it is"), _("no, keep, nothing"))
AGREE = Option("yes", _("Yes, I want that too"), _("agree, ok"))
REFUSE = Option("no", _("No"), _("refuse"))


# Joining


def ask_code() -> Speech:
    return _("Please write the code that you were given. It works once, for ten minutes.")


def ask_called() -> Speech:
    return Paragraphs(
        (
            _("What shall the team call you? It need not be your name."),
            _("Everyone in the team can read it. It is stored encrypted."),
        )
    )


def thank_you(name: str) -> Speech:
    return _("Thank you, {name}.", {"name": name})


def welcome(member: Member) -> Speech:
    return Paragraphs(
        (
            _("You are in the team, {name}: {role}.", {"name": member.name, "role": role_name(member.role)}),
            _("Write <b>/team</b> to see what you can do."),
        )
    )


def wrong_code() -> Speech:
    return _(
        "That code does not work, or not any more, so nothing has changed. "
        "A code works once, for ten minutes. Please ask for a new one."
    )


# The team


def members(team: Team) -> Speech:
    lines = [_("{name}: {role}", {"name": each.name, "role": role_name(each.role)}) for each in team.members]
    return Lines((_("The team:"), *lines))


def member_option(member: Member) -> Option:
    number = str(member.number)
    return Option(number, member.name, word=number)


def ask_member() -> Speech:
    return _("Whose role do you want to change?")


def ask_role(member: Member) -> Speech:
    return _("What shall {name} be?", {"name": member.name})


def role_option(role: Role) -> Option:
    return Option(role.value, role_name(role))


def team_unchanged() -> Speech:
    return _("The team stays as it was.")


def needs_another(request: Request) -> Speech:
    if request.needs is Deed.APPROVE:
        return _(
            "This takes two persons, so nothing has changed yet. The other approvers were asked. "
            "One of them has to agree within a day."
        )
    return _(
        "This takes two persons, so nothing has changed yet. The other owners were asked. "
        "One of them has to agree within a day."
    )


def done() -> Speech:
    return _("We have changed that.")


def words(team: Team) -> Speech:
    """What this organiser can write."""
    lines = [
        _("<b>/halt</b> stops everything that leaves, at once."),
        _("<b>/pause</b> stops a case: its letters, updates and alerts."),
        _("<b>/broadcasts</b> shows what is being written, waits or leaves."),
    ]
    if team.may(Deed.DRAFT):
        lines += [
            _("<b>/update</b> sends news of a case."),
            _("<b>/alert</b> calls people to act."),
            _("<b>/correct</b> corrects what was sent."),
            _("<b>/edit</b> changes what has not left yet, <b>/discard</b> throws it away."),
            _("<b>/propose</b> asks the others to approve what you have written."),
        ]
    if team.may(Deed.APPROVE):
        lines += [
            _("<b>/approve</b> lets go what somebody else has written."),
            _("<b>/resume</b> lets go on what was halted."),
            _("<b>/lift</b> lets a case go on that was stopped."),
            _("<b>/agree</b> makes you the second person for what takes two."),
        ]
    return Lines((_("As an organiser you can write:"), *lines))


def ask_which_wish() -> Speech:
    return _("What is it about?")


def ask_agree(request: Request, members: Sequence[Member]) -> Speech:
    who = next((each.name for each in members if each.number == request.author), _("The server's operator"))
    facts: Values = {"who": who, "wish": wish(request, members)}
    return _("{who} wants this: {wish}. Do you want it, too? If so, it is done at once.", facts)


def no_wish() -> Speech:
    return _("Nothing waits for you as the second person, so nothing has changed.")


def agreed() -> Speech:
    return _("Thank you.")


def refused_wish() -> Speech:
    return _("Then nothing changes, and the question is closed.")


# Broadcasts and cases


def ask_which_broadcast() -> Speech:
    return _("Which one? Please write its number.")


def ask_which_case() -> Speech:
    return _("Which case is it about?")


def case_option(case: Case) -> Option:
    return Option(case.slug, case.title)


def paused(case: Case) -> Speech:
    return Paragraphs(
        (
            _(
                "The case {title} is stopped. No letter, update or alert of it leaves now.",
                {"title": case.title},
            ),
            _(
                "What is on its way already cannot be called back. "
                "To let the case go on one day, write <b>/lift</b>."
            ),
        )
    )


def nothing_to_pause() -> Speech:
    return _("Every case is stopped already. Nothing of them leaves.")


def nothing_to_lift() -> Speech:
    return _("No case is stopped, so nothing has changed.")
