"""What mail servers say in formats of their own: qmail, Exim, Yahoo, old Exchange and many more.

flufl.bounce (of Mailman) knows many of them by their wording. For the rest it is enough that a mail server
names an address and tells a final error. Whose address that is, is for the caller to compare: both also find
addresses that a message only mentions. What a server says and is not understood is `UNCLEAR`, never nothing.
"""

import logging
import re
from collections.abc import Iterable
from email.message import Message

from assistant.carriers.email.parts import parts_of, text
from assistant.carriers.email.senders import is_of_a_program, is_of_a_server, unencoded
from assistant.carriers.email.status_reports import read_status
from assistant.carriers.email.verdicts import Fate, Verdict, came_back

LONGEST_WORD = 998  # characters: no line of mail is longer, RFC 5322, section 2.1.1
ADDRESSES_IN_A_WORD = 5


def _words(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE | re.MULTILINE)


_ANSWER = _words(  # how subjects begin that are no server's
    r"^[^\w\n]*auto(?:matic|mated)?\W*(?:reply|response|antwort)|^auto:",
    r"^[^\w\n]*(?:out of (?:the )?office|on vacation|absen|abwesen|fuera de (?:la )?oficina|fora do escrit)",
    r"^[^\w\n]*(?:respuesta|r[ée]ponse|resposta|risposta) autom",
)
# How programs begin the subjects of their answers: with nothing but this, or with a colon behind it.
_AUTOMATIC = re.compile(
    r"^[^\w\n]*(?:"
    r"auto(?:matic|mated|matische?|matisch)?[ -]?(?:reply|response|answer|antwort|antwoord|svar)|"
    r"out of (?:the )?office(?:[ -]auto(?:matic)?[ -]?reply)?|"
    r"(?:respuesta|r[ée]ponse|resposta|risposta) autom[áa]ti(?:ca|que|co)|"
    r"fuera de (?:la )?oficina|ausente de la oficina|absence du bureau|fora do escrit[óo]rio|fuori sede"
    r")[ \xa0]*(?:[:\])]|$|re:)|^[^\w\n]*(?:abwesenheit|auto:)",
    re.IGNORECASE,
)
_ANSWER_HEADERS = ("X-Autoreply", "X-Autorespond", "X-Autoresponder", "X-Auto-Reply", "X-Vacation")
_BY_PROGRAMS = {"bulk", "junk", "auto_reply", "auto-reply", "autoreply"}  # of the header Precedence
_RETURNED = _words(  # in subjects
    r"undeliver|returned mail|failure notice|delivery (?:status notification.*)?(?:has )?fail|non-?deliver",
    r"could not be delivered|user unknown|mail(?: system)? error",
    r"unzustellbar|no se puede entregar|no entregado|non remis|n[ãa]o entregue|mancato recapito",
)
_DELAYED = _words(
    r"\bdelayed\b|\(delay\)|not yet been|been postponed|being retried",
    r"still trying|keep trying|continue to try|(?:re)?intentar|weitere versuche|nouvelles tentatives",
    r"(?:will|shall) (?:continue|keep|retry|be (?:re)?(?:tried|attempted))|attempts? will (?:be|continue)",
    r"warning (?:message )?only|just a warning|advisory.only|not need to re-?send|no action is required",
    r"could not send message for|only a temporary failure",
)
_REFUSED = re.compile(
    r"(?<![\w.@:-])5(?:[0-5]\d(?=[\s:#-])|\.\d{1,3}\.\d{1,3}(?![.\d]))"
)  # by a server's answer
_GIVEN_UP = _words(r"g(?:iven|iving|ave) up|too long|permanent (?:error|failure)")
_FINAL = _words(
    r"(?:permanent|fatal) (?:\w+ )?(?:error|failure)|undeliver|rejected|refused|disabled|not listed",
    r"(?:not|n.t|unable to|failed to) (?:be |been )?(?:deliver|reach|receive|send|sent|found|exist|process)",
    r"deliver\w* (?:\w+ ){0,6}(?:failed|aborted|error)|(?:error|failure|failed) (?:\w+ )?deliver|has failed",
    r"following (?:address|recipient)\S* (?:has |have |had )?fail|quota|(?:box|is) full",
    r"unknown (?:user|recipient|address)|user unknown|no mailbox|g(?:iven|iving|ave) up",
    r"(?:no such|not a valid|invalid) (?:\w+ )?(?:user|recipient|address|mailbox|account)",
    r"no (?:se )?(?:ha |han )?(?:pud|pued|podido)\w* (?:ser )?entreg|no fue entreg|no existe",
    r"nicht (?:zugestellt|ausgeliefert|erreicht)|unzustellbar|n[ãa]o (?:p[ôo]de|foi)|non è stato|impossibile",
    r"n.(?:a |ont )?(?:pas )?pu |non remis|n.existe pas",
)
_QUOTE = _words(  # the line from which the letter itself is returned
    r"^[ \t]*-[^\r\n]*\b(?:copy|original|unsent|returned|headers?|text)\b|^>",
    r"^[^\w\n]*(?:original |returned )?message (?:headers?|text|source)\b",
    r"^(?:return-path|received|dkim-signature|mime-version|message-id)[ \t]*:",
    r"^(?:from|to|subject|date):[^\r\n]*\r?\n(?:from|to|reply-to|subject|date|message-id):",
)
_STATUS = _words(r"^final-recipient[ \t]*:")
_ALIAS = _words(r"\((?:expanded|generated|forwarded) from[^)]*\)")  # not the mailbox that did not get it
_ADDRESS = _words(r"[^\s<>()\[\]\"',;:]{1,64}@[a-z0-9-]+(?:\.[a-z0-9-]+)+")


