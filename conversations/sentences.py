"""Every sentence that a supporter reads, marked for translation.

Write plainly: short sentences, one question a message, no guilt, no drama. `<b>` and the like are
Telegram's small HTML. A value in {braces} is escaped when the sentence is rendered.
"""

from collections.abc import Iterable

from assistant.dialogue.answers import Option
from assistant.domain.model import Case, Draft
from assistant.domain.speech import (
    CountryName,
    EveryLanguage,
    LanguageName,
    OwnLanguageName,
    Paragraphs,
    Sentence,
    Speech,
)

_ = Sentence


# Language


def ask_language() -> Speech:
    return EveryLanguage(_("Which language would you like to read?"))


def language_option(code: str) -> Option:
    return Option(code, OwnLanguageName(code), LanguageName(code))


def language_set(code: str) -> Speech:
    return _("We will write in {language}.", {"language": OwnLanguageName(code)})


# The letter


def hello(case: Case) -> Speech:
    return Paragraphs((_("<b>{title}</b>", {"title": case.title}), case.briefing))


def case_paused(case: Case) -> Speech:
    return Paragraphs(
        (
            _("We have stopped writing about {title} for now.", {"title": case.title}),
            _("Nothing is sent for now, and you need not do anything."),
        )
    )


def ask_ready() -> Speech:
    return Paragraphs(
        (
            _("You can write a letter for this case. It takes about two minutes."),
            _("Write <b>help</b> at any time, or <b>stop</b> to hear no more."),
        )
    )


GO = Option("go", _("Write the letter"), _("yes, ok, okay, ready, letter, write, now"), agrees=True)
LATER = Option("later", _("Not now"), _("no, not yet, another time"))


def ask_which_case() -> Speech:
    return _("Which case is it about?")


def case_option(case: Case) -> Option:
    return Option(case.slug, case.title)


def see_you_later() -> Speech:
    return _("That is fine. Write <b>letter</b> when you want to begin, or <b>subscribe</b> to get the news.")


def ask_name(case: Case) -> Speech:
    return Paragraphs(
        (
            _("What name shall we put under the letter?"),
            _(
                "Your name will be sent to the government of {country}. You may use your first name only.",
                {"country": CountryName(case.target.country)},
            ),
        )
    )


def ask_country() -> Speech:
    return _("Which country do you live in? The letter will name it.")


NONE = Option("none", _("None of these"), _("no, none, neither, other, no thanks"))


def ask_line(country: str) -> Speech:
    return Paragraphs(
        (
            _("Your country: {country}.", {"country": CountryName(country)}),
            _(
                "You can add one sentence of your own: write it now, or skip. "
                "Letters with a personal line are read more. It goes into the letter as you write it."
            ),
        )
    )


SKIP = Option("skip", _("Skip"), _("no, none, nothing, without, no thanks, no thank you, -"))


def reading(draft: Draft, language: str) -> Speech:
    return Paragraphs((_("This is what your letter says:"), draft.readings[language]))


def printed() -> Speech:
    return _("The letter as it will be printed:")


def preview(draft: Draft, case: Case) -> Speech:
    sent_in = _(
        "Your letter to {office}, in {language}:",
        {"office": case.target.office, "language": LanguageName(draft.language)},
    )
    return Paragraphs((sent_in, draft.readings[draft.language], _("Shall we send it?")))


SEND = Option("send", _("Send"), _("yes, ok, okay, confirm"), agrees=True)
EDIT = Option("edit", _("Change something"), _("change, correct"))
STOP = Option("stop", _("Do not send"), _("no, don't send, dont send"))


def ask_field() -> Speech:
    return _("What would you like to change?")


NAME = Option("name", _("The name"), _("my name"))
COUNTRY = Option("country", _("The country"), _("my country"))
LINE = Option("line", _("My own sentence"), _("sentence, the sentence, the line, my line"))


def not_sent() -> Speech:
    return _("Nothing was sent, and we keep no draft. Write <b>letter</b> if you change your mind.")


def share(case: Case) -> Speech:
    return Paragraphs((_("If you like, pass this on:"), case.share))


def follow(links: Iterable[str]) -> Speech:
    return _("Follow the campaign: {links}", {"links": " ".join(links)})


# Subscribing


def ask_subscribe(case: Case) -> Speech:
    return _(
        "Shall we write to you when there is news of {person}? You can end it with <b>stop</b> at any time.",
        {"person": case.person},
    )


YES = Option("yes", _("Yes"), _("ok, okay, please, sure"), agrees=True)
NO = Option("no", _("No"), _("no thanks, not now"))


def subscribed(case: Case) -> Speech:
    return _("You will hear from us when there is news of {person}.", {"person": case.person})


def already_subscribed(case: Case) -> Speech:
    return _("You already get the news of {person}.", {"person": case.person})


def not_subscribed() -> Speech:
    return _("That is fine. Write <b>subscribe</b> if you change your mind.")


def unsubscribed() -> Speech:
    return _("You will get no more news from us. Write <b>subscribe</b> to begin again.")


def subscriptions(cases: list[Case]) -> Speech:
    if not cases:
        return _("You get no news at present. Write <b>subscribe</b> to get some.")
    titles = Paragraphs(tuple(case.title for case in cases))
    return Paragraphs((_("You get the news of these cases. Write <b>stop</b> to end it."), titles))


# Words that work everywhere


def help_text() -> Speech:
    return Paragraphs(
        (
            _("You can write these words at any time:"),
            _(
                "<b>back</b>: one question back\n"
                "<b>cancel</b>: end this letter, nothing is sent\n"
                "<b>letter</b>: write a letter; <b>share</b>: pass it on\n"
                "<b>change</b>, <b>withdraw</b>: a letter that has not left yet\n"
                "<b>subscribe</b>: get the news; <b>mine</b>: what you get; <b>stop</b>: no more news\n"
                "<b>language</b>: another language\n"
                "<b>about</b>, <b>privacy</b>: who we are, what we keep\n"
                "<b>mydata</b>, <b>forget</b>: see or delete what we keep"
            ),
        )
    )


def about() -> Speech:
    return _(
        "This assistant helps people write letters for human rights. A program answers you, not a person. "
        "Letters go to the official who can act. It is open-source software."
    )


def privacy() -> list[Speech]:
    return [
        _(
            "Your letter shows your name, your country and your own sentence "
            "to the government it goes to. Nobody else gets them from us."
        ),
        _(
            "We keep your chat's address, your letter and your language, encrypted. "
            "Write <b>mydata</b> to see it and <b>forget</b> to delete it. "
            "The messages on your phone and at your chat service are not ours to delete."
        ),
    ]


def cancelled(*, has_written: bool) -> Speech:
    if has_written:
        return _("It is cancelled. A letter that you sent before stays sent. Write <b>help</b> for more.")
    return _("It is cancelled. Nothing was sent. Write <b>letter</b> to begin again.")


def your_data() -> Speech:
    return _("This is everything that we keep about this chat:")


def ask_forget() -> Speech:
    return _(
        "Shall we delete everything about this chat? Letters that have not left are cancelled. "
        "Letters that have left cannot be called back."
    )


FORGET = Option("yes", _("Yes, delete it"), _("yes, delete"), agrees=True)
KEEP = Option("no", _("No, keep it"), _("no, keep"))


def forgotten() -> Speech:
    return _("It is deleted. We know nothing about this chat any more.")


def kept() -> Speech:
    return _("Nothing was deleted.")


def ask_resume(interrupted: Case | None, other: Case | None) -> Speech:
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
