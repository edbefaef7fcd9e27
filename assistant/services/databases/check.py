"""Whether a database, or a backup of one, is sound: both are asked the same."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL

from assistant.domain.clock import system_clock
from assistant.domain.errors import Failure, Misconfigured, NotInstalled
from assistant.store import audit, soundness
from assistant.store.crypto import Vault
from assistant.store.database import Store, Tx
from assistant.store.keyring import Keyring, KeyringFile, KeyringSource
from assistant.store.tables import REVISION

_NO_KEYRING = Vault(KeyringFile(Path("keyring.json")), Keyring.new(system_clock()))  # opens nothing
_DAMAGED = "Put a backup back: assistant db restore FILE. Keep this one until you have."


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found out about one thing. `fault`: what is wrong, and what to do; None: all is well.

    `vital`: where that is wrong, the database cannot be used.
    """

    subject: str
    said: str
    fault: str | None = None
    vital: bool = True


@dataclass(frozen=True, slots=True)
class Soundness:
    """All that was found out. `counts`: rows by table and state, where they could be counted."""

    findings: Sequence[Finding]
    counts: Mapping[str, Mapping[str, int]]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return all(each.fault is None for each in self.findings)

    @property
    def is_usable(self) -> bool:
        """Whether nothing is wrong that keeps it from being used: a fault that was always there is kept."""
        return not any(each.fault and each.vital for each in self.findings)

    @property
    def faults(self) -> list[str]:
        """What is wrong, and what to do."""
        return [each.fault for each in self.findings if each.fault]


async def check(url: URL, keyring: KeyringSource, *, is_kept: bool) -> Soundness:
    """Look through the database at `url`, and change nothing. `is_kept`: it is the file of a backup.

    Raises Failure where it cannot be opened at all.
    """
    opened, no_keyring = _opened(keyring)
    address = url.render_as_string(hide_password=False)
    async with Store.as_it_is(address, opened or _NO_KEYRING, is_kept=is_kept) as store:
        return await _Check(store, opened, no_keyring, is_kept=is_kept).run()


def _opened(keyring: KeyringSource) -> tuple[Vault | None, str]:
    """The keyring; or why there is none."""
    try:
        if not keyring.exists():
            return None, f"{keyring.name} is missing. Put its copy there, or name it in ASSISTANT_KEYRING."
        return Vault(keyring), ""
    except Misconfigured as error:
        return None, error.reason


class _Check:
    """One question after the other, each in a transaction of its own: a fault hides no other one."""

    def __init__(self, store: Store, keyring: Vault | None, no_keyring: str, *, is_kept: bool) -> None:
        self._store = store
        self._keyring = keyring
        self._no_keyring = no_keyring
        self._is_kept = is_kept
        self._fits = False

    async def run(self) -> Soundness:
        async with self._store.read() as tx:
            found = await soundness.version(tx)
        if found is None:
            raise NotInstalled("There is nothing of ours in it: it is no database of the assistant.")
        findings = [await self._ask("file", self._damage), await self._ask("references", self._dangling)]
        findings.append(self._revision(found))
        findings.append(await self._ask("keyring", self._belongs))
        if found != REVISION:
            return Soundness(findings, {})
        if self._fits:
            findings.append(await self._ask("audit", self._audit, vital=False))
            findings.append(await self._ask("sealed", self._unopened, vital=False))
        findings.append(await self._ask("counts", self._miscounted, vital=False))
        if any(each.fault for each in findings[:2]):
            return Soundness(findings, {})
        async with self._store.read() as tx:
            return Soundness(findings, await soundness.counts(tx))

    async def _ask(
        self, subject: str, question: Callable[[Tx], Awaitable[tuple[str, str | None]]], *, vital: bool = True
    ) -> Finding:
        try:
            async with self._store.read() as tx:
                said, fault = await question(tx)
        except Failure as failure:
            said, fault = "could not be looked at", failure.reason
        return Finding(subject, said, fault, vital)

    async def _damage(self, tx: Tx) -> tuple[str, str | None]:
        if damage := await soundness.damage(tx):
            return "; ".join(damage), f"The database is damaged. {_DAMAGED}"
        return "is whole, to its last page" if tx.dialect == "sqlite" else "every table can be read", None

    async def _dangling(self, tx: Tx) -> tuple[str, str | None]:
        if dangling := await soundness.dangling(tx):
            said = ", ".join(f"{column}: {count:,}" for column, count in dangling.items())
            return said, f"Rows are missing that others refer to. {_DAMAGED}"
        return "every row that another one refers to is there", None

    def _revision(self, found: str) -> Finding:
        if found == REVISION:
            return Finding("tables", f"are of this version ({REVISION})")
        if found > REVISION:
            said = f"are {found}, and this version knows {REVISION}"
            return Finding("tables", said, "A newer version of the assistant made it. Install that one.")
        by = "assistant db restore" if self._is_kept else "assistant run"
        return Finding("tables", f"are {found}; `{by}` brings them up to date ({REVISION})")

    async def _belongs(self, tx: Tx) -> tuple[str, str | None]:
        if self._keyring is None:
            return "is not there", self._no_keyring
        proof = await soundness.proof(tx)
        self._fits = proof is not None and self._keyring.belongs(proof)
        if self._fits:
            return f"{self._keyring.name} fits", None
        return f"{self._keyring.name} does not fit", (
            f"{self._keyring.name} belongs to another database. Put the right one there, or name it in "
            "ASSISTANT_KEYRING."
        )

    async def _audit(self, tx: Tx) -> tuple[str, str | None]:
        try:
            verified = await audit.verify(tx)
        except Failure as failure:
            said = "was changed behind the assistant's back"
            return said, f"{failure.reason} Ask who has had the keyring and the database."
        return f"entries: {verified.entries:,}, none changed, none missing between them", None

    async def _unopened(self, tx: Tx) -> tuple[str, str | None]:
        tried, failed = await soundness.unopened(tx)
        if failed:
            said = ", ".join(f"{column}: {count:,} of a sample" for column, count in failed.items())
            return f"{said} do not open", f"What is sealed was changed, or is damaged. {_DAMAGED}"
        return f"values tried: {tried:,}, all open with the keyring", None

    async def _miscounted(self, tx: Tx) -> tuple[str, str | None]:
        if wrong := await soundness.miscounted(tx):
            said = f"wrong for {', '.join(wrong)}"
            return said, "What is shown of them is wrong; nothing is sent twice for that. Please report it."
        return "what was counted is what there is", None
