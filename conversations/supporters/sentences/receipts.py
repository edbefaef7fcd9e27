"""What is said of a letter outside of a conversation: what became of it, and that it waits."""

from collections.abc import Callable, Mapping

from assistant.domain.answers import AnswerText
from assistant.domain.cases import Case, Update
from assistant.domain.figures import FEW
from assistant.domain.letters import ActionRef, LetterOutcome
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.notifications import Notification, StartButton
from assistant.domain.retention import KEEP_UNDECIDED
from assistant.domain.review import RefusalReason
from assistant.domain.targets import Target
from assistant.domain.texts import CountryName, Number, Paragraphs, Quote, Sentence, Text, TimeOfDay, Values
from conversations.commands import typed_command
from conversations.organisers.formatting import lasting_for
from conversations.supporters.sentences.written_letters import failed, office_of, waiting

_ = Sentence


def kept_waiting(target: Target) -> Text:
    """To who wrote a letter for a case that has been paused for a while."""
    return Paragraphs(
        (
            waiting(target, None, paused=True),
            _("You do not need to do anything. <b>withdraw</b> still works."),
        )
    )


def office_gone() -> Text:
    """To whose letter is held, because nothing is known of its office any more."""
    return Paragraphs(
        (waiting(None, None), _("You do not need to do anything. <b>withdraw</b> still works."))
    )


def office_answered(case: Case, target: Target, answer: AnswerText) -> Text:
    """What the office has answered, once an organiser has looked at it."""
    about = {"office": target.office, "title": case.title}
    return Paragraphs(
        (
            _("The office has answered. This is what {office} wrote about {title}:", about)
            if answer.said
            else _(
                "The office has answered. What {office} wrote about {title} has no text that we can read.",
                about,
            ),
            Quote(answer.said) if answer.said else "",
            files(answer) if answer.files else "",
        )
    )


def files(answer: AnswerText) -> Text:
    """What came with it and is not kept."""
    return Sentence(
        "{count} file came with it. We do not open or keep files.",
        {"count": Number(answer.files)},
        "{count} files came with it. We do not open or keep files.",
        answer.files,
    )


def like_many_others() -> Text:
    """To who is writing a letter that somebody reads first, because many others say nearly the same."""
    return _(
        "Many others have just written nearly the same sentence. "
        "So somebody of the campaign reads your letter first, and it may be sent later. Nothing is lost."
    )


def may_take_longer(target: Target | None) -> Text:
    """To who is writing a letter while very many come in."""
    return _(
        "Very many letters to {office} are coming in now. Yours may be sent later than we can foresee.",
        office_of(target),
    )


def line_left_out(target: Target | None) -> Text:
    """To whose letter is sent without their own sentence."""
    return Paragraphs(
        (
            _("The campaign has read your letter to {office}.", office_of(target)),
            _("It will be sent, but without the sentence that you added: it could harm the case."),
        )
    )


def refused(target: Target | None, reason: RefusalReason) -> Text:
    """To whose letter is not sent, because somebody who has read it decided so."""
    return Paragraphs(
        (
            _("The campaign has read your letter to {office}. It is not sent.", office_of(target)),
            _WHY[reason],
            _("You are welcome to write it again: write <b>letter</b>."),
        )
    )


_WHY: Mapping[RefusalReason, Text] = {
    RefusalReason.WORDS: _("Its words could be held against the person that we want to help."),
    RefusalReason.CONTACT: _("Links, phone numbers and addresses do not belong in it."),
    RefusalReason.NAME: _("A letter is signed with one's own name. A first name is enough."),
    RefusalReason.CASE: _("It could harm the case that it is for."),
}


def not_sent_in_time(target: Target) -> Text:
    """To who wrote a letter that waited when its action was over."""
    return _(
        "The action is over, so your letter to {office} was not sent. You do not need to do anything. "
        "Thank you for writing it.",
        {"office": target.office},
    )


def waited_too_long(target: Target | None) -> Text:
    """To whose letter nobody has let go, or who has not agreed to its new text."""
    waited = {**office_of(target), "duration": lasting_for(KEEP_UNDECIDED)}
    return Paragraphs(
        (
            _("Your letter to {office} has waited for {duration}. So we do not send it any more.", waited),
            _("We have deleted its text. You are welcome to write it again: write <b>letter</b>."),
        )
    )


def confirm_new_text(case: Case, action: ActionRef, news: Update | None) -> Notification:
    """To who wrote a letter that is not true any more as it stands. `news`: what has changed."""
    what = Paragraphs((_("There is news:"), news.text)) if news else ""
    said = Paragraphs(
        (
            _(
                "Your letter for {title} has not been sent yet. We have changed its text.",
                {"title": case.title},
            ),
            what,
            _("It is sent only if you agree to the new text. Please look at it."),
        )
    )
    see = StartButton("renew", str(action), _("See the new letter"), typed_command("renew", str(action)))
    return Notification(said, (see,))


def receipt(target: Target | None, arrival: LetterOutcome) -> Text:
    """What became of a letter. `target`: None where it is gone."""
    office = office_of(target)
    if arrival.status is LetterStatus.FAILED:
        return failed(office)
    if target is None:
        has_arrived = arrival.status is LetterStatus.DELIVERED
        said = _("Your letter to {office} has arrived.", office) if has_arrived else _left(office)
        return Paragraphs((said, _counted(arrival)))
    told = _WAYS.get(arrival.carrier, _left)
    where: Mapping[str, Text | str | int] = {
        **office,
        "day": arrival.date(target.timezone),
        "time": TimeOfDay(arrival.at, target.timezone),
        "country": CountryName(target.country),
    }
    return Paragraphs(
        (
            told(where),
            _("The first way that we tried did not work, so we sent it this way.") if arrival.detour else "",
            _counted(arrival),
        )
    )


def _counted(arrival: LetterOutcome) -> Text | str:
    """Among how many a letter that was delivered is, and by which code its writer can check that."""
    if arrival.status is not LetterStatus.DELIVERED:
        return ""
    values: Values = {"count": Number(arrival.arrived), "code": arrival.code}
    if arrival.arrived < FEW:
        few = _("We count it in public. Soon this code shows that: <code>{code}</code>", values)
        return few if arrival.code else ""
    if arrival.code:
        return _(
            "It is one of {count} that have arrived. Soon this code shows that: <code>{code}</code>", values
        )
    return _("It is one of {count} that have arrived.", values)


def _left(where: Mapping[str, Text | str | int]) -> Text:
    return _("Your letter to {office} has been sent.", where)


_WAYS: Mapping[str, Callable[[Mapping[str, Text | str | int]], Text]] = {
    "fax": lambda where: _("Your letter was faxed to {office} on {day} at {time} in {country}.", where),
    "email": lambda where: _("Your letter was emailed to {office}, and nothing came back.", where),
    "post": lambda where: _("Your letter to {office} was posted on {day}.", where),
    "tray": lambda where: _("We gave your letter to the campaign, which passes it on to {office}.", where),
}
