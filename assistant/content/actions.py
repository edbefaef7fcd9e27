"""The actions of a case folder: each with its letters and targets."""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import date, time
from hashlib import blake2b
from pathlib import Path

from babel import Locale, UnknownLocaleError

from assistant.content.casefile import ActionFile, InlineTarget, TargetFile, outside, parse_date
from assistant.content.folder import Folder
from assistant.content.letters import BadTemplate, JinjaLetter, read_template
from assistant.content.targets import PublicHolidays, TargetReader
from assistant.domain.actions import ONLY_ACTION, Action, ActionDay, LetterText
from assistant.domain.cases import Letterhead
from assistant.domain.errors import Failure
from assistant.domain.letters import ActionRef, LetterTemplate
from assistant.domain.office_hours import Hours
from assistant.domain.targets import ONLY_TARGET, Target
from assistant.domain.texts import Written
from assistant.domain.validation import NAME_MAX, PERSONAL_LINE_MAX

FILE = "action.toml"
FOLDER = "actions"
BRIEFING_MAX = 700  # characters as read; more is not read on a phone
ASKS_MAX = 200  # characters
COUNTRY_MAX = 9  # characters that are counted for a country
_PROMISED = ("name", "country")
LETTER_MAX = 2600  # characters with the longest name and line: one page of A4
_SLUG = re.compile(r"^[a-z0-9](?:-?[a-z0-9])*$")
REF_MAX = 43  # characters of a case's slug, an action's and what parts them: 64 in a link, with its source
_LETTER = re.compile(r"^letter\.(?:([a-z0-9-]+)\.)?([A-Za-z-]+)\.txt$")
_BRIEFING = re.compile(r"^briefing\.([A-Za-z-]+)\.md$")


