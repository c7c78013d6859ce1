"""Signing messages in tests: keys made once a run, their records, and signatures with whatever tags a test wants.

Independent of the code under test: canonical forms are dkimpy's, the arithmetic is that of the cryptography package,
and nothing is refused, so that a test can sign what no honest signer would.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from hashlib import new as new_hash

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from dkim import rfc822_parse, select_headers  # type: ignore[import-untyped]  # dkimpy has no types
from dkim.canonicalization import CanonicalizationPolicy  # type: ignore[import-untyped]  # dkimpy has no types

from bot.mail.dns import Answer, DnsFailure

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DOMAIN = "example.com"
SELECTOR = "s1"
LETTER = (
    b"From: Ann <ann@example.com>\r\n"
    b"To: dspp@aastrom.com\r\n"
    b"Subject: Invest\r\n"
    b"Date: Mon, 23 Nov 2026 11:59:00 +0000\r\n"
    b"Message-ID: <1@example.com>\r\n"
    b"Content-Type: text/plain\r\n"
    b"\r\n"
    b"Please invest $250.\r\n\r\nAnn\r\n"
)
NAMES = ("from", "to", "subject", "date", "message-id", "content-type", "content-transfer-encoding", "mime-version")
"""What `sign` covers unless told: the fields of this list that are present, From once more than it occurs."""

# Two primes of 256 bits, for an RSA key too short for the library to make.
_SHORT_PRIMES = (
    102_841_287_658_920_061_125_600_816_315_192_945_870_432_968_603_013_085_768_757_030_726_088_295_051_447,
    92_775_431_400_343_810_835_024_248_153_115_061_229_044_163_623_330_737_081_099_799_773_161_743_141_283,
)
_SHA256_HEAD = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True, slots=True)
class ShortKey:
    """An RSA key of 512 bits, by hand."""

    modulus: int
    exponent: int
    secret: int

    def sign(self, digest: bytes) -> bytes:
        """RFC 8017 section 8.2.1 over a SHA-256 digest."""
        octets = (self.modulus.bit_length() + 7) // 8
        tail = b"\x00" + _SHA256_HEAD + digest
        padded = b"\x00\x01" + b"\xff" * (octets - 2 - len(tail)) + tail
        return pow(int.from_bytes(padded), self.secret, self.modulus).to_bytes(octets)


Key = rsa.RSAPrivateKey | Ed25519PrivateKey | ShortKey


@cache
def rsa_key(bits: int = 2_048) -> rsa.RSAPrivateKey:
    """The run's RSA key of that size."""
    return rsa.generate_private_key(65_537, bits)


@cache
def ed25519_key() -> Ed25519PrivateKey:
    """The run's Ed25519 key."""
    return Ed25519PrivateKey.generate()


@cache
def short_key() -> ShortKey:
    """An RSA key that is too short to prove anything."""
    first, second = _SHORT_PRIMES
    return ShortKey(first * second, 65_537, pow(65_537, -1, (first - 1) * (second - 1)))


def public_octets(key: Key) -> bytes:
    """What p= holds, before base64: SubjectPublicKeyInfo for RSA (RFC 6376), the bare key for Ed25519 (RFC 8463)."""
    if isinstance(key, ShortKey):
        return rsa_octets(key.modulus, key.exponent)
    if isinstance(key, Ed25519PrivateKey):
        return key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    return key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def rsa_octets(modulus: int, exponent: int) -> bytes:
    """A bare RSAPublicKey (RFC 8017 appendix A.1.1), also one that no library would make."""
    numbers = _der(0x02, _integer(modulus)) + _der(0x02, _integer(exponent))
    return _der(0x30, numbers)


