"""What people read who get an update, an alert or a correction."""

from collections.abc import Iterable

from markupsafe import Markup

from assistant.dialogue.talk import Talk
from assistant.domain.broadcasts import Announcement, Kind, Step
from assistant.domain.doors import Door
from assistant.domain.effects import Begin, Effect
from assistant.domain.model import Case
from assistant.domain.speech import Number, Paragraphs, Sentence, Speech, Values
from conversations import sentences as say
from conversations.choosing import choose_case

_ = Sentence


def page(announcement: Announcement, case: Case | None, text: Markup) -> Speech:
    """The whole message: its case, its date, the text, and how to get no more."""
    return Paragraphs((_heading(announcement, case), text, _("Write <b>stop</b> to get no more news.")))


def _heading(announcement: Announcement, case: Case | None) -> Speech:
    if case is None:
        about: Speech = announcement.dated
    else:
        about = _("{title}, {date}", {"title": case.title, "date": announcement.dated})
    if announcement.kind is Kind.CORRECTION:
        return _("<b>Correction: {about}</b>", {"about": about})
    return _("<b>{about}</b>", {"about": about})


def outcome(arrived: int, left: int) -> Speech:
    """Said to who wrote a letter: how many have arrived, where some have."""
    if not arrived:
        return _("You wrote a letter for this case. Thank you.")
    counted: Values = {"arrived": Number(arrived), "left": Number(left)}
    return Sentence(
        "You wrote a letter for this case. {arrived} of {left} letter has arrived.",
        counted,
        "You wrote a letter for this case. {arrived} of {left} letters have arrived.",
        left,
    )


def door(announcement: Announcement, case: Case | None) -> Door | None:
    """The button under it."""
    slug = case.slug if case else ""
    match announcement.step:
        case Step.LETTER:
            return Door("letter", slug, _("Write a letter"), _("letter {case}", {"case": slug}))
        case Step.READ:
            return Door("more", slug, _("Read more"), f"/more {slug}")
    return None


def more(talk: Talk) -> Iterable[Effect | Begin]:
    """More about a case."""
    case = choose_case(talk)
    if case.slug in talk.person.paused:
        talk.say(say.case_paused(case))
        return []
    talk.say(say.hello(case))
    links = next((case.follow[each] for each in talk.tongue.fallbacks if each in case.follow), ())
    if links:
        talk.say(say.follow(links))
    return []
