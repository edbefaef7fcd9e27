"""What a catalogue lacks is told to who translates it."""

import shutil
from pathlib import Path

import pytest
from babel.messages.pofile import read_po, write_po

from assistant.content.catalogue_check import check_catalogue
from assistant.content.i18n import CATALOGUES
from assistant.domain.errors import Misconfigured

ONE, MANY = "{count} person", "{count} people"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the languages, to be spoilt."""
    return Path(shutil.copytree(CATALOGUES, tmp_path / "locales"))


def spoil(
    folder: Path, message: str | tuple[str, str], said: str | tuple[str, ...], *, fuzzy: bool = False
) -> None:
    file = folder / "es" / "LC_MESSAGES" / "assistant.po"
    with file.open("rb") as text:
        catalogue = read_po(text, locale="es")
    found = catalogue.get(message if isinstance(message, str) else message[0])
    assert found is not None
    found.string = said
    if fuzzy:
        found.flags.add("fuzzy")
    with file.open("wb") as text:
        write_po(text, catalogue)


def test_every_language_that_is_shipped_is_whole() -> None:
    languages = [each.parent.name for each in CATALOGUES.glob("*/LC_MESSAGES")]
    assert "es" in languages
    for language in languages:
        found = check_catalogue(language.replace("_", "-"))
        assert (found.missing, found.broken, found.forms, found.unprintable) == ([], [], "", "")
        assert found.sentences > 1_000


def test_a_language_that_is_not_there_lacks_everything(folder: Path) -> None:
    found = check_catalogue("pt-BR", folder)
    assert len(found.missing) == found.sentences > 1_000


@pytest.mark.parametrize(("said", "fuzzy"), [("", False), ("Un caso", True)])
def test_a_sentence_without_a_translation_of_its_own_is_missing(folder: Path, said: str, fuzzy: bool) -> None:
    spoil(folder, "Cases", said, fuzzy=fuzzy)
    assert check_catalogue("es", folder).missing == ["Cases"]


def test_a_form_of_the_plural_that_lacks_makes_the_sentence_missing(folder: Path) -> None:
    spoil(folder, (ONE, MANY), ("{count} persona", ""))
    assert check_catalogue("es", folder).missing == [ONE]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("<b>{title}</b>", "{title}"),
        ("<b>{title}</b>", "<b>{titulo}</b>"),
        ((ONE, MANY), ("{count} persona", "{numero} personas")),
    ],
)
def test_another_placeholder_or_tag_is_told(
    folder: Path, message: str | tuple[str, str], said: str | tuple[str, ...]
) -> None:
    spoil(folder, message, said)
    assert check_catalogue("es", folder).broken == [message if isinstance(message, str) else message[0]]


def test_the_forms_of_the_plural_are_those_of_the_language(folder: Path) -> None:
    file = folder / "es" / "LC_MESSAGES" / "assistant.po"
    text = file.read_text("utf-8").replace("nplurals=2; plural=(n != 1)", "nplurals=1; plural=0")
    file.write_text(text, "utf-8")
    assert "write Plural-Forms: nplurals=2; plural=(n != 1);" in check_catalogue("es", folder).forms


@pytest.mark.parametrize(
    ("said", "told"), [("Casos \U00012000", "\U00012000"), ("Casos 👍", ""), ("قضايا", "")]
)
def test_letters_that_cannot_be_printed_are_told(folder: Path, said: str, told: str) -> None:
    spoil(folder, "Cases", said)
    assert check_catalogue("es", folder).unprintable == told


def test_an_installed_package_has_no_template_which_is_said(folder: Path) -> None:
    (folder / "assistant.pot").unlink()
    with pytest.raises(Misconfigured, match="in a checkout of the source"):
        check_catalogue("es", folder)
