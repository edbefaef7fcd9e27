"""What supporters read once they have sent a letter: when it leaves, how to change it, what became of it."""

from collections.abc import Callable, Mapping

from assistant.dialogue.answers import Option
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.model import Arrival, Case, Leaving, Posted
from assistant.domain.speech import CountryName, Number, Paragraphs, Sentence, Speech, TimeOfDay

_ = Sentence

FEW = 10  # a smaller count could point at a person


# In the queue


def queued(case: Case, leaving: Leaving | None) -> Speech:
    return Paragraphs(
        (
            _leaves(case, leaving),
            _(
                "You do not need to do anything more. Until it leaves, you can write <b>change</b> or "
                "<b>withdraw</b>."
            ),
        )
    )


def _leaves(case: Case, leaving: Leaving | None) -> Speech:
    office = {"office": case.target.office}
    if leaving is None:
        return _("Thank you. Your letter is in the queue for {office}.", office)
    if leaving.today:
        return _("Thank you. Your letter to {office} leaves today.", office)
    return _("Thank you. Your letter to {office} leaves on {day}.", {**office, "day": leaving.date})


def already_written(case: Case, posted: Posted) -> Speech:
    title = {"title": case.title}
    if not posted.has_left:
        return _(
            "You have already written a letter for {title}. It has not left yet. "
            "Write <b>change</b> to change it, or <b>withdraw</b> to take it back.",
            title,
        )
    return _(
        "You have already written a letter for {title}. One letter from each person counts most. "
        "Write <b>share</b> to pass it on, or <b>subscribe</b> to get the news.",
        title,
    )


def nothing_written() -> Speech:
    return _("There is no letter of yours. Write <b>letter</b> to begin one.")


def has_left(case: Case) -> Speech:
    return _(
        "Your letter to {office} has left. It cannot be changed or taken back any more.",
        {"office": case.target.office},
    )


def ask_which_letter() -> Speech:
    return _("Which letter is it about?")


KEEP = Option("stop", _("Leave it as it was"), _("no, keep, don't send, dont send, do not send"))


def left_as_it_was(case: Case) -> Speech:
    return _("Your letter to {office} stays as it was.", {"office": case.target.office})


def ask_withdraw(case: Case) -> Speech:
    return _(
        "Shall we take your letter to {office} back? Then it is not sent.", {"office": case.target.office}
    )


WITHDRAW = Option("yes", _("Yes, take it back"), _("yes, withdraw"), agrees=True)
SEND_IT = Option("no", _("No, let it go"), _("no, keep, send it"))


def withdrawn() -> Speech:
    return _("Your letter is taken back; nothing was sent. Write <b>letter</b> if you change your mind.")


# What became of it


def receipt(case: Case, arrival: Arrival) -> Speech:
    """What became of a letter."""
    office = {"office": case.target.office}
    if arrival.status is LetterStatus.FAILED:
        return _(
            "Your letter to {office} could not be delivered. "
            "The campaign decides what happens next. You do not need to do anything.",
            office,
        )
    told = _WAYS.get(arrival.way, _left)
    where: Mapping[str, Speech | str | int] = {
        **office,
        "day": arrival.date(case.target.timezone),
        "time": TimeOfDay(arrival.at, case.target.timezone),
        "country": CountryName(case.target.country),
    }
    return Paragraphs(
        (
            told(where),
            _("The first way that we tried did not work, so it went this way.") if arrival.detour else "",
            _("It is one of {count} that have arrived.", {"count": Number(arrival.arrived)})
            if arrival.status is LetterStatus.DELIVERED and arrival.arrived >= FEW
            else "",
        )
    )


def _left(where: Mapping[str, Speech | str | int]) -> Speech:
    return _("Your letter to {office} has left.", where)


_WAYS: Mapping[str, Callable[[Mapping[str, Speech | str | int]], Speech]] = {
    "fax": lambda where: _("Your letter was faxed to {office} on {day} at {time} in {country}.", where),
    "email": lambda where: _("Your letter was emailed to {office}, and nothing came back.", where),
    "post": lambda where: _("Your letter to {office} was posted on {day}.", where),
    "tray": lambda where: _("Your letter was handed to the campaign, which passes it on to {office}.", where),
}
