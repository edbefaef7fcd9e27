"""Words wider than a line are broken, and everything else stays as it was written."""

from datetime import UTC, datetime

import pytest

from assistant.content import typefaces
from assistant.content.documents import Documents
from assistant.content.long_words import NARROW, breakable, too_wide, widest
from assistant.content.pages import Page
from assistant.dialogue.script import Script
from tests.support.international_names import NAMES
from tests.support.pdf_contents import origins, text

RIGHT_MARGIN = 185  # millimetres from the left
WIDE = [
    "#JusticiaParaInventadaYTodasLasMujeresDefensorasDeDerechosHumanosEnGuatemalaYEnTodoElMundo",
    "N" + "O" * 80 + "!!!",
    "o" * 300,
    "…" * 150,
    "ab," * 100,
    "M" * 80,
    "—" * 150,
    "1-2-3-" * 50,
    "Ж" * 200,
    "ه" * 200,
    "ﷺ" * 80,
    "श्रीमती" * 40,
    "e\u0301" * 150,
    "มา" + "ก" * 150,
    "ก่" * 100,
    "ก" + "5" * 200,
    "က်" * 100,
    "ー" * 100,
]
BY_ITSELF = [
    "สวัสดีครับผมขอความยุติธรรมให้กับผู้หญิงคนนี้และขอให้ท่านสอบสวนคดีนี้โดยเร็วที่สุดเพราะชีวิตของเธอมีค่า",
    "ខ្ញុំសូមស្នើសុំយុត្តិធម៌សម្រាប់ស្ត្រីម្នាក់នេះនិងសុំឱ្យលោកស៊ើបអង្កេតករណីនេះឱ្យបានឆាប់តាមដែលអាចធ្វើទៅបាន",
    "ဤအမျိုးသမီးအတွက်တရားမျှတမှုရရှိရန်ကျွန်ုပ်တောင်းဆိုပါသည်ဤအမှုကိုအမြန်ဆုံးစုံစမ်းစစ်ဆေးပေးပါ",
    "ຂ້ອຍຂໍຄວາມຍຸຕິທຳໃຫ້ແມ່ຍິງຄົນນີ້ແລະຂໍໃຫ້ທ່ານສືບສວນຄະດີນີ້ໂດຍໄວທີ່ສຸດເພາະຊີວິດຂອງນາງມີຄ່າຫຼາຍ",
    "我为这位妇女请求正义，请您尽快调查此案，因为她的生命处于危险之中，我们都很担心她的安全。" * 2,
    "この女性のために正義を求めます。できるだけ早くこの事件を調査してください。彼女の命が危険にさらされています。",
    "well-known-" * 30,
    "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz",
    "Una frase de muchas palabras, que no son más anchas que una línea. " * 4,
]


def _letter(line: str, script: Script) -> bytes:
    target = script.cases["norma-cruz"].main
    written = datetime(2012, 1, 20, tzinfo=UTC)
    return Documents().letter(
        Page(text=f"Hola:\n\n{line}\n\nAna", target=target, language="es", written=written)
    )


@pytest.mark.parametrize("word", WIDE, ids=lambda word: ascii(word[:6]))
def test_no_word_runs_off_the_paper_and_nothing_of_it_is_lost(word: str, script: Script) -> None:
    pdf = _letter(word, script)
    assert max(origins(pdf)) < RIGHT_MARGIN
    assert breakable(word, "es") != word
    assert breakable(word, "es").replace("\u200b", "") == word


def test_a_word_is_read_whole_over_its_lines(script: Script) -> None:
    shown = text(_letter(WIDE[0], script)).replace(" ", "").replace("\u200b", "")
    assert WIDE[0] in shown


@pytest.mark.parametrize("line", BY_ITSELF, ids=lambda line: ascii(line[:6]))
def test_what_breaks_by_itself_or_fits_stays_as_it_is(line: str, script: Script) -> None:
    assert breakable(line, "es") == line
    assert too_wide(line, "es") == []
    assert max(origins(_letter(line, script))) < RIGHT_MARGIN


@pytest.mark.parametrize("name", NAMES)
def test_names_stay_as_they_are(name: str) -> None:
    assert breakable(name, "es") == name


def test_letters_that_are_drawn_as_one_stay_together() -> None:
    assert "क\u094d\u200b" not in breakable("क्ष" * 100, "es")
    assert "\u200b\u0301" not in breakable("e\u0301" * 100, "es")


def test_words_that_are_too_wide_are_named() -> None:
    assert too_wide(f"Señora: {'M' * 80}, gracias.", "es") == ["M" * 80 + ","]
    assert too_wide("M" * 30, "es") == []
    assert too_wide("M" * 30, "es", NARROW) == ["M" * 30]


def test_the_widest_piece_that_is_not_broken_is_known() -> None:
    assert widest("to Guatemala", "en") == typefaces.width("Guatemala", "en")
    broken = breakable("M" * 80, "en", NARROW)
    assert widest(broken, "en") == typefaces.width("M", "en") < NARROW
    assert widest("请调查威胁并起诉责任人", "zh") == 1
