"""What organisers read about their team, and about pausing and resuming a case."""

from collections.abc import Mapping, Sequence

from assistant.dialogue.options import Option
from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.figures import (
    NO_LETTERS,
    CaseFigures,
    ShownAction,
    ShownLetters,
    Stage,
    beside_total,
    figure,
    show_letters,
)
from assistant.domain.guessing import WITHIN
from assistant.domain.organisers import (
    CODE_LASTS,
    REQUEST_LASTS,
    ApprovalRequest,
    Organiser,
    Permission,
    Role,
)
from assistant.domain.sessions import LINK_LASTS
from assistant.domain.team import Team
from assistant.domain.texts import (
    LanguageName,
    Lines,
    Number,
    Paragraphs,
    Sentence,
    Text,
    Values,
)
from conversations.commands import TEAM_MENU, MenuWord
from conversations.organisers.formatting import (
    Shown,
    lasting_for,
    role_name,
)
from conversations.organisers.notifications import describe_request as describe_request
from conversations.organisers.sentences.answers import figures_of

_ = Sentence


DONE = Option("done", _("Change nothing"), _("no, nothing, done"), word="done")
REMOVE = Option("remove", _("Take them out of the team"), _("remove, out"))
KEEP_ORGANISER = Option("keep", _("Leave it as it is"), _("no, keep, nothing"))
AGREE = Option("yes", _("Yes, I agree"), _("agree, ok"))
REFUSE = Option("no", _("No"), _("refuse"))


# Joining


def ask_code() -> Text:
    return _(
        "Please write the code that you were given. It works once, for {duration}.",
        {"duration": lasting_for(CODE_LASTS)},
    )


def ask_called() -> Text:
    return Paragraphs(
        (
            _("What shall the team call you? It need not be your name."),
            _("Everyone in the team can read it. It is stored encrypted."),
        )
    )


def thank_you(name: str) -> Text:
    return _("Thank you, {name}.", {"name": name})


def welcome(member: Organiser) -> Text:
    return Paragraphs(
        (
            _("You are in the team, {name}: {role}.", {"name": member.name, "role": role_name(member.role)}),
            _("Write <b>/team</b> to see what you can do."),
        )
    )


def wrong_code() -> Text:
    return _(
        "That code does not work, so nothing has changed. A code works once, for {duration}. Please "
        "ask for a new one.",
        {"duration": lasting_for(CODE_LASTS)},
    )


def too_many_wrong_codes() -> Text:
    return _(
        "There were too many wrong codes, so this one was not tried. Please write your code again in "
        "{duration}.",
        {"duration": lasting_for(WITHIN)},
    )


# The team


def members(team: Team) -> Text:
    lines = [_("{name}: {role}", {"name": each.name, "role": role_name(each.role)}) for each in team.members]
    return Lines((_("The team:"), *lines))


def member_option(member: Organiser) -> Option:
    number = str(member.number)
    return Option(number, member.name, word=number)


def ask_member() -> Text:
    return _("Whose role do you want to change?")


def ask_role(member: Organiser) -> Text:
    return _("What shall {name} be?", {"name": member.name})


def role_option(role: Role) -> Option:
    return Option(role.value, role_name(role))


def team_unchanged() -> Text:
    return _("The team has not changed.")


def request_needs_another(request: ApprovalRequest) -> Text:
    values: Values = {"duration": lasting_for(REQUEST_LASTS)}
    if request.needs is Permission.APPROVE:
        return _(
            "This needs two people, so nothing has changed yet. We have asked the other approvers. One "
            "of them has to agree within {duration}.",
            values,
        )
    return _(
        "This needs two people, so nothing has changed yet. We have asked the other owners. One of "
        "them has to agree within {duration}.",
        values,
    )


def nobody_to_agree() -> Text:
    return _(
        "This needs two people, and nobody else in the team can agree, so nothing has changed yet. "
        "The server's operator can help."
    )


INVITE_NOBODY = Option("nobody", _("Nobody"), _("no, none, stop"))


def ask_invited() -> Text:
    return Paragraphs(
        (
            _("What shall the new person be?"),
            _(
                "To make somebody an approver or an owner, change their role with <b>/role</b> "
                "when they are in."
            ),
        )
    )


def code_made() -> Text:
    return _("We have made a code for the new person.")


def invitation(code: str) -> Text:
    return _(
        "Please give this code to the person: <b>{code}</b>. They write <b>/organiser {code}</b> in a chat "
        "with us. It works once, for {duration}.",
        {"code": code, "duration": lasting_for(CODE_LASTS)},
    )


# The dashboard


def link_made() -> Text:
    return _("The dashboard shows you everything in a browser.")


def dashboard_link(link: str) -> Text:
    return Paragraphs(
        (
            _("Open this in your browser to see the dashboard: {link}", {"link": link}),
            _(
                "It works once, within {duration}. Do not pass it on: who opens it can do what you can do.",
                {"duration": lasting_for(LINK_LASTS)},
            ),
        )
    )


def no_dashboard() -> Text:
    return _("There is no dashboard here yet. The server's operator can set one up.")


def signed_out() -> Text:
    return _("You are signed out of the dashboard, in every browser.")


# Figures


