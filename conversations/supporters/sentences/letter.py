"""What is said on the way to a letter.

Every turn goes through the questions again: those that read the same for everybody are put together once.
"""

from collections.abc import Iterable, Sequence
from functools import cache, lru_cache

from assistant.dialogue.doubts import Doubts, NameDoubts
from assistant.dialogue.options import Option
from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.letters import NAMELESS, Draft
from assistant.domain.messages import ChatLink, SaferChat
from assistant.domain.retention import KEEP_CAREFUL
from assistant.domain.targets import Target
from assistant.domain.texts import (
    CountryName,
    LanguageName,
    Lines,
    Paragraphs,
    Sentence,
    Text,
    Values,
)
from conversations.organisers.formatting import lasting_for
from conversations.supporters.sentences import shared
from conversations.supporters.sentences.shared import NO, YES
from conversations.ways import known_way

_ = Sentence


def hello(case: Case, action: Action | None = None, *, several: bool = False) -> Text:
    """What has happened. `several`: other actions are open, too, so this one is named."""
    title = _("<b>{title}</b>", {"title": case.title})
    heading = Lines((title, action.title)) if action and several else title
    closes = _("You can write until {day}.", {"day": action.closes}) if action and action.closes else ""
    return Paragraphs((heading, (action.briefing if action else None) or case.briefing, closes))


def action_option(action: Action) -> Option:
    return Option(action.slug, action.title)


def ask_which_action(actions: Iterable[Action]) -> Text:
    asked = [
        _("• {action}: {asks}", {"action": action.title, "asks": action.asks})
        for action in actions
        if action.asks
    ]
    return Paragraphs((Lines(tuple(asked)), _("What would you like to write for?")))


def not_open(action: Action, *, over: bool) -> Text:
    """To who wants to write for an action that is over, or has not begun."""
    values: Values = {"action": action.title}
    if over:
        return _("{action}: it is over, so nothing is sent for it any more.", values)
    opens = action.opens or ""
    return _("{action}: you can write for it from {day} on. Please come back then.", {**values, "day": opens})


def nothing_open(case: Case) -> Text:
    return _(
        "There is no letter to write for {title} now. Write <b>subscribe</b> to get the news.",
        {"title": case.title},
    )


def paused(paused: Case | Action) -> Text:
    """After an action comes what else there is to write for."""
    stopped = _("For now, we have stopped writing letters for {title}.", {"title": paused.title})
    if isinstance(paused, Action):
        return stopped
    return Paragraphs((stopped, _("For now, nothing is sent. You do not need to do anything.")))


def how_it_ended(case: Case) -> Text:
    return Paragraphs((_("<b>{title}</b>", {"title": case.title}), case.closed or ""))


def nothing_to_write() -> Text:
    """Below how a case ended, where no other one is open."""
    return _(
        "Nobody writes letters for this case any more. Write <b>share</b> to tell others how it ended, or "
        "<b>subscribe</b> to get the news."
    )


def ask_other() -> Text:
    """Below how a case ended."""
    return Paragraphs(
        (
            _("Nobody writes letters for this case any more. Other people still need them."),
            _("For whom would you like to write?"),
        )
    )


def share_the_end(case: Case, link: ChatLink | None) -> Text:
    """How a case ended, to be passed on."""
    ended = case.closed or ""
    words = Lines((ended, link.to(case.slug, _FRIEND))) if link else ended
    return Paragraphs((_("This case is closed. If you like, pass on how it ended:"), words))


@cache
def ask_ready() -> Text:
    return Paragraphs(
        (
            _("You can write a letter for this case. It takes only a few minutes."),
            _("Write <b>help</b> at any time, or <b>stop</b> to get no news."),
        )
    )


GO = Option(
    "go",
    _("Write the letter"),
    _(
        "yes, ok, okay, ready, letter, write, now, yes please, yep, yeah, sure, of course, start, i want to "
        "help, 👍, y"
    ),
    agrees=True,
)
LATER = Option(
    "later",
    _("Not now"),
    _(
        "no, not yet, another time, no thanks, no thank you, nope, later, maybe later, not today, no time, "
        "never"
    ),
)


@cache
def greeting() -> Text:
    return _("We help you write a letter for a person at risk. It takes only a few minutes.")


def see_you_later() -> Text:
    return _("That is fine. Write <b>letter</b> when you want to begin, or <b>subscribe</b> to get the news.")


