"""Writing a letter, and changing or withdrawing one that has not been sent yet."""

from collections.abc import Callable, Iterable, Sequence

from assistant.dialogue.answers import Choice, Country, PersonalLine, Recipients, Signature
from assistant.dialogue.options import Option
from assistant.dialogue.talk import Talk
from assistant.domain.actions import Action
from assistant.domain.cases import Case, target_of
from assistant.domain.effects import Begin, Effect, Postpone, QueueLetter, Withdraw
from assistant.domain.letters import (
    NAMELESS,
    ActionRef,
    Draft,
    ExpectedDeparture,
    LetterRef,
    WrittenLetter,
)
from assistant.domain.lifecycle import LetterStatus
from assistant.domain.pauses import is_paused
from assistant.domain.targets import Target
from assistant.domain.texts import Printed, Text, country_code
from conversations.commands import stale
from conversations.supporters.navigation import choose_case, follow_links, offer_to_withdraw
from conversations.supporters.sentences import letter as say
from conversations.supporters.sentences import shared, written_letters


def letter(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk, say.greeting())
    if case.slug in talk.person.paused:
        talk.say(say.paused(case))
        return []
    if case.closed:
        return _closed(talk, case)
    named = _named(talk, case)
    if named and (why := _why_closed(talk, named)):
        talk.say(why)
        return _another(talk, case)
    action = _choose_action(talk, case)
    if action is None:
        return []
    posted = talk.person.written(action.ref)
    if any(each.outdated for each in posted):
        return [Begin("renew", case.slug, answers=(("letter", str(action.ref)),))]
    if posted:
        title = _title(talk, action) if _named(talk, case) else case.title
        talk.say(written_letters.already_written(title, has_left=all(each.has_left for each in posted)))
        return []
    greeting = say.hello(case, action, several=_is_one_of_several(talk, case))
    if talk.ask("ready", Choice(say.GO, say.LATER), greeting, say.ask_ready()) == "later":
        talk.say(say.see_you_later())
        return []
    if len(case.actions) > 1 and not talk.frame.answer(
        "action"
    ):  # it stays that one, whatever opens or closes
        known = tuple((each.name, each.value) for each in talk.frame.answers)
        return [Begin("letter", case.slug, answers=(("action", action.slug), *known))]
    if signed := _signed_before(talk, case):
        known = (("action", action.slug), ("ready", say.GO.value), *signed)
        return [Begin("letter", case.slug, answers=known)]
    drafts = compose(talk, action)
    if not drafts:
        talk.say(say.nobody_to_write_to())
        return []
    if not confirmed(talk, action, drafts, say.STOP):
        talk.say(say.not_sent())
        return []
    talk.say(_queued(talk, drafts))
    asking = [] if case.slug in talk.person.subscriptions else [Begin("subscribe", case.slug)]
    passing_on = [] if case.is_careful(drafts[0].lives_in) else [Begin("share", case.slug)]
    return [*map(QueueLetter, drafts), *passing_on, *asking]


def _closed(talk: Talk, case: Case) -> Iterable[Effect | Begin]:
    """Tell how the case ended, and offer others that are open."""
    others = [each for each in talk.cases.values() if _has_new(talk, each)]
    if not others:
        talk.say(say.how_it_ended(case), say.nothing_to_write())
        return []
    options = Choice(*map(shared.case_option, others), say.LATER, by_words=True)
    other = talk.ask("other", options, say.how_it_ended(case), say.ask_other())
    if other == say.LATER.value:
        talk.say(say.see_you_later())
        return []
    return [Begin("letter", other)]


def _has_new(talk: Talk, case: Case) -> bool:
    """Whether there is something to write for the case that this person has not written yet."""
    return any(not talk.person.written(action.ref) for action in _open_now(talk, case))


def _open_now(talk: Talk, case: Case) -> Sequence[Action]:
    """The actions for which a letter can be written now, the newest first."""
    return [
        each for each in case.open_actions(talk.person.now) if not is_paused(each.ref, talk.person.paused)
    ]


def _why_closed(talk: Talk, action: Action) -> Text | None:
    """Why no letter can be written for it now; None where one can."""
    if action.ref.case in talk.person.paused:
        return say.paused(talk.cases[action.ref.case])
    if is_paused(action.ref, talk.person.paused):
        return say.paused(action)
    if not action.is_open(talk.person.now):
        return say.not_open(action, over=action.is_over(talk.person.now))
    return None


