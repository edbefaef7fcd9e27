"""Of a mail that answers another one, what was written anew."""

import time

import pytest

from assistant.domain.quotation import without_quotation

ANSWER = "Gracias por su carta.\n\nLa Fiscal General"
QUOTED = "> Estimada Fiscal General:\n>\n>> le pido que investigue.\n> Ana"
LEADS = [
    "On Mon, Jan 23, 2012 at 3:12 PM Letters <letters+1@example.org> wrote:",
    "On 23 January 2012, Letters wrote:",
    "El lun, 23 ene 2012 a las 15:12, Letters (<letters+1@example.org>) escribió:",
    "El lun, 23 ene 2012 a las 15:12, Letters\n<letters+1@example.org> escribió:",
    "Le lun. 23 janv. 2012 à 15:12, Letters <letters+1@example.org> a écrit :",
    "Em seg., 23 de jan. de 2012 às 15:12, Letters <letters+1@example.org> escreveu:",
    "Am 23.01.2012 um 15:12 schrieb Letters:",
    "Il giorno lun 23 gen 2012 alle ore 15:12 Letters <letters+1@example.org> ha scritto:",
    "Op ma 23 jan. 2012 om 15:12 schreef Letters <letters+1@example.org>:",
    "Den mån 23 jan. 2012 kl 15:12 skrev Letters <letters+1@example.org>:",
    "W dniu pon., 23.01.2012 o 15:12 Letters <letters+1@example.org> napisał(a):",
    "пн, 23 янв. 2012 г. в 15:12, Letters <letters+1@example.org> пишет:",
    "2012年1月23日 15:12，Letters <letters+1@example.org> 写道：",
    "Letters <letters+1@example.org> wrote:",
]
UNMARKED = [
    "-----Original Message-----\nFrom: Letters\nTo: Office\n\nDear Attorney General",
    "-----Mensaje original-----\nDe: Letters\n\nEstimada",
    "----- Ursprüngliche Nachricht -----\nVon: Letters\n\nSehr geehrte",
    "-------- Message d'origine --------\n\nMadame",
    "---- Mensagem original ----\nPrezada",
    f"{'_' * 32}\nFrom: Letters <letters@example.org>\nSent: Monday\nTo: Office\nSubject: x\n\nDear",
    "From: Letters <letters@example.org>\nSent: January 23, 2012 3:12 PM\nTo: Office\nSubject: x\n\nDear",
    "De: Letters <letters@example.org>\nEnviado el: lunes, 23 de enero\nPara: Office\nAsunto: x\n\nEstimada",
    "*De :* Letters\n*Envoyé :* lundi\n*À :* Office\n*Objet :* x\n\nMadame",
    "Von: Letters\nGesendet: Montag\nAn: Office\nBetreff: x\n\nSehr geehrte",
    "On Mon, Jan 23, 2012 at 3:12 PM Letters <letters+1@example.org> wrote:\n\nDear Attorney General",
]


@pytest.mark.parametrize("lead", LEADS)
def test_marked_lines_and_who_wrote_them_are_left_out(lead: str) -> None:
    assert without_quotation(f"{ANSWER}\n\n{lead}\n\n{QUOTED}\n") == ANSWER
    assert without_quotation(f"{lead}\n{QUOTED}\n\n{ANSWER}") == ANSWER


@pytest.mark.parametrize("rest", UNMARKED)
def test_what_has_no_marks_is_left_out_to_the_end(rest: str) -> None:
    assert without_quotation(f"{ANSWER}\n\n{rest}\nmore of it") == ANSWER


def test_what_is_answered_between_the_lines_is_kept() -> None:
    text = "> Please investigate.\n\nWe do.\n\n> Please protect her.\n\nWe do that, too."
    assert without_quotation(text) == "We do.\n\nWe do that, too."


@pytest.mark.parametrize(
    "text",
    [
        ANSWER,
        "In January 2012 the Minister wrote:\n\nAll is well.",
        "On 23 January 2012 the Minister wrote:\n\nAll is well.",
        "En su carta del 23 de enero usted escribió:\n\nQue investiguemos. Lo hacemos.",
        "From: here to there it is far.\nTo: nobody\nNothing else.",
        "De: una parte, sí.",
        "--\nThe Office",
        "----------\nA line is no quotation.",
        "a < b, and c > d",
        "",
    ],
)
def test_what_only_looks_like_a_quotation_is_kept(text: str) -> None:
    assert without_quotation(text) == text.strip()


def test_nothing_is_left_of_a_mail_that_only_quotes() -> None:
    assert without_quotation(QUOTED) == ""


@pytest.mark.parametrize(
    "line", ["On 1 a", "On " + "schrieb " * 48, "> " * 190, "-" * 390, "From: x", " " * 390, "2 пишет" * 50]
)
def test_whatever_a_stranger_writes_is_read_in_no_time(line: str) -> None:
    begun = time.process_time()
    without_quotation(f"{line}\n" * (50_000 // len(line)))
    assert time.process_time() - begun < 5  # a tenth of a second, where nothing else is done
