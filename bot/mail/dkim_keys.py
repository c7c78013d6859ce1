"""The keys that sign our letters (RFC 6376): made once, kept where only the service reads, published in the DNS.

There are two at a time, because receivers differ: RSA of 2048 bits, which all of them check, and Ed25519 (RFC 8463),
which is short and fast and which some do not know yet. A name in the DNS holds one key (RFC 6376 section 3.6.2.2), so
each has a selector of its own, made from one word that stands for the pair. A file is named after the record that
publishes its key: whoever moves to another domain or selector cannot sign with a key that is published elsewhere.
Reading refuses whatever would only show when receivers turn letters away, or when somebody else signs in our name.
"""

from __future__ import annotations

import os
import re
import stat
from base64 import b64encode
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from uuid import uuid4

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from bot.mail.addresses import is_addr_spec

RSA_BITS = 2048
"""What RFC 8301 section 3.2 asks of signers."""
RSA_BITS_MOST = 4096
"""The longest key that every receiver must be able to check (RFC 8301 section 3.2)."""
STRING_OCTETS = 255
"""The longest string of a TXT record (RFC 1035 section 3.3); a longer value is several of them."""
NAME_OCTETS = 253
"""The longest name in the DNS, as text without a last dot (RFC 1035 section 2.3.4)."""
_PUBLIC_EXPONENT = 65537
_FILE_OCTETS = 65_536
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

PrivateKey = RSAPrivateKey | Ed25519PrivateKey


class BadSigningKey(ValueError):
    """A signing key is missing or unfit, or cannot be made. The text names the file and what to do. Not for a retry."""


@dataclass(frozen=True, slots=True)
class Record:
    """A TXT record to publish, so that receivers find a key."""

    name: str
    value: str

    @property
    def strings(self) -> tuple[str, ...]:
        """The value in pieces that the DNS can carry. Who asks puts them together again without a space."""
        return tuple(self.value[at : at + STRING_OCTETS] for at in range(0, len(self.value), STRING_OCTETS))

    @property
    def zone_line(self) -> str:
        """The record as a line of a zone file (RFC 1035 section 5)."""
        quoted = " ".join(f'"{piece}"' for piece in self.strings)
        return f"{self.name}. IN TXT ( {quoted} )"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """One private key, under the name it is published by."""

    kind: str
    """"rsa" or "ed25519", as the record's k= has it."""
    domain: str
    selector: str
    private: PrivateKey = field(repr=False)

    @property
    def algorithm(self) -> str:
        """What the signature's a= says."""
        return f"{self.kind}-sha256"

    @property
    def record(self) -> Record:
        """What to publish: for RSA the key as RFC 6376 section 3.6.1 has it, for Ed25519 its bare 32 octets."""
        public = self.private.public_key()
        if isinstance(self.private, RSAPrivateKey):
            octets = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        else:
            octets = public.public_bytes(Encoding.Raw, PublicFormat.Raw)
        value = f"v=DKIM1; k={self.kind}; h=sha256; p={b64encode(octets).decode()}"
        return Record(f"{self.selector}._domainkey.{self.domain}", value)

    def signature(self, signed: bytes) -> bytes:
        """The signature over `signed`. Ed25519 signs its SHA-256 (RFC 8463 section 3), RSA hashes by itself."""
        if isinstance(self.private, RSAPrivateKey):
            return self.private.sign(signed, PKCS1v15(), SHA256())
        return self.private.sign(sha256(signed).digest())


@dataclass(frozen=True, slots=True)
class SigningKeys:
    """The keys that sign every letter from one domain, in the order in which their signatures stand."""

    domain: str
    keys: tuple[SigningKey, ...]


_MAKE: Mapping[str, Callable[[], PrivateKey]] = {
    "rsa": lambda: generate_private_key(_PUBLIC_EXPONENT, RSA_BITS),
    "ed25519": Ed25519PrivateKey.generate,
}
"""The kinds of key. RSA first: a receiver that looks at one signature only then sees the one it can check."""
_WANTED: Mapping[str, type[PrivateKey]] = {"rsa": RSAPrivateKey, "ed25519": Ed25519PrivateKey}


