"""The word lists hold what would harm, and let pass what people write who mean well."""

from pathlib import Path

import pytest

from assistant.content.word_lists import load_word_lists, make_reviewer
from assistant.domain.errors import Misconfigured
from assistant.domain.review import Finding, Found, Names
from tests.support.review import attacks, ordinary

CASE = Names(
    "Norma Cruz",
    (
        "the Attorney General of Guatemala",
        "la Fiscal General de la República y Jefa del Ministerio Público",
    ),
)
SIGNED = "Ana Example"
LANGUAGES = sorted(ordinary.WHOLE)


def found(line: str, name: str = SIGNED) -> set[str]:
    return {str(each) for each in make_reviewer().found(name, line, CASE)}


@pytest.mark.parametrize("language", LANGUAGES)
def test_of_ordinary_lines_one_in_a_hundred_is_held_at_most(language: str) -> None:
    lines = ordinary.lines(language)
    held = {line: why for line in lines if (why := found(line))}
    print(f"{language}: held {len(held)} of {len(lines)}: {held}")
    assert len(set(lines)) == ordinary.EACH
    assert len(held) <= len(lines) / 100


def test_of_attacks_ninety_nine_in_a_hundred_are_held_at_least() -> None:
    by_kind = attacks.by_kind()
    missed = {
        kind: those
        for kind, lines in by_kind.items()
        if (those := [line for line in lines if not found(line)])
    }
    names = [name for name in attacks.NAMES if not found("Please protect her.", name)]
    count = sum(map(len, by_kind.values())) + len(attacks.NAMES)
    print(f"missed {sum(map(len, missed.values())) + len(names)} of {count}: {missed}, names: {names}")
    assert sum(map(len, missed.values())) + len(names) <= count / 100


@pytest.mark.parametrize("name", ordinary.NAMES)
def test_an_ordinary_name_is_not_held(name: str) -> None:
    assert not found("Please protect her.", name)


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("Te vamos a matar... Sabemos dónde vives: 5a Avenida", {"threat", "address"}),
        ("Soy Norma Cruz y retiro mi denuncia", {"impersonation"}),
        ("Call 202 555 0143 or see evil.zip", {"number", "link"}),
        ("p*ta", {"slur"}),
    ],
)
def test_it_is_said_why_a_line_is_held(line: str, why: set[str]) -> None:
    assert found(line) == why


def test_what_is_in_the_name_is_told_apart() -> None:
    assert found("Please protect her.", "La Fiscal General") == {"name:impersonation"}
    assert found("See evil.com", "Puta Madre") == {"link", "name:slur"}


def test_nobody_is_held_for_the_name_of_another_case() -> None:
    assert not make_reviewer().found("Norma Cruz", "I am Norma Cruz", Names("Ana Example"))


def test_what_is_found_is_stored_and_read_again() -> None:
    both = (Found(Finding.LINK), Found(Finding.SLUR, in_name=True))
    assert Found.parse(",".join(map(str, both))) == both
    assert Found.parse("") == ()


def test_every_entry_has_a_reason() -> None:
    lists = load_word_lists()
    assert [each.language for each in lists] == LANGUAGES
    assert all(entry.reason for each in lists for entries in each.entries.values() for entry in entries)


def test_a_language_is_one_file(tmp_path: Path) -> None:
    (tmp_path / "de.toml").write_text(
        'dots = "punkt"\nats = "klammeraffe"\ncalls = "ruf"\nbetween = "und"\n'
        '[numerals]\n5 = "fünf"\n'
        '[[threat]]\nsays = ["wir ... dich um*"]\nreason = "Eine Drohung."\n',
        "utf-8",
    )
    reviewer = make_reviewer(tmp_path)
    for line in ("Wir bringen dich um", "böse punkt com", " ".join(["fünf"] * 7)):
        assert reviewer.found(SIGNED, line, CASE), line
    assert not reviewer.found(SIGNED, "Wir bringen Blumen", CASE)


@pytest.mark.parametrize("says", ["", "{nothing there}", "a | b", "word ?!"])
def test_a_list_that_cannot_be_read_says_which_phrase(says: str, tmp_path: Path) -> None:
    (tmp_path / "xx.toml").write_text(
        f'dots = "a"\nats = "b"\ncalls = "c"\nbetween = "d"\n[[slur]]\nsays = ["{says}"]\nreason = "x"\n',
        "utf-8",
    )
    with pytest.raises(Misconfigured, match="word list"):
        make_reviewer(tmp_path)


def test_an_entry_without_a_reason_is_refused(tmp_path: Path) -> None:
    (tmp_path / "xx.toml").write_text(
        'dots = "a"\nats = "b"\ncalls = "c"\nbetween = "d"\n[[slur]]\nsays = ["x"]\n', "utf-8"
    )
    with pytest.raises(Misconfigured, match="reason"):
        make_reviewer(tmp_path)
