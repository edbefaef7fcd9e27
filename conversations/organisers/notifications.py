"""Messages to the team: about broadcasts, and about each other."""

from collections.abc import Mapping, Sequence

from assistant.domain.actions import Action
from assistant.domain.broadcasts import NOT_AS_APPROVED, Broadcast, CopyStatus, Count, Progress, Tally
from assistant.domain.cases import Case
from assistant.domain.figures import FEW, Figure, figure, total
from assistant.domain.guessing import WITHIN, Guessing
from assistant.domain.letters import Route
from assistant.domain.lifecycle import BroadcastStatus
from assistant.domain.messages import Account
from assistant.domain.notifications import Notification, StartButton
from assistant.domain.organisers import ApprovalRequest, Organiser, RequestKind
from assistant.domain.targets import Target
from assistant.domain.texts import LanguageName, Lines, Number, Paragraphs, Sentence, Text, Values
from conversations.commands import MenuWord, typed_command
from conversations.organisers.formatting import (
    Shown,
    duration,
    lasting_for,
    named,
    people,
    plural_of,
    role_name,
    starting,
)

_ = Sentence
BAR = 10  # signs
REASON_MAX = 140  # characters


def _by(who: str | None) -> Text | str:
    return who or _("The server's operator")


def _button(conversation: str, argument: str, label: Text) -> StartButton:
    return StartButton(conversation, argument, label, typed_command(conversation, argument))


# Before it leaves


def version(language: str, *, wrote: bool) -> Notification:
    language_name = {"language": LanguageName(language)}
    if wrote:
        return Notification(_("Readers of {language} who have written a letter get this:", language_name))
    return Notification(_("Readers of {language} get this:", language_name))


def preview(broadcast: Broadcast, rates: Mapping[Account, float]) -> Notification:
    number = str(broadcast.id)
    said = Paragraphs(
        (
            _(
                "{broadcast} is ready. It has been sent only to you.",
                {"broadcast": named(broadcast)},
            ),
            reach(broadcast, rates),
            _("If it reads well, ask for approval. Nothing is sent before that."),
        )
    )
    ask = StartButton("propose", _seal(broadcast), _("Ask for approval"), typed_command("propose", number))
    edit = _button("edit", number, _("Change it"))
    return Notification(said, (ask, edit, _button("discard", number, _("Discard it"))))


def reach(broadcast: Broadcast, rates: Mapping[Account, float]) -> Text:
    """How many people it reaches, by account and language, and how long that takes."""
    whole, shown = broadcast.shown_reach, broadcast.shown_counts
    if not shown:
        few: Values = {"count": Number(FEW)}
        return _(
            "It would reach fewer than {count} people, or nobody. A smaller number is not shown, because it "
            "could point at a person.",
            few,
        )
    lines: list[Text] = [_("It goes to {people}:", {"people": people(whole)})]
    for account in dict.fromkeys(count.account for count in shown):
        here = {count: each for count, each in shown.items() if count.account == account}
        together, rate = total(here.values()), rates.get(account)
        values: Values = {"channel": account.channel_name, "people": people(together)}
        if rate is None:
            lines.append(_("{channel}: {people}. This account is not connected now.", values))
        else:
            takes: Values = {**values, "duration": duration(together.least / rate if rate else 0)}
            lines.append(_("{channel}: {people}, in {duration}", takes))
        lines += [_readers(broadcast, count, each) for count, each in here.items()]
    return Lines(tuple(lines))


def _readers(broadcast: Broadcast, count: Count, shown: Figure) -> Text:
    language = LanguageName(count.language) if count.language else _("no language chosen")
    facts: Values = {"language": language, "people": people(shown)}
    instead = broadcast.announcement.fallbacks.get(count.language or "")
    if instead is None:
        return _("- {language}: {people}", facts)
    return _("- {language}: {people}, with the text in {other}", {**facts, "other": LanguageName(instead)})


