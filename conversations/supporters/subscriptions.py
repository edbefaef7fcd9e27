"""Getting the news of a case, and ending it."""

from collections.abc import Iterable

from assistant.dialogue.answers import Choice
from assistant.dialogue.talk import Talk
from assistant.dialogue.words import fold
from assistant.domain.broadcasts import Operation
from assistant.domain.cases import Case
from assistant.domain.effects import Begin, Effect, HandOn, Subscribe, Unsubscribe
from conversations.supporters.navigation import choose_case, hand_on, offer_to_withdraw
from conversations.supporters.sentences import shared
from conversations.supporters.sentences import subscriptions as say
from conversations.supporters.sentences.letter import not_sent


def subscribe(talk: Talk) -> Iterable[Effect | Begin]:
    case = choose_case(talk)
    if case.slug in talk.person.subscriptions:
        talk.say(say.already_subscribed(case))
        return []
    if talk.ask("subscribe", Choice(shared.YES, shared.NO), say.ask_subscribe(case)) == "no":
        talk.say(say.not_subscribed())
        return []
    talk.say(say.subscribed(case))
    return [Subscribe(case.slug)]


def clarify_stop(talk: Talk) -> Iterable[Effect | Begin | HandOn]:
    """Ask what is meant by a short message that begins or ends as one does that wants no more news."""
    if talk.person.team and not talk.interrupts:
        return [Begin("clarify_halt")]  # an organiser means what is being sent
    named = _named(talk)
    if named is None:
        meant = talk.ask("stop", Choice(say.UNSUBSCRIBE, say.NOT_THAT), say.ask_stop())
    else:
        ways = Choice(say.only_this(named), say.ALL_CASES, say.NOT_THAT)
        meant = talk.ask("stop", ways, say.ask_which_news())
    if meant == say.ONE_CASE and named is not None:
        kept = [
            case for slug, case in talk.cases.items() if slug in talk.person.subscriptions and case != named
        ]
        talk.say(say.subscriptions(kept) if kept else say.unsubscribed())
        return [Unsubscribe(), *(Subscribe(case.slug) for case in kept)]
    return [Begin("stop")] if meant == "yes" else hand_on(talk)


def _named(talk: Talk) -> Case | None:
    """The one case whose news they get, and of which what they wrote has a word, of several."""
    said = talk.frame.answer("said")
    written = {fold(word) for word in (said.value or "").split()} if said else set()
    subscribed = [case for slug, case in talk.cases.items() if slug in talk.person.subscriptions]
    fitting = [case for case in subscribed if written & {fold(word) for word in case.person.split()}]
    return fitting[0] if len(fitting) == 1 and len(subscribed) > 1 else None


def stop(talk: Talk) -> Iterable[Effect | Begin]:
    dropped = talk.frame.answer("dropped")
    talk.say(say.unsubscribed(), *([not_sent()] if dropped and dropped.value == "letter" else []))
    team = talk.person.team
    if team and any(each.fits(Operation.HALT) for each in team.broadcasts.values()):
        return [Unsubscribe(), Begin("clarify_halt")]  # an organiser may mean what is being sent
    return [Unsubscribe(), *_offer_to_keep(talk), *offer_to_withdraw(talk)]


def _offer_to_keep(talk: Talk) -> list[Begin]:
    """Where the news of several cases have ended: who meant one of them gets the others back."""
    ended = [slug for slug in talk.cases if slug in talk.person.subscriptions]
    return [Begin("resubscribe", answers=(("ended", " ".join(ended)),))] if len(ended) > 1 else []


def resubscribe(talk: Talk) -> Iterable[Effect | Begin]:
    """Ask whether only one case's news was to end. All have ended before: a question can stay open."""
    ended = talk.frame.answer("ended")
    cases = [talk.cases[slug] for slug in ((ended and ended.value) or "").split() if slug in talk.cases]
    meant = talk.ask("only", Choice(*map(shared.case_option, cases), say.END_ALL), say.ask_only())
    if meant == say.END_ALL.value:
        talk.say(say.unsubscribed())
        return [Unsubscribe()]
    now = talk.person.subscriptions  # since then they may have subscribed again
    wanted = {case.slug for case in cases} | now
    kept = [case for slug, case in talk.cases.items() if slug in wanted and slug != meant]
    talk.say(say.subscriptions(kept))
    if meant in now:
        return [Unsubscribe(), *(Subscribe(case.slug) for case in kept)]
    return [Subscribe(case.slug) for case in kept if case.slug not in now]


def mine(talk: Talk) -> Iterable[Effect | Begin]:
    talk.say(
        say.subscriptions([case for slug, case in talk.cases.items() if slug in talk.person.subscriptions])
    )
    return []
