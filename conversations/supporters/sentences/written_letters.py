"""What is said of letters that a person has confirmed: when they are sent, what has become of them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from assistant.dialogue.options import Option
from assistant.domain.letters import ExpectedDeparture, WrittenLetter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.targets import Target
from assistant.domain.texts import Lines, Paragraphs, Sentence, Text, TimeOfDay, Values

_ = Sentence


def office_of(target: Target | None) -> Mapping[str, Text]:
    """Whom a letter is for, also where nothing is known of its office any more."""
    return {"office": target.office if target else _("the office")}


Standing = Sequence[tuple[Target | None, ExpectedDeparture | None]]
"""Letters that wait: to whom, where that is still known, and when each is expected to be sent."""


def queued(letters: Sequence[tuple[Target, ExpectedDeparture | None]]) -> Text:
    leaves = _leaves(*letters[0]) if len(letters) == 1 else _all_leave(letters)
    return Paragraphs((leaves, until_sent(len(letters))))


def is_read_first(targets: Sequence[Target]) -> Text:
    """Right after they were written."""
    first = _("Thank you. Somebody of the campaign reads your letters before they are sent.")
    if len(targets) == 1:
        first = _(
            "Thank you. Somebody of the campaign reads your letter to {office} before it is sent.",
            office_of(targets[0]),
        )
    kept = _("That can take a while. Nothing is lost, and you do not need to do anything.")
    return Paragraphs((first, kept, until_sent(len(targets))))


def until_sent(letters: int, *, fixed: bool = False) -> Text:
    """`letters`: how many wait. `fixed`: they cannot be changed."""
    if fixed:
        return (
            _("Until they are sent, you can write <b>withdraw</b>.")
            if letters > 1
            else _("Until it is sent, you can write <b>withdraw</b>.")
        )
    if letters > 1:
        return _("Until they are sent, you can write <b>change</b> or <b>withdraw</b>.")
    return _("Until it is sent, you can write <b>change</b> or <b>withdraw</b>.")


def _all_leave(letters: Sequence[tuple[Target, ExpectedDeparture | None]]) -> Text:
    """When each of several letters is sent."""
    lines: list[Text] = [_("Thank you. Your letters are waiting to be sent:")]
    for target, leaving in letters:
        values: Values = {"office": target.office}
        if leaving is None:
            lines.append(_("• {office}", values))
        elif leaving.today:
            lines.append(_("• {office}: today", values))
        else:
            lines.append(_("• {office}: {day}", {**values, "day": leaving.date}))
    title = next(
        (leaving.action_day.title for _target, leaving in letters if leaving and leaving.action_day), None
    )
    if title is None:
        return Lines(tuple(lines))
    together = _("{title}: many letters on the same day are harder to ignore.", {"title": title})
    return Paragraphs((Lines(tuple(lines)), together))


def _leaves(target: Target, leaving: ExpectedDeparture | None) -> Text:
    office: Values = {"office": target.office}
    if leaving and leaving.action_day:
        values: Values = {
            **office,
            "day": leaving.date,
            "time": TimeOfDay(leaving.action_day.begins, target.timezone),
            "place": target.place,
            "title": leaving.action_day.title,
        }
        return Paragraphs(
            (
                _("Thank you. Your letter to {office} will be sent on {day}, {time} in {place}.", values),
                _("{title}: many letters on the same day are harder to ignore.", values),
            )
        )
    if leaving is None:
        return _("Thank you. Your letter to {office} is waiting to be sent.", office)
    if leaving.today:
        return _("Thank you. Your letter to {office} will be sent today.", office)
    return _("Thank you. Your letter to {office} will be sent on {day}.", {**office, "day": leaving.date})


def already_written(title: Text, *, has_left: bool) -> Text:
    """`title`: of the case, or of the action."""
    values = {"title": title}
    if not has_left:
        return _(
            "You have already written a letter for {title}. It has not been sent yet. You can still "
            "write <b>change</b> or <b>withdraw</b>.",
            values,
        )
    return _(
        "You have already written a letter for {title}. One letter from each person is best. Write "
        "<b>share</b> to pass it on, or <b>subscribe</b> to get the news.",
        values,
    )


def nothing_written(*, under_way: bool = False) -> Text:
    """`under_way`: a letter is being written."""
    if under_way:
        return _("We know of no letter that was sent from this chat.")
    return _("There is no letter from you here. Write <b>letter</b> to begin one.")


def nothing_sent_yet() -> Text:
    return _("Nothing has been sent. To end this letter, write <b>cancel</b>.")


def goes_back() -> Text:
    return _("To change an answer, write <b>back</b>.")


def has_left(target: Target | None, *, restored: bool = False) -> Text:
    """`restored`: we do not know any more whether it has."""
    if restored:
        return _(
            "Your letter to {office} may have been sent already. You cannot change or withdraw it any more.",
            office_of(target),
        )
    return _(
        "Your letter to {office} has been sent. You cannot change or withdraw it any more.", office_of(target)
    )


def cannot_change() -> Text:
    """Where the office of the letter is gone."""
    return Paragraphs((waiting(None, None), _("You cannot change it now. <b>withdraw</b> still works.")))


def earlier_letter(case: Text | str) -> Text:
    """One of several letters, of an action that is gone."""
    return _("An earlier letter ({case})", {"case": case})


def ask_which_letter() -> Text:
    return _("Which letter is it about?")


KEEP_LETTER = Option(
    "stop",
    _("Leave it as it was"),
    _("no, keep, keep it, nothing, nope, never mind, nevermind, don't send, dont send, do not send"),
)


def left_as_it_was(targets: Sequence[Target | None]) -> Text:
    if len(targets) > 1:
        return _("Your letters have not changed.")
    return _("Your letter to {office} has not changed.", office_of(targets[0]))


def waiting(target: Target | None, leaving: ExpectedDeparture | None, *, paused: bool = False) -> Text:
    """When a letter is sent that waits. `leaving`: when one is that is written now, so no later than that."""
    office = office_of(target)
    if target is None:
        return _(
            "Your letter to {office} has not been sent yet. It waits, because we cannot send it now.", office
        )
    if paused:
        return _(
            "Your letter to {office} has not been sent yet. It waits, because sending is paused.",
            office,
        )
    if leaving is None:
        return _("Your letter to {office} has not been sent yet.", office)
    if leaving.today:
        return _("Your letter to {office} has not been sent yet. It will be sent today.", office)
    return _(
        "Your letter to {office} has not been sent yet. It will be sent on {day} at the latest.",
        {**office, "day": leaving.date},
    )


def where_it_is(
    target: Target | None, letter: WrittenLetter, leaving: ExpectedDeparture | None, *, paused: bool = False
) -> Text:
    """What has become of a letter so far. `target`: None where it is gone."""
    office = office_of(target)
    if letter.outdated and target:
        return _(
            "Your letter to {office} waits, because its text has changed. Write <b>renew</b> to see it.",
            office,
        )
    if letter.in_review:
        return _(
            "Somebody of the campaign reads your letter to {office} before it is sent. "
            "You do not need to do anything.",
            office,
        )
    if not letter.has_left and (target is None or letter.status is not LetterStatus.HELD):
        return waiting(target, leaving, paused=paused)
    match letter.status:
        case LetterStatus.HELD if not letter.restored:
            return _(
                "Your letter to {office} waits for the campaign. You do not need to do anything.", office
            )
        case LetterStatus.DELIVERED:
            return _("Your letter to {office} has arrived.", office)
        case LetterStatus.SENT:
            return _("Your letter to {office} has been sent.", office)
        case LetterStatus.SUBMITTED:
            return _(
                "Your letter to {office} has been handed over. We will tell you what becomes of it.", office
            )
        case LetterStatus.FAILED:
            return failed(office)
        case LetterStatus.UNCERTAIN if letter.answers is None:
            return _(
                "Nobody could find out whether your letter to {office} has arrived. "
                "You do not need to do anything.",
                office,
            )
        case LetterStatus.UNCERTAIN | LetterStatus.HELD:
            return _(
                "We do not know yet whether your letter to {office} has arrived. "
                "The campaign is looking into it. You do not need to do anything.",
                office,
            )
    return _("We are sending your letter to {office} now. We will tell you what becomes of it.", office)


def failed(office: Mapping[str, Text]) -> Text:
    return _(
        "Your letter to {office} could not be delivered. "
        "The campaign decides what happens next. You do not need to do anything.",
        office,
    )


def ask_withdraw(letters: Standing, *, paused: bool = False) -> Text:
    question = _("Shall we withdraw it? Then it will not be sent.")
    if len(letters) > 1:
        question = _("Shall we withdraw them? Then they will not be sent.")
    where = (waiting(target, leaving, paused=paused) for target, leaving in letters)
    return Paragraphs((*where, question))


WITHDRAW = Option(
    "yes",
    _("Yes, withdraw it"),
    _(
        "yes, withdraw, withdraw it, yes please, ok, okay, yep, sure, do it, delete it, y, yes withdraw it "
        "please, yes please do"
    ),
    agrees=True,
)
KEEP_IT = Option(
    "no",
    _("No, keep the letter"),
    _(
        "no, keep, send it, keep it, no keep it, nope, no thanks, no thank you, never mind, nevermind, no "
        "wait, leave it, no leave it, send it please, n"
    ),
)


WITHDRAW_THEM = replace(WITHDRAW, label=_("Yes, withdraw them"))
KEEP_THEM = replace(KEEP_IT, label=_("No, keep the letters"))


def whether_to_withdraw(letters: int) -> Sequence[Option]:
    """The answers to `ask_withdraw`."""
    return (WITHDRAW, KEEP_IT) if letters == 1 else (WITHDRAW_THEM, KEEP_THEM)


def withdrawn(count: int = 1) -> Text:
    if count > 1:
        return _(
            "Your letters are withdrawn and will not be sent. Write <b>letter</b> if you change your mind."
        )
    return _("Your letter is withdrawn and will not be sent. Write <b>letter</b> if you change your mind.")
