"""Every sentence that a supporter reads, marked for translation."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence

from assistant.dialogue.answers import Option
from assistant.dialogue.talk import Person
from assistant.domain.cases import Case
from assistant.domain.letters import Draft, ExpectedDeparture, LetterOutcome, WrittenLetter
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.messages import ChatLink
from assistant.domain.organisation import Organisation
from assistant.domain.retention import KEEP_LETTERS
from assistant.domain.texts import (
    CountryName,
    EveryLanguage,
    LanguageName,
    Lines,
    Listed,
    Number,
    OwnLanguageName,
    Paragraphs,
    Sentence,
    Text,
    TimeOfDay,
    Values,
    country_code,
)
from conversations.organisers.formatting import lasting_for

_ = Sentence


# Language


def ask_language() -> Text:
    return EveryLanguage(_("Which language would you like to read?"))


def language_option(code: str) -> Option:
    return Option(code, OwnLanguageName(code), LanguageName(code))


def language_set(code: str) -> Text:
    return _("We will write in {language}.", {"language": LanguageName(code)})


# The letter


def hello(case: Case) -> Text:
    return Paragraphs((_("<b>{title}</b>", {"title": case.title}), case.briefing))


def case_paused(case: Case) -> Text:
    return Paragraphs(
        (
            _("For now, we have stopped writing letters for {title}.", {"title": case.title}),
            _("For now, nothing is sent. You do not need to do anything."),
        )
    )


def ask_ready() -> Text:
    return Paragraphs(
        (
            _("You can write a letter for this case. It takes only a few minutes."),
            _("Write <b>help</b> at any time, or <b>stop</b> to get no news."),
        )
    )


GO = Option("go", _("Write the letter"), _("yes, ok, okay, ready, letter, write, now"), agrees=True)
LATER = Option("later", _("Not now"), _("no, not yet, another time"))


def greeting() -> Text:
    return _("We help you write a letter for a person at risk. It takes only a few minutes.")


def ask_which_case() -> Text:
    return _("Which case is it about?")


def case_option(case: Case) -> Option:
    return Option(case.slug, case.title)


def see_you_later() -> Text:
    return _("That is fine. Write <b>letter</b> when you want to begin, or <b>subscribe</b> to get the news.")


def ask_name(case: Case) -> Text:
    return Paragraphs(
        (
            _("What name shall we put under the letter?"),
            _(
                "Your name will be sent to the government of {country}. You may use your first name only. "
                "If you live there yourself, first think about whether that is safe for you.",
                {"country": CountryName(case.target.country)},
            ),
        )
    )


def ask_country() -> Text:
    return _("Which country do you live in? The letter will name it.")


def that_country(code: str) -> Option:
    country = _("Yes, {country}", {"country": CountryName(code)})
    return Option(code, country, _("yes, ok, okay, yes please, right, correct"), agrees=True)


NONE = Option("none", _("Another country"), _("no, none, none of these, neither, other, another, no thanks"))


def ask_personal_line(country: str, case: Case) -> Text:
    return Paragraphs(
        (
            your_country(country),
            _living_there() if country_code(country) == case.target.country else "",
            _(
                "You can add a sentence of your own: write it now, or skip. "
                "It goes into the letter exactly as you write it."
            ),
        )
    )


def your_country(country: str) -> Text:
    return _("Your country: {country}.", {"country": CountryName(country)})


def _living_there() -> Text:
    return _(
        "Your own government gets this letter. You may use your first name only, and change it until it is "
        "sent. Or write <b>cancel</b>: then nothing is sent."
    )


SKIP = Option("skip", _("Skip"), _("no, none, nothing, without, no thanks, no thank you, -"))


def printed() -> Text:
    return _("The letter as it will be printed:")


def preview(draft: Draft, language: str, case: Case) -> Text:
    """The letter in that language, and in which one it is sent."""
    values: Values = {"office": case.target.office, "language": LanguageName(draft.language)}
    if language == draft.language:
        heading = _("Your letter to {office}, in {language}:", values)
    else:
        heading = _("Your letter to {office}. It is sent in {language} and says:", values)
    return Paragraphs((heading, draft.readings[language]))


def ask_send() -> Text:
    return _("Shall we send it?")


SEND = Option("send", _("Send"), _("yes, ok, okay, confirm"), agrees=True)
EDIT = Option("edit", _("Change something"), _("change, correct"))
PAGE = Option("page", _("Show the printed page"), _("page, pdf, print, printed page"))


def original(draft: Draft) -> Option:
    """To see the letter in the language in which it is sent."""
    language = LanguageName(draft.language)
    return Option("original", _("Show it in {language}", {"language": language}), language)


STOP = Option("stop", _("Do not send"), _("no, don't send, dont send"))


def ask_field() -> Text:
    return _("What would you like to change?")


NAME = Option("name", _("The name"), _("my name"))
COUNTRY = Option("country", _("The country"), _("my country"))
PERSONAL_LINE = Option("line", _("My own sentence"), _("sentence, the sentence, the line, my line"))


FIELDS = (NAME, COUNTRY, PERSONAL_LINE)


def not_sent() -> Text:
    return _("Nothing was sent, and we keep no draft. Write <b>letter</b> if you change your mind.")


def share(case: Case, link: ChatLink | None) -> Text:
    words = Lines((case.share, link.to(case.slug, _FRIEND))) if link else case.share
    return Paragraphs((_("If you like, pass this on:"), words))


def follow(links: Iterable[str]) -> Text:
    return _("Follow the campaign: {links}", {"links": " ".join(links)})


SIGN_AGAIN = Option("yes", _("Yes, the same"), _("yes, ok, the same"), agrees=True)
SIGN_OTHERWISE = Option("no", _("No, ask me again"), _("no, other, another"))


def ask_again(name: str, country: str) -> Text:
    return _(
        "You have signed a letter as {name}, {country}. Shall we sign this one in the same way?",
        {"name": name, "country": CountryName(country)},
    )


# Subscribing


def ask_subscribe(case: Case) -> Text:
    return _(
        "Shall we write to you when there is news of {person}? You can unsubscribe with <b>stop</b> at "
        "any time.",
        {"person": case.person},
    )


YES = Option("yes", _("Yes"), _("ok, okay, please, sure"), agrees=True)
NO = Option("no", _("No"), _("no thanks, not now"))
NO_LINES = (YES, NO, GO, LATER, SEND, EDIT, PAGE, STOP)
"""What is chosen elsewhere: as one's own sentence, it would be a mistake."""


