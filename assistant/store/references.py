"""What others call a message or a letter of ours: it stands on their side, and is stored readable nowhere.

Who has a phone, an office's mail or a fax server's log could otherwise find the row, and by it the chat. A
keyed digest serves to find the row again, a sealed value to name it to them. Both stay usable when the chat
is forgotten, as a letter may still be on its way: no key of the chat's is needed.
"""

from assistant.domain.messages import Address
from assistant.store.crypto import Vault

_SHORT = 8  # bytes of a digest that is looked for among the messages of one chat
_LETTERS, _MESSAGES = "letters", "messages"  # whose sealers seal them


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


def seal_key(vault: Vault, letter: int, key: str) -> bytes:
    """For `letters.sealed_key` of that row."""
    return vault.sealer(_LETTERS).seal("letters.sealed_key", letter, key)


def open_key(vault: Vault, letter: int, sealed: bytes) -> str:
    """What `seal_key` sealed. Raises Failure."""
    return vault.sealer(_LETTERS).open("letters.sealed_key", letter, sealed)


def seal_reference(vault: Vault, letter: int, reference: str) -> bytes:
    """For `letters.sealed_reference` of that row."""
    return vault.sealer(_LETTERS).seal("letters.sealed_reference", letter, reference)


def open_reference(vault: Vault, letter: int, sealed: bytes) -> str:
    """What `seal_reference` sealed. Raises Failure."""
    return vault.sealer(_LETTERS).open("letters.sealed_reference", letter, sealed)


def seal_message(vault: Vault, message: int, reference: str) -> bytes:
    """For `messages.sealed_reference` of that row."""
    return vault.sealer(_MESSAGES).seal("messages.sealed_reference", message, reference)


def open_message(vault: Vault, message: int, sealed: bytes) -> str:
    """What `seal_message` sealed. Raises Failure."""
    return vault.sealer(_MESSAGES).open("messages.sealed_reference", message, sealed)
