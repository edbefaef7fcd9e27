"""What the recipients of an update, an alert or a correction read."""

from collections.abc import Iterable

from markupsafe import Markup

from assistant.dialogue.talk import Talk
from assistant.domain.broadcasts import Announcement, CallToAction, Kind
from assistant.domain.cases import Case
from assistant.domain.effects import Begin, Effect
from assistant.domain.notifications import StartButton
from assistant.domain.texts import Number, Paragraphs, Sentence, Text, Values
from conversations.commands import typed_command
from conversations.supporters.navigation import choose_case
from conversations.supporters.sentences import letter as say

_ = Sentence


def body(announcement: Announcement, case: Case | None, text: Markup) -> Text:
    """The message: its case, its date, the text."""
    return Paragraphs((_heading(announcement, case), text))


def footer() -> Text:
    """How to get no more, below every message."""
    return _("Write <b>stop</b> to get no more news.")


def _heading(announcement: Announcement, case: Case | None) -> Text:
    if case is None:
        about: Text = announcement.dated
    else:
        about = _("{title}, {date}", {"title": case.title, "date": announcement.dated})
    if announcement.kind is Kind.CORRECTION:
        return _("<b>This corrects our message: {about}</b>", {"about": about})
    return _("<b>{about}</b>", {"about": about})


def outcome(arrived: int, left: int) -> Text:
    """For people who wrote a letter: how many letters have arrived, where some have."""
    if not arrived:
        return _("You wrote a letter for this case. Thank you.")
    counted: Values = {"arrived": Number(arrived), "left": Number(left)}
    return Sentence(
        "You wrote a letter for this case. {arrived} of {left} letter has arrived.",
        counted,
        "You wrote a letter for this case. {arrived} of {left} letters have arrived.",
        left,
    )


def door(announcement: Announcement, case: Case | None) -> StartButton | None:
    """The button under it."""
    slug = case.slug if case else ""
    action = case.actions.get(announcement.action or "") if case else None
    if action:
        slug = str(action.ref)
    match announcement.call_to_action:
        case CallToAction.LETTER:
            return StartButton("letter", slug, _("Write a letter"), _("letter {case}", {"case": slug}))
        case CallToAction.READ:
            about = case.slug if case else ""
            return StartButton("more", about, _("Read more"), typed_command("more", about))
    return None


def more(talk: Talk) -> Iterable[Effect | Begin]:
    """More about a case."""
    case = choose_case(talk)
    if case.slug in talk.person.paused:
        talk.say(say.paused(case))
        return []
    talk.say(say.how_it_ended(case) if case.closed else say.hello(case))
    links = next((case.follow[each] for each in talk.locale.fallbacks if each in case.follow), ())
    if links:
        talk.say(say.follow(links))
    return []