def subscribed(case: Case) -> Text:
    return _("You will hear from us when there is news of {person}.", {"person": case.person})


def already_subscribed(case: Case) -> Text:
    return _("You already get the news of {person}.", {"person": case.person})


def not_subscribed() -> Text:
    return _("That is fine. Write <b>subscribe</b> if you change your mind.")


FOR_US = Option("us", _("I am asking you"), agrees=True)
FOR_THE_LETTER = Option("letter", _("It is my sentence for the letter"))


def ask_meant() -> Text:
    return _("Are you asking us, or is this your sentence for the letter?")


UNSUBSCRIBE = Option("yes", _("Unsubscribe"), agrees=True)
NOT_THAT = Option("no", _("No, I meant something else"))


def ask_stop() -> Text:
    return _("Do you want to unsubscribe from all news?")


def unsubscribed() -> Text:
    return _(
        "You are unsubscribed and will get no more news from us. Write <b>subscribe</b> to get news again."
    )


END_ALL = Option(
    "all_news",
    _("No, end all news"),
    _("no, all, all of them, both, both of them, all news, everything, every one"),
)


def ask_only() -> Text:
    return _("Did you want to end the news of one case only? Then choose it, and you keep the rest.")


def subscriptions(cases: list[Case]) -> Text:
    if not cases:
        return _("You are not subscribed to any news. Write <b>subscribe</b> to get news.")
    titles = Paragraphs(tuple(case.title for case in cases))
    return Paragraphs((_("You get the news of these cases. Write <b>stop</b> to unsubscribe."), titles))


# Words that work everywhere


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
                "<b>mydata</b>, <b>forget</b>: see or delete what we keep"
            ),
        )
    )


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


