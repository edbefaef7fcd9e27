"""A case in figures."""

from collections.abc import Mapping

from assistant.domain.figures import Figure, Stage
from assistant.domain.texts import CountryName, Sentence, Text
from conversations.dashboard_pages import case_texts, plan, walk
from conversations.organisers.formatting import Shown
from conversations.organisers.sentences import charts

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "texts": case_texts.SENTENCES["title"],
    "walk": walk.SENTENCES["title"],
    "title_cases": _("Cases"),
    "how_far": _("How far people come"),
    "how_far_help": _("Up to the letter it is people who are counted, then letters. Nobody is followed."),
    "plan": plan.SENTENCES["title"],
    "goals": _("Goals"),
    "by_day": _("When letters arrived"),
    "by_day_help": _("Days with fewer than ten are added to the next day. Yesterday is counted today."),
    "where": _("Where letters are"),
    "written": _("Written"),
    "countries": _("Where letters come from"),
    "arrived_only": _("Only letters that have arrived are counted here, because the others are few."),
    "elsewhere": _("Elsewhere"),
    "sources": _("Links that brought letters"),
    "few": _("Counts under ten are not shown, nor what would tell them."),
    "fresh": _("They may be some minutes old."),
    "no_letters": _("There are no letters yet that can be counted."),
}


_STAGES: Mapping[Stage, Text] = {
    Stage.WAITING: _("Waiting"),
    Stage.SENT: _("Sent"),
    Stage.ARRIVED: _("Arrived"),
    Stage.FAILED: _("Failed"),
}


funnel, places, step = charts.funnel, charts.places, charts.step
sent, reached, by_day = charts.sent, charts.reached, charts.by_day


def stage(stage: Stage) -> Text:
    return _STAGES[stage]


def country(code: str) -> Text:
    return CountryName(code)


def count(figure: Figure) -> Text:
    return Shown(figure)