def take_care(*, own_office: bool, safer: SaferChat | None) -> Text:
    """To who may be in danger by writing: before the name, or once the country is another one.

    `own_office`: an office of their own government gets the letter.
    """
    danger = (
        _("Your own government gets this letter. It can be signed without a name.")
        if own_office
        else _("Where you live, it may be dangerous to sign such a letter. It can be signed without a name.")
    )
    deleted = _("We delete its text {duration} after it was sent.", {"duration": lasting_for(KEEP_CAREFUL)})
    return Paragraphs((Lines((danger, deleted)), _over_there(safer) if safer else ""))


def _over_there(safer: SaferChat) -> Text:
    return _(
        "{channel} is safer than this chat: nobody in between can read it. {link}",
        {"channel": safer.channel, "link": safer.link.address},
    )


@lru_cache(maxsize=64)
def who_reads(governments: frozenset[str], carriers: tuple[str, ...], overheard_by: str | None) -> Text:
    """Who gets to see the name. `overheard_by`: who can read this chat; None: nobody in between."""
    readers = [shared.governments(governments), *map(shared.hands, carriers)]
    if overheard_by:
        readers.append(_("• {channel}, which can read this chat", {"channel": overheard_by}))
    return Lines((_("Who will read your name:"), *readers))


@lru_cache(maxsize=64)
def ask_name(country: str, *, careful: bool) -> Text:
    """`careful`: none is suggested."""
    if careful:
        return _(
            "Shall we sign it “{signature}”? You can also write a first name, or initials.",
            {"signature": _signed_nameless(country)},
        )
    return _(
        "What shall stand under your letter? "
        "Your full name, your first name or your initials are all fine, and so is no name."
    )


def _signed_nameless(country: str) -> Text:
    return _("A supporter in {country}", {"country": CountryName(country)})


def sign_nameless(country: str) -> Option:
    return Option(
        "nameless",
        _signed_nameless(country),
        _(
            "no name, without name, without a name, without my name, nameless, anonymous, anonymously, skip, "
            "skip it, skip this, none, nobody, no one, noone, a supporter, supporter, leave it out, "
            "prefer not to, rather not, id rather not, i prefer not to, too dangerous, secret, private, "
            "no name please, no comment"
        ),
    )


KEEP_NAME = Option(
    "yes",
    _("Yes, that is my name"),
    _(
        "yes, ok, okay, yes please, right, correct, it is, y, yep, yeah, sure, yes it is, yes i am, that is "
        "my name, thats my name, it is my name, yes thats my name"
    ),
    agrees=True,
)
OTHER_NAME = Option("no", _("No, another name"), _("no, nope, other, another, no thanks, wrong, its not"))
NAME_DOUBTS = NameDoubts(
    none=_(
        "yes, no, nope, nah, ok, okay, sure, fine, skip, none, nothing, nobody, no one, noone, anonymous, "
        "anonymously, anon, later, next, continue, go on, go, done, send, send it, test, me, same, the same,"
        " name, my name, first name, full name, no name, without name, no thanks, no thank you, not now, not"
        " yet, private, secret, hm, hmm, idk, dont know, start again, again, here, good, thanks, thank you, "
        "thank u, ty, thx, maybe, maybe later, gotta go, help me, lol, huh, asdf, brb, fuck off, fuck you, "
        "same as before, a friend, friend, now, then, scared, what, why, who, who cares, nvm, nm, n/a, na, "
        "x, xx, xxx, mr, mrs, bye, hmmm, good morning, restart, idc, afraid, too dangerous, no comment, "
        "prefer not to, nothing please, you choose, y, yep, yeah, hello there, whatever you want"
    ),
    beginnings=_(
        "i dont, i do, i want, i wont, i will, i would, i changed, i am, im, i have, i need, i think, i "
        "rather, id rather, i prefer, i cant, i cannot, i know, i live, i just, dont, do not, do i, do you, "
        "do we, can i, can you, can we, could you, could i, should i, must i, may i, what, whats, why, how, "
        "where, when, who, whos, which, is it, is this, is my, is that, are you, are we, was it, was this, "
        "will you, will it, will my, will they, will this, will i, would you, does it, does this, did you, "
        "have you, has it, has my, please, leave, delete, remove, not, this is, that is, it is, there is, "
        "you are, you can, they, we are, we want, let me, give me, tell me, show me, send, stop, rather not,"
        " no i, no you, my, what if, from, its, it is, theyre, they are, just tell, somebody, someone, "
        "because, but, if, keep it, cancel, change, take me, prefer, too, the, one sec, gimme, oops, same "
        "as, pls, cant, skip this, skip it, forget, id prefer, i will"
    ),
    before=_("my name is, my names, the name is, name is, name:, my name:"),
    perhaps_after=_("please, pls, thanks, thank you, here"),
    perhaps_before=_(
        "i am, im, i m, call me, its, it is, just, put, put down, sign as, sign with, use, sorry i mean, i "
        "mean, i meant, no i mean, no i meant, no wait i meant, no wait i mean, no wait, no sorry, sorry, hi"
        " i am, hi im, hello i am, hello im, hi my name is, hello my name is, hello its, hi its, yes, ok, "
        "they call me, from"
    ),
    keep=KEEP_NAME,
    other=OTHER_NAME,
)