def _seal(broadcast: Broadcast) -> str:
    """Its number, with what it looked like."""
    return f"{broadcast.id}.{broadcast.digest}"


def proposed(broadcast: Broadcast, who: str | None) -> Notification:
    said = _(
        "{who} asks you to approve {broadcast}, to {people}. Please read it first. Nothing is sent "
        "before it is approved.",
        {"who": _by(who), "broadcast": named(broadcast), "people": people(broadcast.shown_reach)},
    )
    number = str(broadcast.id)
    approve = StartButton("approve", _seal(broadcast), _("Approve it"), typed_command("approve", number))
    return Notification(said, (approve, _button("edit", number, _("Change it"))))


def approved(broadcast: Broadcast, who: str | None) -> Notification:
    facts: Values = {"broadcast": named(broadcast), "who": _by(who), "moment": starting(broadcast)}
    said = _(
        "{who} has approved {broadcast}. It will be sent from {moment}. Nobody gets it before that.", facts
    )
    return Notification(said, (_halt(broadcast),))


def changed(broadcast: Broadcast, who: str | None) -> Notification:
    facts: Values = {"broadcast": named(broadcast), "who": _by(who)}
    return Notification(_("{who} has changed {broadcast}. It is not sent until it is approved again.", facts))


def discarded(broadcast: Broadcast, who: str | None) -> Notification:
    return Notification(
        _(
            "{who} has discarded {broadcast}. Nobody will get it.",
            {"broadcast": named(broadcast), "who": _by(who)},
        )
    )


# While it leaves


def _halt(broadcast: Broadcast) -> StartButton:
    number = str(broadcast.id)
    return _button("halt", number, _("Halt it"))


def _resume(broadcast: Broadcast) -> StartButton:
    number = str(broadcast.id)
    return _button("resume", number, _("Resume it"))


def progress(progress: Progress) -> Notification:
    broadcast, shown = progress.broadcast, progress.shown
    lines: list[Text] = [named(broadcast), _bar(progress), *figures_of_progress(progress)]
    if broadcast.is_halted:
        lines.append(_("It is halted."))
        return Notification(Lines(tuple(lines)), (_resume(broadcast),))
    if broadcast.is_over:
        return Notification(Lines((*lines, _("It is over."))))
    if progress.rate and shown.whole.exact is not None:
        lines.append(_rate(progress.rate))
    if progress.left is not None:
        lines.append(_("Time left: {duration}", {"duration": duration(progress.left)}))
    return Notification(Lines(tuple(lines)), (_halt(broadcast),))


def _rate(rate: float) -> Text:
    """Copies a second, or a minute where they are few."""
    if rate >= 1:
        return _("{number} a second", {"number": Number(round(rate))})
    return _("{number} a minute", {"number": Number(max(1, round(rate * 60)))})


def _bar(progress: Progress) -> Text:
    percent = progress.percent
    full = round(percent / 100 * BAR)
    facts: Values = {"bar": "█" * full + "░" * (BAR - full), "percent": Number(percent)}
    return _("{bar} {percent}%", facts)


def figures_of_progress(progress: Progress) -> list[Text]:
    shown = progress.shown
    lines: list[Text] = [_("Sent: {count}", {"count": Shown(shown.count(CopyStatus.SENT))})]
    if shown.waiting and progress.broadcast.is_over:
        lines.append(_("Too late: {count}", {"count": Shown(shown.waiting)}))
    elif shown.waiting:
        lines.append(_("Waiting: {count}", {"count": Shown(shown.waiting)}))
    return lines + [_ending(each, shown.count(each)) for each in _ENDINGS if progress.count(each)]


_ENDINGS = (CopyStatus.FAILED, CopyStatus.BLOCKED, CopyStatus.UNKNOWN, CopyStatus.CANCELLED)


def _ending(outcome: CopyStatus, count: Figure) -> Text:
    counted = {"count": Shown(count)}
    match outcome:
        case CopyStatus.FAILED:
            return _("Failed: {count}", counted)
        case CopyStatus.BLOCKED:
            return _("Blocked us: {count}", counted)
        case CopyStatus.UNKNOWN:
            return _("Unknown: {count}", counted)
    return _("Unsubscribed before they got it: {count}", counted)


