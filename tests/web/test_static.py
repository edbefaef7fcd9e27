"""What pages need besides their text: as it came from its authors, and small."""

import gzip
import hashlib
from pathlib import Path

from assistant.web import rendering

STATIC = Path(rendering.__file__).parent / "static"
# https://registry.npmjs.org/htmx.org 4.0.1, dist/ and dist/ext/.
AS_THEY_CAME = {
    "htmx.min.js": "a0abb04f2f45a1f89d1d4844023245537e5e6014c87b144553e0607b4cc32130",
    "hx-sse.min.js": "18ef2761356ec1fe0bb6d92612315b37517a7c1e9856b661c5ae81fef239d103",
    "hx-upsert.min.js": "9e516c6608f765b568559a4caed3c3121eff2702fb7ce012f21775639d2699c3",
}


def test_scripts_are_as_they_came() -> None:
    found = {each.name: hashlib.sha256(each.read_bytes()).hexdigest() for each in STATIC.glob("*.min.js")}
    assert found == AS_THEY_CAME


def test_styles_and_scripts_name_nothing_elsewhere() -> None:
    style = (STATIC / "page.css").read_text()
    assert "url(" not in style and "@import" not in style and "http" not in style


def test_a_style_is_small() -> None:
    assert len(gzip.compress((STATIC / "page.css").read_bytes())) < 2_000
