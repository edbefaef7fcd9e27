"""What the dialogue itself says, and the words that it knows everywhere (assistant.dialogue.script)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from assistant.dialogue.answers import Fault
from assistant.dialogue.words import fold
from assistant.domain.broadcasts import Operation
from assistant.domain.organisers import Permission
from assistant.domain.team import Team
from assistant.domain.texts import (
    CountryName,
    EveryLanguage,
    Locale,
    Number,
    Paragraphs,
    Sentence,
    Text,
    Values,
    render,
)
from assistant.domain.validation import Refusal

_ = Sentence

# What people type for the words that work everywhere, separated by commas. The first is the main one.

COMMANDS = {
    "help": _("help, info, how, commands"),
    "back": _("back, go back, previous, undo, oops, oh no, i made a mistake, mistake"),
    "cancel": _(
        "cancel, quit, exit, abort, never mind, nevermind, i changed my mind, changed my mind, i dont want "
        "this, i dont want this any more, i dont want this anymore, i dont want to do this, cancel it, "
        "cancel that"
    ),
    "change": _(
        "change, change my letter, change my name, change my country, my name is wrong, wrong name, wrong "
        "country, i want to change my name"
    ),
    "withdraw": _(
        "withdraw, take back, take it back, recall, withdraw my letter, take back my letter, take my letter "
        "back, take the letter back, cancel my letter, stop my letter, delete my letter, unsend, unsend it, "
        "dont send it, do not send it, revoke my letter, dont send my letter, do not send my letter"
    ),
    "status": _(
        "status, my letter, where is my letter, what happened with my letter, has my letter been sent, "
        "was it sent, is it sent, has it been sent, did it arrive"
    ),
    "start": _("start, hello, hi, hey, letter, write, begin, menu"),
    # Also what phone carriers must take for it, 47 CFR 64.1200(a)(10), but for what ends a letter here.
    "stop": _(
        "stop, unsubscribe, stop all, stopall, end, opt out, optout, revoke, no more, remove me, stahp, "
        "cancel subscription, cancel my subscription, end subscription, leave me alone, go away, dont write, "
        "dont write me, dont write to me, do not write to me, dont text me, dont contact me"
    ),
    "subscribe": _("subscribe, news, updates, subscribe me, sign me up, resubscribe"),
    "share": _("share, pass on, friends"),
    "mine": _("mine, subscriptions, my subscriptions"),
    "language": _("language, lang"),
    "about": _("about, who are you"),
    "privacy": _("privacy"),
    "move": _("move, move chat, move this chat, move my chat, change channel"),
    "mydata": _("mydata, my data"),
    "forget": _(
        "forget, forget me, delete, delete me, delete my data, delete my name, delete everything, delete "
        "all, erase, erase me, erase my data, erase everything, remove my data, remove my name"
    ),
}

THANKS = _("thanks, thank, thx, cheers")
"""Without one of these, what is polite is no thanks."""

COURTESIES = _(
    "please, pls, you, very, much, a, lot, for, from, now, it, all, me, everything, this, that, these, them, "
    "messages, message, news, sending, immediately, ok, okay, hey, hi, sorry, and, the, my, us, just, at, "
    "once, again, any, anymore, ever, about"
)
"""Words that change nothing about `stop`."""

POLITE = _(
    "please, pls, thanks, thank you, now, hey, hi, ok, okay, sorry, oh, just, i want to, i would like to, id "
    "like to, can i, could i, can you, could you"
)
"""What stands around a command and changes nothing about it."""

ASKING = _(
    "who, whos, what, whats, why, how, is, are, am, was, were, has, have, had, can, could, will, would, "
    "where, when, which, do, does, did, may, should, must"
)
"""How questions begin."""

ASKING_US = _(
    "can i, could i, may i, do i, should i, must i, will i, am i, how do i, how can i, what do i, what "
    "should i, what can i, where do i, when do i, why do i, im scared, i am scared, im afraid, i am afraid, "
    "who reads, who will read, will they, can they"
)
"""How questions begin that the official is not asked."""

TOPICS = {
    "privacy": _(
        "scared, afraid, find me, they find, know who i am, track me, arrest me, safe, secure, danger, "
        "dangerous, risk, risky, anonymous, see my name, sees my name, read my name, reads my name, see "
        "this, read this, share it, share my, sell my, sell it, keep it, keep my, my data, my name, my "
        "address, my number, private, privacy, police"
    ),
    "about": _(
        "who are you, whos this, who is this, whats this, what is this, what are you, behind this, are you "
        "real, a bot, a robot, a human, a person, amnesty, trust you, trust this, know you, organisation, "
        "organization, a scam, fake"
    ),
    "status": _("my letter, been sent, be sent, sent yet, it sent, it leave, arrived, arrive"),
    "signing": _(
        "false name, fake name, another name, other name, different name, real name, full name, first name, "
        "last name, family name, nickname, pseudonym, what name, which name, whose name"
    ),
    "explain": _(
        "happens next, happens now, happens then, happens after, happen next, what next, long does, this "
        "work, it work, it cost, this cost, for free, have to, must i, should i write, do i write, should i "
        "put, do i put, should i say, do i say, change it, change my, change this, change later, take it "
        "back, undo it"
    ),
}
"""Words of questions, by the command that answers them."""

# Words that work, and that help does not name: those of buttons, and for people who have a code.

QUIET = {
    "renew": _("renew"),
    "more": _("more, read more"),
    "explain": _("explain, what happens next, how does this work"),
    "signing": _("signing"),
    "wait": _(
        "wait, wait a moment, wait a minute, hold on, hang on, one moment, just a moment, moment, one "
        "second, give me a minute, i need to think, let me think"
    ),
    "organiser": _("organiser, organizer"),
}

# What only organisers can write.

TEAM = {
    "team": _("team"),
    "dashboard": _("dashboard"),
    "signout": _("signout, sign out, logout, log out"),
    "invite": _("invite"),
    "role": _("role, roles"),
    "stats": _("stats, statistics, figures, numbers"),
    "review": _("review"),
    "answers": _("answers, replies"),
    "agree": _("agree"),
    "pause": _("pause"),
    "update": _("update"),
    "alert": _("alert"),
    "correct": _("correct, correction"),
    "edit": _("edit"),
    "broadcasts": _("broadcasts, drafts"),
    "propose": _("propose"),
    "approve": _("approve"),
    "discard": _("discard"),
    "halt": _("halt"),
    "resume": _("resume, unhalt, lift"),
    "reword": _("reword"),
}

# What chat platforms show as a menu: the word with a slash, and what it does.

MENU: Mapping[str, Text] = {
    "letter": _("Write a letter"),
    "change": _("Change a letter that has not been sent"),
    "withdraw": _("Withdraw a letter that has not been sent"),
    "status": _("See where your letter is"),
    "share": _("Pass it on to others"),
    "subscribe": _("Get the news of a case"),
    "mine": _("See which news you get"),
    "stop": _("Unsubscribe from all news"),
    "back": _("Go one question back"),
    "cancel": _("End this letter; nothing is sent"),
    "language": _("Read in another language"),
    "help": _("See what you can write"),
    "about": _("Who we are"),
    "privacy": _("What we keep"),
    "move": _("Take this chat to another app"),
    "mydata": _("See what we keep about you"),
    "forget": _("Delete what we keep about you"),
}


TEAM_MENU: Mapping[str, tuple[Permission, Text]] = {
    "halt": (Operation.HALT.permission, _("halt everything that is being sent, at once")),
    "pause": (Permission.HALT, _("pause a case or an action: its letters, updates and alerts")),
    "broadcasts": (Permission.LOOK, _("see what is being written, waiting or being sent")),
    "stats": (Permission.LOOK, _("see how many letters and subscribers there are")),
    "answers": (Permission.LOOK, _("see what offices have answered")),
    "review": (Permission.APPROVE, _("read letters that wait for it, and send them or not")),
    "update": (Permission.DRAFT, _("send news of a case")),
    "alert": (Permission.DRAFT, _("call people to act")),
    "correct": (Permission.DRAFT, _("correct what was sent")),
    "edit": (Permission.DRAFT, _("change what is not being sent yet")),
    "discard": (Operation.DISCARD.permission, _("discard what is not being sent yet")),
    "propose": (Operation.PROPOSE.permission, _("ask the others to approve what you have written")),
    "approve": (Operation.APPROVE.permission, _("approve what somebody else has written")),
    "resume": (
        Operation.RESUME.permission,
        _("resume what was halted or paused"),
    ),
    "agree": (Permission.APPROVE, _("answer a request that needs a second person")),
    "reword": (Permission.APPROVE, _("say whether a letter's new text matters for those that wait")),
    "dashboard": (Permission.LOOK, _("see everything in a browser")),
    "signout": (Permission.LOOK, _("sign out of the dashboard, in every browser")),
    "invite": (Permission.MANAGE, _("bring somebody into the team")),
    "role": (Permission.MANAGE, _("change somebody's role, or take them out")),
    "team": (Permission.LOOK, _("see the team, and these words")),
}
"""The words of the team: for whom, and what they do."""

_PLAIN_WORD = re.compile(r"[a-z0-9_]{1,32}")  # as core.telegram.org/bots/api#botcommand wants them


@dataclass(frozen=True, slots=True)
class MenuWord:
    """The word that readers type for a command, as menus of platforms can show it: in plain Latin letters."""

    command: str

    def render(self, locale: Locale) -> Markup:
        """In that language; the command's own name where that has no such word."""
        words = {**COMMANDS, **QUIET, **TEAM, "letter": _("letter")}[self.command].render(locale).unescape()
        found = (word for each in words.split(",") if _PLAIN_WORD.fullmatch(word := fold(each)))
        return escape(next(found, self.command))


