"""Writing an update, an alert or a correction."""

from collections.abc import Mapping

from assistant.domain.broadcasts import (
    TEXT_MAX,
    CallToAction,
    Kind,
    Problem,
    Rule,
)
from assistant.domain.cases import Case, Update
from assistant.domain.figures import Figure
from assistant.domain.letters import ExpectedActionDay
from assistant.domain.team import Team
from assistant.domain.texts import LanguageName, Number, Sentence, Text, Values
from conversations.organisers.formatting import (
    duration,
    named,
    people,
)
from conversations.organisers.sentences import drafting

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "about": _("The case"),
    "no_case": _("No case in particular"),
    "news": _("The news"),
    "own_words": _("I write it here"),
    "from_folder": _("Its text stands in the case folder, in every language."),
    "which": _("Which one is wrong?"),
    "texts": _("What it says"),
    "texts_help": _("Plain text. The case, the date and how to stop are added."),
    "no_instead": _("Its own text"),
    "whom": _("Who gets it"),
    "countries": _("Only in these countries"),
    "countries_help": _("Names with commas between them. Empty: everywhere."),
    "only_language": _("Only readers of"),
    "every_language": _("every language"),
    "about_action": _("About the action"),
    "no_action": _("None in particular"),
    "when": _("When it is sent"),
    "at": _("Day and time"),
    "lasts": _("Worth reading for"),
    "no_end": _("no time limit"),
    "at_night": _("It is urgent: at night, too."),
    "leads_to": _("Its button"),
    "letters_wait": _("Letters with an older text wait until their writers agree to the new one."),
    "more": _("More choices"),
    "look": _("Show how it looks"),
    "save": _("Keep it, and send me the test"),
    "save_help": _("Only you get the test. Nobody else gets anything before another person has approved it."),
    "looks": _("What readers get"),
    "nothing_yet": _("Write a text, then you see here how it looks."),
    "wrong": _("Please look at this first:"),
}


_KINDS: Mapping[Kind, Text] = {
    Kind.UPDATE: _("Write an update"),
    Kind.ALERT: _("Write an alert"),
    Kind.CORRECTION: _("Correct what was sent"),
}


_PROBLEMS: Mapping[Rule, Text] = {
    Rule.CASE_NEEDED: _("An update is about a case. Please choose one."),
    Rule.CASE_KNOWN: _("There is no such case."),
    Rule.AS_IN_FOLDER: _("The case folder has another text by now. Please choose the news again."),
    Rule.BUTTON_NEEDED: _("An update needs a button. Please choose where it leads."),
    Rule.END_NEEDED: _("An alert needs an end. Please choose how long it is worth reading."),
    Rule.BUTTON_NEEDS_CASE: _("A button leads to a case. Please choose one, or no button."),
    Rule.WRITERS_NEED_CASE: _("Who has written for what? Please choose a case."),
    Rule.SENT_BEFORE: _("Nobody has got what it corrects."),
    Rule.NOT_NARROWED: _("A correction goes to everyone who got it. Please choose no readers."),
    Rule.ONE_START: _("Please choose one time at which it is sent."),
    Rule.START_AHEAD: _("That time has passed already."),
    Rule.START_IN_REACH: _("Please choose an earlier time at which it is sent."),
    Rule.END_IN_REACH: _("Please choose an earlier end."),
}


def kind(kind: Kind) -> Text:
    return _KINDS[kind]


def problem(problem: Problem) -> Text:
    if problem.language is None:
        return _PROBLEMS.get(problem.rule, _("Please write what it says, in one language at least."))
    values: Values = {"language": LanguageName(problem.language), "count": Number(TEXT_MAX)}
    match problem.rule:
        case Rule.TEXT_SHORT:
            return _("{language}: the text is too long. At most {count} characters fit.", values)
        case Rule.LANGUAGE_NEEDED:
            return _("{language}: write a text, or choose which text its readers get.", values)
        case Rule.TEXT_NEEDED:
            return _("{language}: there is no text.", values)
    return _("{language}: the text has signs that cannot be sent.", values)


def unknown_country(name: str) -> Text:
    return _("We do not know a country called {value}.", {"value": name})


def unclear_time() -> Text:
    return _("Please say on which day and at what time it is sent.")


def reach_of(whole: Figure) -> Text:
    return _("It would reach {people} now.", {"people": people(whole)})


def call_for(day: ExpectedActionDay) -> Text:
    return drafting.call_for(day)


def case_title(case: Case) -> Text:
    return case.title


def update_title(update: Update) -> Text | str:
    return drafting.update_option(update).label


def sent_title(team: Team, number: int) -> Text:
    return named(team.sent[number])


def language_name(language: str) -> Text:
    return LanguageName(language)


def text_in(language: str) -> Text:
    return _("Text in {language}", {"language": LanguageName(language)})


def instead_of(language: str) -> Text:
    return _("Readers of {language} get", {"language": LanguageName(language)})


def readers_option(readers: str) -> Text | str:
    return next(each.label for each in drafting.READERS if each.value == readers)


def when_option(when: str) -> Text | str:
    return next(each.label for each in drafting.WHEN if each.value == when)


def hours_option(hours: int) -> Text:
    return duration(hours * 3600)


def button_option(button: CallToAction) -> Text | str:
    options = (drafting.STEP_LETTER, drafting.STEP_READ, drafting.STEP_NONE)
    return next(each.label for each in options if each.value == button)


def zone(name: str) -> Text:
    return _("As clocks show it in {zone}.", {"zone": name.rpartition("/")[2].replace("_", " ")})
