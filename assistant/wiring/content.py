"""Settings become cases, languages and conversations."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import structlog

import conversations
from assistant.content.cases import Checked, check_cases, check_folder, load_cases
from assistant.content.countries import Countries
from assistant.content.i18n import load_locales
from assistant.content.library import CaseFolders
from assistant.dialogue.script import Script
from assistant.domain.cases import Case
from assistant.domain.clock import moved_clock, system_clock
from assistant.domain.texts import Locale
from assistant.runtime import clock_of
from assistant.services.cards import Cards
from assistant.settings import Settings
from assistant.wiring.carriers import routing
from conversations import cards as card_wording
from conversations import commands

log = structlog.get_logger()


class Content(Protocol):
    """What is written about, and in which languages: a `Script`, or less."""

    @property
    def cases(self) -> Mapping[str, Case]:
        """By slug."""

    @property
    def locales(self) -> Mapping[str, Locale]:
        """By code."""


@dataclass(frozen=True, slots=True)
class _Content:
    """Cases and languages alone."""

    cases: Mapping[str, Case]
    locales: Mapping[str, Locale]


def make_content(settings: Settings, cases: Mapping[str, Case] | None = None) -> Content:
    """For who has no conversation to hold. A case that cannot be used is left out, which is logged.

    Raises Misconfigured where no case can be used, or a catalogue is broken.
    """
    if cases is None:
        problems: dict[str, str] = {}
        cases = load_cases(cases_roots(settings), routing(settings), problems)
        warn_of_cases(problems)
    return _Content(cases, load_locales())


def warn_of_cases(problems: Mapping[str, str]) -> None:
    """Say why cases cannot be used, by slug."""
    for slug, why in problems.items():
        log.warning("a case cannot be used: `assistant cases check` says why", case=slug, why=why)


def case_folders(settings: Settings) -> CaseFolders:
    """The folders of all cases, to be looked at while they change. Raises Misconfigured as `routing` does."""
    return CaseFolders(cases_roots(settings), routing(settings))


def make_cards(settings: Settings, content: Content) -> Cards:
    """What draws cards and flyers; it is to be closed."""
    clock = clock_of(settings, create=False)
    return Cards(content.cases, content.locales, card_wording, settings.organisation, clock)


CASES = Path(conversations.__file__).parent / "cases"


def cases_roots(settings: Settings) -> list[Path]:
    """The folders that hold case folders."""
    return [CASES, *([settings.cases_dir] if settings.cases_dir else [])]


def checked_cases(settings: Settings) -> list[Checked]:
    """Every case folder with what is wrong about it."""
    return check_cases(cases_roots(settings), routing(settings), today=today(settings))


def checked_folder(settings: Settings, folder: Path) -> list[Checked]:
    """A case folder anywhere, or each in a folder of them, with what is wrong about it."""
    return check_folder(folder, cases_roots(settings), routing(settings), today(settings))


def checked_case(settings: Settings, slug: str) -> Checked | None:
    """The folder of that case with what is wrong about it; None where there is none."""
    folders = (root / slug for root in cases_roots(settings))
    folder = next((each for each in folders if each.is_dir()), None)
    return checked_folder(settings, folder)[0] if folder else None


def today(settings: Settings) -> date:
    """The day, or the first one of a rehearsal: who only looks starts no clock."""
    now = system_clock()
    return (moved_clock(settings.clock, now)() if settings.clock else now).date()


def make_script(settings: Settings, cases: Mapping[str, Case] | None = None) -> Script:
    """Everything the dialogue is made of. Raises Misconfigured where a case or catalogue is broken.

    `cases`: by slug; None: those of the settings.
    """
    from assistant.content import typefaces

    if cases is None:
        cases = load_cases(cases_roots(settings), routing(settings))
    content = make_content(settings, cases)
    return Script(
        conversations=conversations.CONVERSATIONS,
        commands={**commands.COMMANDS, **commands.QUIET},
        afresh=conversations.AFRESH,
        team=commands.TEAM,
        arguments=conversations.ARGUMENTS,
        urgent=conversations.URGENT,
        settled=conversations.SETTLED,
        asides=conversations.ASIDES,
        courtesies=commands.COURTESIES,
        thanks=commands.THANKS,
        polite=commands.POLITE,
        topics=commands.TOPICS,
        asking=commands.ASKING,
        asking_us=commands.ASKING_US,
        phrases=commands,
        locales=content.locales,
        cases=content.cases,
        gazetteer=Countries(),
        typeface=typefaces,
        organisation=settings.organisation,
        retention=settings.retention,
    )
