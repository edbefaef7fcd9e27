"""Links and addresses of the net in any spelling: full-width dots, bare domains, `dot com`, numbers."""

import re
from collections.abc import Collection

from assistant.domain.obfuscation import readings

# Domains that are no words, and those that are: after these a sentence may go on where a blank is missing.
_CERTAIN = (
    "com|org|net|info|biz|xyz|edu|gov|mil|mobi|icu|zip|dev|ai|io|tv|cc|gg|ru|cn|uk|eu|gt|mx|ar|cl|hn|sv|"
    "ni|cr|cu|br|bo|py|uy|ec|ve|pr|fr|ch|nl|pl|cz|sk|hu|ro|bg|gr|tr|jp|kr|tw|hk|sg|th|vn|ph|nz|za|ng|ke|"
    "eg|tn|dz|ly|sy|lb|jo|iq|sa|qa|kw|bh|ye|pk|bd|lk|np|ge|az|kz|ua|ee|lv|lt|fi|dk|pt|ie|cf|gq|tk|ml|pw|"
    "ws|fm|nu|vc|sh|gl|tl|vg|ky|bz|mn|su|institute|education|events|technology|party|quebec|guide|careers|ventures|holdings|exposed|watch|ltd|inc|llc|gmbh|cheap|sale|deals|date|science|stream|racing|win|review|faith|accountant|cricket|country|kim|men|cyou|bond|sbs|hair|makeup|quest|monster|beauty|rest|cfd|lat|bio|earth|energy|farm|fit|fitness|gold|band|studio|design|photography|consulting|marketing|partners|pictures|place|properties|rentals|tax|taxi|tours|toys|town|training|university|vacations|vision|vodka|voyage|yoga|onion|php|html|htm|aspx|exe|apk|pdf|рф|саит|орг|ком|онлаин|شبكه|"
    "موقع|كوم|السعوديه|مصر|المغرب|امارات|中国|网站|公司|コム|닷컴|app|site|online|store|shop|club|blog|link|click|"
    "vip|bid|loan|website|tech|pro|cloud|wiki|email|network|agency|digital|media|host|rocks|ninja|guru|"
    "poker|casino|sex|porn|adult|cam|dating|movie|audio|photos|pics|camera|stream|tube|clinic|lawyer|"
    "attorney|solutions|systems|mov|foo|codes|software|security|africa|lat|paris|london|berlin|nyc|"
    "moscow|ong|ngo|coop|int|asia|tel|gay|pizza|cafe|beer|wine|restaurant|delivery|fyi|wtf|lol|sucks|"
    "fail|reviews|democrat|republican|gop|fans|boo|esq|phd"
)
_WORDS = (
    "me|es|de|at|no|se|pe|is|it|in|to|so|my|am|be|us|la|li|do|as|he|we|or|if|on|up|go|pa|ma|va|tu|ta|te|"
    "si|ni|ne|na|mu|ha|et|en|eh|ci|ca|ba|al|ad|il|id|co|top|live|life|news|win|men|work|world|today|"
    "space|name|page|social|chat|center|foundation|support|help|fun|art|one|team|group|press|zone|city|"
    "land|cash|money|finance|credit|capital|fund|trade|market|exchange|bet|game|games|love|video|film|"
    "music|photo|download|watch|free|gratis|stop|army|actor|academy|school|university|college|church|"
    "bible|faith|health|care|doctor|legal|law|services|company|international|global|express|direct|plus|"
    "red|blue|black|green|pink|day|new|now|how|run|tips|tools|jobs|travel|cat|bar|pub|menu|house|homes|"
    "report|review|vote|voto|cool|best|dad"
)
_DOMAIN = rf"(?:(?:{_CERTAIN})(?![\w-])|(?:{_WORDS})(?![\w-])(?!\s+[^\W\d_]))"
_ABBREVIATIONS = "dra?|sra?|srta|vda|ma|mrs?|ms|sta?|sto|jr|lic|ing|prof|art|no|num|av|mme|mlle|etc|ph"
_BEFORE_LINKS = (
    "on|at|to|visit|see|via|read|sur|voir|visitez|lisez|allez|entre a|entra a|visite|visita|lea|vea|ver|"
    "في|علي|ادخلوا|زوروا|اقراوا"
)
_PLACES = "telegram|instagram|tiktok|twitter|facebook|whatsapp|signal|discord|insta|snapchat|youtube|tg|ig|fb"
_MAILERS = r"g-?mail|hotmail|outlook|yahoo|proton\w*|icloud|yandex|tutanota|gmx|mail"
_LINK = re.compile(
    rf"""
    \bh\W{{0,3}}[tx+]\W{{0,3}}[tx+]\W{{0,3}}p\W{{0,3}}s?(?:\W{{0,3}}:|\W+/|\b)
    | [a-z]:\W{{0,2}}/\W{{0,2}}/
    | \b(?:mailto|javascript|magnet|tg|ipfs|sgnl)\W?:
    | \bw\W{{0,2}}w\W{{0,2}}w\b
    | \bwww\d?\.
    | \bxn--
    | \w%2e\w|&\#46;
    | \blocalhost\b
    | (?<!\w)(?!(?:{_ABBREVIATIONS})\.)\w[\w-]*\w\.{_DOMAIN}
    | \b[a-z0-9]\.(?:(?:com|org|net)\b|me\b(?=/|\W*$)|\w{{2,}}/)
    | \.(?:{_CERTAIN}|{_WORDS})/\w
    | \b\w+\s?\.\s?(?:com|org|net|info|xyz|onion)(?![\w-])(?!\s+[^\W\d_]{{2,}}\s+[^\W\d_])
    | \w\s?\.\s?\w{{2,4}}\s?/\s?\w
    | \w(?:\.\w){{4,}}
    | \b(?:slash|barra)\s\w+$
    | \w,(?:com|org|net)\b
    | \w\ ?(?:dot|punto|point|نقطه|دوت|[-_*|]dot[-_*|])\ ?(?:com|org|net|info|xyz|كوم)\b
    | \bcom\W*$
    | \bdot\W?com\W*$
    | (?<!\d)(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\s?\.\s?(?:25[0-5]|2[0-4]\d|1?\d?\d)){{3}}(?!\d)
    | \b0x[0-9a-f]{{8}}\b
    | \[?(?:[0-9a-f]{{1,4}}:){{3,}}[0-9a-f]{{0,4}}\]?
    | (?<!\w)(?:[0-9a-f]{{1,4}}:)*[0-9a-f]{{1,4}}::[0-9a-f]{{1,4}}
    | (?:[:(]\s?|(?<!\w)(?:{_BEFORE_LINKS})\s)\w[\w-]{{2,}}\.(?:{_WORDS})(?![\w-])
    | \w\s\.\s?(?:com|org|net|info|xyz|onion)(?![\w-])
    | (?<!\w)@\s?\w{{2,}}
    | \w\s?@\s?\w
    | \b(?:{_PLACES})\s?[:=/]\s?\S
    """,
    re.VERBOSE,
)
_CAPITAL = re.compile(r"(?<!\w)\w[\w-]{3,}\.[A-Z][a-z]+(?![\w-])(?!\s+[^\W\d_])")  # Evil.Com
_MISSING_BLANK = re.compile(
    r"(?<=\w)\.(?=[A-Z][a-z]+(?:\s+[^\W\d_]|[,;:!?]))"
)  # a sentence begins: Gracias.Me preocupa
_BRACKETED = r"[\[({{<«]\s*(?:\.|,|{words})\s*[\])}}>»]"
_NAMED_DOT = (
    r"(?<=[\w])[\s\-_*|/]+(?:{words})[\s\-_*|/]+(?={certain}(?![\w])|{doubtful}(?:/|\W*$)|\d{{1,3}}\b)"
)
_NAMED_AT = rf"[\s\-_*|(\[]+(?:{{words}})[\s\-_*|)\]]+(?=[\w.-]+\.\w|(?:{_MAILERS})\b)"
_PROVIDER = re.compile(rf"@(?:{_MAILERS})\b")
_LONG = re.compile(r"(?<![^\W_])(?=[a-z0-9]*\d)(?=[a-z0-9]*[a-z])[a-z0-9]{20,}(?![^\W_])")  # a key, a wallet
_IN_RUN = re.compile(
    r"www\.|\w\.(?:com|org|net|info|xyz|io|gt|ru|site)|\w\.\w{2,}/|\.c\.o\.m\b|\.o\.r\.g\b|\.n\.e\.t\b"
)
_SPACED = re.compile(r"(?<!\w)(?:[^\W_](?:\s+|(?=\.))|\.\s*){4,}(?:[^\W_](?!\w))?")  # e v i l . c o m


