"""What the Bot API accepts in a message: its text, its HTML and its buttons.

The rules are those of https://core.telegram.org/bots/api#formatting-options and #inlinekeyboardbutton; the
wording of the errors is the real server's. Only the HTML parse mode exists here, `span` and `tg-emoji` are
refused, and entities that the real server finds by itself in a bot's text (links, commands) are not added.
"""

import json
import re
from typing import Any
from urllib.parse import urlsplit

Json = dict[str, Any]  # Any: the Bot API's objects are JSON of every shape

_ENTITY_TYPES = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "a": "text_link",
    "code": "code",
    "pre": "pre",
    "blockquote": "blockquote",
    "tg-spoiler": "spoiler",
}
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_REFERENCE = re.compile(r"&(?:#[xX]([0-9a-fA-F]{1,8})|#([0-9]{1,8})|(lt|gt|amp|quot)(?![A-Za-z]));?")
_TAG = re.compile(r"<(/?)([^\s>]*)")
_ATTRIBUTES = re.compile(r"""((?:[^>"']|"[^"]*"|'[^']*')*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s=]+)(?:\s*(=)\s*(?:"([^"]*)"|'([^']*)'|([\w.-]+)))?""")
_TAG_END = re.compile(r"\s*>")
_PLAIN = re.compile(r"&?[^<&]*")
_COMMAND = re.compile(r"(?<![\w/<>&])/\w{1,64}(?:@\w{3,32})?(?![\w/])", re.ASCII)
_ACTIONS = ("callback_data", "url", "web_app", "login_url", "switch_inline_query", "copy_text", "pay")


class ApiError(Exception):
    """A failed request: https://core.telegram.org/bots/api#making-requests."""

    def __init__(self, status: int, description: str, **parameters: int | None) -> None:
        """`parameters`: https://core.telegram.org/bots/api#responseparameters."""
        super().__init__(description)
        self.status = status
        self.description = description
        self.parameters = {name: value for name, value in parameters.items() if value is not None}


def bad_request(reason: str) -> ApiError:
    return ApiError(400, f"Bad Request: {reason}")


def utf16_length(text: str) -> int:
    """The unit of every length and offset: https://core.telegram.org/api/entities#entity-length."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def bot_commands(text: str) -> list[Json]:
    """The entities a person's client gives to the commands in a text."""
    return [
        {"type": "bot_command", "offset": utf16_length(text[: found.start()]), "length": len(found[0])}
        for found in _COMMAND.finditer(text)
    ]


def formatted_text(params: Json) -> tuple[str, list[Json]]:
    """The text and entities of sendMessage and editMessageText, trimmed and measured as the server does."""
    if not params.get("text"):
        raise bad_request("message text is empty")
    text, entities = _formatted(params, "text", "entities")
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > 4096:
        raise bad_request("message is too long")
    return text, entities


def formatted_caption(params: Json) -> tuple[str, list[Json]]:
    """The same of the caption of a file, which may be empty: https://core.telegram.org/bots/api#senddocument."""
    caption, entities = _formatted(params, "caption", "caption_entities")
    if utf16_length(caption) > 1024:
        raise bad_request("message caption is too long")
    return caption, entities


def _formatted(params: Json, name: str, entities_name: str) -> tuple[str, list[Json]]:
    text, mode = str(params.get(name, "")), str(params.get("parse_mode", "")).lower()
    if mode not in ("", "html"):
        raise bad_request("unsupported parse_mode")
    return _trimmed(*(parse_html(text) if mode else (text, list(params.get(entities_name, [])))))