def key_files(folder: Path, domain: str, selector: str) -> dict[str, Path]:
    """Where the keys of `domain` and `selector` are kept, by kind. BadSigningKey where the DNS has no such name."""
    domain, selector = domain.lower(), selector.lower()
    if not domain.isascii() or not is_addr_spec(f"dspp@{domain}"):
        raise BadSigningKey(f"{domain!r} is no domain to sign for; give the part of the program's address after the @")
    names = {kind: f"{_selector(selector, kind)}._domainkey.{domain}" for kind in _MAKE}
    if not all(map(_LABEL.fullmatch, selector.split("."))) or any(map(_is_too_long, names.values())):
        raise BadSigningKey(f"{selector!r} is no selector; give a few letters and digits, for instance s2026")
    return {kind: folder / f"{name}.pem" for kind, name in names.items()}


def make_signing_keys(folder: Path, domain: str, selector: str) -> SigningKeys:
    """Make the keys and write each whole or not at all, for this user only. BadSigningKey if one is there. OSError."""
    files = key_files(folder, domain, selector)
    for path in files.values():
        if path.is_symlink() or path.exists():
            raise _is_there(path)
    keys = {kind: make() for kind, make in _MAKE.items()}
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with ExitStack() as tidying:
        drafts = {kind: _draft(folder, _pem(keys[kind]), tidying) for kind in files}
        with ExitStack() as undoing:
            for kind, path in files.items():
                try:
                    os.link(drafts[kind], path)
                except FileExistsError:
                    raise _is_there(path) from None
                undoing.callback(path.unlink)
            undoing.pop_all()  # All are in place, so all stay.
    _sync(folder)
    return _paired(domain, selector, keys)


def read_signing_keys(folder: Path, domain: str, selector: str) -> SigningKeys:
    """The keys that sign for `domain`, checked. BadSigningKey names the first file that is missing or unfit."""
    files = key_files(folder, domain, selector)
    remedy = f"run dspp dkim keygen --domain {domain.lower()} --selector {selector.lower()} --out {folder}"
    return _paired(domain, selector, {kind: _read(kind, path, remedy) for kind, path in files.items()})


def _read(kind: str, path: Path, remedy: str) -> PrivateKey:
    try:
        found = path.stat()
        if not stat.S_ISREG(found.st_mode):
            raise BadSigningKey(f"{path}: not a file; put the signing key there, or {remedy} elsewhere")
        if found.st_mode & 0o077:
            raise BadSigningKey(f"{path}: others may read it; run chmod 600 {path}")
        with path.open("rb") as file:
            pem = file.read(_FILE_OCTETS)
    except FileNotFoundError:
        raise BadSigningKey(f"{path}: no such signing key; restore it from the backup, or {remedy}") from None
    except OSError as fault:
        raise BadSigningKey(f"{path}: cannot be read ({fault.strerror}); let this user read it") from None
    try:
        key = load_pem_private_key(pem, password=None)
    except TypeError:
        raise BadSigningKey(f"{path}: locked with a password; write it without one (openssl pkcs8 -nocrypt)") from None
    except (ValueError, UnsupportedAlgorithm):
        raise BadSigningKey(f"{path}: not a private key in PEM; restore it from the backup") from None
    another = "make keys under another selector with dspp dkim keygen"
    if not isinstance(key, _WANTED[kind]):
        raise BadSigningKey(f"{path}: not a key of the kind {kind}; {another}")
    if isinstance(key, RSAPrivateKey) and not RSA_BITS <= key.key_size <= RSA_BITS_MOST:
        raise BadSigningKey(f"{path}: {key.key_size} bits, where {RSA_BITS} to {RSA_BITS_MOST} are wanted; {another}")
    return key


def _paired(domain: str, selector: str, keys: Mapping[str, PrivateKey]) -> SigningKeys:
    domain, selector = domain.lower(), selector.lower()
    return SigningKeys(
        domain, tuple(SigningKey(kind, domain, _selector(selector, kind), key) for kind, key in keys.items())
    )


def _selector(selector: str, kind: str) -> str:
    return f"{selector}-{kind}"


def _is_too_long(name: str) -> bool:
    return len(name) > NAME_OCTETS or any(len(label) > 63 for label in name.split("."))


def _is_there(path: Path) -> BadSigningKey:
    return BadSigningKey(f"{path}: there is a key already, and it stays; choose another selector")


def _pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _draft(folder: Path, text: bytes, tidying: ExitStack) -> Path:
    """`text`, forced to disk in a file of a passing name, which goes away with `tidying`."""
    draft = folder / f".{uuid4().hex}.part"
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    tidying.callback(draft.unlink)
    with os.fdopen(descriptor, "wb") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
