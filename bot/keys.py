"""Secrets: one root, and a key for each purpose derived from it.

The root is a file of 32 random bytes in hexadecimal that only its owner may
read. Losing it makes codes and reply addresses in flight worthless, makes
stored bank accounts unreadable and stored taxpayer hashes unmatchable: it
belongs in the backup, apart from the database.
"""

from __future__ import annotations

import base64
import hmac
import os
import secrets
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.store import Store

ROOT_BYTES = 32


class BadSecret(ValueError):
    """The secret is not the right one: no 64 hexadecimal digits, readable by others, or not the store's. Restore it."""


class WrongSecret(BadSecret):
    """The store was made with another secret: taxpayers would not match and bank accounts not open. Restore it."""


@dataclass(frozen=True)
class Keys:
    """The keys of this installation."""

    root: bytes = field(repr=False)

    def _derived(self, purpose: str) -> bytes:
        return HKDF(algorithm=SHA256(), length=32, salt=None, info=f"dspp:{purpose}:1".encode()).derive(self.root)

    @cached_property
    def fingerprint(self) -> str:
        """Tells this root from others and shows nothing of it."""
        return self._derived("fingerprint").hex()

    @cached_property
    def codes(self) -> bytes:
        """Makes and checks single-use codes."""
        return self._derived("codes")

    @cached_property
    def addresses(self) -> bytes:
        """Signs reply addresses and bounce addresses."""
        return self._derived("addresses")

    @cached_property
    def links(self) -> bytes:
        """Signs the links to the confirmation page."""
        return self._derived("confirmation links")

    @cached_property
    def factors(self) -> bytes:
        """Goes into the hash of a PIN, so that the store alone gives none away."""
        return self._derived("second factors")

    @cached_property
    def _taxpayers(self) -> bytes:
        return self._derived("taxpayers")

    @cached_property
    def _vault(self) -> Fernet:
        return Fernet(base64.urlsafe_b64encode(self._derived("bank accounts")))

    def taxpayer(self, taxpayer_id: str) -> str:
        """The key under which a taxpayer id is known; the id itself is kept nowhere."""
        digits = "".join(character for character in taxpayer_id if character.isalnum())
        return hmac.new(self._taxpayers, digits.upper().encode(), "sha256").hexdigest()

    def seal(self, text: str) -> str:
        """`text`, encrypted for the store."""
        return self._vault.encrypt(text.encode()).decode()

    def unseal(self, sealed: str) -> str:
        """What `seal` was given. BadSecret if it was sealed under another root."""
        try:
            return self._vault.decrypt(sealed.encode()).decode()
        except InvalidToken:
            raise BadSecret("the store was sealed with another secret; restore that one from the backup") from None


def read_keys(path: Path, *, make: bool = False) -> Keys:
    """The keys whose root is in `path`; `make` creates it, once, if it is not there. BadSecret, OSError."""
    if make and not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_once(path, secrets.token_hex(ROOT_BYTES))
    text = path.read_bytes().decode("ascii", "replace").strip()
    if path.stat().st_mode & 0o077:
        raise BadSecret(f"{path}: others may read it; run chmod 600 {path}")
    try:
        root = bytes.fromhex(text)
    except ValueError:
        root = b""
    if len(root) != ROOT_BYTES:
        raise BadSecret(f"{path}: not {2 * ROOT_BYTES} hexadecimal digits; restore it from the backup")
    return Keys(root)


def bind_secret(store: Store, keys: Keys) -> None:
    """Hold the store to the secret it was first used with. WrongSecret if these are not its keys."""
    with store.reading() as tx:
        known = tx.installation.fingerprint()
    if known is None:
        with store.transaction() as tx:
            tx.installation.record_fingerprint(keys.fingerprint)
            known = tx.installation.fingerprint()
    if known != keys.fingerprint:
        raise WrongSecret(
            "the database was made with another secret than the one in the secret file;"
            " restore that one from the backup, or use an empty database"
        )


def _write_once(path: Path, text: str) -> None:
    """Write `text` whole or not at all; if another process was first, its file stands."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the store must not outlive a secret whose name a power cut took away
    finally:
        os.close(folder)
