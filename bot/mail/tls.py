"""The certificate that STARTTLS shows (RFC 3207), renewed without a restart, and whose certificates we believe.

A certificate that cannot be used stops the start, with a sentence that says what to do. One that goes bad later stops
no mail: the one in use stays, and the log says so once.
"""

from __future__ import annotations

import logging
import os
import ssl
from dataclasses import dataclass
from pathlib import Path

_log = logging.getLogger(__name__)

_REMEDIES = {
    "KEY_VALUES_MISMATCH": "the key does not belong to the certificate; give the two that were issued together",
    "NO_START_LINE": "no certificate or no key in PEM form is in it; give PEM files",
}
_NOT_PEM = "certificate or key cannot be read as PEM; give PEM files"
_Signature = tuple[tuple[int, int, int], ...] | None


class CertificateUnusable(Exception):
    """Certificate or key cannot be used; the text names the file and the remedy. A retry helps once that is done."""


class _KeyIsLocked(Exception):
    """The key has a passphrase, which nobody is there to type."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What a handshake agreed on."""

    version: str
    """Such as TLSv1.3."""
    cipher: str
    """By OpenSSL's name."""


class Certificates:
    """Certificate and key in two PEM files; the certificate's file holds its chain as well."""

    def __init__(self, certificate: Path, key: Path) -> None:
        """Read both. Raises CertificateUnusable."""
        self._files = (certificate, key)
        self._used = self._signature()
        self._told_of = self._used
        self._context = _load(certificate, key)

    def current(self) -> ssl.SSLContext:
        """What the next handshake uses. New files are taken up here; while they are broken, the old pair serves on."""
        signature = self._signature()
        if signature != self._used:
            try:
                self._context = _load(*self._files)
            except CertificateUnusable as fault:
                # Tried again next time, for the fault may be passing, but told of only once.
                if signature != self._told_of:
                    _log.error("the new TLS certificate is not used, the old one is: %s", fault)
                self._told_of = signature
            else:
                self._used = signature
                _log.info("the new TLS certificate is used")
        return self._context

    def _signature(self) -> _Signature:
        """What changes when the files do; None while one is missing, as in the middle of a renewal."""
        try:
            return tuple((found.st_mtime_ns, found.st_size, found.st_ino) for found in map(os.stat, self._files))
        except OSError:
            return None


def context_of_client(trusted: Path | None = None) -> ssl.SSLContext:
    """For going to a host that must prove its name: TLS 1.2 at least, a certificate of that name, vouched for.

    `trusted` is a PEM file with the certificates that vouch; by default the system's do. Raises CertificateUnusable.
    """
    try:
        return ssl.create_default_context(cafile=trusted)
    except ssl.SSLError:
        raise CertificateUnusable(f"TLS certificates {trusted}: none in PEM form is in it; give a PEM file") from None
    except OSError as fault:
        reason = (fault.strerror or "unreadable").lower()
        raise CertificateUnusable(f"TLS certificates {trusted}: {reason}; check the name and who may read it") from None


def agreed(connection: ssl.SSLObject) -> Agreed:
    """What was agreed on with the client of `connection`, whose handshake is done."""
    cipher = connection.cipher()
    return Agreed(connection.version() or "", cipher[0] if cipher else "")


def _load(certificate: Path, key: Path) -> ssl.SSLContext:
    """A server's context: TLS 1.2 at least (RFC 9325 section 3.1.1), no renegotiation, no certificate of the client."""
    for what, path in (("certificate", certificate), ("key", key)):
        try:
            with path.open("rb"):
                pass
        except OSError as fault:
            reason = (fault.strerror or "unreadable").lower()
            raise CertificateUnusable(f"TLS {what} {path}: {reason}; check the name and who may read it") from None
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION | ssl.OP_CIPHER_SERVER_PREFERENCE
    try:
        context.load_cert_chain(certificate, key, password=_refuse_passphrase)
    except _KeyIsLocked:
        raise CertificateUnusable(f"TLS key {key}: it has a passphrase; give it without one") from None
    except ssl.SSLError as fault:
        remedy = _REMEDIES.get(fault.reason or "", _NOT_PEM)
        raise CertificateUnusable(f"TLS certificate {certificate} and key {key}: {remedy}") from None
    except OSError as fault:
        reason = (fault.strerror or "unreadable").lower()
        raise CertificateUnusable(f"TLS certificate {certificate} and key {key}: {reason}") from None
    return context


def _refuse_passphrase() -> str:
    """OpenSSL would ask for it at the terminal, and wait."""
    raise _KeyIsLocked
