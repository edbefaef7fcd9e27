"""Of which text each translation in a case folder was made, so that it is noticed when that text changes.

The folder keeps that in translations.toml, which `assistant cases translated` writes: for each language and
text, a digest of what was translated. A translation of a text that reads otherwise now is *stale*: the check
of the case tells of it, no broadcast takes it, and nobody is shown a letter in it before they send it.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from assistant.content import actions
from assistant.content.letters import JinjaLetter
from assistant.domain.actions import Action, LetterText
from assistant.domain.cases import Case
from assistant.domain.letters import LetterTemplate
from assistant.domain.targets import Target
from assistant.domain.texts import Written

FILE = "translations.toml"
HEADING = "# Of which text each translation was made. `assistant cases translated` writes this file.\n"

_NAMED = 3

Made = Mapping[str, Mapping[str, str]]
"""By language and name of the text: the digest of what was translated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Original:
    """A text that others are translations of.

    `name`: in translations.toml. `file`: in the case folder, with {} for the language where each has its own.
    `entry`: in that file, without the language; empty: the text is the file. `texts`: by language, the
    original's own among them.
    """

    name: str
    file: str
    entry: str
    language: str
    texts: Mapping[str, str]

    def where(self, language: str) -> str:
        """The file in which it stands in that language."""
        return self.file.format(language)

    def called(self, language: str) -> str:
        """The text in that language, as people find it."""
        return f"{self.file}: {self.entry}.{language}" if self.entry else self.where(language)

    @property
    def digest(self) -> str:
        """The same for the same words, however they are broken into lines."""
        words = " ".join(self.texts.get(self.language, "").split())
        return blake2b(words.encode(), digest_size=8).hexdigest()

    @property
    def translations(self) -> list[str]:
        """The languages that it was translated into."""
        return [each for each in self.texts if each != self.language]

    def is_stale(self, language: str, made: Made) -> bool:
        """Whether its translation was made of another text. Where nobody has said of which, it is not."""
        return made.get(language, {}).get(self.name, self.digest) != self.digest

    def is_unknown(self, language: str, made: Made) -> bool:
        """Whether nobody has said of which text its translation was made."""
        return self.name not in made.get(language, {})


def originals(case: Case, language: str, *, has_old_form: bool) -> list[Original]:
    """All texts of a case that are translated. `language`: in which it is written, but for its letters.

    `has_old_form`: its one action stands in its case.toml.
    """
    return list(_Originals(case, language, has_old_form).all())


def made_now(texts: Sequence[Original], languages: Collection[str], before: Made) -> Made:
    """As `before`, but that all translations into these languages were made of the texts as they are now."""
    now = {
        language: {text.name: text.digest for text in texts if language in text.translations}
        for language in languages
    }
    return {language: found for language, found in {**before, **now}.items() if found}


def written(made: Made) -> str:
    """What the file says."""
    tables = (
        f"\n[made_of.{language}]\n"
        + "".join(f'"{name}" = "{digest}"\n' for name, digest in sorted(found.items()))
        for language, found in sorted(made.items())
    )
    return HEADING + "".join(tables)


def remarks(case: str, texts: Sequence[Original], made: Made) -> Iterator[tuple[str, str]]:
    """What is to be looked at, each with the file it is about. `case`: its slug.

    Of a folder of which nothing was ever said, nothing is told.
    """
    if not made:
        return
    command = f"assistant cases translated {case}"
    for text in texts:
        for language in text.translations:
            if text.is_stale(language, made):
                yield text.where(language), _of_stale(text, language, command)
    for language in dict.fromkeys(each for text in texts for each in text.translations):
        unknown = [
            text.called(language)
            for text in texts
            if language in text.translations and text.is_unknown(language, made)
        ]
        if unknown:
            yield FILE, _of_unknown(unknown, language, command)


def _of_stale(text: Original, language: str, command: str) -> str:
    entry, changed = "", text.where(text.language)
    if text.entry:
        entry, changed = f"{text.entry}.{language}: ", f"{text.entry}.{text.language}"
    return (
        f"{entry}{changed} has changed since it was translated. "
        f"Translate it anew, then run: {command} {language}"
    )


def _of_unknown(unknown: Sequence[str], language: str, command: str) -> str:
    return (
        f"it is not known of which text these were translated: {_some(unknown)}. "
        f"Once they say what the texts say now, run: {command} {language}"
    )


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more