class ActionReader:
    """Makes actions of what their folders say. What is wrong keeps the case from being used."""

    def __init__(
        self, case: str, targets: TargetReader, languages: Collection[str], letterhead: Letterhead | None
    ) -> None:
        """`languages`: those in which supporters of the case read."""
        self._case = case
        self._targets = targets
        self._languages = languages
        self._letterhead = letterhead

    def only(self, folder: Folder, file: str, facts: ActionFile, target: TargetFile) -> Action:
        """The one action of a case folder of the form without actions/."""
        folder.country = target.country
        read = self._targets.read(folder, file, target, ONLY_TARGET, "target")
        return self._action(folder, file, facts, ONLY_ACTION, (read,))

    def read(self, folder: Folder, shared: Mapping[str, Target]) -> Action | None:
        """The action of a folder in actions/. `shared`: the targets in targets/, by slug."""
        slug = folder.path.name
        room = max(REF_MAX - len(self._case) - 2, 1)
        if not _SLUG.match(slug) or len(slug) > room:
            folder.report.wrong(
                folder.name(folder.path),
                f"name it with small letters a-z, digits and single hyphens, at most {room} of them",
            )
        facts = folder.toml(FILE, ActionFile)
        if facts is None:
            return None
        targets = tuple(self._chosen(folder, facts, shared))
        if not targets:
            if not facts.targets and not self._targets.unread:
                folder.wrong(FILE, "targets: there is none; write a file for the office in targets/")
            return None
        folder.country = targets[0].country
        action = self._action(folder, FILE, facts, slug, targets)
        folder.tell_unused()
        return action

    def _chosen(self, folder: Folder, facts: ActionFile, shared: Mapping[str, Target]) -> Iterator[Target]:
        if not facts.targets:
            yield from shared.values()
        seen: set[str] = set()
        for each in facts.targets:
            slug = each.slug if isinstance(each, InlineTarget) else each
            if slug in seen:
                folder.wrong(FILE, f"targets: '{slug}' is named twice; delete one of the two")
                continue
            seen.add(slug)
            if isinstance(each, InlineTarget):
                if each.slug in shared:
                    folder.wrong(FILE, f"targets: '{each.slug}' stands in targets/, too; choose another slug")
                yield self._targets.read(folder, FILE, each, each.slug, f"targets.{each.slug}")
            elif each in shared:
                yield shared[each]
            elif not self._targets.unread.may_have(each):
                known = ", ".join(shared) or "none"
                folder.wrong(FILE, f"targets: there is no '{each}' in targets/; there is: {known}")

    def _action(
        self, folder: Folder, file: str, facts: ActionFile, slug: str, targets: tuple[Target, ...]
    ) -> Action:
        languages = self._languages
        briefing = None  # where the case's own does
        if file == FILE and (texts := folder.files(_BRIEFING, folder.markdown(BRIEFING_MAX))):
            folder.complete("briefing", texts, languages, "briefing.{}.md")
            briefing = Written(texts)
        days = tuple(
            ActionDay(
                parse_date(day.date),
                folder.in_languages(file, "action_days.title", day.title, languages),
                time.fromisoformat(day.at),
            )
            for day in facts.action_days
        )
        opens, closes = (parse_date(day) if day else None for day in (facts.opens, facts.closes))
        if opens and closes and closes.last_day < opens.first_day:
            folder.wrong(file, f"closes: it closes on {closes}, before it opens on {opens}")
            opens = closes = None
        for day in days:
            if told := outside(day.date, opens, closes):
                folder.wrong(file, f"action_days: {day.date} cannot be one: {told}")
        if not self._targets.unread:
            _check_countries(folder, file, targets)
        for language, text in facts.asks.items():
            folder.fits(file, f"asks.{language}", len(text), ASKS_MAX, has_room=False)
        return Action(
            ref=ActionRef(self._case, slug),
            title=folder.in_languages(file, "title", facts.title, languages),
            targets=targets,
            letters=self._letters(folder, targets),
            subjects=_subjects(facts, targets),
            briefing=briefing,
            asks=folder.in_languages(file, "asks", facts.asks, languages) if facts.asks else None,
            opens=opens,
            closes=closes,
            action_days=days,
            goal=facts.goal,
            formerly=tuple(facts.formerly),
        )

    def _letters(self, folder: Folder, targets: tuple[Target, ...]) -> Mapping[str, LetterText]:
        """By target: the letter for it alone, or the one for all."""
        known, unread = {target.slug for target in targets}, self._targets.unread
        found: dict[str, dict[str, JinjaLetter]] = {}
        for file in folder.written():
            name = _LETTER.match(file.name)
            if name is None or (name[1] and name[1] not in known and not unread.may_have(name[1])):
                continue
            folder.used.add(file.name)
            if (template := _letter(folder, file, name[2])) is not None:
                found.setdefault(name[1] or "", {})[name[2]] = template
        texts: dict[str, LetterText] = {}
        for target in targets:
            own = f"{target.slug}." if target.slug in found else ""
            templates = found.get(own.rstrip("."), {})
            wanted = [*self._languages, *({target.language} - set(self._languages))]
            folder.complete("letter", templates, wanted, f"letter.{own}{{}}.txt")
            for language, template in templates.items():
                _check_salutation(folder, f"letter.{own}{language}.txt", template, target, language)
            texts[target.slug] = LetterText(templates, _version(templates.get(target.language), target))
        return texts

    def check(self, folder: Folder, file: str, action: Action, today: date | None) -> None:
        """What keeps no case from being used: days to look at, and words wider than a line."""
        _check_days(folder, file, action, today)
        self._measure(folder, action)

    def try_printing(self, folder: Folder, action: Action) -> None:
        """See whether the letters fit on their pages."""
        tried: dict[int, Target] = {}  # by template: the target with the longest names
        for target in action.targets:
            template = action.letters[target.slug].templates.get(target.language)
            if template is not None and _length(target) > _length(tried.get(id(template))):
                tried[id(template)] = target
        for target in tried.values():
            self._try_printing(folder, action, target)

    def _try_printing(self, folder: Folder, action: Action, target: Target) -> None:
        """The letter with the longest name, country and line, as it would be sent."""
        from assistant.content.documents import Documents  # typst, which no other check needs
        from assistant.content.letterhead_compiler import Broken

        template = action.letters[target.slug].templates[target.language]
        own = f"{target.slug}." if _has_own(folder, target.slug) else ""
        where = f"letter.{own}{target.language}.txt"
        try:
            with closing(Documents()) as documents:
                fits = documents.fits(template, target, target.language, self._letterhead)
            if not fits:
                folder.wrong(where, "with the longest name, country and line it does not fit on one page")
        except Failure as failure:
            if isinstance(failure.__cause__, Broken) and self._letterhead:
                folder.report.wrong(self._letterhead.name.partition("/")[2], failure.reason)
            else:
                folder.wrong(where, failure.reason)

    def _measure(self, folder: Folder, action: Action) -> None:
        from assistant.content.long_words import too_wide  # the typefaces, which no other check needs

        seen: set[int] = set()
        for slug, text in action.letters.items():
            own = f"{slug}." if _has_own(folder, slug) else ""
            for language, letter in text.templates.items():
                if id(letter) in seen:
                    continue
                seen.add(id(letter))
                for word in too_wide(letter.fill(name="", country="", personal_line=None), language):
                    folder.note(
                        f"letter.{own}{language}.txt",
                        f"'{word[:20]}...' is wider than a line, and is broken in it",
                    )


def _letter(folder: Folder, file: Path, language: str) -> JinjaLetter | None:
    source = folder.text(file)
    if source is None:
        return None
    try:
        Locale.parse(language, sep="-")
    except (UnknownLocaleError, ValueError):
        folder.wrong(file, f"'{language}' is not a language; examples are es and pt-BR")
        return None
    try:
        template = read_template(source, language, folder.name(file))
        name, country, line = "n" * NAME_MAX, "c" * COUNTRY_MAX, "l" * PERSONAL_LINE_MAX
        longest = template.fill(name=name, country=country, personal_line=line)
    except BadTemplate as error:
        folder.wrong(file, str(error))
        return None
    _check_promises(folder, file, template)
    folder.fits(file, "the letter with the longest name and line", len(longest), LETTER_MAX)
    folder.remark(file, template.fill(name="", country="", personal_line=None))
    return template


