"""A database as the fourth version left it: an update waits for approval, a single text in each language."""

import json
from datetime import datetime
from pathlib import Path

from markupsafe import Markup
from sqlalchemy import text

from assistant.store.crypto import Vault
from assistant.store.database import _engine  # no Store yet: that would bring it up to date
from assistant.store.keyring import KeyringFile
from tests.support.store.first_version import migrate

NUMBER = 7
DIGEST = "f456994c1850542b"  # as that version made it of what follows
HTML = Markup("<b>Norma Cruz</b>\n\nInvented news.\n\nWrite <b>stop</b> to get no more news.")
BUTTON = ["more:norma-cruz", "Read more", "/more norma-cruz"]
ANNOUNCEMENT = {
    "kind": "update",
    "texts": {"en": 'Invented news, "step": one.'},
    "dated": {"year": 2011, "month": 9, "day": 1},
    "case": "norma-cruz",
    "update": "2011-09-conviction",
    "fallbacks": {"es": "en"},
    "audience": {"case": "norma-cruz", "countries": [], "languages": [], "wrote": None, "received": None},
    "timing": {"at": None, "day": None, "hour": None, "lasts": 24, "urgent": True},
    "step": "read",
    "outcome": True,
    "answers": [["news", "2011-09-conviction"]],
}


async def make(url: str, keyring: Path, now: datetime) -> None:
    """Make it. The shell has written the update, and somebody has paused another case."""
    vault = Vault.load_or_create(KeyringFile(keyring))
    engine = _engine(url)
    broadcast: dict[str, object] = {
        "id": NUMBER,
        "created_at": round(now.timestamp() * 1000),
        "case_slug": "norma-cruz",
        "update_slug": "2011-09-conviction",
        "status": "proposed",
        "urgent": True,
        "announcement": json.dumps(ANNOUNCEMENT),
        "digest": DIGEST,
        "counted": DIGEST,
        "counts": "[]",
    }
    texts: dict[str, object] = {
        "broadcast_id": NUMBER,
        "html": str(HTML),
        "outcome": "",
        "button": json.dumps(BUTTON),
    }
    rows: dict[str, list[dict[str, object]]] = {
        "vault": [{"proof": vault.proof(signed=False)}],
        "broadcasts": [broadcast],
        "paused_cases": [{"case_slug": "alma-rivas"}],
        "broadcast_texts": [texts | {"language": language} for language in ("en", "es")],
    }
    async with engine.begin() as connection:
        await connection.run_sync(migrate, "0004")
        for table, each in ((table, each) for table, found in rows.items() for each in found):
            columns, values = ", ".join(each), ", ".join(f":{column}" for column in each)
            await connection.execute(text(f"INSERT INTO {table} ({columns}) VALUES ({values})"), each)  # noqa: S608
        if connection.dialect.name == "postgresql":
            await connection.execute(text("SELECT setval('broadcasts_id_seq', 100)"))
    await engine.dispose()
