"""What is said about us, about what we keep, and about languages."""

from collections.abc import Collection, Iterable, Sequence
from datetime import timedelta

from assistant.dialogue.options import Option
from assistant.dialogue.talk import Person
from assistant.domain.cases import Case
from assistant.domain.letters import WrittenLetter
from assistant.domain.organisation import Organisation
from assistant.domain.privacy import Topic
from assistant.domain.retention import KEEP_CAREFUL, KEEP_PAST_LETTERS, KEEP_SEEN, Retention
from assistant.domain.texts import (
    CaseDate,
    CountryName,
    EveryLanguage,
    LanguageName,
    Lines,
    Listed,
    OwnLanguageName,
    Paragraphs,
    Sentence,
    Text,
    Values,
)
from conversations.organisers.formatting import lasting_for
from conversations.supporters.sentences import shared

_ = Sentence


def ask_language() -> Text:
    return EveryLanguage(_("Which language would you like to read?"))


def language_option(code: str) -> Option:
    return Option(code, OwnLanguageName(code), LanguageName(code))


def language_set(code: str) -> Text:
    return _("We will write in {language}.", {"language": LanguageName(code)})


FOR_US = Option(
    "us", _("I am asking you"), _("you, asking you, i ask you, asking, question, skip"), agrees=True
)
FOR_THE_LETTER = Option(
    "letter",
    _("It is my sentence for the letter"),
    _("no, letter, the letter, for the letter, my sentence, sentence"),
)


def ask_meant() -> Text:
    return _("Are you asking us, or is this your sentence for the letter?")


def about(organisation: Organisation | None, follow: Iterable[str]) -> Text:
    """`follow`: pages of the campaign, by which people can check who we are."""
    program = _(
        "This assistant helps people write letters for human rights. A program answers you, not a person. "
        "It is open-source software."
    )
    return Paragraphs((program, _who_is_behind_it(organisation), _how_to_check(list(follow))))


def _who_is_behind_it(organisation: Organisation | None) -> Text:
    if organisation is None:
        return _("Whoever runs this assistant has not given a name here.")
    lines: list[Text] = [_("It is run by {name}.", {"name": organisation.name})]
    if organisation.page:
        lines.append(_("Page: {page}", {"page": organisation.page}))
    if organisation.contact:
        lines.append(_("Contact: {contact}", {"contact": organisation.contact}))
    return Lines(tuple(lines))


def _how_to_check(pages: Sequence[str]) -> Text:
    if not pages:
        return _("To check that this is real, ask the campaign on a page of its own that you know.")
    return _(
        "To check that this is real, ask the campaign on its own page: {pages}", {"pages": " ".join(pages)}
    )


def what_happens() -> Text:
    return _(
        "We ask you a few short questions. You read the letter, and nothing is sent before you say so. "
        "Until it is sent you can change it. Then we tell you what becomes of it. It costs nothing."
    )


def privacy(
    carriers: Collection[str], overheard_by: str | None, retention: Retention, *, stays: bool = True
) -> list[Text]:
    """`carriers`: those that letters may go by, by their names. `overheard_by`: who can read this chat.

    `stays`: what is said stays on their phone, and not with us.
    """
    return [
        Lines(
            (
                _("Who reads your name, your country and your own sentence:"),
                _("• the government that gets your letter"),
                *map(shared.hands, carriers),
            )
        ),
        Lines(
            (
                _("We keep this encrypted:"),
                *(said for said, _topics in ENCRYPTED),
                _("Codes of your messages, too, so that none counts twice. They do not say who you are."),
            )
        ),
        Lines(
            (
                _("We keep this readable, so that we can count:"),
                *(said for said, _topics in READABLE),
            )
        ),
        _how_long(retention),
        Paragraphs(
            (
                _overheard(overheard_by) if overheard_by else "",
                stays_on_your_phone() if stays else _stays_on_our_page(),
                _("Write <b>mydata</b> to see what we keep, or <b>forget</b> to delete it."),
            )
        ),
    ]


Kinds = tuple[tuple[Text, frozenset[Topic]], ...]
ENCRYPTED: Kinds = (
    (_("• the address of this chat"), frozenset({Topic.ADDRESS})),
    (_("• what you answer us, and your letters"), frozenset({Topic.TALK, Topic.LETTERS, Topic.TRANSCRIPT})),
    (
        _("• our messages to you, and what offices answer you"),
        frozenset({Topic.MESSAGES, Topic.ANSWERS, Topic.TRANSCRIPT}),
    ),
    (_("• if you are in the team, your name there"), frozenset({Topic.NAME_IN_TEAM})),
)
READABLE: Kinds = (
    (_("• your language and country"), frozenset({Topic.LANGUAGE, Topic.COUNTRY})),
    (_("• in which app this chat is, and whether it is a group"), frozenset({Topic.CHANNEL})),
    (_("• which news you get"), frozenset({Topic.NEWS})),
    (_("• which letters you wrote, when, and what became of them"), frozenset({Topic.WRITTEN})),
    (_("• on which days you wrote to us"), frozenset({Topic.DAYS})),
    (_("• if you are in the team, what you do there"), frozenset({Topic.TEAM})),
)
"""How the kinds of what we keep are said, each once."""


