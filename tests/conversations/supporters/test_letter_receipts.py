"""What became of a letter: told with the office's time, with numbers only where they are large and true."""

from assistant.dialogue.script import Script
from assistant.domain.letters import LetterOutcome
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.richtext import plain
from conversations.supporters.sentences import receipts
from tests.support.invented_cases import invented_cases
from tests.support.supporter_sentences import MOMENT


def test_a_receipt_tells_the_time_at_the_office_and_how_many_have_arrived(script: Script) -> None:
    office = invented_cases(script)["norma-cruz"].main
    told = receipts.receipt(
        office, LetterOutcome(carrier="fax", status=LetterStatus.DELIVERED, at=MOMENT, arrived=4312)
    )
    assert plain(told.render(script.locales["en"])) == (
        "Your letter was faxed to the Attorney General of Guatemala "
        "on January 23, 2012 at 9:12\u202fAM in Guatemala."
        "\n\nIt is one of 4,312 that have arrived."
    )
    assert "a las 9:12, hora de Guatemala." in plain(told.render(script.locales["es"]))


def test_a_receipt_counts_only_what_was_delivered_and_no_small_numbers(script: Script) -> None:
    office, english = invented_cases(script)["norma-cruz"].main, script.locales["en"]
    few = receipts.receipt(
        office, LetterOutcome(carrier="fax", status=LetterStatus.DELIVERED, at=MOMENT, arrived=9)
    ).render(english)
    sent = receipts.receipt(
        office, LetterOutcome(carrier="email", status=LetterStatus.SENT, at=MOMENT, arrived=4312)
    ).render(english)
    assert "one of" not in few + sent


def test_a_failure_is_told_with_what_happens_next(script: Script) -> None:
    office, english = invented_cases(script)["norma-cruz"].main, script.locales["en"]
    told = receipts.receipt(
        office, LetterOutcome(carrier="fax", status=LetterStatus.FAILED, at=MOMENT)
    ).render(english)
    assert "could not be delivered" in told
    assert "decides what happens next" in told
