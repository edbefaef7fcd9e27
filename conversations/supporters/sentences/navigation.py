"""What is said by words that work everywhere, and to who comes back."""

from assistant.dialogue.options import Option
from assistant.domain.cases import Case
from assistant.domain.texts import Paragraphs, Sentence, Text

_ = Sentence


def help_text() -> Text:
    return Paragraphs(
        (
            _("You can write these words at any time:"),
            _(
                "<b>back</b>: one question back\n"
                "<b>cancel</b>: end this letter, nothing is sent\n"
                "<b>letter</b>: write a letter; <b>share</b>: pass it on\n"
                "<b>change</b>, <b>withdraw</b>: a letter that has not been sent yet\n"
                "<b>status</b>: where your letter is\n"
                "<b>subscribe</b>: get the news; <b>mine</b>: what you get; <b>stop</b>: unsubscribe\n"
                "<b>language</b>: another language\n"
                "<b>about</b>, <b>privacy</b>: who we are, what we keep\n"
                "<b>move</b>: take this chat to another app\n"
                "<b>mydata</b>, <b>forget</b>: see or delete what we keep"
            ),
        )
    )


def take_your_time() -> Text:
    return _("Take your time. We wait for your answer.")


def cancelled(*, has_written: bool) -> Text:
    if has_written:
        return _(
            "It is cancelled. A letter that you confirmed before is not affected. Write <b>help</b> for more."
        )
    return _("It is cancelled. Nothing was sent. Write <b>letter</b> to begin again.")


def ask_come_back(interrupted: Case | None, other: Case | None) -> Text:
    if interrupted is None:
        return _("You were in the middle of something. Continue or start again?")
    if other is None or other.slug == interrupted.slug:
        return _(
            "You were writing a letter for {person}. Continue or start again?", {"person": interrupted.person}
        )
    return _(
        "You were writing a letter for {person}. Continue, or start the letter for {other}?",
        {"person": interrupted.person, "other": other.person},
    )


CONTINUE = Option("continue", _("Continue"), _("go on, yes"), agrees=True)
AGAIN = Option("again", _("Start again"), _("restart, new, no"))


def start_letter(case: Case) -> Option:
    label = _("Letter for {person}", {"person": case.person})
    return Option("again", label, _("start again, restart, new, no"))
