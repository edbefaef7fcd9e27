"""Letters that wait to be read."""

from collections.abc import Mapping

from assistant.domain.cases import Case
from assistant.domain.review import HeldLetter, RefusalReason, ReviewDecision
from assistant.domain.texts import Number, Sentence, Text
from conversations.organisers.sentences import review as review_sentences
from conversations.organisers.sentences import shared

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "title": _("Letters to read"),
    "nothing": review_sentences.nothing_waits(),
    "not_trusted": shared.not_trusted(),
    "help": _("Tick the letters that you have read. Who wrote them is not shown."),
    "no_line": review_sentences.no_line(),
    "decide": _("What shall become of them?"),
    "release": _("Send them as they are"),
    "without-line": _("Send them without the sentence: their writers are told"),
    "refuse": _("Refuse them: their writers are told kindly, and can write again"),
    "why": _("If you refuse them, why?"),
    "ticked": _("Do it with those that are ticked"),
    "none_ticked": _("Please tick a letter first."),
    "decide_first": _("Please say first what shall become of them."),
    "why_first": _("Please say first why you refuse them."),
    "cannot_lose_line": _("The sentence of one of these cannot be left out. Please send it, or refuse it."),
    "moved_on": _("One of these has been decided about meanwhile, so nothing was done. Please look again."),
}


REFUSAL_REASONS: Mapping[RefusalReason, Text | str] = {
    RefusalReason(each.value): each.label for each in review_sentences.REASONS
}


def held_letter(letter: HeldLetter, cases: Mapping[str, Case]) -> Text:
    return review_sentences.facts(letter, cases)


def letters_decided(decision: ReviewDecision, count: int) -> Text:
    return review_sentences.decided(decision, count)


def letters_shown(shown: int) -> Text:
    return Sentence(
        "Do it with {count} letter that is shown",
        {"count": Number(shown)},
        "Do it with all {count} letters that are shown",
        shown,
    )