def _choose_action(talk: Talk, case: Case) -> Action | None:
    """What the letter is for: asked where several are open that this person has not written for.

    None where there is nothing to write, which is said.
    """
    if named := _named(talk, case):
        return named
    open_now = _open_now(talk, case)
    new = [action for action in open_now if not talk.person.written(action.ref)]
    if not open_now:
        paused = case.open_actions(talk.person.now)
        talk.say(say.paused(case) if paused else say.nothing_open(case))
        return None
    if len(new) < 2:
        return (new or open_now)[0]
    options = [say.action_option(action) for action in new]
    return case.actions[talk.ask("action", Choice(*options, by_words=True), say.ask_which_action(new))]


def _is_one_of_several(talk: Talk, case: Case) -> bool:
    """Whether it has to be said which action it is: others are open, or this one was named."""
    return _named(talk, case) is not None or len(_open_now(talk, case)) > 1


def _named(talk: Talk, case: Case) -> Action | None:
    """The action that was chosen, or that a link named."""
    chosen = talk.frame.answer("action")
    return case.actions.get(chosen.value or "") if chosen else None


def _another(talk: Talk, case: Case) -> Iterable[Effect | Begin]:
    """Go on with what is open, if anything is. What was written for another action is kept for it."""
    kept = tuple((each.name, each.value) for each in talk.frame.answers if each.name in _KEPT)
    open_now = _open_now(talk, case)
    if len(open_now) == 1:
        kept = (("action", open_now[0].slug), *kept)
    return [Begin("letter", case.slug, answers=kept)] if open_now else []


_KEPT = ("name", "country", "line")


def _title(talk: Talk, action: Action) -> Text:
    """What a letter is for: its case, or its action where the case has several."""
    case = talk.cases[action.ref.case]
    return case.title if len(case.actions) == 1 else action.title


def _signed_before(talk: Talk, case: Case) -> Sequence[tuple[str, str | None]]:
    """Name and country of an earlier letter, where they are to stand under this one, too.

    The country alone where it is dangerous to write: there no name is suggested.
    """
    kept = [dict(each.answers) for each in talk.person.letters if each.answers]
    if not kept or talk.frame.answer("name") or talk.frame.answer("country"):
        return ()
    name, country = kept[-1]["name"] or NAMELESS, kept[-1]["country"]
    if not country:
        return ()
    if case.is_careful(country_code(country)):
        return (("country", country),)
    again = talk.ask("again", Choice(say.SIGN_AGAIN, say.SIGN_OTHERWISE), say.ask_again(name, country))
    return (("name", name), ("country", country)) if again == "yes" else ()


def compose(
    talk: Talk, action: Action, wanted: Callable[[str], Sequence[Target]] | None = None
) -> tuple[Draft, ...]:
    """The letters of the answers, asking for those that are not known yet.

    `wanted`: who gets one, by the country that is signed with; without it, that is asked.
    """
    country = talk.ask("country", Country(say.that_country, say.NONE), say.ask_country())
    name = _ask_name(talk, action, country)
    line = PersonalLine(say.SKIP, say.NO_LINES, say.LINE_DOUBTS)
    personal_line = talk.ask("line", line, say.ask_personal_line())
    targets = wanted(country) if wanted else _choose_targets(talk, action.addressees(country_code(country)))
    return tuple(
        action.draft(target, name=name, country=country, personal_line=personal_line) for target in targets
    )


def _ask_name(talk: Talk, action: Action, country: str) -> str:
    """The name to sign with, or NAMELESS; before that it is said who will read it."""
    case, targets = talk.cases[action.ref.case], action.addressees(country_code(country))
    carriers = dict.fromkeys(route.carrier for target in targets for route in target.routes)
    governments = frozenset(target.governed_by for target in targets)
    said = [say.who_reads(governments or action.governments, tuple(carriers), talk.person.overheard_by)]
    if careful := case.is_careful(country_code(country)):
        said.insert(0, _take_care(talk, action, country))
    signature = Signature(say.NAME_DOUBTS, say.sign_nameless(country), [case.person])
    return talk.ask("name", signature, *said, say.ask_name(country, careful=careful))


def _take_care(talk: Talk, action: Action, country: str) -> Text:
    safer = talk.person.safer if talk.person.overheard_by else None
    return say.take_care(own_office=_own_office(action, country), safer=safer)


def _own_office(action: Action, country: str) -> bool:
    """Whether an office of that country's own government gets the letter of somebody who lives there."""
    code = country_code(country)
    return any(each.governed_by == code for each in action.addressees(code))