def read(message: Message) -> Verdict | None:
    """What a mail server says there; None where it comes from none, or says nothing of a delivery."""
    subject = header(message, "Subject")
    if not _from_a_server(message, subject) or _receipt_or_complaint(message):
        return None
    if not _harmless(message):
        return Verdict(Fate.UNCLEAR)
    notice = _notice(message)
    told = " ".join(notice.split())
    refused = _REFUSED.search(told)
    if _DELAYED.search(subject) or _DELAYED.search(told):
        return Verdict(Fate.UNCLEAR if refused or _GIVEN_UP.search(told) else Fate.ON_ITS_WAY)
    if failed := _ADDRESS.findall(str(message.get("X-Failed-Recipients", ""))):  # Exim, Gmail
        return _failed(failed, notice)
    if _STATUS.search(notice) and (verdict := read_status(notice.encode())):  # Amazon WorkMail
        return verdict
    final = refused or _FINAL.search(told) or _RETURNED.search(subject)
    return _of_addresses(message, notice, final=bool(final))


def _failed(recipients: Iterable[str], notice: str) -> Verdict:
    return Verdict(Fate.FAILED, frozenset(recipients), came_back("", notice))


def _of_addresses(message: Message, notice: str, *, final: bool) -> Verdict:
    """By the addresses that flufl.bounce finds, and those in the notice.

    The library also finds some in the letter that is returned: those count last, as do none of an alias.
    """
    temporary, permanent = _recognised(message)
    if temporary and not permanent:
        return Verdict(Fate.ON_ITS_WAY)
    ours = _found(str(message.get("To", "")))
    said = _ALIAS.sub("", notice).lower()
    named = _found(said) - ours
    known = permanent - {each for alias in _ALIAS.findall(notice) for each in _found(alias)}
    known_and_said = frozenset(each for each in known if each in said)
    for addresses in (known_and_said, named if final else frozenset(), known):
        if addresses:
            return _failed(addresses, notice)
    return Verdict(Fate.UNCLEAR)


def _recognised(message: Message) -> tuple[frozenset[str], frozenset[str]]:
    """The addresses at which delivery is delayed and has failed, as flufl.bounce reads it."""
    from flufl.bounce import all_failures  # most of what comes back is a status report, and needs no more

    logging.getLogger("flufl.bounce").disabled = True  # it would log whole messages that it cannot read
    try:
        temporary, permanent = all_failures(message)
    except Exception:
        return frozenset(), frozenset()
    return _lower(temporary), _lower(permanent)


