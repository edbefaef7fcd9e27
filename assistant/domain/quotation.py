"""What somebody wrote in a mail, without what their program quotes of the mail that they answer.

There is no standard for it but the `>` of RFC 3676, section 4.5. Every line is looked at once, whatever it
holds: a text of a stranger must not cost more than its length.
"""

import re
from collections.abc import Sequence

LINE_MAX = 400  # characters of a line that says who wrote what is quoted
_LEAD_LINES = 3  # over which programs break it
_HEADERS_MIN = 3  # of a header in words, in a row

_RULE = re.compile(
    r"^[\s>*]*[-_=]{2,}\s*(?:"
    r"original message|original appointment|reply message|mensaje original|mensaje de respuesta|"
    r"message d.origine|message original|mensagem original|urspr[üu]ngliche (?:nachricht|mail)|"
    r"messaggio originale|oorspronkelijk bericht|"
    r"ursprungligt meddelande|oprindelig meddelelse|original melding|opprinnelig melding|"
    r"alkuper[äa]inen viesti|wiadomo[śs][ćc] oryginalna|исходное сообщение|"
    r"原始邮件|原始郵件|元のメッセージ|رسالة أصلية"
    r")\s*[-_=]*\s*:?\s*$",
    re.IGNORECASE,
)
_UNDERLINE = re.compile(r"^\s*_{20,}\s*$")  # Outlook's

# "On Monday, Ana wrote:": how such a line begins, and how it ends, in the same language.
_LEADS = tuple(
    (re.compile(rf"^\s*(?:{begin})", re.IGNORECASE), re.compile(rf"(?:{end})\s*[:：]\s*$", re.IGNORECASE))
    for begin, end in (
        (r"on\b|at\b|in a message\b", r"\bwrote|\bwrites|\bsaid"),
        (r"el\b|en\b|a las\b|con fecha\b", r"\bescribi[óo]|\bescribe|\bha escrito"),
        (r"le\b|en date du\b", r"\ba [ée]crit|\b[ée]crivait"),
        (r"em\b|no dia\b|a\b|às\b", r"\bescreveu|\bescreve"),
        (r"am\b|von\b", r"\bschrieb(?:\b.*)?|\bgeschrieben"),
        (r"il\b|in data\b|nel messaggio\b", r"\bha scritto|\bscrive"),
        (r"op\b", r"\bschreef(?:\b.*)?|\bgeschreven"),
        (r"den\b|på\b|kl\b", r"\bskrev(?:\b.*)?"),
        (r"w dniu\b|dnia\b", r"\bnapisa[łl](?:\(a\)|a)?"),
        (r"\d|пн|вт|ср|чт|пт|сб|вс|в\b", r"пишет|написал(?:\(а\)|а)?"),
        (r"\d|在|于|於", r"写道|寫道"),
        (r"\d|في\b|بتاريخ\b", r"كتب(?:ت)?"),
    )
)
# Without marks below, it has to have a time or an address: "In 2011 the Minister wrote:" quotes no mail.
_CERTAIN = re.compile(r"\d{1,2}\s?[:.h]\s?\d{2}|\d\s?[ap]\.?m|@")
# "Ana Example <ana@example.org> wrote:": without a day.
_BY_ADDRESS = re.compile(
    r"<[^<>\s]+@[^<>\s]+>\s*(?:wrote|writes|escribi[óo]|a [ée]crit|escreveu|schrieb|ha scritto|schreef|skrev|"
    r"napisa[łl](?:\(a\)|a)?|пишет|写道)"
    r"\s*:\s*$",
    re.IGNORECASE,
)
_FROM = re.compile(
    r"^\s*\**(?:from|de|von|da|van|från|fra|od|от|发件人|寄件者|差出人|من)\s*\**\s*[:：]\**\s*\S",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"^\s*\**(?:from|sent|date|to|cc|bcc|subject|reply-to|importance|"
    r"de|enviado(?: el)?|fecha|para|asunto|importancia|responder a|"
    r"envoy[ée](?: le)?|[àa]|objet|data|assunto|enviad[ao](?: em)?|"
    r"von|gesendet|datum|an|betreff|da|inviato|oggetto|a|van|verzonden|aan|onderwerp|"
    r"från|skickat|till|ämne|fra|sendt|til|emne|od|wys[łl]ano|do|temat|"
    r"от|отправлено|дата|кому|копия|тема|发件人|发送时间|收件人|抄送|主题|寄件者|收件者|主旨|من|إلى|الموضوع|التاريخ)"
    r"\s*\**\s*[:：]",
    re.IGNORECASE,
)


def without_quotation(text: str) -> str:
    """What was written anew, as it stands; empty where everything is quoted.

    What stands between quoted lines is kept: some people answer there. What is forwarded is kept, too.
    """
    kept: list[str] = []
    lines = text.split("\n")
    place = 0
    while place < len(lines):
        lead = _lead(lines, place)
        marked = lead and _is_marked(lines, _next_said(lines, place + lead))
        if _begins_the_rest(lines, place) or (
            lead and not marked and _CERTAIN.search(" ".join(lines[place : place + lead]))
        ):
            break
        if marked:
            place += lead
            continue
        if not _is_marked(lines, place):
            kept.append(lines[place].rstrip())
        elif kept and kept[-1]:
            kept.append("")
        place += 1
    return _tidied(kept)


def _begins_the_rest(lines: Sequence[str], place: int) -> bool:
    """Whether all that follows is the mail that was answered."""
    line = lines[place]
    if len(line) > LINE_MAX:
        return False
    if _RULE.match(line):
        return True
    if _UNDERLINE.match(line):
        return _is_header(lines, _next_said(lines, place + 1))
    return _is_header(lines, place)


def _is_header(lines: Sequence[str], place: int) -> bool:
    """Whether a header stands there in words: who wrote to whom, and when."""
    if place >= len(lines) or len(lines[place]) > LINE_MAX or not _FROM.match(lines[place]):
        return False
    found = sum(bool(_HEADER.match(line[:LINE_MAX])) for line in lines[place : place + 2 * _HEADERS_MIN])
    return found >= _HEADERS_MIN


def _next_said(lines: Sequence[str], place: int) -> int:
    """The next line that says anything, of the few that follow."""
    return next((each for each in range(place, min(place + 3, len(lines))) if lines[each].strip()), place)


def _lead(lines: Sequence[str], place: int) -> int:
    """How many lines from there on say who wrote what is quoted below; 0 where they do not."""
    first = lines[place].lstrip("> \t")
    if not first or len(first) > LINE_MAX:
        return 0
    if _BY_ADDRESS.search(first):
        return 1
    ends = [end for begin, end in _LEADS if begin.match(first)]
    said = ""
    for size, each in enumerate(lines[place : place + _LEAD_LINES] if ends else (), 1):
        line = each.strip("> \t")
        if not line or len(said) + len(line) > LINE_MAX:
            break
        said = f"{said} {line}".strip()
        if any(end.search(said) for end in ends):
            return size
    return 0


def _is_marked(lines: Sequence[str], place: int) -> bool:
    return place < len(lines) and lines[place].lstrip().startswith(">")


def _tidied(lines: Sequence[str]) -> str:
    """Without empty lines around it, and never two together."""
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()
