"""What organisers read about the answers of offices."""

from collections.abc import Mapping, Sequence

from assistant.dialogue.options import Option
from assistant.domain.answers import AnswerCount, AnswerGroup, AnswerStatus, AnswerText
from assistant.domain.cases import Case, target_of
from assistant.domain.figures import CaseFigures
from assistant.domain.letters import LetterRef
from assistant.domain.texts import Lines, Number, Paragraphs, Quote, Sentence, Text, Values
from conversations.organisers.formatting import moment
from conversations.supporters.sentences.receipts import files

_ = Sentence
SHOWN_MAX = 1_500  # characters of an answer that are shown at first
BEGINNING = 40  # characters that name an answer on a list

PASS = Option("pass", _("Pass it on"), _("pass, pass on, send, ok"))
PASS_ALL = _("Pass on all of them")
SET_ASIDE = Option("aside", _("Set it aside"), _("aside, set aside, drop"))
SET_ALL_ASIDE = _("Set all of them aside")
ONLY_THIS = Option("one", _("Only this one"), _("one, only one, this one"))
WHOLE = Option("whole", _("Show all of it"), _("all of it, whole, everything"))
LATER = Option("later", _("Decide later"), _("later, not now, no, nothing"))


def decisions(count: int) -> tuple[Option, Option]:
    """What can be done with so many answers."""
    passing = PASS if count == 1 else Option(PASS.value, PASS_ALL, PASS.also)
    return passing, aside(count)


def aside(count: int) -> Option:
    """Setting so many answers aside."""
    return SET_ASIDE if count == 1 else Option(SET_ASIDE.value, SET_ALL_ASIDE, SET_ASIDE.also)


def _count(count: int) -> Text:
    return Sentence("{count} answer", {"count": Number(count)}, "{count} answers", count)


def counted(cases: Mapping[str, Case], figures: Mapping[str, CaseFigures]) -> Text:
    """To who may not read them."""
    known = [(case, figures[slug].answers.genuine) for slug, case in cases.items() if slug in figures]
    lines = [
        _("{title}: {answers}", {"title": case.title, "answers": _count(count)})
        for case, count in known
        if count
    ]
    return Lines((_("Answers to letters:"), *lines)) if lines else _("No office has answered yet.")


def figures_of(count: AnswerCount) -> list[Text]:
    """For the figures of a case."""
    lines: list[Text] = [_("Answers: {count}", {"count": Number(count.genuine)})]
    if count.automatic:
        lines.append(_("Answers of programs: {count}", {"count": Number(count.automatic)}))
    if count.waiting:
        lines.append(_("Answers that nobody has looked at: {count}", {"count": Number(count.waiting)}))
    return lines


def nothing_waits(figures: Mapping[str, CaseFigures], *, named: bool) -> Text:
    """With a word about those of programs, which do not wait."""
    if named:
        return _("That answer is not waiting any more. Write <b>/answers</b> to see what there is.")
    count = sum(each.answers.automatic for each in figures.values())
    of_programs = (
        _("Answers of programs: {count}", {"count": Number(count)}),
        _("Whoever runs the assistant can show you those, and pass them on."),
    )
    waiting = _("No answer is waiting for somebody to look at it.")
    return Paragraphs((waiting, Lines(of_programs) if count else ""))


def group_option(group: AnswerGroup) -> Option:
    """It is chosen by the number of its first answer."""
    said = " ".join(_text(group).said.split())
    beginning = said if len(said) <= BEGINNING else f"{said[:BEGINNING].rstrip()}…"
    number = str(group.example.id)
    label = _("{answers}: “{beginning}”", {"answers": _count(group.count), "beginning": beginning})
    return Option(number, label if said else _count(group.count), word=number)


def ask_which(groups: Sequence[AnswerGroup]) -> Text:
    answers = _count(sum(each.count for each in groups))
    return Paragraphs(
        (
            _("This is waiting: {answers}. Those that say the same are together.", {"answers": answers}),
            _("Which one do you want to see? Please write its number."),
        )
    )


