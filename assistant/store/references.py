"""What others call a message or a letter of ours: it stands on their side, and is stored readable nowhere.

Who has a phone, an office's mail or a fax server's log could otherwise find the row, and by it the chat. A
keyed digest serves to find the row again, a sealed value to name it to them. Both stay usable when the chat
is forgotten, as a letter may still be on its way: no key of the chat's is needed.
"""

from assistant.domain.messages import Address
from assistant.store.crypto import Sealer, Vault

_SHORT = 8  # bytes of a digest that is looked for among the messages of one chat
KEY = "letters.sealed_key"  # what we call a letter to its carrier
REFERENCE = "letters.sealed_reference"  # what its carrier calls it
MESSAGE = "messages.sealed_reference"  # what the channel calls a message


def digest_of_key(vault: Vault, key: str) -> str:
    """Of what we call a letter to its carrier."""
    return vault.digest("letter keys", key.encode()).hex()


def digest_of_reference(vault: Vault, reference: str) -> str:
    """Of what a carrier calls a letter."""
    return vault.digest("letter names", reference.encode()).hex()


def digest_of_incoming(vault: Vault, address: Address, message: str) -> str:
    """Of the channel's id of a message to us, so that none counts twice; also in a chat that begins anew."""
    return digest_of_incoming_at(vault, vault.lookup(address), message)


def digest_of_incoming_at(vault: Vault, lookup: bytes, message: str) -> str:
    """The same where the chat's `lookup` is known already."""
    return vault.digest("incoming", lookup + message.encode(), _SHORT).hex()


def digest_of_message(vault: Vault, chat: int, reference: str) -> str:
    """Of the channel's id of a message in that chat, by which people quote it."""
    return vault.digest("messages", f"{chat}:{reference}".encode(), _SHORT).hex()


def seal(vault: Vault, column: str, row: int, name: str) -> bytes:
    """For that column of that row: one of those above."""
    return _sealer(vault, column).seal(column, row, name)


def unseal(vault: Vault, column: str, row: int, sealed: bytes) -> str:
    """What `seal` sealed. Raises Failure."""
    return _sealer(vault, column).open(column, row, sealed)


def _sealer(vault: Vault, column: str) -> Sealer:
    return vault.sealer(column.partition(".")[0])