class LinkFinder:
    """Finds links. `dots`, `ats`: what the signs are called."""

    def __init__(self, dots: Collection[str], ats: Collection[str]) -> None:
        named = "|".join(map(re.escape, sorted(dots)))
        self._bracketed = re.compile(_BRACKETED.format(words=named))
        certain = f"(?:{_CERTAIN})"
        self._dot = re.compile(_NAMED_DOT.format(words=named, certain=certain, doubtful=f"(?:{_WORDS})"))
        self._at = re.compile(_NAMED_AT.format(words="|".join(map(re.escape, sorted(ats)))))

    def find(self, cased: str) -> bool:
        """Whether a link stands in a text that is `obfuscation.plain` but for its capitals."""
        if (named := _CAPITAL.search(cased)) and _DOMAIN_AT_END.match(named[0].casefold()):
            return True
        return any(self._in(each) for each in readings(_MISSING_BLANK.sub(". ", cased).casefold()))

    def _in(self, text: str) -> bool:
        text, brackets = self._bracketed.subn(".", text)
        if brackets and re.search(r"\w\s*\.\s*\w", text):
            return True
        text = self._at.sub("@", self._dot.sub(".", text))
        if _LINK.search(text) or _PROVIDER.search(text) or _LONG.search(text):
            return True
        runs = ["".join(run[0].split()) for run in _SPACED.finditer(text)]
        return any(_IN_RUN.search(run) or _LINK.search(run) for run in runs)


_DOMAIN_AT_END = re.compile(rf"[\w-]+\.(?:{_CERTAIN}|{_WORDS})$")