def halted(broadcast: Broadcast, who: str | None) -> Notification:
    facts: Values = {"broadcast": named(broadcast), "who": _by(who)}
    said: Text = _("{who} has halted {broadcast}. Nobody else gets it for now.", facts)
    if broadcast.note == NOT_AS_APPROVED:
        changed_by_others = _("{broadcast} was halted: it is not what was approved.", facts)
        look = _("Somebody has changed it in the database. Please call who runs the server.")
        return Notification(Paragraphs((changed_by_others, look)))
    if broadcast.note is not None:
        too_many = _(
            "{broadcast} was halted because too many messages failed. Nobody else gets it for now.", facts
        )
        why = _("The reason, for the server's operator: {reason}", {"reason": broadcast.note})
        said = Paragraphs((too_many, why))
    return Notification(said, (_resume(broadcast),))


def resumed(broadcast: Broadcast, who: str | None) -> Notification:
    facts: Values = {"broadcast": named(broadcast), "who": _by(who)}
    said = _("{who} has resumed {broadcast}. Nobody gets it twice.", facts)
    return Notification(said, (_halt(broadcast),))


def ended(progress: Progress) -> Notification:
    lines = [_over(progress.broadcast), *figures_of_progress(progress)]
    reasons = [
        _failures(tally, shown)
        for tally, shown in progress.shown.ends.items()
        if tally.outcome in (CopyStatus.FAILED, CopyStatus.BLOCKED, CopyStatus.UNKNOWN) and tally.reason
    ]
    return Notification(Lines((*lines, *reasons)))


def _failures(tally: Tally, shown: Figure) -> Text:
    values: Values = {"count": Shown(shown), "reason": tally.reason}
    return _("{count} times: {reason}", values)


def _over(broadcast: Broadcast) -> Text:
    if broadcast.status is BroadcastStatus.EXPIRED:
        return _("{broadcast} is over: its time has ended.", {"broadcast": named(broadcast)})
    return _("{broadcast} is over.", {"broadcast": named(broadcast)})


# The team


def paused(paused: Case | Action, who: str | None) -> Notification:
    subject = paused.slug if isinstance(paused, Case) else str(paused.ref)
    said = _(
        "{who} has paused {title}. None of its letters, updates or alerts are sent until it is resumed.",
        {"who": _by(who), "title": paused.title},
    )
    return Notification(said, (_button("resume", subject, _("Resume it")),))


def case_broken(case: str, why: str, *, goes_on: bool) -> Notification:
    """`case`: by the name of its folder; `why`: a sentence for the server's operator."""
    named: Values = {"case": case}
    if goes_on:
        said = _("The folder of {case} has a mistake. Its last good version goes on.", named)
    else:
        said = _("The folder of {case} has a mistake. The case is left out for now.", named)
    return Notification(Paragraphs((said, _reason(why))))


def _reason(why: str) -> Text:
    shown = why if len(why) <= REASON_MAX else f"{why[:REASON_MAX]}…"
    return _("The reason, for the server's operator: {reason}", {"reason": shown})


def case_mended(case: str) -> Notification:
    return Notification(_("The folder of {case} is good again.", {"case": case}))


def letters_stranded(case: str, count: int, *, has_folder: bool) -> Notification:
    """`has_folder`: an action or an office is gone from it."""
    named: Values = {"case": case}
    if has_folder:
        gone = _("An action or an office is gone from the folder of {case}. Nothing is sent for it.", named)
    else:
        gone = _("The folder of {case} is gone. Nothing is sent for it any more.", named)
    return Notification(Paragraphs((gone, _held(count), _("Their writers can still withdraw them."))))


