"""The web page: what is sent stands in a transcript, here in memory. Pages are tried in tests/web."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import replace

from assistant.channels.web import Web
from assistant.domain.messages import Address, Entry, Reply
from assistant.domain.richtext import plain
from tests.support.conformance.driver import Driver, Feature, Got, Participant

_BY_PAGES = "pages bring what people write: tests/web"
_NO_PLATFORM = "there is no platform that could say so"


class Kept:
    """Transcripts (`channels.web.Transcripts`)."""

    def __init__(self) -> None:
        self.entries: defaultdict[Address, list[Entry]] = defaultdict(list)

    async def add(self, address: Address, said: Reply, *, seen: bool = False) -> int | None:
        """Write down what was said."""
        entries = self.entries[address]
        entries.append(Entry(len(entries) + 1, said, seen=seen))
        return len(entries)

    async def change(self, address: Address, number: int, said: Reply) -> bool:
        """Put that in the place of an entry."""
        entries = self.entries[address]
        if not 0 < number <= len(entries):
            return False
        entries[number - 1] = replace(entries[number - 1], said=said)
        return True

    async def newest(self, addresses: Collection[Address]) -> Mapping[Address, int]:
        """The number of the newest entry of each."""
        return {each: len(self.entries[each]) for each in addresses if self.entries[each]}


class Visitor(Participant):
    """Somebody who looks at their page."""

    def __init__(self, channel: Web, kept: Kept, name: str) -> None:
        self.address = channel.address(name)
        self._kept = kept

    def got(self) -> list[Got]:
        return [
            Got(
                plain(each.said.html),
                tuple(button.label for button in each.said.buttons),
                None,
                str(each.number),
            )
            for each in self._kept.entries[self.address]
        ]


class WebPage(Driver):
    """Pages that keep what is said."""

    name = "web"
    lacks = {  # noqa: RUF012
        Feature.WRITING: _BY_PAGES,
        Feature.LINE_BREAKS: _BY_PAGES,
        Feature.EDITS: _BY_PAGES,
        Feature.DELETES: "what was said goes with its chat",
        Feature.QUOTES: _BY_PAGES,
        Feature.PHOTOS: _BY_PAGES,
        Feature.REPEATS: _BY_PAGES,
        Feature.KEPT: _BY_PAGES,
        Feature.BETWEEN: _BY_PAGES,
        Feature.PAPERS: "a file is made when somebody asks for it",
        Feature.LEAVING: _NO_PLATFORM,
        Feature.LIMITS: _NO_PLATFORM,
        Feature.ANSWERS: _NO_PLATFORM,
        Feature.TROUBLE: _NO_PLATFORM,
        Feature.BUTTONS: _BY_PAGES,
    }

    async def start(self) -> None:
        self.kept = Kept()
        self.web = self.fresh()
        self.channel = self.web
        await self.opened(self.channel)

    def fresh(self) -> Web:
        channel = Web("https://letters.example.org")
        channel.keep_in(self.kept)
        return channel

    async def until_heard(self) -> None:
        """Nobody writes to it but by pages."""

    def participant(self, name: str) -> Participant:
        return Visitor(self.web, self.kept, name)