def _choose_targets(talk: Talk, targets: Sequence[Target]) -> Sequence[Target]:
    """Who gets a letter: all of them, unless one is left out."""
    if len(targets) < 2:
        return targets
    left_out = {target.slug: say.not_to(target) for target in targets}
    recipients = Recipients(say.TO_ALL, left_out, [say.only_to(target) for target in targets])
    chosen = talk.ask("targets", recipients, say.ask_targets(targets)).split()
    return [target for target in targets if target.slug in chosen]


def confirmed(talk: Talk, action: Action, drafts: Sequence[Draft], stop: Option) -> bool:
    """Whether the drafts are to be sent, after all changes; not where `stop` was chosen."""
    first = drafts[0]
    targets = [target for draft in drafts if (target := action.target(draft.target))]
    if talk.answered == "country":
        talk.say(say.your_country(first.country))
        if talk.cases[action.ref.case].is_careful(first.lives_in):
            talk.say(_take_care(talk, action, first.country))
    mine = _readable(talk, first)
    shows: dict[str, tuple[Text, ...]] = {}
    options = [say.SEND, say.EDIT]
    for draft, target in zip(drafts[1:], targets[1:], strict=True):
        options.append(say.show_letter(target))
        shows[say.show_letter(target).value] = (_preview(talk, draft, [target]),)
    if mine != first.language:
        options.append(say.original(first))
        shows["original"] = (say.preview(first, first.language, targets[:1]),)
    if talk.person.gets_files:
        options.append(say.PAGE)
        shows["page"] = tuple(Printed(say.printed(), draft) for draft in drafts)
    preview = _preview(talk, first, targets)
    verdict = talk.ask("verdict", Choice(*options, stop), preview, say.ask_send(len(drafts)), shows=shows)
    if verdict == "edit":
        fields = (*say.FIELDS, say.TARGETS) if talk.frame.answer("targets") else say.FIELDS
        field = talk.ask("field", Choice(*fields, say.NOTHING), say.ask_field())
        talk.redo("verdict" if field == say.NOTHING.value else field, "field", "verdict")
    return verdict == "send"


def _preview(talk: Talk, draft: Draft, targets: Sequence[Target]) -> Text:
    """The draft as the person can read it."""
    readable, mine = _readable(talk, draft), talk.locale.language
    is_theirs = readable.split("-")[0] == mine.split("-")[0]
    return say.preview(draft, readable, targets, None if is_theirs else mine)


def _readable(talk: Talk, draft: Draft) -> str:
    """The language in which the person reads the draft."""
    return next((each for each in talk.locale.fallbacks if each in draft.readings), draft.language)


def _queued(talk: Talk, drafts: Sequence[Draft]) -> Text:
    leaving = talk.person.leaving
    if any(map(talk.person.is_read_first, drafts)):
        targets = [target for each in drafts if (target := _target(talk, each.ref))]
        return written_letters.is_read_first(targets)
    return written_letters.queued(
        [(target, leaving.get(each.ref)) for each in drafts if (target := _target(talk, each.ref))]
    )


def share(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk)
    if case.slug in talk.person.paused:
        talk.say(say.paused(case))
    elif talk.person.careful:
        talk.say(say.not_shared_here())
    else:
        talk.say(*passing_on(talk))
    return []


def passing_on(talk: Talk) -> list[Text]:
    """What to share, and where to follow the campaign in the reader's language."""
    links = follow_links(talk, talk.case)
    share = say.share_the_end if talk.case.closed else say.share
    return [share(talk.case, talk.person.link), *([say.follow(links)] if links else [])]


def change(talk: Talk) -> Iterable[Effect | Begin]:
    """Ask what to change before anything is shown; the letters wait meanwhile."""
    ref = _choose_letter(talk)
    waiting = _waiting(talk, ref)
    if ref is None and talk.interrupts:
        talk.say(written_letters.goes_back())
        return []
    if ref is None or not waiting:
        talk.say(*_too_late(talk, ref))
        return []
    if said := _fixed(talk, ref):
        talk.say(said)
        return []
    talk.say(*_gone(talk, ref))
    several = len(_not_left(talk, talk.cases[ref.case].actions[ref.action], _country_of(waiting[0]))) > 1
    fields = (*say.FIELDS, say.TARGETS) if several else say.FIELDS
    field = talk.ask("field", Choice(*fields, written_letters.KEEP_LETTER), say.ask_field())
    if field == written_letters.KEEP_LETTER.value:
        talk.say(_left_as_it_was(talk, waiting))
        return []
    kept = tuple(each for each in waiting[0].answers or () if each[0] != field)
    chosen = (("choosing", field),) if field == say.TARGETS.value else ()
    return [Postpone(ref), Begin("rewrite", ref.case, answers=(("action", ref.action), *kept, *chosen))]


