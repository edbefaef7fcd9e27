"""One fax as Telnyx tells of it, and what that means for a letter.

Statuses and failure reasons are those of the `Fax` schema in Telnyx's API description (openapi/spec3.json of
github.com/team-telnyx/openapi); what reasons mean, of
https://support.telnyx.com/en/articles/4967498-fax-api-error-list.
"""

import base64
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import Enum, auto

from assistant.carriers.base import Outcome, Ref
from assistant.domain.errors import Busy, Failure, Misconfigured
from assistant.domain.lifecycle import LetterStatus

BEFORE_THE_CALL = frozenset({"queued", "media.processed"})  # statuses: nothing has been dialled

_TELLABLE = re.compile(r"[a-z]{1,40}(?:_[a-z]{1,40}){0,8}")  # no number and no sentence can be in it
_EARLIEST = datetime.min.replace(tzinfo=UTC)


class _Kind(Enum):
    LINE = auto()  # no connection, and no fault of the letter: try again, at no cost
    NO_PAGE = auto()  # certainly not a page went out, and trying again may help
    NEVER = auto()  # certainly not a page went out, and none ever will
    OPERATOR = auto()  # nothing is dialled until somebody changes the account
    PERHAPS = auto()  # pages may have gone out


_REASONS = {
    "user_busy": (_Kind.LINE, "the line was busy"),
    "receiver_no_answer": (_Kind.LINE, "nobody answered"),
    "receiver_no_response": (_Kind.LINE, "the other side did not respond to the call"),
    "receiver_recovery_on_timer_expire": (_Kind.LINE, "the call was not put through in time"),
    "destination_unreachable": (_Kind.LINE, "the number could not be reached"),
    "service_unavailable": (_Kind.LINE, "Telnyx could not begin the call"),
    "user_channel_limit_exceeded": (_Kind.LINE, "the account had too many calls at once"),
    "connection_channel_limit_exceeded": (_Kind.LINE, "the Fax Application had too many calls at once"),
    "outbound_profile_channel_limit_exceeded": (_Kind.LINE, "the voice profile had too many calls at once"),
    "receiver_decline": (_Kind.NO_PAGE, "the call was declined"),
    "fax_initial_communication_timeout": (_Kind.NO_PAGE, "whoever answered is no fax machine"),
    "file_download_failed": (_Kind.NO_PAGE, "Telnyx could not read the letter in its storage"),
    "media_processing_exception": (_Kind.NO_PAGE, "Telnyx could not turn the letter into a fax"),
    "destination_invalid": (_Kind.NEVER, "the number is invalid"),
    "receiver_invalid_number_format": (_Kind.NEVER, "the number is written in a way that cannot be dialled"),
    "receiver_unallocated_number": (_Kind.NEVER, "the number belongs to nobody"),
    "receiver_incompatible_destination": (_Kind.NEVER, "the number takes no calls of this kind"),
    "file_format_invalid": (_Kind.NEVER, "Telnyx does not take the letter for a PDF"),
    "file_size_limit_exceeded": (_Kind.NEVER, "the letter is too large"),
    "page_count_limit_exceeded": (_Kind.NEVER, "the letter has too many pages"),
    "account_disabled": (_Kind.OPERATOR, "the account is disabled"),
    "no_outbound_profile": (_Kind.OPERATOR, "the Fax Application has no outbound voice profile"),
    "destination_not_in_service_plan": (_Kind.OPERATOR, "the voice profile does not serve this number"),
    "destination_not_in_countries_whitelist": (
        _Kind.OPERATOR,
        "the voice profile does not allow this country",
    ),
    "outbound_profile_daily_spend_limit_exceeded": (
        _Kind.OPERATOR,
        "the voice profile's money for today is spent",
    ),
    "unverified_origination_number": (_Kind.OPERATOR, "our number is not verified"),
    "unverified_destination_not_allowed": (_Kind.OPERATOR, "the account may call verified numbers only"),
    "receiver_call_dropped": (_Kind.PERHAPS, "the call broke off"),
    "sender_call_dropped": (_Kind.PERHAPS, "the call broke off on our side"),
    "carrier_lost": (_Kind.PERHAPS, "the connection was lost"),
    "fax_signaling_error": (_Kind.PERHAPS, "the machines misunderstood each other"),
    "receiver_communication_error": (_Kind.PERHAPS, "the call failed on the other side"),
    "sender_communication_error": (_Kind.PERHAPS, "the call failed on our side"),
    "invalid_ecm_response_from_receiver": (_Kind.PERHAPS, "the other machine acknowledged a page wrongly"),
    "sender_canceled": (_Kind.PERHAPS, "the fax was cancelled"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fax:
    """What Telnyx says of one fax. `key`: of its letter; None where it names none."""

    id: str
    status: str
    failure_reason: str
    key: str | None
    media_name: str
    created_at: datetime

    @property
    def outcome(self) -> Outcome | None:
        """What became of the letter; None while it is on its way, as far as can be understood."""
        if self.status == "delivered":
            return Ref(LetterStatus.DELIVERED, self.id)
        return failure_of(self.failure_reason) if self.status == "failed" else None


def failure_of(reason: str) -> Failure:
    """Why a fax failed, from Telnyx's word for it; where that is unknown, it may have arrived."""
    kind, words = _REASONS.get(reason, (_Kind.PERHAPS, "for a reason that we do not know"))
    told = reason if _TELLABLE.fullmatch(reason) else "not told"
    sentence = f"The fax failed: {words} (Telnyx: {told})."
    match kind:
        case _Kind.LINE:
            return Busy(sentence)
        case _Kind.NO_PAGE:
            return Failure(sentence)
        case _Kind.NEVER:
            return Failure(
                f"{sentence[:-1]}: see the number and the letter in the case folder.", permanent=True
            )
        case _Kind.OPERATOR:
            return Misconfigured(f"{sentence[:-1]}: change the account in Telnyx's portal.")
        case _Kind.PERHAPS:
            return Failure(f"{sentence[:-1]}; pages may have arrived.", uncertain=True)


def fax_of(told: object) -> Fax | None:
    """From the API's `Fax`, or a webhook's payload, where `id` is `fax_id`; None where it is no fax sent."""
    if not isinstance(told, dict):
        return None
    texts = {name: value for name, value in told.items() if isinstance(value, str)}
    number = texts.get("fax_id") or texts.get("id")
    if not number or not number.isprintable() or texts.get("direction", "outbound") != "outbound":
        return None
    return Fax(
        id=number,
        status=texts.get("status", ""),
        failure_reason=texts.get("failure_reason", ""),
        key=key_of(texts.get("client_state", "")),
        media_name=texts.get("media_name", ""),
        created_at=_moment(texts.get("created_at", "")),
    )


def state_of(key: str) -> str:
    """A letter's key as Telnyx's `client_state`, which has to be base64."""
    return base64.b64encode(key.encode()).decode()


def key_of(client_state: str) -> str | None:
    """The key in a `client_state`; None where there is none."""
    try:
        key = base64.b64decode(client_state, validate=True).decode("ascii")
    except ValueError:
        return None
    return key if key and key.isprintable() else None


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return _EARLIEST
    return found if found.tzinfo else found.replace(tzinfo=UTC)
