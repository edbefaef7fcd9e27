"""Writing an update, an alert or a correction: what it says, to whom, when; then it is kept as a draft."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from markupsafe import Markup, escape

from assistant.dialogue.answers import Choice, Countries, LocalTime, Moment, Prose, Which
from assistant.dialogue.talk import Talk
from assistant.domain.actions import newest_first
from assistant.domain.broadcasts import (
    Announcement,
    Audience,
    CallToAction,
    Kind,
    Timing,
    texts_of,
    usual_call_to_action,
)
from assistant.domain.cases import Case, Update
from assistant.domain.effects import Begin, Effect, Save
from assistant.domain.letters import ExpectedActionDay
from assistant.domain.organisers import Permission
from assistant.domain.richtext import plain
from assistant.domain.team import Team
from conversations.organisers.formatting import UTC
from conversations.organisers.sentences import drafting as say
from conversations.organisers.sentences import shared
from conversations.organisers.team import chosen, the_team

_NOT_STORED = ("check", "field")  # they belong to the talk, not to what was written


def alert(talk: Talk) -> Iterable[Effect | Begin]:
    return _compose(talk, Kind.ALERT)


def update(talk: Talk) -> Iterable[Effect | Begin]:
    return _compose(talk, Kind.UPDATE)


def correct(talk: Talk) -> Iterable[Effect | Begin]:
    return _compose(talk, Kind.CORRECTION)


def edit(talk: Talk) -> Iterable[Effect | Begin]:
    """Change what was written before it has begun to leave."""
    team = the_team(talk)
    found = chosen(talk, [each for each in team.broadcasts.values() if each.started_at is None])
    if found is None or not team.may(Permission.DRAFT):
        talk.say(say.nothing_to_edit() if team.may(Permission.DRAFT) else shared.not_trusted())
        return []
    written = found.announcement
    answers = tuple({**_texts_of(written), **dict(written.answers), "replaces": str(found.id)}.items())
    return [Begin(_CONVERSATIONS[written.kind], written.case, answers=answers)]


def _texts_of(written: Announcement) -> dict[str, str | None]:
    """Its texts as answers: what was proposed for them then may be proposed no more."""
    if written.update is not None:
        return {}
    return {f"text-{language}": plain(Markup(text)) for language, text in written.texts.items()}  # noqa: S704


_CONVERSATIONS = {Kind.ALERT: "alert", Kind.UPDATE: "update", Kind.CORRECTION: "correct"}


def _compose(talk: Talk, kind: Kind) -> Iterable[Effect | Begin]:
    team = the_team(talk)
    if not team.may(Permission.DRAFT):
        talk.say(shared.not_trusted())
        return []
    if kind is Kind.CORRECTION and not team.sent:
        talk.say(say.nothing_to_correct())
        return []
    replaces = _replaced(talk)
    if replaces is not None and not _can_be_edited(team, replaces):
        talk.say(say.nothing_to_edit())
        return []
    written = _written(talk, team, kind)
    verdict = talk.ask("check", Choice(say.SAVE, say.EDIT, say.DROP), say.check(written, talk.cases))
    if verdict == "edit":
        asked = [each for each in talk.path if each not in _NOT_STORED]
        field = talk.ask("field", Choice(*say.fields(asked)), say.ask_field())
        talk.redo(field, "field", "check", *_depending(field, asked))
    if verdict == "stop":
        talk.say(say.dropped())
        return []
    talk.say(say.saved())
    return [Save(written, replaces)]


def _replaced(talk: Talk) -> int | None:
    """The number of the broadcast that is being edited."""
    replaces = talk.frame.answer("replaces")
    return int(replaces.value) if replaces and replaces.value else None


def _can_be_edited(team: Team, number: int) -> bool:
    found = team.broadcasts.get(number)
    return found is not None and found.started_at is None


def _depending(field: str, asked: Iterable[str]) -> list[str]:
    """The questions whose answers mean nothing any more once `field` is answered anew."""
    return [each for each in asked if each != field] if field in ("about", "news", "broadcast") else []


def _written(talk: Talk, team: Team, kind: Kind) -> Announcement:
    case, received = None, None
    if kind is Kind.CORRECTION:
        received = int(_corrected(talk, team))
        case = talk.cases.get(team.sent[received].announcement.case or "")
    else:
        case = _about(talk, kind)
    slug = _news(talk, team, case) if case and kind is Kind.UPDATE else None
    known = case.updates[slug] if case and slug else None
    texts = texts_of(known) if known else _texts(talk, _action_day(case, team, kind))
    fallbacks = _fallbacks(talk, texts, fixed=known is not None)
    action = _action(talk, team, case, kind)
    audience = Audience(received=received) if received else _audience(talk, kind, case, action)
    timing = _timing(talk, team, case, kind)
    return Announcement(
        kind=kind,
        texts=texts,
        dated=known.date if known else timing.dated(team.now),
        case=case.slug if case else None,
        update=slug,
        fallbacks=fallbacks,
        audience=audience,
        timing=timing,
        call_to_action=_call_to_action(talk, kind, case),
        outcome=bool(known and known.outcome),
        action=action,
        replaces_letter=_replaces_letter(talk, kind, known),
        answers=tuple((each.name, each.value) for each in talk.frame.answers if each.name not in _NOT_STORED),
    )


def _corrected(talk: Talk, team: Team) -> str:
    """The number of the broadcast that was wrong."""
    options = [say.sent_option(each) for each in team.sent.values()]
    return talk.ask("broadcast", Which(*options), say.ask_corrected()).partition(".")[0]


def _about(talk: Talk, kind: Kind) -> Case | None:
    """The case that it is about. An alert may be about none in particular."""
    options = [shared.case_option(case) for case in talk.cases.values()]
    if kind is Kind.ALERT:
        options.append(say.NO_CASE)
    if len(options) == 1:
        return next(iter(talk.cases.values()))
    about = talk.ask("about", Choice(*options), shared.ask_which_case())
    return None if about == say.NO_CASE.value else talk.cases[about]


def _news(talk: Talk, team: Team, case: Case) -> str | None:
    """The update of the case folder that it is; None where it is written here."""
    replaced = team.broadcasts.get(_replaced(talk) or 0)
    own = replaced.announcement.update if replaced else None
    published = team.published.get(case.slug, frozenset()) - {own}
    unsent = [each for each in case.updates.values() if each.slug not in published]
    if not unsent:
        return None
    options = [say.update_option(each) for each in unsent]
    news = talk.ask("news", Choice(*options, say.WRITE), say.ask_news())
    return None if news == say.WRITE.value else news


def _action_day(case: Case | None, team: Team, kind: Kind) -> ExpectedActionDay | None:
    """The action day that an alert is for, unless its author says otherwise."""
    return case.action_day_ahead(team.now) if case and kind is Kind.ALERT else None


def _action(talk: Talk, team: Team, case: Case | None, kind: Kind) -> str | None:
    """The action that it is about, where its case has several; for the button, and for who has written."""
    if case is None or kind is Kind.CORRECTION or len(case.actions) == 1:
        return None
    day = _action_day(case, team, kind)
    newest = newest_first(case.actions.values())
    usual = newest[0].slug if kind is Kind.ALERT else say.NO_ACTION.value
    options = [*map(say.action_option, newest), say.NO_ACTION]
    chosen = talk.preset("action", Choice(*options), day.action.action if day else usual, say.ask_action())
    return None if chosen == say.NO_ACTION.value else chosen


def _replaces_letter(talk: Talk, kind: Kind, known: Update | None) -> bool:
    """Whether letters that wait are not true any more after the news."""
    if kind is not Kind.UPDATE:
        return False
    usual = say.LETTERS_WAIT if known and known.replaces_letter else say.LETTERS_LEAVE
    chosen = talk.preset(
        "waiting", Choice(say.LETTERS_LEAVE, say.LETTERS_WAIT), usual.value, say.ask_waiting()
    )
    return chosen == say.LETTERS_WAIT.value


def _texts(talk: Talk, action_day: ExpectedActionDay | None) -> dict[str, str]:
    """What it says, in each language that somebody can write; at least one."""
    texts: dict[str, str] = {}
    languages = list(talk.locale.siblings)
    for language in languages:
        last = language == languages[-1]
        skip = None if last and not texts else say.SKIP
        name, answer, question = f"text-{language}", Prose(skip), say.ask_text(language)
        if action_day:
            proposed = say.call_for(action_day).render(talk.locale.siblings[language])
            text = talk.preset(name, answer, plain(proposed), question)
        else:
            text = talk.ask(name, answer, question)
        if text is not None:
            texts[language] = str(escape(text))
    return texts


def _fallbacks(talk: Talk, texts: Mapping[str, str], *, fixed: bool) -> dict[str, str]:
    """For each language without a text, the one whose text its readers get: accepted by its name."""
    accepted: dict[str, str] = {}
    for language in talk.locale.siblings:
        if language in texts:
            continue
        options = [say.instead_option(language, other) for other in texts]
        if not fixed:
            options.append(say.WRITE_IT)
        name = f"instead-{language}"
        instead = talk.ask(name, Choice(*options), say.ask_instead(language))
        if instead == say.WRITE_IT.value:
            talk.redo(f"text-{language}", name)
        accepted[language] = instead
    return accepted


def _audience(talk: Talk, kind: Kind, case: Case | None, action: str | None) -> Audience:
    wrote, slug = None, case.slug if case else None
    if case:
        most = "unwritten" if kind is Kind.ALERT else "case"  # an alert calls to write
        readers = talk.preset("readers", Choice(*say.READERS), most, say.ask_readers(case))
        wrote = {"wrote": True, "unwritten": False}.get(readers)
        slug = None if readers == "everyone" else slug
    countries = talk.preset("countries", Countries(say.EVERYWHERE), None, say.ask_countries())
    language = say.ALL_LANGUAGES.value
    if len(talk.locale.siblings) > 1:
        options = [say.language_option(each) for each in talk.locale.siblings]
        language = talk.preset(
            "languages", Choice(say.ALL_LANGUAGES, *options), language, say.ask_languages()
        )
    languages = () if language == say.ALL_LANGUAGES.value else (language,)
    return Audience(
        case=slug,
        countries=tuple((countries or "").split()),
        languages=languages,
        wrote=wrote,
        action=action if wrote is not None else None,
    )


def _timing(talk: Talk, team: Team, case: Case | None, kind: Kind) -> Timing:
    action_day = _action_day(case, team, kind)
    when = talk.preset("when", Choice(*say.WHEN), "moment" if action_day else "now", say.ask_when())
    zone = case.main.timezone if case else UTC
    at, local = None, None
    if when == "moment":
        question, answer = say.ask_moment(case), Moment(zone, team.now)
        known = action_day.begins.isoformat() if action_day else ""
        at = datetime.fromisoformat(talk.preset("moment", answer, known, question))
    elif when == "local":
        local = datetime.fromisoformat(talk.ask("local", LocalTime(team.now), say.ask_local()))
    ends = kind is Kind.ALERT
    usual = say.ONE_DAY if ends else say.FOREVER
    lasts = talk.preset("lasts", Choice(*say.lasting(must_end=ends)), usual.value, say.ask_lasts())
    night = talk.preset("night", Choice(say.WAIT, say.URGENT), say.WAIT.value, say.ask_night())
    hours = None if lasts == say.FOREVER.value else int(lasts.removeprefix("h"))
    day_there = local.date() if local else None
    return Timing(
        at=at,
        zone=zone if at else None,
        day=day_there,
        hour=local.time() if local else None,
        lasts=hours,
        urgent=night == say.URGENT.value,
    )


def _call_to_action(talk: Talk, kind: Kind, case: Case | None) -> CallToAction:
    if case is None:
        return CallToAction.NONE
    options = [say.STEP_LETTER, say.STEP_READ, *([] if kind is Kind.UPDATE else [say.STEP_NONE])]
    usual = usual_call_to_action(kind, case).value
    return CallToAction(talk.preset("step", Choice(*options), usual, say.ask_step()))