def _how_long(retention: Retention) -> Text:
    sent, failed = lasting_for(retention.letters), lasting_for(retention.failed)
    unfinished, silent = lasting_for(retention.drafts), lasting_for(retention.silent)
    careful = lasting_for(KEEP_CAREFUL)
    return Lines(
        (
            _("We delete:"),
            _("• the text of a letter: {duration} after it was sent", {"duration": sent}),
            _("• if it could not be sent, or was cancelled: {duration} after that", {"duration": failed}),
            _("• a letter that you do not finish: after {duration}", {"duration": unfinished}),
            _("• where it may be dangerous to write: all of these after {duration}", {"duration": careful}),
            _("• this chat: {duration} after your last message", {"duration": silent}),
        )
    )


def _overheard(channel: str) -> Text:
    return _("{channel} can read what is written in this chat.", {"channel": channel})


def stays_on_your_phone() -> Text:
    return _(
        "Our messages and the PDF of your letter stay in this chat. "
        "To remove them, delete the chat on your phone."
    )


def _stays_on_our_page() -> Text:
    return _(
        "This page shows what was said for {duration}. Where it may be dangerous to write, for {careful}.",
        {"duration": lasting_for(KEEP_SEEN), "careful": lasting_for(KEEP_CAREFUL)},
    )


def your_data(person: Person, cases: Collection[Case]) -> Text:
    """What we keep, in words; the rest is in the file that follows."""
    lines: list[Text] = [_("This is what we keep about you:"), _("• the address of this chat")]
    if person.language:
        lines.append(_("• your language: {language}", {"language": LanguageName(person.language)}))
    if person.subscriptions:
        titles = Listed(tuple(case.title for case in cases if case.slug in person.subscriptions))
        lines.append(_("• you get the news of: {cases}", {"cases": titles}))
    called = {case.slug: case.title for case in cases}  # those that are gone: by the names of their folders
    lines += [
        _signed(called.get(ref.case, ref.case), person.written(ref)[0]) for ref in person.written_actions
    ]
    return Lines((*lines, _("The file has your answers and letters whole. Our messages are in this chat.")))


def _signed(title: Text | str, letter: WrittenLetter) -> Text:
    answers = dict(letter.answers or ())
    if not answers:
        return _("• your letter for {title}", {"title": title})
    values: Values = {
        "title": title,
        "name": answers["name"] or "",
        "country": CountryName(answers["country"] or ""),
    }
    if not answers["name"]:
        return _("• your letter for {title}, signed without a name, {country}", values)
    return _("• your letter for {title}, signed as {name}, {country}", values)


def ask_forget(within: timedelta | None) -> Text:
    """`within`: messages of ours so young can be deleted from their chat, too."""
    asked = _(
        "Shall we delete everything about this chat? Letters that have not been sent will be "
        "cancelled. Letters that have been sent cannot be called back."
    )
    if within is None:
        return asked
    offered = _(
        "We can also delete what we wrote here in the last {duration}.", {"duration": lasting_for(within)}
    )
    return Paragraphs((asked, offered))


FORGET = Option(
    "yes",
    _("Yes, delete it"),
    _(
        "yes, delete, delete it, delete everything, delete all, delete me, yes please, ok, okay, yep, do it,"
        " forget me, erase, erase everything, sure, y"
    ),
    agrees=True,
)
FORGET_MESSAGES = Option(
    "messages",
    _("Yes, and our messages here"),
    _(
        "messages, messages too, and messages, your messages, our messages, yes and messages, both, yes both,"
        " delete messages, delete the messages, everything and the messages"
    ),
)
KEEP = Option(
    "no",
    _("No, keep it"),
    _(
        "no, keep, keep it, nope, no thanks, no thank you, never mind, nevermind, cancel, no wait, i changed"
        " my mind, mistake, not now, n"
    ),
)


def forgotten(
    copies_last_until: CaseDate | None, deleted: timedelta | None = None, *, wrote: bool, stays: bool = True
) -> Sequence[Text]:
    """`deleted`: messages of ours so young are deleted from their chat, too. `wrote`: a letter of theirs has
    left, or was to leave. `stays`: what was said stays on their phone."""
    said: list[Text] = [_("It is deleted. Nobody here can read who you are any more.")]
    if copies_last_until is None:
        said.append(_("Safety copies of our data may still hold it for some time."))
    else:
        day = {"day": copies_last_until}
        said.append(_("Safety copies of our data can be read until {day}, and then never again.", day))
    if wrote:
        kept = {"duration": lasting_for(KEEP_PAST_LETTERS)}
        said.append(
            _(
                "So that nobody writes twice, we keep a code for {duration}. It does not say who you are.",
                kept,
            )
        )
    if not stays:
        return (Paragraphs(tuple(said)),)
    return Paragraphs(tuple(said)), stays_on_your_phone() if deleted is None else _some_stays(deleted)


def _some_stays(deleted: timedelta) -> Text:
    return _(
        "We now delete our messages of the last {duration} here, without this one. Older ones, news and what "
        "you wrote stay. To remove them, delete the chat on your phone.",
        {"duration": lasting_for(deleted)},
    )


def still_there(deleted_on: CaseDate) -> Text:
    """To who has not written for long."""
    return Paragraphs(
        (
            _("You have not written to us for a long time. Do you still want the news?"),
            _("Write anything here, and you keep getting it."),
            _("If you do not, we delete this chat on {day}.", {"day": deleted_on}),
        )
    )


def kept() -> Text:
    return _("Nothing was deleted.")
