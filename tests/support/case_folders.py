"""Case folders: of invented people, written for a test, and one to copy and spoil."""

from collections.abc import Mapping
from pathlib import Path

from assistant.carriers.post import Post
from assistant.carriers.tray import Tray
from assistant.content.cases import Checked, check_folder
from assistant.content.routing import Routing
from assistant.wiring.carriers import DEFAULT_ROUTE

OF_ONE_ACTION = Path(__file__).parent / "cases" / "of-one-action"
"""Its one action and target stand in its case.toml; its texts are those of the shipped case."""
ROUTING = Routing({"tray": Tray(Path("tray")), "post": Post()}, DEFAULT_ROUTE)
_LETTER = """{greeting}

{text}

{{% if line %}}
{{{{ line }}}}

{{% endif %}}
{{{{ name }}}}
{{{{ country }}}}
"""

OLD_FORM = {
    "case.toml": """# My own note.
person = "Leyla Aydin"
languages = ["en", "es"]
outcomes = ["2026-03-released"]
subjects = ["About Leyla Aydin", 'Her "case"']

[updates.2026-03-released]
replaces = "letter"

[title]
en = "Leyla Aydin, Türkiye"
es = "Leyla Aydin, Turquía"

[share]
en = '''I wrote for Leyla Aydin.
You can, too.'''
es = "Escribí por Leyla Aydin."

[follow]
en = ["https://example.org/leyla"]

[target]
country = "TR"
timezone = "Europe/Istanbul"
opens = "08:30"
workdays = [1, 2, 3, 4]
weekends = "move"
holidays = "send"
closed_days = ["2026-12-24"]
per_day = 300
language = "es"
routes = ["post:Street 1;Ankara", "tray"]
[target.office]
en = "the Minister of Justice"
es = "la Ministra de Justicia"
[target.place]
en = "Ankara"
es = "Ankara"
[target.salutation]
es = "Señora Ministra:"
en = "Dear Minister,"

[[action_days]]
date = "2099-02-03"
at = "10:00"
[action_days.title]
en = "Day for Leyla"
es = "Día por Leyla"

[[action_days]]
date = "2099-03"
[action_days.title]
en = "March for Leyla"
es = "Marzo por Leyla"
""",
    "briefing.en.md": "Leyla Aydin was **arrested**.\n",
    "briefing.es.md": "Leyla Aydin fue **arrestada**.\n",
    "letter.en.txt": _LETTER.format(
        greeting="{{ salutation }}", text="I write to {{ office }} for Leyla Aydin."
    ),
    "letter.es.txt": _LETTER.format(
        greeting="{{ salutation }}", text="Escribo a {{ office }} por Leyla Aydin."
    ),
    "faq.en.md": "## Is she free?\nfree, released\n\nNot yet.\n",
    "updates/2026-03-released.en.md": "Leyla Aydin is free.\n",
    "updates/2026-03-released.es.md": "Leyla Aydin está libre.\n",
}
"""A case with all that the form with one target can have."""

_TABLE = {
    "slug": ("embassy-chile", "embassy-others"),
    "for": ("CL PE", "others"),
    "country": ("CL", "GB"),
    "timezone": ("America/Santiago", "Europe/London"),
    "language": ("ar", "ar"),
    "weekends": ("move", "move"),
    "holidays": ("move", "move"),
    "office.en": ("the Embassy in Chile", "the Embassy in London"),
    "office.ar": ("السفارة في تشيلي", "السفارة في لندن"),
    "place.en": ("Santiago", "London"),
    "place.ar": ("سانتياغو", "لندن"),
    "salutation.ar": ("السيد السفير،", "السيدة السفيرة،"),
    "routes": ("tray", "tray"),
}
_LINES = (_TABLE, *zip(*_TABLE.values(), strict=True))
_EMBASSIES = "\ufeff" + "".join(f"{';'.join(line)}\r\n" for line in _LINES)

NEW_FORM = {
    "case.toml": """person = "Sami <Example> & Co"
languages = ["en", "ar"]
[title]
en = "Sami <Example> & Co"
ar = "سامي"
[share]
en = "I wrote for Sami <Example> & Co."
ar = "كتبت من أجل سامي."
[follow]
en = ["https://example.org/sami?a=1&b=2"]
""",
    "briefing.en.md": "Sami Example is **ill**. [More](https://example.org/more)\n",
    "briefing.ar.md": "سامي مريض.\n",
    "faq.en.md": "## Is he free?\nfree & well\n\nNot yet.\n",
    "targets/minister.toml": """office = { en = "the Minister <of> Health", ar = "وزير الصحة" }
place = { en = "Cairo", ar = "القاهرة" }
country = "EG"
timezone = "Africa/Cairo"
workdays = [1, 2, 3, 4, 7]
weekends = "move"
holidays = "move"
closed_days = ["2026-12-24"]
language = "en"
routes = ["post:Street 1;Cairo", "tray"]
""",
    "targets/embassies.csv": _EMBASSIES,
    "actions/first/action.toml": """targets = ["minister"]
closes = "2098-12"
goal = 5000
[title]
en = "Treat Sami"
ar = "عالجوا سامي"
[asks]
en = "Let a doctor see him & soon"
ar = "دعوا طبيبا يراه"
[[action_days]]
date = "2098-05-05"
at = "10:00"
[action_days.title]
en = "Day for Sami"
ar = "يوم سامي"
""",
    "actions/first/briefing.en.md": "He needs a doctor.\n",
    "actions/first/briefing.ar.md": "يحتاج إلى طبيب.\n",
    "actions/first/letter.en.txt": _LETTER.format(
        greeting="Dear Minister,", text="Sami <Example> is ill & alone."
    ),
    "actions/first/letter.ar.txt": _LETTER.format(greeting="السيد الوزير،", text="سامي مريض."),
    "actions/embassies/action.toml": """targets = ["embassy-chile", "embassy-others", "minister"]
subjects = { ar = ["سامي"], en = ["Sami <Example>"] }
[title]
en = "Write to the embassies"
ar = "اكتبوا إلى السفارات"
""",
    "actions/embassies/letter.en.txt": _LETTER.format(
        greeting="Dear Ambassador,", text="Please ask about Sami."
    ),
    "actions/embassies/letter.ar.txt": _LETTER.format(greeting="السيد السفير،", text="اسألوا عن سامي."),
    "actions/embassies/letter.minister.en.txt": _LETTER.format(
        greeting="Minister,", text="The embassies know, too."
    ),
    "actions/embassies/letter.minister.ar.txt": _LETTER.format(
        greeting="الوزير،", text="السفارات تعرف أيضا."
    ),
    "updates/2026-02-doctor.en.md": "A doctor came <today>.\n",
    "updates/2026-02-doctor.ar.md": "جاء طبيب.\n",
}
"""A case with two actions, a spreadsheet's table of embassies, and a language from right to left."""


def write_case(folder: Path, files: Mapping[str, str]) -> Path:
    """The folder with these files, by their path in it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(text.encode())
    return folder


def check_case(folder: Path) -> Checked:
    """The folder checked thoroughly, by itself."""
    [checked] = check_folder(folder, [], ROUTING)
    return checked


def serious(checked: Checked) -> list[str]:
    """What keeps the case from being used."""
    return [f"{each.where}: {each.what}" for each in checked.findings if each.serious]
