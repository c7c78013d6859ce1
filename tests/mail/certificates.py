"""Certificates for tests, made on the spot."""

from __future__ import annotations

import datetime
import ssl
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bot.mail.tls import Certificates


def make(
    folder: Path,
    name: str = "mx.aastrom.com",
    passphrase: bytes = b"",
    alternative: IPv4Address | IPv6Address | None = None,
) -> tuple[Path, Path]:
    """A self-signed certificate for `name`, and its key, as PEM files in `folder`, in the place of older ones.

    Those who check names go by an `alternative` only; it is an address here.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
    )
    if alternative is not None:
        builder = builder.add_extension(x509.SubjectAlternativeName([x509.IPAddress(alternative)]), critical=False)
    certificate = builder.sign(key, hashes.SHA256())
    lock = serialization.BestAvailableEncryption(passphrase) if passphrase else serialization.NoEncryption()
    files = folder / "certificate.pem", folder / "key.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, lock)
    )
    return files


def made(folder: Path, name: str = "mx.aastrom.com") -> Certificates:
    """The same, ready for the door."""
    return Certificates(*make(folder, name))


def trusting() -> ssl.SSLContext:
    """A client that takes any certificate, as most do that deliver mail."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
