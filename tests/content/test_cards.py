"""Cards and flyers: they hold what they were given as it is, on one page, whatever it is."""

import io
import itertools
import pickle
import re
import struct
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
import typst
from pypdf import PdfReader

from assistant.content import cards, typefaces
from assistant.content.cards import CardDocuments, card_contents
from assistant.domain.cards import CardFacts
from assistant.domain.errors import Failure
from tests.support.pdf_contents import boxes, origins, page_texts, text

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
MM = 25.4 / 72  # of a point
FACTS = CardFacts(
    language="en",
    title="Norma Cruz, Guatemala",
    line="Investigate the threats of 2010 and prosecute those responsible.",
    counter="4,312 letters have arrived.",
    invitation="Write a letter",
    scan="Scan the code with your phone, or open the link.",
    link="letters.example/norma-cruz",
    code_link="https://letters.example/norma-cruz?s=flyer",
    code_title="QR code that opens letters.example/norma-cruz",
    organisation="Invented Rights Network",
)
ARABIC = replace(
    FACTS,
    language="ar",
    title="سامي مثال، مصر (2012)",
    line="دعوا طبيبا يراه، وحققوا في التهديدات التي تلقاها Norma Cruz.",
    counter="وصلت ٤٣١٢ رسالة.",
    invitation="اكتب رسالة",
    scan="امسح الرمز بهاتفك، أو افتح الرابط.",
    organisation="شبكة الحقوق المخترعة",
)
CHINESE = replace(
    FACTS, language="zh-Hans", title="诺玛·克鲁兹，危地马拉" * 9, line="请调查威胁并起诉责任人。" * 30
)


def everywhere(said: str) -> CardFacts:
    """That text in the place of each, but for the language and what the code opens."""
    places = ("title", "line", "counter", "invitation", "scan", "link", "code_title", "organisation")
    return replace(FACTS, **dict.fromkeys(places, said))


HOSTILE = [
    "</svg><script>alert(1)</script>",
    '"><image href="https://x.example/a.png" onload="alert(1)"/>',
    '#eval("1+1") #panic() #sys.inputs.facts',
    "] $ * _ @ <label> \\ `code` = + - / //",
    '#read("/etc/hostname") #image("card.typ")',
    "&lt;b&gt; &amp; ]]> <!-- -->",
]
OVERFLOWING = {
    "a word of 200 letters": everywhere("W" * 200),
    "a word of 200 Arabic letters": replace(everywhere("ض" * 200), language="ar"),
    "500 words": everywhere("The long text. " * 500),
    "one word that is just not broken": everywhere("Menschenrechtsverteidiger"),
    "long compounds": everywhere("Menschenrechtsverteidigerinnen " * 9),
    "Chinese": CHINESE,
    "Arabic": ARABIC,
    "Thai": replace(everywhere("จดหมายถึงอัยการสูงสุด" * 20), language="th"),
    "Hindi": replace(everywhere("महान्यायवादी को पत्र लिखें " * 20), language="hi"),
    "tall accents": everywhere("Ṩ̃Ấ̂ " * 60),
    "left to right in Arabic": replace(everywhere("Norma Cruz, Guatemala. " * 20), language="ar"),
}


@pytest.fixture(scope="module")
def documents() -> CardDocuments:
    return CardDocuments()


def drawn(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)  # noqa: S314  our own


def on_paper(facts: CardFacts) -> bytes:
    """The card as a PDF, in which it can be looked at where letters are."""
    fonts = typst.Fonts(include_system_fonts=False, font_paths=typefaces.folders())
    compiler = typst.Compiler(Path(cards.__file__).with_name("card.typ"), font_paths=fonts)
    made = compiler.compile(format="pdf", sys_inputs={"facts": cards.as_json(card_contents(facts))})
    assert isinstance(made, bytes)
    return made


def letters(said: str) -> str:
    """Without what stands where a line is broken."""
    return re.sub(r"[\s\u200b]", "", said)


def structure(pdf: bytes) -> list[dict[str, object]]:
    """Every element of what screen readers read."""
    found: list[dict[str, object]] = []
    waiting = [PdfReader(io.BytesIO(pdf)).root_object["/StructTreeRoot"]]
    while waiting:
        each = waiting.pop().get_object()
        if isinstance(each, list):
            waiting += each
        elif isinstance(each, dict):
            found.append(each)
            waiting += [each["/K"]] if "/K" in each else []
    return found


def contrast(one: str, other: str) -> float:
    """WCAG 2.2, relative luminance and contrast ratio, of two colours such as #16242f."""

    def luminance(colour: str) -> float:
        parts = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    dark, bright = sorted((luminance(one), luminance(other)))
    return (bright + 0.05) / (dark + 0.05)


# What is on them


def test_a_flyer_holds_all_that_it_was_given(documents: CardDocuments) -> None:
    read = text(documents.flyer(FACTS))
    for said in (FACTS.line, FACTS.counter, FACTS.invitation, FACTS.scan, FACTS.link, FACTS.organisation):
        assert said in read
    assert "Norma Cruz, Guatemala" in read


