"""What organisers read about letters that wait until one of them has read them."""

from collections.abc import Mapping, Sequence
from zlib import crc32

from assistant.dialogue.options import Option
from assistant.domain.cases import Case, target_of
from assistant.domain.review import Finding, Found, HeldLetter, RefusalReason, ReviewDecision
from assistant.domain.texts import Lines, Number, Paragraphs, Quote, Sentence, Text

_ = Sentence

RELEASE = Option("release", _("Send it"), _("let it go, let go, release, go, ok, send, send it"))
WITHOUT_LINE = Option(
    "without-line", _("Send it without the sentence"), _("without the sentence, without, no sentence")
)
REFUSE = Option("refuse", _("Refuse it"), _("refuse, no, reject, do not send it, dont send it"))
LATER = Option("later", _("Decide later"), _("later, not now, nothing"))
_RELEASE_ALL = _("Send all of these")
_ALL_WITHOUT = _("All without their sentences")
_REFUSE_ALL = _("Refuse all of these")

REASONS = (
    Option(RefusalReason.WORDS, _("Insults or threats"), _("words, insults, threats")),
    Option(RefusalReason.CONTACT, _("Links, numbers or addresses"), _("contact, links, link, numbers")),
    Option(RefusalReason.NAME, _("Not their own name"), _("name, signature")),
    Option(RefusalReason.CASE, _("It would harm the case"), _("case, harm, other")),
)

_FOUND: Mapping[Finding, Text] = {
    Finding.LINK: _("a link"),
    Finding.NUMBER: _("a phone number"),
    Finding.ADDRESS: _("an address"),
    Finding.THREAT: _("a threat"),
    Finding.SLUR: _("an insult"),
    Finding.IMPERSONATION: _("the name of the person of the case, or of an official"),
    Finding.REPEATED: _("the same as many others in a few minutes"),
    Finding.OWN_WORDS: _("a sentence of its writer's own"),
}


def decisions(count: int, *, without_line: bool) -> Sequence[Option]:
    """What can be done with so many. `without_line`: whether each has a sentence that can be left out."""
    if count == 1:
        return (RELEASE, *([WITHOUT_LINE] if without_line else []), REFUSE, LATER)
    several = (
        Option(RELEASE.value, _RELEASE_ALL, RELEASE.also),
        Option(WITHOUT_LINE.value, _ALL_WITHOUT, WITHOUT_LINE.also),
        Option(REFUSE.value, _REFUSE_ALL, REFUSE.also),
    )
    return (*(each for each in several if without_line or each.value != WITHOUT_LINE.value), LATER)


def number_option(letter: HeldLetter) -> Option:
    number = str(letter.number)
    return Option(number, _("Only number {number}", {"number": number}), word=number)


def all_of(letters: Sequence[HeldLetter]) -> Option:
    """All that are shown: its value is another one where others are."""
    shown = crc32(",".join(str(each.number) for each in letters).encode())
    return Option(f"all-{shown:08x}", _("All of these"), _("all, all of these, all of them"), word="all")


def shown(letters: Sequence[HeldLetter], cases: Mapping[str, Case]) -> Text:
    """Their lines with what was found, and nothing that points to who wrote them."""
    return Paragraphs(tuple(part for each in letters for part in _shown(each, cases)))


def _shown(letter: HeldLetter, cases: Mapping[str, Case]) -> Sequence[Text]:
    return (
        facts(letter, cases),
        Quote(letter.line) if letter.line else no_line(),
    )


def facts(letter: HeldLetter, cases: Mapping[str, Case]) -> Text:
    """To whom it goes, and why it is held."""
    target = target_of(cases, letter.ref)
    heading = _(
        "<b>Number {number}</b>, letter to {office}",
        {"number": str(letter.number), "office": target.office if target else letter.ref.target},
    )
    return Lines((heading, *map(_found, letter.found), *([_restored()] if letter.restored else [])))


def no_line() -> Text:
    return _("It has no sentence of their own.")


def _found(found: Found) -> Text:
    if found.in_name:
        return _("• in the name, which is not shown: {what}", {"what": _FOUND[found.finding]})
    return _("• {what}", {"what": _FOUND[found.finding]})


def _restored() -> Text:
    return _("• It may have been sent already: the database was put back since.")


def ask_which(count: int) -> Text:
    waiting = Sentence(
        "{count} letter waits until one of you has read it.",
        {"count": Number(count)},
        "{count} letters wait until one of you has read them.",
        count,
    )
    return Paragraphs(
        (waiting, _("Is it about all of these, or about one? Please write “all” or its number."))
    )


def ask_decide(letters: Sequence[HeldLetter]) -> Text:
    if len(letters) == 1:
        return _("Shall it be sent? Who wrote it is not shown.")
    numbers = ", ".join(str(each.number) for each in letters)
    return _("Numbers {numbers}: shall they be sent?", {"numbers": numbers})


def ask_why(count: int) -> Text:
    if count == 1:
        return _("Why not? Who wrote it is told, kindly, and can write again.")
    return _("Why not? Who wrote them is told, kindly, and can write again.")


def nothing_waits() -> Text:
    return _("No letter waits to be read.")


def still_wait() -> Text:
    return _("Nothing has changed. Write <b>/review</b> to come back to it.")


def done(decision: ReviewDecision, count: int, *, more: bool) -> Text:
    return Paragraphs(
        (decided(decision, count), _("Others wait. Write <b>/review</b> to see them.") if more else "")
    )


def decided(decision: ReviewDecision, count: int) -> Text:
    values = {"count": Number(count)}
    match decision:
        case ReviewDecision.RELEASE:
            return Sentence("{count} letter can be sent.", values, "{count} letters can be sent.", count)
        case ReviewDecision.WITHOUT_LINE:
            return Sentence(
                "{count} letter can be sent, without the sentence. Its writer is told.",
                values,
                "{count} letters can be sent, without the sentences. Their writers are told.",
                count,
            )
    return Sentence(
        "{count} letter is refused. Its writer is told.",
        values,
        "{count} letters are refused. Their writers are told.",
        count,
    )
