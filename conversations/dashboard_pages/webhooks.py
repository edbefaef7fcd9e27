"""Other programs that are told what happens."""

from collections.abc import Mapping

from assistant.domain.texts import Number, Sentence, Text, Values
from assistant.domain.webhooks import Attempt, EndpointState, Outcome
from conversations.organisers.formatting import moment

_ = Sentence

SENTENCES: Mapping[str, Text] = {
    "title": _("Webhooks"),
    "help": _(
        "Other programs are told of broadcasts, pauses and closed days of the counter. "
        "Nothing of any person is sent to them."
    ),
    "nobody": _("No program is told of anything. Whoever runs the server can add one: docs/webhooks.md."),
    "test": _("Send a test event"),
    "testing": _("A test event is on its way. Load this page again to see whether it arrived."),
    "nothing_yet": _("Nothing has been sent yet."),
    "done_test": _("A test event is sent, once."),
}


def waiting(state: EndpointState) -> Text:
    return Sentence(
        "{count} event waits to be sent.",
        {"count": Number(state.waiting)},
        "{count} events wait to be sent.",
        state.waiting,
    )


def delivered(attempt: Attempt) -> Text:
    return _("Last event delivered: {moment}.", {"moment": moment(attempt.at)})


def failed(attempt: Attempt) -> Text:
    return _("Last failure: {moment}. {why}", _facts(attempt))


def gone(attempt: Attempt) -> Text:
    return _(
        "It wants no events, and is sent none ({moment}). Once a test event arrives, it is sent them again.",
        {"moment": moment(attempt.at)},
    )


def tested(attempt: Attempt) -> Text:
    if attempt.outcome is Outcome.DELIVERED:
        return _("Last test: {moment}. It arrived.", {"moment": moment(attempt.at)})
    return _("Last test: {moment}. It did not arrive. {why}", _facts(attempt))


def _facts(attempt: Attempt) -> Values:
    return {"moment": moment(attempt.at), "why": why(attempt)}


def why(attempt: Attempt) -> Text:
    """What was wrong, and what to do."""
    said: Values = {"status": str(attempt.status)}
    match attempt.outcome:
        case Outcome.GONE:
            return _("It wants no more events (410). Have its address taken out of the settings.")
        case Outcome.BUSY:
            return _("It is too busy now ({status}). Look again later.", said)
        case Outcome.REDIRECTED:
            return _("It leads elsewhere ({status}). Have the new address set.", said)
        case Outcome.REFUSED:
            return _("It refused the event ({status}). Have its address and its secret compared.", said)
        case Outcome.BROKEN:
            return _("It has a problem of its own ({status}). Its log may say more.", said)
        case Outcome.SILENT:
            return _("It did not answer in time. It has to answer before it does anything else.")
        case Outcome.UNREACHABLE:
            return _("It cannot be reached. Have its address and its network looked at.")
        case Outcome.UNTRUSTED:
            return _("Its certificate is not trusted. Whoever runs it has to renew it.")
        case _:
            return _("The connection ended before it answered. Its log may say more.")