def test_a_card_holds_all_but_what_is_about_the_code() -> None:
    read = text(on_paper(FACTS))
    for said in (FACTS.title, FACTS.line, FACTS.counter, FACTS.invitation, FACTS.link, FACTS.organisation):
        assert said in read
    assert FACTS.scan not in read


def test_a_card_without_a_counter_begins_its_band_with_the_invitation() -> None:
    read = text(on_paper(replace(FACTS, counter="")))
    assert read.index(FACTS.invitation) < read.index(FACTS.link)
    assert "4,312" not in read


@pytest.mark.parametrize(
    "without",
    [
        dict.fromkeys(names, "")
        for count in range(5)
        for names in itertools.combinations(("line", "counter", "invitation", "organisation"), count)
    ],
    ids=lambda without: " ".join(without) or "nothing",
)
def test_what_is_empty_is_not_shown_and_leaves_a_page(
    documents: CardDocuments, without: dict[str, str]
) -> None:
    facts = replace(FACTS, **without)
    [page] = page_texts(documents.flyer(facts))
    for name in ("line", "counter", "invitation", "organisation"):
        assert (getattr(FACTS, name) in page) is (name not in without)
    assert documents.card_svg(facts)


@pytest.mark.parametrize("said", HOSTILE)
def test_markup_of_typst_stays_what_was_typed(documents: CardDocuments, said: str) -> None:
    facts = replace(FACTS, line=said, invitation=said)
    for pdf in (documents.flyer(facts), on_paper(facts)):
        assert letters(said) in letters(text(pdf))


# The picture as SVG


@pytest.mark.parametrize("facts", [FACTS, ARABIC, CHINESE, *map(everywhere, HOSTILE)], ids=range(9))
def test_nothing_but_shapes_is_in_the_picture_whatever_it_says(
    documents: CardDocuments, facts: CardFacts
) -> None:
    root = drawn(documents.card_svg(facts))
    elements = list(root.iter())
    assert {each.tag.removeprefix(SVG) for each in elements} <= {"svg", "g", "path", "use", "defs", "symbol"}
    names = {name for each in elements[1:] for name in each.attrib}
    assert names <= {"d", "fill", "transform", HREF, "x", "y", "id", "overflow"}
    known = {each.get("id") for each in elements}
    assert all(each.attrib[HREF][0] == "#" and each.attrib[HREF][1:] in known for each in elements[1:]
               if HREF in each.attrib)  # fmt: skip
    assert "".join(root.itertext()).strip() == ""


@pytest.mark.parametrize("said", HOSTILE)
def test_the_picture_says_its_text_to_screen_readers(documents: CardDocuments, said: str) -> None:
    root = drawn(documents.card_svg(replace(FACTS, title=said)))
    assert root.attrib["role"] == "img"
    assert root.attrib["aria-label"] == f"{said.rstrip('.')}. {FACTS.line[:-1]}. {FACTS.counter[:-1]}"
    assert root.attrib["{http://www.w3.org/XML/1998/namespace}lang"] == "en"


def test_glyphs_are_in_the_picture_once_each(documents: CardDocuments) -> None:
    elements = list(drawn(documents.card_svg(FACTS)).iter())
    defined = [each.attrib["id"] for each in elements if each.tag == f"{SVG}symbol"]
    used = [each.attrib[HREF][1:] for each in elements if each.tag == f"{SVG}use"]
    assert sorted(defined) == sorted(set(used))
    assert len(used) > len(defined) > 20


def test_a_usual_picture_is_small(documents: CardDocuments) -> None:
    assert len(documents.card_svg(FACTS)) < 60_000


def test_both_pictures_have_the_size_that_platforms_ask_for(documents: CardDocuments) -> None:
    root = drawn(documents.card_svg(FACTS))
    assert (root.attrib["width"], root.attrib["height"]) == ("1200", "630")
    png = documents.card_png(FACTS)
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    assert struct.unpack(">II", png[16:24]) == (1200, 630)


# What does not fit, and what cannot be drawn


@pytest.mark.parametrize("facts", OVERFLOWING.values(), ids=OVERFLOWING)
def test_a_text_of_any_length_stays_within_the_margins_of_one_page(
    documents: CardDocuments, facts: CardFacts
) -> None:
    flyer, card = documents.flyer(facts), on_paper(facts)
    assert len(page_texts(flyer)) == len(page_texts(card)) == 1
    assert boxes(flyer) == boxes(card) == 0
    assert min(origins(flyer)) > 19.5 and max(origins(flyer)) < 190.5
    assert min(origins(card)) > 63 * MM and max(origins(card)) < 1137 * MM