def _lower(addresses: Iterable[bytes]) -> frozenset[str]:
    return frozenset(each.decode("latin-1").lower() for each in addresses)


def _found(text: str) -> frozenset[str]:
    return frozenset(each.lower() for each in _ADDRESS.findall(text))


def _harmless(message: Message) -> bool:
    """No word is so long, or has so many signs of an address, that searching it would take minutes."""
    texts = [str(part.get_payload()) for part in message.walk() if not part.is_multipart()]
    words = (word for each in (*texts, text(message)) for word in each.split())
    return all(len(word) < LONGEST_WORD and word.count("@") < ADDRESSES_IN_A_WORD for word in words)


def header(message: Message, name: str) -> str:
    """A header as people read it."""
    return unencoded(str(message.get(name, "")))


def _notice(message: Message) -> str:
    """What the server says, without the letter that it returns."""
    whole = text(message)
    quote = _QUOTE.search(whole)
    return whole[: quote.start()] if quote else whole


def is_report(message: Message) -> bool:
    """Whether a mail server or a program reports on a letter: nobody answers it there.

    What a postmaster writes without the form of a report is none, as it may be a person.
    """
    if _report_type(message) == "delivery-status" or _receipt_or_complaint(message):
        return True
    verdict = read(message) if is_of_a_program(str(message.get("From", ""))) else None
    return verdict is not None and verdict.fate is not Fate.UNCLEAR


def seems_returned(message: Message) -> bool:
    """Whether mail servers send such messages, and hardly anybody else does."""
    return _from_a_server(message, header(message, "Subject"))


def is_automatic(message: Message) -> bool:
    """Whether a program says that it answers by itself (RFC 3834), such as a holiday note.

    Nothing but `no` in `Auto-Submitted` means a person (section 5); programs of before have other headers, or
    a subject that begins as theirs do. Words within it say nothing, nor does an empty return path.
    """
    submitted = str(message.get("Auto-Submitted", "no")).partition(";")[0].strip().lower()
    if submitted != "no" or any(name in message for name in _ANSWER_HEADERS):
        return True
    if str(message.get("Precedence", "")).strip().lower() in _BY_PROGRAMS:
        return True
    return bool(_AUTOMATIC.search(header(message, "Subject").strip()))


def _from_a_server(message: Message, subject: str) -> bool:
    """By its name or an empty return path, with which automatic answers may come, too (RFC 3834)."""
    if is_of_a_server(str(message.get("From", ""))):
        return True
    automatic = str(message.get("Auto-Submitted", "")).lower().startswith("auto-replied")
    precedence = str(message.get("Precedence", "")).lower()
    if automatic or "auto" in precedence or any(name in message for name in _ANSWER_HEADERS):
        return False
    if _ANSWER.search(subject):
        return False
    paths = [str(path).strip() for path in message.get_all("Return-Path", [])]
    if any(not path or is_of_a_server(path) for path in (*paths, *_envelope(message))):
        return True
    return _report_type(message) == "delivery-status" or bool(_RETURNED.search(subject))


def _envelope(message: Message) -> list[str]:
    """Who sent it, as an mbox has it: `From sender day`."""
    return (message.get_unixfrom() or "").split()[1:2]


def _receipt_or_complaint(message: Message) -> bool:
    """A receipt (RFC 8098) of a person's, not of a server that deleted a letter; a complaint (RFC 5965)."""
    types = {part.get_content_type() for part in parts_of(message)} | {_report_type(message)}
    if types & {"message/disposition-notification", "disposition-notification"}:
        return not is_of_a_server(str(message.get("From", "")))
    return bool(types & {"message/feedback-report", "feedback-report"})


def _report_type(message: Message) -> str:
    return str(message.get_param("report-type", "")).lower()