def signing() -> Text:
    return _(
        "The name stands under your letter and is sent with it. Your first name or initials are enough, "
        "and you can give none. Please do not sign for somebody else."
    )


@cache
def ask_country() -> Text:
    return _("Which country do you live in? The letter will name it.")


def that_country(code: str) -> Option:
    country = _("Yes, {country}", {"country": CountryName(code)})
    return Option(
        code,
        country,
        _("yes, ok, okay, yes please, right, correct, y, yep, yeah, sure, yes it is, yes i do"),
        agrees=True,
    )


NONE = Option("none", _("Another country"), _("no, none, none of these, neither, other, another, no thanks"))


@cache
def ask_personal_line() -> Text:
    return _(
        "You can add a sentence of your own: write it now, or skip. "
        "It goes into the letter exactly as you write it."
    )


def your_country(country: str) -> Text:
    return _("Your country: {country}.", {"country": CountryName(country)})


KEEP_LINE = Option(
    "add", _("Yes, add it"), _("yes, ok, okay, add it, yes please, yes add it, yep, sure"), agrees=True
)
LINE_WORDS_MAX = 9  # with more, it is a sentence whatever it begins with
LINE_WORDS = 3  # a sentence has more: who writes so few may mean something else
LINE_DOUBTS = Doubts(
    none=_("maybe later, i dont understand, like what, for example"),
    beginnings=_(
        "dont send, do not send, dont want, cancel, forget it, i take it back, i want out, i dont want to "
        "do, i dont want to add, i dont want to write, i dont know what, i dont know how, i dont understand,"
        " i have nothing, i have no, i would rather, id rather, no wait, no i, no sorry, sorry i meant, i "
        "meant, its, my name, change, wrong, dont show, dont use, dont put, leave out, remove, delete, keep "
        "my, nothing to, show me, who reads, who will, who can see, can they, can you, can it, are you, are "
        "they, is it, is this, is my, how many, how long, how do, what do, what should, what happens, will "
        "they, will it, will you, did it, did you, was it, im scared, i am scared, im afraid, im not sure, i"
        " am not sure, i live in, i need time, let me, give me, stop, please dont, please do not, please "
        "correct, oops, name should, i misspelled, wait, i have to go, i will do it, ill do it, talk to you,"
        " write it for me, i cant think, id like to, i would like to skip, skip, ill pass, that would be, i "
        "dont have, im too, i am too, erase, my family could"
    ),
    keep=KEEP_LINE,
    words=LINE_WORDS,
    most=LINE_WORDS_MAX,
)
SKIP = Option(
    "skip",
    _("Skip"),
    _(
        "no, nope, nah, none, nothing, without, no thanks, no thank you, no need, skip it, skip this, skip "
        "please, pass, skp, sikp, nothing to add, no sentence, without sentence, its fine, it's fine, looks "
        "good, perfect, ok send, that's it, remove it, delete it, next, continue, go on, go ahead, done, "
        "finish, finished, that is all, that's all, thats all, thats it, send it, send the letter, just send"
        " it, i dont want to, i dont want to say, not needed, -"
    ),
)


@cache
def printed() -> Text:
    return _("The letter as it will be printed:")


def ask_targets(targets: Iterable[Target]) -> Text:
    return Paragraphs((recipients(targets), _("Shall all of them get your letter?")))


def recipients(targets: Iterable[Target]) -> Text:
    """Who gets a letter, and how it is sent there."""
    return Lines((_("Your letter goes to:"), *(_recipient(target) for target in targets)))


def _recipient(target: Target) -> Text:
    way = known_way(target.routes[0].carrier)
    if way is None:
        return _("• {office}", {"office": target.office})
    return _("• {office}, {way}", {"office": target.office, "way": way})


TO_ALL = Option(
    "all",
    _("All of them"),
    _("yes, all, all of them, everyone, everybody, both, ok, okay, yes please, send to all"),
    agrees=True,
)


def not_to(target: Target) -> Option:
    """All but that one."""
    without = _("without {office}, leave out {office}", {"office": target.office})
    return Option(f"no-{target.slug}", _("Not to {office}", {"office": target.office}), without)


def only_to(target: Target) -> Option:
    """That one alone: for who names it, which is not offered."""
    return Option(target.slug, target.office)