def test_a_text_that_is_too_long_ends_with_dots(documents: CardDocuments) -> None:
    assert "…" not in text(documents.flyer(FACTS))
    assert "…" in text(documents.flyer(replace(FACTS, line=FACTS.line * 20)))


def test_a_long_title_is_set_smaller_before_anything_of_it_is_left_out(documents: CardDocuments) -> None:
    title = "The defenders of the river and of all who live beside it, in the south of the country"
    assert title in text(documents.flyer(replace(FACTS, title=title)))
    assert title in text(on_paper(replace(FACTS, title=title)))


@pytest.mark.parametrize(
    "title", ["👩\u200d🚀 Norma Cruz ❤️\u200d🔥", "🇬🇹 Norma 1️⃣ Cruz", "Norma 👍🏽 Cruz \U0010ffff\x07"]
)
def test_pictures_in_a_text_are_left_out(documents: CardDocuments, title: str) -> None:
    facts = replace(FACTS, title=title)
    flyer = documents.flyer(facts)
    assert "Norma Cruz" in text(flyer)
    assert boxes(flyer) == 0
    assert drawn(documents.card_svg(facts)).attrib["aria-label"].startswith("Norma Cruz. ")


def test_control_characters_stand_for_a_space(documents: CardDocuments) -> None:
    facts = replace(everywhere("Norma\x00\x07Cruz\ufeff\x1b\x9f\n."), language="es")
    assert drawn(documents.card_svg(facts)).attrib["aria-label"].startswith("Norma Cruz .")
    assert "Norma Cruz ." in text(documents.flyer(facts))


@pytest.mark.parametrize(("title", "why"), [("བོད", "No typeface"), ("👩\u200d🚀", "title"), (" ", "title")])
def test_a_name_that_cannot_be_drawn_is_refused_and_never_left_out(
    documents: CardDocuments, title: str, why: str
) -> None:
    for draw in (documents.card_svg, documents.card_png, documents.flyer):
        with pytest.raises(Failure, match=why) as refused:
            draw(replace(FACTS, title=title))
        assert refused.value.permanent
        assert title.strip() == "" or title not in refused.value.reason


# For whom they are made


def test_lines_of_an_arabic_card_begin_on_the_right() -> None:
    left, right = min(origins(on_paper(FACTS))), max(origins(on_paper(ARABIC)))
    assert left == pytest.approx(66 * MM, abs=2)
    assert right > 1100 * MM


def test_a_flyer_is_made_for_screen_readers_and_says_what_the_code_opens(documents: CardDocuments) -> None:
    pdf = documents.flyer(ARABIC)
    reader = PdfReader(io.BytesIO(pdf))
    assert str(reader.root_object["/Lang"]) == "ar"
    assert reader.metadata is not None
    assert reader.metadata.title == ARABIC.title
    assert b"pdfuaid" in pdf
    parts = structure(pdf)
    assert [each["/Alt"] for each in parts if "/Alt" in each] == [ARABIC.code_title]
    assert "/H1" in {each.get("/S") for each in parts}


def test_text_can_be_read_on_what_is_behind_it() -> None:
    source = Path(cards.__file__).with_name("fitting.typ").read_text("utf-8")
    colours = dict(re.findall(r'^#let (\w+) = rgb\("(#[0-9a-f]{6})"\)', source, re.MULTILINE))
    behind = {
        **dict.fromkeys(("ink", "muted"), ("paper", "light")),  # a flyer's paper is white
        **dict.fromkeys(("light", "pale"), ("band",)),
    }
    assert behind.keys() | {"paper", "band", "accent"} == colours.keys()
    for front, backs in behind.items():
        for back in backs:
            assert contrast(colours[front], colours[back]) >= 4.5, (front, back)


def test_contrast_is_as_wcag_has_it() -> None:
    assert contrast("#ffffff", "#000000") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


# The same for everybody


def test_the_same_facts_give_the_same_bytes_in_another_process(documents: CardDocuments) -> None:
    program = (
        "import sys, pickle; from assistant.content.cards import CardDocuments; "
        "facts = pickle.load(sys.stdin.buffer); documents = CardDocuments(); documents.flyer(facts); "
        "out = documents.card_svg(facts).encode(), documents.card_png(facts), documents.flyer(facts); "
        "sys.stdout.buffer.write(pickle.dumps(out))"
    )
    other = subprocess.run([sys.executable, "-c", program], input=pickle.dumps(ARABIC), capture_output=True)
    assert other.returncode == 0, other.stderr.decode()
    svg, png, pdf = pickle.loads(other.stdout)  # noqa: S301  from the process above
    assert svg == documents.card_svg(ARABIC).encode()
    assert png == documents.card_png(ARABIC)
    assert pdf == documents.flyer(ARABIC)


def test_no_time_is_in_a_flyer(documents: CardDocuments) -> None:
    metadata = PdfReader(io.BytesIO(documents.flyer(FACTS))).metadata
    assert metadata is not None
    assert metadata.creation_date is None
    assert metadata.modification_date is None
