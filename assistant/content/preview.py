"""What people read of a case, all of it at once, for who writes it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from assistant.content.pages import Page
from assistant.domain.actions import Action
from assistant.domain.cases import Case
from assistant.domain.letters import Draft
from assistant.domain.richtext import plain
from assistant.domain.targets import Target
from assistant.domain.texts import Written

_NAME = "Ana Example"
_COUNTRY = "FI"
_LINE = "This is where the sentence of a supporter stands."
_NAMED = 3  # targets in a heading


@dataclass(frozen=True, slots=True)
class Sample:
    """The letter of an invented person, and all targets that get one of that text. The first is shown."""

    action: Action
    targets: Sequence[Target]
    draft: Draft

    def page(self, case: Case, written: datetime) -> Page:
        """It as it is printed."""
        return Page(
            text=self.draft.text,
            target=self.targets[0],
            language=self.draft.language,
            written=written,
            letterhead=case.letterhead,
        )


def pages(case: Case) -> Iterator[tuple[str, str]]:
    """Each text with a heading: briefings, letters, subjects, what is shared, updates, and how it ended."""
    yield from _in_languages("Briefing", case.briefing)
    for action in case.actions.values():
        yield from _of_action(action, "" if len(case.actions) == 1 else f", {action.slug}")
    yield from _in_languages("To pass on", case.share)
    for update in case.updates.values():
        yield from _in_languages(f"Update {update.slug}", update.text)
    if case.closed:
        yield from _in_languages("Closed", case.closed)
    for language, asked in case.faq.items():
        said = (f"{each.question} ({', '.join(each.phrases)})\n{plain(each.answer)}" for each in asked)
        yield f"Questions ({language})", "\n\n".join(said)


def _of_action(action: Action, named: str) -> Iterator[tuple[str, str]]:
    if action.briefing:
        yield from _in_languages(f"Briefing{named}", action.briefing)
    for sample in samples(action):
        to = named if len(action.targets) == 1 else f"{named} to {names(sample.targets)}"
        for language, letter in sample.draft.readings.items():
            sent = ", as it is sent" if language == sample.draft.language else ""
            yield f"Letter{to} ({language}{sent})", letter.text
            if len(sample.targets) > 1:
                yield f"How it greets each of them ({language})", "\n".join(greetings(sample, language))
    for language, subjects in action.subjects.items():
        several = "" if len(action.subjects) == 1 else f" ({language})"
        yield f"Subjects of emails{named}{several}", "\n".join(subjects)


def _in_languages(heading: str, text: Written) -> Iterator[tuple[str, str]]:
    for language, version in text.texts.items():
        yield f"{heading} ({language})", plain(version)


def names(targets: Sequence[Target]) -> str:
    """Their slugs in a line; of many, how many they are."""
    shown = ", ".join(each.slug for each in targets[:_NAMED])
    return f"{shown} and {len(targets) - _NAMED} more" if len(targets) > _NAMED else shown


def greetings(sample: Sample, language: str) -> Iterator[str]:
    """What the letter says differently to each of its targets: salutation, and what the office is called."""
    for target in sample.targets:
        said = (target.said("salutation", language), target.said("office", language))
        yield f"{target.slug}: {' / '.join(filter(None, said))}"


def samples(action: Action) -> list[Sample]:
    """One letter for each text that it has: targets with the same text differ in salutation and office."""
    alike: dict[tuple[object, ...], list[Target]] = {}
    for target in action.targets:
        texts = action.letters[target.slug].templates
        text = (target.language, *((language, id(texts[language])) for language in sorted(texts)))
        alike.setdefault(text, []).append(target)
    return [Sample(action, targets, sample_draft(action, targets[0])) for targets in alike.values()]


def sample_draft(action: Action, target: Target) -> Draft:
    """What an invented person would write to that target."""
    country = min(target.serves, default=_COUNTRY)
    return action.draft(target, name=_NAME, country=country, personal_line=_LINE)


def letters_pdf(case: Case, written: datetime) -> bytes:
    """A page for each target of each action, as printed. Raises Failure where one cannot be printed."""
    from assistant.content.documents import Documents  # typst, where something is printed at all

    found = [
        Sample(action, [target], sample_draft(action, target))
        for action in case.actions.values()
        for target in action.targets
    ]
    return Documents().batch([sample.page(case, written) for sample in found])