def _trimmed(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """Space around a text goes; space before it stays when an entity covers it."""
    first = min((entity["offset"] for entity in entities), default=len(text))
    cut = min(len(text) - len(text.lstrip(" \n")), first)
    text = text[cut:].rstrip(" \n")
    end = utf16_length(text)
    moved = [entity | {"offset": entity["offset"] - cut} for entity in entities]
    return text, [e | {"length": min(e["length"], end - e["offset"])} for e in moved if e["offset"] < end]


def parse_html(html: str) -> tuple[str, list[Json]]:
    """https://core.telegram.org/bots/api#html-style, raising "can't parse entities" with the byte offset."""
    text, at = "", 0
    entities: list[Json] = []
    unclosed: list[tuple[str, Json]] = []
    while at < len(html):
        if tag := _TAG.match(html, at):
            name = tag[2].lower()
            if tag[1]:
                at = _end_tag(html, tag, unclosed, utf16_length(text))
                continue
            attributes, at = _start_tag(html, tag)
            entity: Json = {
                "type": _ENTITY_TYPES[name],
                "offset": utf16_length(text),
                "length": 0,
                **attributes,
            }
            entities.append(entity)
            unclosed.append((name, entity))
        elif reference := _REFERENCE.match(html, at):
            text += _decoded(reference)
            at = reference.end()
        else:
            plain = _PLAIN.match(html, at)
            assert plain
            text += plain[0]
            at = plain.end()
    if unclosed:
        raise _unparsable(f'Can\'t find end tag corresponding to start tag "{unclosed[-1][0]}"')
    return text, _finished(text, entities)


def _start_tag(html: str, tag: re.Match[str]) -> tuple[Json, int]:
    """The entity fields that the attributes of a start tag give, and where the tag ends."""
    name, where = tag[2].lower(), f"at byte offset {len(html[: tag.start()].encode())}"
    if tag.end() == len(html):
        raise _unparsable(f"Unclosed start tag {where}")
    if name not in _ENTITY_TYPES:
        raise _unparsable(f'Unsupported start tag "{name}" {where}')
    rest = _ATTRIBUTES.match(html, tag.end())
    if rest is None:
        raise _unparsable(f'Unclosed start tag "{name}" {where}')
    fields: Json = {}
    for key, equals, *values in _ATTRIBUTE.findall(rest[1]):
        value = _REFERENCE.sub(_decoded, "".join(values))
        if (name, key.lower()) == ("blockquote", "expandable"):
            fields["type"] = "expandable_blockquote"
        elif not equals:
            reason = f'Expected equal sign in declaration of an attribute of the tag "{name}" {where}'
            raise _unparsable(reason)
        elif (name, key.lower()) == ("a", "href"):
            fields["url"] = value
        elif (name, key.lower()) == ("code", "class") and value.startswith("language-"):
            fields["language"] = value.removeprefix("language-")
    return fields, rest.end()


def _end_tag(html: str, tag: re.Match[str], unclosed: list[tuple[str, Json]], text_length: int) -> int:
    found, where = tag[2].lower(), f"at byte offset {len(html[: tag.start()].encode())}"
    if not unclosed:
        raise _unparsable(f"Unexpected end tag {where}")
    end = _TAG_END.match(html, tag.end())
    if end is None:
        raise _unparsable(f"Unclosed end tag {where}")
    name, entity = unclosed.pop()
    if found not in ("", name):
        raise _unparsable(f'Unmatched end tag {where}, expected "</{name}>", found "</{found}>"')
    entity["length"] = text_length - entity["offset"]
    return end.end()


def _finished(text: str, entities: list[Json]) -> list[Json]:
    """Drop what is empty or leads nowhere, and let `<pre><code class="language-x">` be one entity."""
    kept: list[Json] = []
    for entity in entities:
        before = kept[-1] if kept else None
        if before and (before["type"], before["offset"], before["length"]) == (
            "pre",
            entity["offset"],
            entity["length"],
        ):
            before |= {"language": entity["language"]} if "language" in entity else {}
            continue
        if entity["type"] == "text_link":
            units = text.encode("utf-16-le")[entity["offset"] * 2 :][: entity["length"] * 2]
            entity["url"] = checked_link(entity.get("url") or units.decode("utf-16-le"))
        elif entity["type"] != "pre":
            entity.pop("language", None)
        if entity["length"] and entity.get("url") != "":
            kept.append(entity)
    return kept


def checked_link(url: str) -> str:
    """The link as the server keeps it, or "" for one it drops, such as a `mailto:`."""
    try:
        parts = urlsplit(url if re.match(r"[a-zA-Z][\w+.-]*:(?!\d)", url) else f"http://{url}")
    except ValueError:
        return ""
    if parts.scheme in ("tg", "ton", "tonsite"):
        return url
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or " " in url.strip():
        return ""
    return parts._replace(path=parts.path or "/").geturl()


def inline_keyboard(params: Json) -> Json | None:
    """https://core.telegram.org/bots/api#inlinekeyboardmarkup; other keyboards are taken and not shown."""
    markup = params.get("reply_markup") or {}
    rows = [row for row in markup.get("inline_keyboard", []) if row]
    for button in (button for row in rows for button in row):
        if "text" not in button:
            raise bad_request("can't parse inline keyboard button: Can't find field \"text\"")
        if not button["text"].strip():
            raise bad_request("inline keyboard button text must be non-empty")
        if not any(button.get(action) not in (None, "") for action in _ACTIONS):
            reason = "Text buttons are unallowed in the inline keyboard"
            raise bad_request(f"can't parse inline keyboard button: {reason}")
        if len(button.get("callback_data", "").encode()) > 64:
            raise bad_request("BUTTON_DATA_INVALID")
        url = button.get("url")
        if url and not checked_link(url):
            reason = "Unsupported URL protocol" if ":" in url else "Wrong HTTP URL"
            raise bad_request(f"inline keyboard button URL '{url}' is invalid: {reason}")
    # The last two are not described: https://github.com/tginfo/Telegram-Limits/issues/187 and 228.
    if sum(map(len, rows)) > 100 or len(json.dumps(markup, ensure_ascii=False).encode()) > 10_000:
        raise bad_request("reply markup is too long")
    return {"inline_keyboard": rows} if rows else None


def _decoded(reference: re.Match[str]) -> str:
    if reference[3]:
        return _NAMED[reference[3]]
    code = int(reference[1], 16) if reference[1] else int(reference[2])
    return chr(code) if 0 < code < 0x10FFFF and not 0xD800 <= code < 0xE000 else reference[0]


def _unparsable(reason: str) -> ApiError:
    return bad_request(f"can't parse entities: {reason}")