def figures(case: Case, counted: CaseFigures) -> Text:
    """A case's letters and readers."""
    letters = show_letters(counted.actions)
    shown = letters.stages
    subscribers, by_language = beside_total(counted.subscribers)
    lines = [
        _("Letters written: {count}", {"count": Shown(letters.written)}),
        _("Letters waiting: {count}", {"count": Shown(shown[Stage.WAITING])}),
        _("Letters sent: {count}", {"count": Shown(shown[Stage.SENT])}),
        _("Letters arrived: {count}", {"count": Shown(shown[Stage.ARRIVED])}),
        _("Letters failed: {count}", {"count": Shown(shown[Stage.FAILED])}),
        *figures_of(counted.answers),
        _("Subscribers: {count}", {"count": Shown(subscribers)}),
    ]
    shown_languages = [
        _("• {language}: {count}", {"language": LanguageName(language), "count": Shown(count)})
        for language, count in by_language.items()
        if language
    ]
    return Lines(
        (
            _("<b>{title}</b>", {"title": case.title}),
            *lines,
            *shown_languages,
            *_figures_of_actions(case, letters),
        )
    )


def no_case() -> Text:
    return _("There is no case yet.")


def _figures_of_actions(case: Case, letters: ShownLetters) -> list[Text]:
    return [
        _action_figures(action, letters.actions.get(action.slug, NO_LETTERS))
        for action in case.actions.values()
        if len(case.actions) > 1 or action.goal
    ]


def _action_figures(action: Action, shown: ShownAction) -> Text:
    facts: Values = {
        "action": action.title,
        "written": Shown(shown.written),
        "left": Shown(shown.left),
        "arrived": Shown(shown.arrived),
        "answered": Shown(shown.answered),
        "goal": Number(action.goal or 0),
    }
    said = [_("• {action}: {written} written, {left} sent, {arrived} arrived, {answered} answered", facts)]
    if action.goal:
        said.append(_("The goal is {goal} letters.", facts))
    if shown.asked is not None:
        asked: Values = {"asked": Shown(shown.asked)}
        said.append(_("{asked} of them wait until their writers agree to a new text.", asked))
    return Lines(tuple(said))


def sources(counted: Mapping[str, int]) -> Text:
    """Where people came from who followed a link."""
    lines = [
        _("• {source}: {count}", {"source": source, "count": Shown(figure(count))})
        for source, count in counted.items()
    ]
    return Lines((_("People who came by a link, by where it stood:"), *lines))


def done() -> Text:
    return _("We have changed that.")


def words(team: Team) -> Text:
    """What this organiser can write."""
    lines = [
        _("<b>/{word}</b>: {meaning}", {"word": MenuWord(command), "meaning": meaning})
        for command, (needed, meaning) in TEAM_MENU.items()
        if team.may(needed)
    ]
    return Lines((_("As an organiser you can write:"), *lines))


def ask_which_wish() -> Text:
    return _("What is it about?")


def ask_agree(request: ApprovalRequest, members: Sequence[Organiser]) -> Text:
    who = next((each.name for each in members if each.number == request.author), _("The server's operator"))
    facts: Values = {"who": who, "wish": describe_request(request, members)}
    return _("{who} asks for this: {wish}. Do you agree? If you do, it is done at once.", facts)


def no_wish() -> Text:
    return _("No request is waiting for your answer, so nothing has changed.")


def agreed() -> Text:
    return _("Thank you.")


def refused_wish() -> Text:
    return _("Nothing has changed, and the request is closed.")


# Broadcasts and cases


def ask_which_broadcast() -> Text:
    return _("Which one? Please write its number.")


def paused(paused: Case | Action) -> Text:
    return Paragraphs(
        (
            _(
                "{title} is paused. None of its letters, updates or alerts are sent now.",
                {"title": paused.title},
            ),
            _("What was sent before cannot be called back. To resume it later, write <b>/resume</b>."),
        )
    )


def paused_already(paused: Case | Action) -> Text:
    return _(
        "{title} is paused already. None of its letters, updates or alerts are sent.",
        {"title": paused.title},
    )


def nothing_to_pause() -> Text:
    return _("Every case is paused already. Nothing is sent for any of them.")


PAUSE_NONE = Option("none", _("No, pause nothing"), _("no, none, nothing"))


def ask_pause() -> Text:
    return _("Which case shall we pause? Then none of its letters, updates or alerts are sent.")


def not_paused() -> Text:
    return _("Nothing was paused.")


# A letter that reads otherwise


MATTERS = Option("yes", _("Yes, ask the writers first"), _("yes, it matters, ask, ask them"))
SPELLING = Option("no", _("No, only the spelling"), _("no, spelling, send, send them"))


def ask_which_action() -> Text:
    return _("Which action is it about?")


def ask_matters(action: Action) -> Text:
    return _(
        "The letter for {action} reads otherwise than before. Does the change matter for letters that wait?",
        {"action": action.title},
    )


def reworded(*, matters: bool) -> Text:
    if matters:
        return _("The letters wait. Their writers see the new text, and each is sent once they agree.")
    return _("The letters are sent as they are.")


def nothing_reworded() -> Text:
    return _("No letter waits for that: nothing has changed, or somebody has decided it already.")