def case_back(case: str, count: int) -> Notification:
    back = _("Letters for {case} can be sent again.", {"case": case})
    how = _(
        "The server's operator can release them: {command}",
        {"command": f"assistant letters release --case {case}"},
    )
    return Notification(Paragraphs((back, _held(count), how)))


def _held(count: int) -> Text:
    counted: Values = {"count": Shown(figure(count))}
    return Sentence("{count} letter is held.", counted, "{count} letters are held.", plural_of(figure(count)))


def guessing(guessing: Guessing) -> Notification:
    values: Values = {"count": Number(guessing.count), "duration": lasting_for(WITHIN)}
    if guessing.everywhere:
        said = _(
            "Several chats have tried {count} wrong codes to get into the team. No code works for "
            "{duration}. Please invite later.",
            values,
        )
    else:
        said = _(
            "A chat has tried {count} wrong codes to get into the team. No code is taken from it for "
            "{duration}. If it is somebody whom you have invited, give them a new code.",
            values,
        )
    return Notification(said)


def letters_uncertain(count: int) -> Notification:
    said = Sentence(
        "{count} letter may have arrived, and nobody knows. It is not sent again by itself.",
        {"count": Shown(figure(count))},
        "{count} letters may have arrived, and nobody knows. They are not sent again by themselves.",
        plural_of(figure(count)),
    )
    how = _(
        "Somebody has to find out, and to say so in the dashboard or on the server: {command}",
        {"command": "assistant letters list --status uncertain"},
    )
    return Notification(Paragraphs((said, how)))


def restored(since: str, letters: int, broadcasts: int) -> Notification:
    """The database was put back. `since`: to which moment."""
    back = _(
        "The server's data was put back to {moment}. What happened after that is not known any more.",
        {"moment": since},
    )
    halted = Sentence(
        "{count} broadcast is halted.",
        {"count": Number(broadcasts)},
        "{count} broadcasts are halted.",
        broadcasts,
    )
    stands = [_held(letters)] if letters else []
    stands += [halted] if broadcasts else []
    warning = [_("All this may have been sent already.")] if stands else []
    check = _("Please check who is in the team, and which cases are paused.")
    return Notification(Paragraphs((back, *stands, *warning, check)))


def letters_held(case: Case, count: int) -> Notification:
    facts: Values = {"title": case.title, "count": Shown(figure(count))}
    if not count:
        return Notification(
            _("No letter for {title} has to wait: all stand on the text that is in the case folder.", facts)
        )
    return Notification(
        Sentence(
            "{count} letter for {title} waits: it stands on an older text. Its writer is asked to agree "
            "to the new one.",
            facts,
            "{count} letters for {title} wait: they stand on an older text. Their writers are asked to agree "
            "to the new one.",
            plural_of(figure(count)),
        )
    )


def text_changed(case: Case, action: Action, count: int) -> Notification:
    facts: Values = {"title": case.title, "action": action.title, "count": Shown(figure(count))}
    said = Sentence(
        "The letter for {title}, {action}, reads otherwise than before. {count} letter stands on the old "
        "text. It waits until you say whether the change matters.",
        facts,
        "The letter for {title}, {action}, reads otherwise than before. {count} letters stand on the old "
        "text. They wait until you say whether the change matters.",
        plural_of(figure(count)),
    )
    ref = str(action.ref)
    return Notification(said, (_button("reword", ref, _("Decide")),))


def routes_changed(case: Case, target: Target, before: Sequence[Route]) -> Notification:
    facts: Values = {"title": case.title, "office": target.office}
    said = _(
        "The address of {office} has changed. Letters for {title} wait until two people confirm it.", facts
    )
    old = _("Before: {routes}", {"routes": ", ".join(map(str, before)) or "-"})
    new = _("Now: {routes}", {"routes": ", ".join(map(str, target.routes))})
    how = _(
        "The server's operator asks for it, and one of you agrees: {command}",
        {"command": f"assistant cases confirm {case.slug}"},
    )
    return Notification(Paragraphs((said, Lines((old, new)), how)))