def _fixed(talk: Talk, ref: ActionRef) -> Text | None:
    """Why letters of that action cannot be changed, though they wait; None where they can."""
    case = talk.cases.get(ref.case)
    if case is None or ref.action not in case.actions:
        return written_letters.cannot_change()
    return say.how_it_ended(case) if case.closed else None


def renew(talk: Talk) -> Iterable[Effect | Begin]:
    """To who is asked whether a letter may be sent with its new text."""
    outdated = {each.ref.of: each for each in talk.person.letters if each.outdated}
    asked = talk.frame.answer("letter")
    letter = next((each for ref, each in outdated.items() if asked and str(ref) == asked.value), None)
    letter = letter or next(iter(outdated.values()), None)
    if letter is None or _target(talk, letter.ref) is None:
        return status(talk)
    known = (("action", letter.ref.action), *(letter.answers or ()))
    return [Begin("rewrite", letter.ref.case, answers=known)]


def rewrite(talk: Talk) -> Iterable[Effect | Begin]:
    """Write letters anew that wait; who was asked because of news confirms the new text here, too."""
    case, ref = talk.case, _rewritten(talk)
    if ref is None or not talk.person.written(ref):  # withdrawn meanwhile, which was said then
        return []
    if said := _fixed(talk, ref):
        talk.say(said)
        return []
    waiting, action = _waiting(talk, ref), case.actions[ref.action]
    if not waiting:
        talk.say(*_too_late(talk, ref))
        return []
    if closed := _why_closed(talk, action):
        talk.say(closed)
        return []
    asked = tuple(each for each in waiting if each.outdated)
    choosing = talk.frame.answer("choosing") is not None

    def wanted(country: str) -> Sequence[Target]:
        if choosing:
            return _choose_targets(talk, _not_left(talk, action, country))
        return _rewritten_to(talk, action, asked or waiting, country)

    drafts = compose(talk, action, wanted)
    if not drafts:
        talk.say(*_too_late(talk, ref))
        return []
    if confirmed(talk, action, drafts, say.STOP if asked else written_letters.KEEP_LETTER):
        talk.say(_queued(talk, drafts))
        kept = {each.target for each in drafts}
        others = choosing or _lives_elsewhere(waiting[0], drafts[0].country)
        dropped = [each.ref.target for each in waiting if others and each.ref.target not in kept]
        return [*(Withdraw(ref, target) for target in dropped), *map(QueueLetter, drafts)]
    if asked:
        talk.say(written_letters.withdrawn(len(waiting)))
        return [Withdraw(ref)]
    talk.say(_left_as_it_was(talk, waiting))
    return []


def _rewritten_to(
    talk: Talk, action: Action, letters: Sequence[WrittenLetter], country: str
) -> Sequence[Target]:
    """Who gets these letters now: where the country has changed, its embassy in place of the other one's.

    Nobody who was left out before, and nobody whose letter has left.
    """
    if not _lives_elsewhere(letters[0], country):
        return [target for target in action.targets if target.slug in {each.ref.target for each in letters}]
    written = {each.ref.target for each in talk.person.written(action.ref)}
    before = action.addressees(country_code(_country_of(letters[0])))
    left_out = {each.slug for each in before} - written
    return [each for each in _not_left(talk, action, country) if each.slug not in left_out]


def _not_left(talk: Talk, action: Action, country: str) -> Sequence[Target]:
    """The offices for who lives in that country, without those to which a letter has left."""
    left = {each.ref.target for each in talk.person.written(action.ref) if each.has_left}
    return [each for each in action.addressees(country_code(country)) if each.slug not in left]


def _lives_elsewhere(letter: WrittenLetter, country: str) -> bool:
    return country_code(_country_of(letter)) != country_code(country)


def _country_of(letter: WrittenLetter) -> str:
    return dict(letter.answers or ()).get("country") or ""


def _rewritten(talk: Talk) -> ActionRef | None:
    """The action whose letters are written anew."""
    chosen = talk.frame.answer("action")
    if chosen:
        return ActionRef(talk.case.slug, chosen.value or "")
    return next((each for each in talk.person.written_actions if each.case == talk.case.slug), None)


def withdraw(talk: Talk) -> Iterable[Effect | Begin]:
    ref = _choose_letter(talk)
    waiting = _waiting(talk, ref)
    if ref is None or not waiting:
        talk.say(*_too_late(talk, ref))
        return []
    talk.say(*_gone(talk, ref))
    paused = is_paused(ref, talk.person.paused)
    standing = [(_target(talk, each.ref), _leaving(talk, each)) for each in waiting]
    question = written_letters.ask_withdraw(standing, paused=paused)
    options = written_letters.whether_to_withdraw(len(waiting))
    if talk.ask("withdraw", Choice(*options), question) == "no":
        talk.say(_left_as_it_was(talk, waiting))
        return []
    talk.say(written_letters.withdrawn(len(waiting)))
    return [Withdraw(ref)]