def _integer(number: int) -> bytes:
    return number.to_bytes(number.bit_length() // 8 + 1)


def _der(tag: int, content: bytes) -> bytes:
    size = len(content)
    if size < 0x80:
        return bytes([tag, size]) + content
    octets = size.to_bytes((size.bit_length() + 7) // 8)
    return bytes([tag, 0x80 | len(octets)]) + octets + content


def key_record(key: Key | None = None, **tags: str | None) -> str:
    """The TXT record of `key` (the RSA key unless told). `tags` are added or replace; None leaves a tag out."""
    key = key or rsa_key()
    kind = "ed25519" if isinstance(key, Ed25519PrivateKey) else "rsa"
    all_tags: dict[str, str | None] = {"v": "DKIM1", "k": kind}
    all_tags.update(tags)
    all_tags.setdefault("p", b64encode(public_octets(key)).decode("ascii"))
    return "; ".join(f"{name}={value}" for name, value in all_tags.items() if value is not None)


def published(*records: str, domain: str = DOMAIN, selector: str = SELECTOR) -> dict[str, Answer | DnsFailure]:
    """What the name servers say of the key at `selector`: the key of `rsa_key()` unless told."""
    return {f"{selector}._domainkey.{domain}": Answer(True, records or (key_record(),))}


def sign(
    raw: bytes,
    domain: str = DOMAIN,
    selector: str = SELECTOR,
    key: Key | None = None,
    names: Sequence[str] | None = None,
    forms: str = "relaxed/relaxed",
    tags: Mapping[str, str | None] | None = None,
    field: str = "DKIM-Signature",
) -> bytes:
    """`raw` with a signature on top. `tags` are added or replace what would be there; None leaves a tag out.

    Whatever the tags say, the arithmetic is done right for them, so that a gate is all that can refuse the message.
    """
    key = key or rsa_key()
    headers, body = rfc822_parse(raw)
    policy = CanonicalizationPolicy.from_c_value(forms.encode())
    length = (tags or {}).get("l")
    canonical = policy.canonicalize_body(body)[: int(length) if length else None]
    if names is None:
        present = [name for name, _ in headers]
        names = [name for name in NAMES for there in present if there.lower().decode() == name] + ["from"]
    kind = "ed25519" if isinstance(key, Ed25519PrivateKey) else "rsa"
    all_tags: dict[str, str | None] = {
        "v": "1", "a": f"{kind}-sha256", "c": forms, "d": domain, "s": selector,
        "t": str(int(NOW.timestamp())), "h": ":".join(names),
    }  # fmt: skip
    all_tags.update(tags or {})
    digest_name = "sha1" if (all_tags["a"] or "").endswith("sha1") else "sha256"
    all_tags.setdefault("bh", b64encode(new_hash(digest_name, canonical).digest()).decode("ascii"))
    value = " " + ";\r\n ".join(f"{name}={text}" for name, text in all_tags.items() if text is not None) + ";\r\n b="
    signed = _signed_octets(policy, headers, [name.lower().encode() for name in names], field.encode(), value.encode())
    line = field.encode() + b":" + value.encode() + b64encode(_signature(key, signed, digest_name)) + b"\r\n"
    return line + raw


def seal(
    raw: bytes,
    domain: str = DOMAIN,
    selector: str = SELECTOR,
    key: Key | None = None,
    results: str = "relay.example; dkim=pass header.d=example.com",
    tags: Mapping[str, str | None] | None = None,
    seal_tags: Mapping[str, str | None] | None = None,
) -> bytes:
    """`raw` with one more ARC set on top (RFC 8617). `tags` change its message signature, `seal_tags` its seal."""
    key = key or rsa_key()
    sets = [field for field in rfc822_parse(raw)[0] if field[0].lower().startswith(b"arc-")][::-1]
    instance = len(sets) // 3 + 1
    stamped = f"ARC-Authentication-Results: i={instance}; {results}\r\n".encode()
    own = {"v": None, "t": None, "i": str(instance)} | dict(tags or {})
    line = sign(raw, domain, selector, key, tags=own, field="ARC-Message-Signature")[: -len(raw)]
    all_tags: dict[str, str | None] = {
        "i": str(instance), "a": "ed25519-sha256" if isinstance(key, Ed25519PrivateKey) else "rsa-sha256",
        "cv": "none" if instance == 1 else "pass", "d": domain, "s": selector,
    }  # fmt: skip
    all_tags.update(seal_tags or {})
    value = " " + "; ".join(f"{name}={text}" for name, text in all_tags.items() if text is not None) + "; b="
    policy = CanonicalizationPolicy.from_c_value(b"relaxed/relaxed")
    mine = rfc822_parse(line + stamped + b"\r\n")[0][::-1]
    before = b"".join(name + b":" + text for name, text in policy.canonicalize_headers(sets + mine))
    signed = before + _signed_octets(policy, [], [], b"ARC-Seal", value.encode())
    sealed = b"ARC-Seal:" + value.encode() + b64encode(_signature(key, signed, "sha256")) + b"\r\n"
    return sealed + line + stamped + raw


def _signed_octets(
    policy: CanonicalizationPolicy, headers: list[tuple[bytes, bytes]], names: list[bytes], field: bytes, value: bytes
) -> bytes:
    chosen = select_headers(policy.canonicalize_headers(headers), names)
    (own,) = policy.canonicalize_headers([(field, value)])
    pieces = [name + b":" + text for name, text in chosen]
    return bytes(b"".join(pieces) + own[0] + b":" + own[1].rstrip())


def _signature(key: Key, signed: bytes, digest_name: str) -> bytes:
    digest = new_hash(digest_name, signed).digest()
    if isinstance(key, ShortKey):
        return key.sign(digest)
    if isinstance(key, Ed25519PrivateKey):
        return key.sign(digest)
    return key.sign(signed, padding.PKCS1v15(), SHA1() if digest_name == "sha1" else SHA256())  # noqa: S303  on purpose