def wanted(request: ApprovalRequest, members: Sequence[Organiser]) -> Notification:
    facts: Values = {"who": _by(_name(members, request.author)), "wish": describe_request(request, members)}
    said = _("{who} asks for this: {wish}. It needs a second person, and nothing has changed yet.", facts)
    return Notification(
        said,
        (_button("agree", str(request.id), _("Look at it")),),
    )


def granted(request: ApprovalRequest, members: Sequence[Organiser]) -> Notification:
    return Notification(_("This is agreed: {wish}.", {"wish": describe_request(request, members)}))


def unwanted(request: ApprovalRequest, members: Sequence[Organiser]) -> Notification:
    said = _(
        "Somebody else in the team does not agree to this: {wish}. Nothing changes.",
        {"wish": describe_request(request, members)},
    )
    return Notification(said)


def describe_request(request: ApprovalRequest, members: Sequence[Organiser]) -> Text:
    """What somebody wants, in a few words."""
    match request.what:
        case RequestKind.RESUME:
            return _("{name} is resumed", {"name": request.subject})
        case RequestKind.ROUTES:
            return _("letters go to the new addresses of {name}", {"name": request.subject})
        case RequestKind.REMOVE:
            return _("{name} leaves the team", {"name": _subject(request, members)})
        case RequestKind.ROLE:
            facts: Values = {"name": _subject(request, members), "role": role_name(request.value)}
            return _("{name} becomes {role}", facts)


def _subject(request: ApprovalRequest, members: Sequence[Organiser]) -> str:
    return next((each.name for each in members if str(each.number) == request.subject), request.subject)


def _name(members: Sequence[Organiser], number: int | None) -> str | None:
    return next((each.name for each in members if each.number == number), None)


def answered(number: int) -> Notification:
    said = _("An office has answered a letter. Nobody gets the answer before one of you has looked at it.")
    return Notification(said, (_button("answers", str(number), _("See it")),))


def letters_to_read() -> Notification:
    said = _("A letter waits until one of you has read it. It is not sent before that.")
    return Notification(said, (_button("review", "next", _("Read it")),))


def letters_still_to_read(count: int) -> Notification:
    said = Sentence(
        "{count} letter still waits until one of you has read it.",
        {"count": Shown(figure(count))},
        "{count} letters still wait until one of you has read them.",
        plural_of(figure(count)),
    )
    return Notification(said, (_button("review", "next", _("Read it")),))


def record_code(entry: int, code: str) -> Notification:
    said = _(
        "This is today's code of the record of what the team did: up to entry {entry}.", {"entry": str(entry)}
    )
    how = _(
        "Please keep it. With it, the server's operator finds out whether entries are missing: {command}",
        {"command": f"assistant audit verify --code {code}"},
    )
    return Notification(Paragraphs((said, how)))


def found_changed(what: str) -> Notification:
    """`what`: as the server's operator calls it."""
    said = _("Somebody has changed the database behind our back. What they wrote has no effect.")
    how = _("The server's operator sees more: {command}", {"command": "assistant audit verify"})
    return Notification(Paragraphs((said, _reason(what), how)))


def joined(member: Organiser) -> Notification:
    facts: Values = {"name": member.name, "role": role_name(member.role)}
    return Notification(_("{name} has joined the team: {role}.", facts))


def signed_in() -> Notification:
    return Notification(
        Paragraphs(
            (
                _("You are signed in to the dashboard now, in a browser."),
                _(
                    "Was that not you? Write <b>/{word}</b> to end it at once.",
                    {"word": MenuWord("signout")},
                ),
            )
        )
    )


def other_words() -> Notification:
    """To who has another role. The words of the one before leave their menu."""
    return Notification(_("Write <b>/team</b> to see what you can do."), menu=())


def removed() -> Notification:
    """To who has been taken out of the team: its words leave their menu, too."""
    return Notification(_("You are not in the team any more."), menu=())


def left(name: str) -> Notification:
    return Notification(_("{name} is not in the team any more.", {"name": name}))