def status(talk: Talk) -> Iterable[Effect | Begin]:
    """Where each letter is."""
    for each in talk.person.letters:
        leaving, paused = _leaving(talk, each), is_paused(each.ref.of, talk.person.paused)
        talk.say(written_letters.where_it_is(_target(talk, each.ref), each, leaving, paused=paused))
    waiting = [each for each in talk.person.letters if not each.has_left]
    if waiting:
        fixed = all(_fixed(talk, each.ref.of) for each in waiting)
        talk.say(written_letters.until_sent(len(waiting), fixed=fixed))
    if not talk.person.letters:
        talk.say(written_letters.nothing_written(under_way=talk.interrupts))
    return []


def signing(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(say.signing())
    return []


def sent_before(talk: Talk) -> Iterable[Effect | Begin]:
    """For who presses *Send* once more; it may also be under a draft that was never sent."""
    if talk.person.letters:
        return status(talk)
    talk.say(stale())
    return []


def withdrawn_before(talk: Talk) -> Iterable[Effect | Begin]:
    """For who presses *Withdraw* once more."""
    if talk.person.letters:
        return status(talk)
    talk.say(written_letters.withdrawn())
    return []


def undo(talk: Talk) -> Iterable[Effect | Begin]:
    """What a person may mean who wants something undone, where no question is open."""
    return offer_to_withdraw(talk) or status(talk)


def _choose_letter(talk: Talk) -> ActionRef | None:
    """The action whose letters it is about, asked only where that is open; None where there is no letter."""
    written = _written(talk)
    chosen = talk.frame.answer("letter")
    if chosen is None and all(ref.case in talk.cases for ref in written):
        # Else the conversation may be about the only case that there is, and the letter for one that is gone.
        here = [ref for ref in written if ref.case == talk.frame.case]
        written = here or written
    if len(written) < 2:
        return written[0] if written else None
    options = [Option(str(ref), _title_of(talk, ref, written)) for ref in written]
    value = talk.ask("letter", Choice(*options, by_words=True), written_letters.ask_which_letter())
    return next(ref for ref in written if str(ref) == value)


def _written(talk: Talk) -> list[ActionRef]:
    """The actions for which there are letters; last those whose case is gone."""
    return sorted(talk.person.written_actions, key=lambda ref: ref.case not in talk.cases)


def _title_of(talk: Talk, ref: ActionRef, written: Sequence[ActionRef]) -> Text:
    """What letters were for, among others, as far as that is known here."""
    case = talk.cases.get(ref.case)
    if case and ref.action in case.actions:
        return _title(talk, case.actions[ref.action])
    if sum(each.case == ref.case for each in written) > 1:
        return written_letters.earlier_letter(str(ref))
    return written_letters.earlier_letter(case.title if case else ref.case)


def _target(talk: Talk, ref: LetterRef) -> Target | None:
    """Who a letter is for; None where it cannot be sent any more: its case, action or office is gone."""
    return target_of(talk.cases, ref)


def _leaving(talk: Talk, letter: WrittenLetter) -> ExpectedDeparture | None:
    """When a letter that waits is sent, as far as that is known."""
    known = letter.status is LetterStatus.QUEUED and not letter.undecided
    return talk.person.leaving.get(letter.ref) if known else None


def _waiting(talk: Talk, ref: ActionRef | None) -> tuple[WrittenLetter, ...]:
    """The letters of that action that can still be changed."""
    written = talk.person.written(ref) if ref else ()
    return tuple(each for each in written if not each.has_left and each.answers is not None)


def _gone(talk: Talk, ref: ActionRef) -> list[Text]:
    """Which of them have left, where others still wait."""
    return [
        written_letters.has_left(_target(talk, each.ref), restored=each.restored)
        for each in talk.person.written(ref)
        if each.has_left
    ]


def _left_as_it_was(talk: Talk, waiting: Sequence[WrittenLetter]) -> Text:
    return written_letters.left_as_it_was([_target(talk, each.ref) for each in waiting])


def _too_late(talk: Talk, ref: ActionRef | None) -> list[Text]:
    if ref is None:
        return [written_letters.nothing_sent_yet() if talk.interrupts else written_letters.nothing_written()]
    return [
        written_letters.has_left(_target(talk, each.ref), restored=each.restored)
        for each in talk.person.written(ref)
    ]
