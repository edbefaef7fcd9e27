"""What signal-cli-rest-api means when it refuses something, in our terms."""

from collections.abc import Callable, Mapping, Sequence

from assistant.domain.errors import ChatThrottled, Failure, Misconfigured, Throttled, Unreachable

PAUSE = 3600.0  # seconds that our account rests: Signal names no time (no Retry-After), and asking sooner
# makes its limits stricter
NO_ACCOUNT = (
    "signal-cli-rest-api has no account with the number in ASSISTANT_SIGNAL_NUMBER: "
    "run `assistant signal register`, or `assistant signal link` to share a phone's number."
)
UNTRUSTED = (
    "Signal: the safety number of a person has changed, perhaps because of a new phone. Nothing is sent to "
    "them until you have looked into it: run `assistant signal trust`."
)
UNSENT = "Signal did not take a message, and gave no reason."
CAPTCHA = (
    "Signal wants a captcha, or a fresh one: `assistant signal register --help` and "
    "`assistant signal unblock --help` say how to get it."
)
CHALLENGE = (
    "Signal has stopped this number until somebody solves a captcha: run `assistant signal status`, which "
    "shows the token, then `assistant signal unblock`."
)
TOO_MUCH = "Signal wants nothing more from this number to a person for a while."
REFUSED = "signal-cli-rest-api refuses a request, for a reason that we do not know."
MALFORMED = "signal-cli-rest-api does not understand a request of ours."

# The beginning of what it says, without regard to case, and what that means. From src/api/api.go and
# signal-cli's src/main/java/org/asamk/signal/util/SendMessageResultUtils.java.
_SAYINGS: Mapping[str, Callable[[], Failure]] = {
    "specified account does not exist": lambda: Misconfigured(NO_ACCOUNT),
    "failed to send message due to untrusted identities": lambda: Failure(UNTRUSTED),
    "unable to complete request due to untrusted recipient keys": lambda: Failure(UNTRUSTED),
    "failed to send message due to rate limiting": lambda: _throttled([]),
    "failed to send message: [429]": lambda: _throttled([]),
    "failed to send message: [413]": lambda: _throttled([]),
    "failed to send message": lambda: Failure(UNSENT),
    "couldn't process request": lambda: Failure(MALFORMED, permanent=True),
}

# https://github.com/AsamK/signal-cli, src/main/java/org/asamk/signal/json/JsonSendMessageResult.java
_REASONS: Mapping[str, Callable[[], Failure]] = {
    "UNREGISTERED_FAILURE": lambda: Unreachable("Signal: the person has no account any more."),
    "IDENTITY_FAILURE": lambda: Failure(UNTRUSTED),
    "RATE_LIMIT_FAILURE": lambda: ChatThrottled(TOO_MUCH, PAUSE),
    "NETWORK_FAILURE": lambda: Failure("Signal's servers cannot be reached from signal-cli."),
    "INVALID_PRE_KEY_FAILURE": lambda: Failure("Signal: a person's phone gave keys that do not work."),
}


def failure_of(status: int, told: object, refused: str = REFUSED) -> Failure:
    """What an answer with this HTTP status means; `told` is its JSON, None where it has none.

    `refused`: what a refusal without a known reason means for this call.
    """
    answer = told if isinstance(told, dict) else {}
    tokens = answer.get("challenge_tokens")
    if status == 429 or tokens:
        return _throttled(tokens)
    if status >= 500:
        return Failure(f"signal-cli-rest-api failed with {status}.")
    if status == 400:
        return _refusal(answer.get("error"), refused)
    return Failure(f"signal-cli-rest-api answers with {status}: see ASSISTANT_SIGNAL_API_URL.")


def unsent(sent: Mapping[str, object]) -> Failure | None:
    """Why a message that was taken did not reach its one recipient: 0.101 tells; None where it did."""
    errors = sent.get("errors")
    recipients = errors.get("recipients") if isinstance(errors, dict) else None
    if not isinstance(recipients, list) or not recipients:
        return None
    told = recipients[0] if isinstance(recipients[0], dict) else {}
    if tokens := _known([told.get("token")]):  # beside other reasons, too: AsamK/signal-cli, issue 923
        return _challenged(tokens)
    return _REASONS.get(str(told.get("reason")), lambda: Failure(UNSENT))()


def _refusal(said: object, refused: str) -> Failure:
    if not isinstance(said, str):  # a request that it cannot parse is answered in plain text
        return Failure(MALFORMED, permanent=True)
    said = said.casefold()
    for saying, failure in _SAYINGS.items():
        if said.startswith(saying):
            return failure()
    if "captcha" in said:
        return Failure(CAPTCHA, permanent=True)
    return Failure(refused)


def _throttled(tokens: object) -> Failure:
    """A token means our account. Without one it is one person's limit, and nothing can be solved; such a
    message has been seen to arrive all the same: https://github.com/bbernhard/signal-cli-rest-api/issues/881.
    """
    known = _known(tokens)
    return _challenged(known) if known else ChatThrottled(TOO_MUCH, PAUSE, uncertain=True)


def _challenged(tokens: Sequence[str]) -> Throttled:
    return Throttled(CHALLENGE, PAUSE, replies=True, note=" ".join(tokens))


def _known(tokens: object) -> Sequence[str]:
    return [each for each in tokens if isinstance(each, str) and each] if isinstance(tokens, list) else []