def typed_command(command: str, argument: str) -> Text:
    """What to type for a button that begins a conversation: the command and its argument."""
    return _("/{word} {argument}", {"word": MenuWord(command), "argument": argument})


def menu(locale: Locale, team: Team | None = None) -> dict[str, str]:
    """What a platform shows: each word with what it does. `team`: for one of its organisers."""
    theirs = {each: said for each, (needed, said) in TEAM_MENU.items() if team and team.may(needed)}
    return {
        render(MenuWord(each), locale).unescape(): said.render(locale).unescape()
        for each, said in {**theirs, **MENU}.items()
    }


def profile_about() -> Text:
    """For the bot's page on a platform: at most 120 characters."""
    return _("We help you write a letter for a person at risk. It takes only a few minutes.")


def profile_description() -> Text:
    """For people who open the chat for the first time: at most 512 characters."""
    return _(
        "Write to the official who can protect a person at risk. We brief you on the case and ask your name "
        "and country. You read the letter before it is sent. Nothing is sent unless you say so. "
        "A program answers you, not a person. It is open-source software."
    )


def refused(reason: Refusal, fault: Fault) -> Text:
    """Why an answer cannot be taken, and what would do."""
    lengths: Values = {"length": Number(fault.length), "limit": Number(fault.limit)}
    match reason:
        case Refusal.EMPTY:
            return _("There was nothing we could read. Please write it again.")
        case Refusal.TOO_LONG:
            return Sentence(
                "That has {length} character. Please write at most {limit}.",
                lengths,
                "That has {length} characters. Please write at most {limit}.",
                fault.length,
            )
        case Refusal.NO_LETTERS:
            return _("A name needs at least one letter. Please write it again.")
        case Refusal.SYMBOLS:
            return _("A name cannot contain “{part}”. Please leave that out.", {"part": fault.part})
        case Refusal.LINK:
            return _(
                "Links cannot go into the letter, and “{part}” looks like one. Please leave it out. If it is "
                "no link, put a space after the full stop.",
                {"part": fault.part},
            )
        case Refusal.UNPRINTABLE:
            if not fault.part:
                return _("We cannot print some of these characters in a letter. Please use other ones.")
            return _("A letter cannot show “{part}”. Please leave that out.", {"part": fault.part})
        case Refusal.UNKNOWN_COUNTRY:
            return _("We do not know that country. Please check the spelling, or try its name in English.")
        case Refusal.NOT_THE_NAME:
            return _("Then please write your name, your first name or initials, or choose to give none.")
        case Refusal.NONE_OF_THESE:
            return _("Then please write the country again.")
        case Refusal.ANNOUNCED:
            return _("Please write the sentence itself, or skip.")
        case Refusal.ANOTHER_NUMBER:
            return _(
                "That is a different number, so nothing has happened. Please look again, and write the "
                "number above."
            )
        case Refusal.NO_MOMENT:
            return _("Please write the day and the time, for example: Monday 9:00, or 2012-01-23 09:00")
        case Refusal.PAST:
            return _("That time is in the past. Please write a later one.")
        case Refusal.NOT_OFFERED:
            return _("Please choose one of these. You can write its number or its word.")