def _text(group: AnswerGroup) -> AnswerText:
    return group.example.content or AnswerText(text="")


def is_long(group: AnswerGroup) -> bool:
    """Whether there is more to pass on than is shown at first."""
    return len(_text(group).said) > SHOWN_MAX


def has_quotation(group: AnswerGroup) -> bool:
    """Whether there is more to see than is passed on, and it has not been shown."""
    text = _text(group)
    return text.said != text.text and not is_long(group)


def shown(group: AnswerGroup, cases: Mapping[str, Case]) -> Sequence[Text]:
    """The answer, without what it quotes."""
    text = _text(group)
    said = text.said if len(text.said) <= SHOWN_MAX else f"{text.said[:SHOWN_MAX].rstrip()}…"
    return [
        *_origin(group, cases),
        Quote(said) if said else no_text(),
        *_warnings(text),
    ]


def facts(group: AnswerGroup, cases: Mapping[str, Case]) -> Text:
    """All that is shown of it beside its text."""
    return Lines((*_origin(group, cases), *_warnings(_text(group))))


def no_text() -> Text:
    return _("It holds no text that we can read.")


def _origin(group: AnswerGroup, cases: Mapping[str, Case]) -> Sequence[Text]:
    letter = Lines((*_addressed(group.example.ref, cases), *_from(_text(group))))
    return (_heading(group, cases), letter)


def _warnings(text: AnswerText) -> Sequence[Text]:
    return [
        *([files(text)] if text.files else []),
        *([_may_name_others(text)] if text.people > 1 else []),
    ]


def _addressed(ref: LetterRef, cases: Mapping[str, Case]) -> list[Text]:
    """To whom the letter went, and for which action, where the case has several."""
    case, target = cases.get(ref.case), target_of(cases, ref)
    lines: list[Text] = [_("Letter to: {office}", {"office": target.office if target else ref.target})]
    if case is None or len(case.actions) > 1:
        action = case.actions.get(ref.action) if case else None
        lines.append(_("Action: {action}", {"action": action.title if action else ref.action}))
    return lines


def _from(text: AnswerText) -> list[Text]:
    return [_("From: {sender}", {"sender": text.sender})] if text.sender else []


def _may_name_others(text: AnswerText) -> Text:
    count = {"count": Number(text.people)}
    return _("<b>This mail went to {count} supporters at once and may name others.</b>", count)


def _heading(group: AnswerGroup, cases: Mapping[str, Case]) -> Text:
    case = cases.get(group.example.case)
    values: Values = {
        "answers": _count(group.count),
        "title": case.title if case else group.example.case,
        "moment": moment(group.example.received_at),
    }
    if group.count == 1:
        return _("{title}: an answer of {moment}", values)
    return _("{title}: {answers} that say the same. This is the first one, of {moment}.", values)


def whole(group: AnswerGroup) -> tuple[Text, ...]:
    return (Quote(_text(group).text),)


def ask_read() -> Text:
    return _("There is more of it. It can be passed on once you have seen all of it.")


def ask_settle(group: AnswerGroup) -> Text:
    if group.count == 1:
        return _("Shall we pass it on to who wrote the letter?")
    return _("Shall we pass them on? Everybody gets the answer to their own letter, and no other.")


def ask_one() -> Text:
    return _("Shall we pass on this one only? The others stay where they are.")


def still_waits() -> Text:
    return _("It is still waiting. Write <b>/answers</b> to come back to it.")


def settled(status: AnswerStatus, count: int, *, more: bool) -> Text:
    values: Values = {"answers": _count(count)}
    if status is AnswerStatus.PASSED:
        said = _("Passed on: {answers}. Where it is night, people get it in the morning.", values)
    else:
        said = _("Set aside: {answers}. Nobody gets it.", values)
    return Paragraphs((said, _("Others are waiting. Write <b>/answers</b> to see them.") if more else ""))
