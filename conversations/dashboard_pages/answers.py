"""Answers of offices."""

from collections.abc import Mapping

from assistant.domain.answers import AnswerGroup, AnswerStatus
from assistant.domain.cases import Case
from assistant.domain.texts import Sentence, Text
from conversations.organisers.sentences import answers as answer_sentences
from conversations.organisers.sentences import shared

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "title": _("Answers of offices"),
    "nothing": answer_sentences.nothing_waits({}, named=False),
    "not_trusted": shared.not_trusted(),
    "no_text": answer_sentences.no_text(),
    "whole": _("Show all of it"),
    "only_this": _("Only this one"),
}


def answer_facts(group: AnswerGroup, cases: Mapping[str, Case]) -> Text:
    return answer_sentences.facts(group, cases)


def ask_settle(group: AnswerGroup) -> Text:
    return answer_sentences.ask_settle(group)


def settling(status: AnswerStatus, count: int) -> Text | str:
    passing, aside = answer_sentences.decisions(count)
    return (passing if status is AnswerStatus.PASSED else aside).label


def answers_settled(status: AnswerStatus, count: int) -> Text:
    return answer_sentences.settled(status, count, more=False)