def did_you_mean(countries: Sequence[str]) -> Text:
    if len(countries) == 1:
        country = {"country": CountryName(countries[0])}
        return _("Do you mean {country}? If not, write the country again.", country)
    return _("Did you mean one of these? If not, write the country again.")


def is_your_name(name: str) -> Text:
    return _(
        "Is “{name}” your name? If not, write your name. Or write <b>cancel</b>: then nothing is sent.",
        {"name": name},
    )


def is_your_sentence(line: str) -> Text:
    return _("Shall “{line}” go into the letter? If not, write your sentence, or skip.", {"line": line})


def several_fit() -> Text:
    return _("Several fit. Choose one of these, or write more letters.")


def can_be_searched() -> Text:
    return _("You can also write a few letters of the name.")


def stale() -> Text:
    return _("That answer belongs to an earlier message, so nothing was changed.")


def corrected() -> Text:
    return _("We have changed that.")


def at_the_start() -> Text:
    return _("This is the first question; there is nothing to go back to.")


def unreadable(kind: str) -> Text:
    text_only = _("We can only read text. Please write your answer.")
    if kind in {"contact", "location"}:
        return Paragraphs((_("We did not keep what you shared."), text_only))
    return text_only


def unknown_command() -> Text:
    return _("We do not know that word. Write <b>help</b> to see what you can write.")


def welcome() -> Text:
    return _("You are welcome. Write <b>help</b> to see what you can write.")


def cannot_answer() -> Text:
    return _(
        "We have no answer to that. Write <b>help</b>, <b>about</b> or <b>privacy</b> to see what we can "
        "tell you."
    )


def unknown_case() -> Text:
    return _("That link is for a case that is closed, or that we do not know.")


def private_only() -> Text:
    return EveryLanguage(_("We talk with one person at a time. Please write to us in a private chat."))


def overtaken() -> Text:
    return _("That has changed in the meantime, so nothing was done. Please look again.")


def flooded() -> Text:
    return _("That is a lot of messages. Please wait a minute. Nothing that you wrote before is lost.")


def chat_has_moved() -> Text:
    return _("Your chat is here now: your letters, your news, and what you were writing.")


def failed() -> Text:
    return _(
        "Something is wrong on our side. Nothing is lost. Please send your last message again a little later."
    )