def preview(draft: Draft, language: str, targets: Sequence[Target], wanted: str | None = None) -> Text:
    """The letter in that language, and in which one it is sent.

    `targets`: who gets one. `wanted`: the language that its writer reads, where there is no reading in it.
    """
    values: Values = {"office": targets[0].office, "language": LanguageName(draft.language)}
    if language == draft.language:
        heading = _("Your letter to {office}, in {language}:", values)
    else:
        heading = _("Your letter to {office}. It is sent in {language} and says:", values)
    several = recipients(targets) if len(targets) > 1 else ""
    lacking = not_in(wanted) if wanted else ""
    return Paragraphs((several, lacking, heading, draft.readings[language]))


def not_in(language: str) -> Text:
    """The letter cannot be read in that language."""
    return _("We do not have this letter in {language} yet.", {"language": LanguageName(language)})


def show_letter(target: Target) -> Option:
    """To see another of the letters."""
    label = _("Show the letter to {office}", {"office": target.office})
    return Option(f"to-{target.slug}", label, target.office)  # with its mark, 64 bytes: Telegram has no more


def ask_send(count: int = 1) -> Text:
    return _("Shall we send it?") if count == 1 else _("Shall we send these letters?")


SEND = Option(
    "send",
    _("Send"),
    _(
        "yes, ok, okay, confirm, send it, yes send it, yes please, send now, send it now, send the letter, "
        "y, sure, yep, yeah, of course, go ahead, ok send, ok send it, send please, send it please, send "
        "pls, yes send it please"
    ),
    agrees=True,
)
EDIT = Option(
    "edit",
    _("Change something"),
    _(
        "change, correct, change my name, change the name, wrong name, my name is wrong, change my country, "
        "change the country, wrong country, change the sentence, remove the sentence, fix it, edit it, "
        "change it, mistake, change my name please, change the name please"
    ),
)
PAGE = Option("page", _("Show the printed page"), _("page, pdf, print, printed page"))


def original(draft: Draft) -> Option:
    """To see the letter in the language in which it is sent."""
    language = LanguageName(draft.language)
    return Option("original", _("Show it in {language}", {"language": language}), language)


STOP = Option(
    "stop",
    _("Do not send"),
    _(
        "no, nope, no thanks, no thank you, don't send, dont send, don't send it, dont send it, do not send "
        "it, not now, not yet, forget it, i dont want this, n"
    ),
)


@cache
def ask_field() -> Text:
    return _("What would you like to change?")


NAME = Option("name", _("The name"), _("my name"))
COUNTRY = Option("country", _("The country"), _("my country"))
PERSONAL_LINE = Option("line", _("My own sentence"), _("sentence, the sentence, the line, my line"))
FIELDS = (NAME, COUNTRY, PERSONAL_LINE)
TARGETS = Option("targets", _("Who gets it"), _("who gets it, the offices, recipients, who, the list"))
NOTHING = Option(
    "nothing", _("Nothing"), _("no, nothing, never mind, nevermind, keep it, leave it, no change")
)


def nobody_to_write_to() -> Text:
    return _("There is no office yet for letters from your country. Nothing was sent. Please try later.")


def not_sent() -> Text:
    return _("Nothing was sent, and we keep no draft. Write <b>letter</b> if you change your mind.")


def share(case: Case, link: ChatLink | None) -> Text:
    words = Lines((case.share, link.to(case.slug, _FRIEND))) if link else case.share
    return Paragraphs((_("If you like, pass this on:"), words))


def not_shared_here() -> Text:
    """To who may be in danger by it."""
    return _("For your safety we do not put that into this chat. You can tell people whom you trust.")


def follow(links: Iterable[str]) -> Text:
    return _("Follow the campaign: {links}", {"links": " ".join(links)})


SIGN_AGAIN = Option("yes", _("Yes, the same"), _("yes, ok, the same"), agrees=True)
SIGN_OTHERWISE = Option("no", _("No, ask me again"), _("no, other, another"))


def ask_again(name: str, country: str) -> Text:
    if name == NAMELESS:
        return _(
            "You have signed a letter as “{signature}”. Shall we sign this one in the same way?",
            {"signature": _signed_nameless(country)},
        )
    return _(
        "You have signed a letter as {name}, {country}. Shall we sign this one in the same way?",
        {"name": name, "country": CountryName(country)},
    )


NO_LINES = (YES, NO, GO, LATER, SEND, EDIT, PAGE, STOP)
"""What is chosen elsewhere: as one's own sentence, it would be a mistake."""


_FRIEND = "friend"  # where people come from who follow a link that was passed on