def privacy(carriers: Collection[str]) -> list[Text]:
    """`carriers`: those that letters may go by, by their names."""
    return [
        Lines(
            (
                _("Who reads your name, your country and your own sentence:"),
                _("• the government that gets your letter"),
                *(_HANDS.get(each, _OTHER_HANDS) for each in carriers),
            )
        ),
        Paragraphs(
            (
                _("We keep this encrypted: the address of this chat, and your letter."),
                _(
                    "We keep this readable, for counting: "
                    "your language, your country, which news you get, and the days on which you wrote."
                ),
                _(
                    "We delete the text of a letter {duration} after it was sent. "
                    "Write <b>mydata</b> to see all this, or <b>forget</b> to delete it.",
                    {"duration": lasting_for(KEEP_LETTERS)},
                ),
            )
        ),
        Paragraphs(
            (_("Telegram can read what is written in its chats. Signal cannot."), stays_on_your_phone())
        ),
    ]


_HANDS: Mapping[str, Text] = {
    "email": _("• mail servers on its way"),
    "fax": _("• the service that sends the fax"),
    "post": _("• people of the campaign, who print and post it"),
    "tray": _("• people of the campaign, who pass it on"),
}
_OTHER_HANDS = _("• whoever carries it there")


def stays_on_your_phone() -> Text:
    return _(
        "Our messages and the PDF of your letter stay in this chat. "
        "To remove them, delete the chat on your phone."
    )


def cancelled(*, has_written: bool) -> Text:
    if has_written:
        return _(
            "It is cancelled. A letter that you confirmed before is not affected. Write <b>help</b> for more."
        )
    return _("It is cancelled. Nothing was sent. Write <b>letter</b> to begin again.")


def your_data(person: Person, cases: Collection[Case]) -> Text:
    """What we keep, in words; the rest is in the file that follows."""
    lines: list[Text] = [_("This is what we keep about you:"), _("• the address of this chat")]
    if person.language:
        lines.append(_("• your language: {language}", {"language": LanguageName(person.language)}))
    if person.subscriptions:
        titles = Listed(tuple(case.title for case in cases if case.slug in person.subscriptions))
        lines.append(_("• you get the news of: {cases}", {"cases": titles}))
    lines += [_signed(case, person.letters[case.slug]) for case in cases if case.slug in person.letters]
    return Lines((*lines, _("The file has all of it, also what only our program needs.")))


def _signed(case: Case, letter: WrittenLetter) -> Text:
    answers = dict(letter.answers or ())
    if not answers:
        return _("• your letter for {title}", {"title": case.title})
    values: Values = {
        "title": case.title,
        "name": answers["name"] or "",
        "country": CountryName(answers["country"] or ""),
    }
    return _("• your letter for {title}, signed as {name}, {country}", values)


def ask_forget() -> Text:
    return _(
        "Shall we delete everything about this chat? Letters that have not been sent will be "
        "cancelled. Letters that have been sent cannot be called back."
    )


FORGET = Option("yes", _("Yes, delete it"), _("yes, delete"), agrees=True)
KEEP = Option("no", _("No, keep it"), _("no, keep"))


def forgotten() -> Text:
    return Paragraphs((_("It is deleted. We know nothing about this chat any more."), stays_on_your_phone()))


def kept() -> Text:
    return _("Nothing was deleted.")


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


_FRIEND = "friend"  # where people come from who follow a link that was passed on
FEW = 10  # a smaller count could point at a person


# In the queue


def queued(case: Case, leaving: ExpectedDeparture | None) -> Text:
    return Paragraphs(
        (
            _leaves(case, leaving),
            _("Until it is sent, you can write <b>change</b> or <b>withdraw</b>."),
        )
    )