def without_stale(case: Case, texts: Sequence[Original], made: Made) -> Case:
    """The case, whose letters are read in no stale translation, and whose updates know theirs."""
    stale = {
        (text.name, language)
        for text in texts
        for language in text.translations
        if text.is_stale(language, made)
    }
    if not stale:
        return case
    updates = {
        slug: replace(update, text=_marked(update.text, _update(slug), stale))
        for slug, update in case.updates.items()
    }
    acting = {slug: replace(each, letters=_letters(each, stale)) for slug, each in case.actions.items()}
    return replace(case, updates=updates, actions=acting)


_Stale = Collection[tuple[str, str]]


def _marked(text: Written, name: str, stale: _Stale) -> Written:
    return replace(text, stale=frozenset(language for language in text.texts if (name, language) in stale))


def _letters(action: Action, stale: _Stale) -> Mapping[str, LetterText]:
    found: dict[str, LetterText] = {}
    for target in action.targets:
        text = action.letters[target.slug]
        templates = {
            language: template
            for language, template in text.templates.items()
            if language == target.language
            or not any((name, language) in stale for name in _read_in(template, target))
        }
        found[target.slug] = replace(text, templates=templates)
    return found


def _read_in(template: LetterTemplate, target: Target) -> Iterator[str]:
    """The names of all texts that are read in a letter."""
    if isinstance(template, JinjaLetter):
        yield _letter(template)
    yield from (_of_target(target, what) for what in ("office", "salutation"))


def _letter(template: JinjaLetter) -> str:
    return template.file.removesuffix(f".{template.language}.txt") + ".txt"


def _update(slug: str) -> str:
    return f"updates/{slug}.md"


def _of_target(target: Target, what: str) -> str:
    return f"targets {target.slug} {what}"


class _Originals:
    def __init__(self, case: Case, language: str, has_old_form: bool) -> None:
        self._case = case
        self._language = language
        self._has_old_form = has_old_form

    def all(self) -> Iterator[Original]:
        case = self._case
        yield from self._entry("case.toml", "title", case.title)
        yield self._file("briefing", case.briefing.texts)
        yield from self._entry("case.toml", "share", case.share)
        yield from self._entry("case.toml", "closed", case.closed)
        for slug, update in case.updates.items():
            yield self._file(f"updates/{slug}", update.text.texts)
        if case.faq:
            yield self._file("faq", self._questions())
        for action in case.actions.values():
            yield from self._action(action)
        for target in case.targets.values():
            yield from self._target(target)

    def _action(self, action: Action) -> Iterator[Original]:
        folder = "" if self._has_old_form else f"{actions.FOLDER}/{action.slug}/"
        file = "case.toml" if self._has_old_form else folder + actions.FILE
        if not self._has_old_form:
            yield from self._entry(file, "title", action.title)
        yield from self._entry(file, "asks", action.asks)
        if action.briefing:
            yield self._file(f"{folder}briefing", action.briefing.texts)
        for day in action.action_days:
            yield from self._entry(file, f"action_days.{day.date}.title", day.title)
        seen: set[str] = set()
        for target in (action.main, *action.targets):
            templates = action.letters[target.slug].templates
            letters = {key: each for key, each in templates.items() if isinstance(each, JinjaLetter)}
            if (sent := letters.get(target.language)) and (name := _letter(sent)) not in seen:
                seen.add(name)
                sources = {key: each.source for key, each in letters.items()}
                yield self._of(name, name.replace(".txt", ".{}.txt"), "", sources, target.language)

    def _target(self, target: Target) -> Iterator[Original]:
        file, entry = ("case.toml", "target.") if self._has_old_form else ("targets", f"{target.slug}.")
        for what, text in (("office", target.office), ("salutation", target.salutation)):
            if text:
                name = _of_target(target, what)
                yield self._of(name, file, entry + what, text.texts, target.language)

    def _entry(self, file: str, entry: str, text: Written | None) -> Iterator[Original]:
        if text:
            yield self._of(f"{file} {entry}", file, entry, text.texts, self._language)

    def _file(self, stem: str, texts: Mapping[str, str]) -> Original:
        return self._of(f"{stem}.md", f"{stem}.{{}}.md", "", texts, self._language)

    def _of(self, name: str, file: str, entry: str, texts: Mapping[str, str], language: str) -> Original:
        return Original(name=name, file=file, entry=entry, language=language, texts=texts)

    def _questions(self) -> Mapping[str, str]:
        return {
            language: "\n".join(f"{each.question}\n{each.answer}" for each in asked)
            for language, asked in self._case.faq.items()
        }