def _check_promises(folder: Folder, file: Path, template: JinjaLetter) -> None:
    """See that the letter has all that the chat promises, also for who adds no sentence."""
    said = {each: f"[{each}]" for each in ("name", "country", "salutation", "office")}
    line = "[line]"
    longer, shorter = (template.fill(**said, personal_line=each) for each in (line, None))
    if line not in longer:
        folder.wrong(file, "{{ line }} is missing: the chat promises that the letter has it")
    for placeholder, text in said.items():
        if placeholder in _PROMISED and text not in longer:
            told = f"{{{{ {placeholder} }}}} is missing: the chat promises that the letter has it"
            folder.wrong(file, told)
        elif text in longer and text not in shorter:
            folder.wrong(
                file,
                f"{{{{ {placeholder} }}}} is missing where nobody adds a sentence, because it stands between "
                "{% if line %} and {% endif %}; write {% endif %} right below {{ line }}",
            )


def _check_salutation(
    folder: Folder, file: str, template: JinjaLetter, target: Target, language: str
) -> None:
    said = target.salutation.texts if target.salutation else {}
    for placeholder, texts in (("salutation", said), ("office", target.office.texts)):
        if placeholder in template.placeholders and language not in texts:
            told = f"{{{{ {placeholder} }}}} stands in it, but {target.slug} has no {placeholder}.{language}"
            folder.wrong(file, told)


def _check_countries(folder: Folder, file: str, targets: Sequence[Target]) -> None:
    """See that everybody has an office to write to; and tell of countries that have several."""
    if not any(target.is_for_all or target.others for target in targets):
        folder.wrong(
            file,
            "targets: people in other countries have nobody to write to: give one office "
            'for = "others", or let one be for everybody',
        )
    served: dict[str, list[str]] = {}
    for target in targets:
        for country in sorted(target.serves) or (["the others"] if target.others else []):
            served.setdefault(country, []).append(target.slug)
    for country, slugs in served.items():
        if len(slugs) > 1:
            told = f"targets: {' and '.join(slugs)} are all for {country}: people there write to each of them"
            folder.note(file, told)


def _version(template: LetterTemplate | None, target: Target) -> str:
    """A digest of all that is sent of a text: what a supporter adds is not part of it."""
    if not isinstance(template, JinjaLetter):
        return ""
    said = (target.said("salutation", target.language), target.said("office", target.language))
    sent = "\0".join((template.source, *said))
    return blake2b(sent.encode(), digest_size=8).hexdigest()


def _subjects(facts: ActionFile, targets: tuple[Target, ...]) -> Mapping[str, tuple[str, ...]]:
    """By language; where none are given, the title."""
    given = facts.subjects if isinstance(facts.subjects, dict) else {targets[0].language: facts.subjects}
    title = next(iter(facts.title.values()), "")
    return {
        target.language: tuple(given.get(target.language, ())) or (facts.title.get(target.language, title),)
        for target in targets
    }


def _has_own(folder: Folder, target: str) -> bool:
    return any(file.name.startswith(f"letter.{target}.") for file in folder.written())


def _length(target: Target | None) -> int:
    if target is None:
        return -1
    return len(target.said("salutation", target.language)) + len(target.said("office", target.language))


def _check_days(folder: Folder, file: str, action: Action, today: date | None) -> None:
    """Tell of action days that are over, or on which an office is closed, and of what is not known."""
    hours = action.main.hours
    for day in action.action_days:
        begins = day.begins(hours)
        if begins is None:
            folder.note(file, f"action_days: {day.date} is no single day, so letters do not wait for it")
        elif today and hours.day(begins) < today:
            folder.note(file, f"action_days: {day.date} is over, so letters do not wait for it")
        elif str(hours.day(begins)) != str(day.date):
            planned = date.fromisoformat(str(day.date))
            folder.note(
                file,
                f"action_days: {planned:%A} {planned} is {_closed_because(planned, day.at, hours)}: letters "
                f"are sent on {hours.day(begins):%A} {hours.day(begins)}",
            )


def _closed_because(day: date, at: time, hours: Hours) -> str:
    if hours.is_open(day):
        return f"over for the office at {at:%H:%M}, because it closes at {hours.closes:%H:%M}"
    if day.isoweekday() not in hours.workdays and not hours.on_weekends:
        return 'no workday there (weekends = "move")'
    if isinstance(hours.holidays, PublicHolidays) and day in hours.holidays.own:
        return "a day on which the office is closed (closed_days)"
    return 'a public holiday there (holidays = "move")'