def _leaves(case: Case, leaving: ExpectedDeparture | None) -> Text:
    office: Values = {"office": case.target.office}
    if leaving and leaving.action_day:
        values: Values = {
            **office,
            "day": leaving.date,
            "time": TimeOfDay(leaving.action_day.begins, case.target.timezone),
            "place": case.target.place,
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


def already_written(case: Case, posted: WrittenLetter) -> Text:
    title = {"title": case.title}
    if not posted.has_left:
        return _(
            "You have already written a letter for {title}. It has not been sent yet. You can still "
            "write <b>change</b> or <b>withdraw</b>.",
            title,
        )
    return _(
        "You have already written a letter for {title}. One letter from each person is best. Write "
        "<b>share</b> to pass it on, or <b>subscribe</b> to get the news.",
        title,
    )


def nothing_written() -> Text:
    return _("You have not written a letter. Write <b>letter</b> to begin one.")


def has_left(case: Case) -> Text:
    return _(
        "Your letter to {office} has been sent. You cannot change or withdraw it any more.",
        {"office": case.target.office},
    )


def ask_which_letter() -> Text:
    return _("Which letter is it about?")


KEEP_LETTER = Option("stop", _("Leave it as it was"), _("no, keep, don't send, dont send, do not send"))


def left_as_it_was(case: Case) -> Text:
    return _("Your letter to {office} has not changed.", {"office": case.target.office})


def waiting(case: Case, leaving: ExpectedDeparture | None, *, paused: bool = False) -> Text:
    """When a letter is sent that waits. `leaving`: when one is that is written now, so no later than that."""
    office = {"office": case.target.office}
    if paused:
        return _(
            "Your letter to {office} has not been sent yet. It waits, because the case is paused.", office
        )
    if leaving is None:
        return _("Your letter to {office} has not been sent yet.", office)
    if leaving.today:
        return _("Your letter to {office} has not been sent yet. It will be sent today.", office)
    return _(
        "Your letter to {office} has not been sent yet. It will be sent on {day} at the latest.",
        {**office, "day": leaving.date},
    )


def kept_waiting(case: Case) -> Text:
    """To who wrote a letter for a case that has been paused for a while."""
    return Paragraphs(
        (waiting(case, None, paused=True), _("You do not need to do anything. <b>withdraw</b> still works."))
    )


def where_it_is(
    case: Case, letter: WrittenLetter, leaving: ExpectedDeparture | None, *, paused: bool = False
) -> Text:
    """What has become of a letter so far."""
    office = {"office": case.target.office}
    if not letter.has_left:
        hint = _("Until it is sent, you can write <b>change</b> or <b>withdraw</b>.")
        return Paragraphs((waiting(case, leaving, paused=paused), hint))
    match letter.status:
        case LetterStatus.HELD:
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
            return _failed(office)
        case LetterStatus.UNCERTAIN:
            return _(
                "We do not know yet whether your letter to {office} has arrived. "
                "The campaign is looking into it. You do not need to do anything.",
                office,
            )
    return _("We are sending your letter to {office} now. We will tell you what becomes of it.", office)


def ask_withdraw(case: Case, leaving: ExpectedDeparture | None, *, paused: bool = False) -> Text:
    return Paragraphs(
        (waiting(case, leaving, paused=paused), _("Shall we withdraw it? Then it will not be sent."))
    )


WITHDRAW = Option("yes", _("Yes, withdraw it"), _("yes, withdraw"), agrees=True)
SEND_IT = Option("no", _("No, send it"), _("no, keep, send it"))


def withdrawn() -> Text:
    return _("Your letter is withdrawn and will not be sent. Write <b>letter</b> if you change your mind.")


# What became of it


def receipt(case: Case, arrival: LetterOutcome) -> Text:
    """What became of a letter."""
    office = {"office": case.target.office}
    if arrival.status is LetterStatus.FAILED:
        return _failed(office)
    told = _WAYS.get(arrival.carrier, _left)
    where: Mapping[str, Text | str | int] = {
        **office,
        "day": arrival.date(case.target.timezone),
        "time": TimeOfDay(arrival.at, case.target.timezone),
        "country": CountryName(case.target.country),
    }
    return Paragraphs(
        (
            told(where),
            _("The first way that we tried did not work, so we sent it this way.") if arrival.detour else "",
            _("It is one of {count} that have arrived.", {"count": Number(arrival.arrived)})
            if arrival.status is LetterStatus.DELIVERED and arrival.arrived >= FEW
            else "",
        )
    )


def _failed(office: Mapping[str, Text]) -> Text:
    return _(
        "Your letter to {office} could not be delivered. "
        "The campaign decides what happens next. You do not need to do anything.",
        office,
    )


def _left(where: Mapping[str, Text | str | int]) -> Text:
    return _("Your letter to {office} has been sent.", where)


_WAYS: Mapping[str, Callable[[Mapping[str, Text | str | int]], Text]] = {
    "fax": lambda where: _("Your letter was faxed to {office} on {day} at {time} in {country}.", where),
    "email": lambda where: _("Your letter was emailed to {office}, and nothing came back.", where),
    "post": lambda where: _("Your letter to {office} was posted on {day}.", where),
    "tray": lambda where: _("We gave your letter to the campaign, which passes it on to {office}.", where),
}
