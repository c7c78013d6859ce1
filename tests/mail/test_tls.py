"""Certificates: which may be used, and how they are renewed without a restart."""

from __future__ import annotations

import asyncio
import logging
import os
import smtplib
import ssl
from pathlib import Path

import pytest
from cryptography import x509

from bot.mail.tls import Certificates, CertificateUnusable
from tests.mail import certificates
from tests.mail.front_door import Inbox, door


async def name_shown(server_port: int) -> str:
    def ask() -> bytes:
        with smtplib.SMTP("127.0.0.1", server_port, timeout=10) as client:
            client.starttls(context=certificates.trusting())
            assert isinstance(client.sock, ssl.SSLSocket)
            shown = client.sock.getpeercert(binary_form=True)
            assert shown is not None
            return shown

    return x509.load_der_x509_certificate(await asyncio.to_thread(ask)).subject.rfc4514_string()


async def test_a_new_certificate_is_shown_without_a_restart(tmp_path: Path) -> None:
    async with door(Inbox(), certificates=certificates.made(tmp_path, "old.example")) as server:
        assert await name_shown(server.port) == "CN=old.example"
        certificates.make(tmp_path, "new.example")
        assert await name_shown(server.port) == "CN=new.example"


@pytest.mark.parametrize("harm", ["broken", "missing", "of another key"])
async def test_a_bad_new_certificate_leaves_the_old_one_in_use_and_is_told_once(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with door(Inbox(), certificates=certificates.made(tmp_path, "old.example")) as server:
        if harm == "broken":
            (tmp_path / "certificate.pem").write_text("no certificate")
        elif harm == "missing":
            (tmp_path / "certificate.pem").unlink()
        else:
            key = (tmp_path / "key.pem").read_bytes()
            certificates.make(tmp_path, "other.example")
            (tmp_path / "key.pem").write_bytes(key)
        for _ in range(3):
            assert await name_shown(server.port) == "CN=old.example"
        told = [record for record in caplog.records if record.levelno >= logging.ERROR]
        assert len(told) == 1
        # Mended, it is taken up.
        certificates.make(tmp_path, "new.example")
        assert await name_shown(server.port) == "CN=new.example"


def test_a_new_certificate_that_could_not_be_read_for_a_moment_is_taken_up_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process may be out of file descriptors just then; the files do not change again for that."""
    shown = certificates.made(tmp_path)
    old = shown.current()
    certificates.make(tmp_path)

    def out_of_descriptors(*_: object) -> None:
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as then:
        then.setattr(Path, "open", out_of_descriptors)
        assert shown.current() is old
    assert shown.current() is not old


def test_a_certificate_that_did_not_change_is_not_read_again(tmp_path: Path) -> None:
    shown = certificates.made(tmp_path)
    assert shown.current() is shown.current()
    assert shown.current().minimum_version is ssl.TLSVersion.TLSv1_2
    assert shown.current().options & ssl.OP_NO_RENEGOTIATION


@pytest.mark.parametrize(
    ("harm", "sentence"),
    [
        pytest.param("no certificate", r"TLS certificate .*certificate\.pem: no such file.*check", id="missing"),
        pytest.param("no key", r"TLS key .*key\.pem: no such file.*check the name", id="no key"),
        pytest.param("rubbish", r"certificate\.pem .*give PEM files", id="no PEM"),
        pytest.param("other key", r"the key does not belong to the certificate", id="another's key"),
        pytest.param("locked", r"key\.pem: it has a passphrase; give it without", id="a passphrase"),
        pytest.param("folder", r"certificate\.pem: is a directory", id="a folder"),
    ],
)
def test_a_certificate_that_cannot_be_used_stops_the_start_and_says_what_to_do(
    tmp_path: Path, harm: str, sentence: str
) -> None:
    files = certificates.make(tmp_path, passphrase=b"secret" if harm == "locked" else b"")
    if harm == "no certificate":
        files[0].unlink()
    elif harm == "no key":
        files[1].unlink()
    elif harm == "rubbish":
        files[0].write_bytes(os.urandom(100))
    elif harm == "other key":
        other = tmp_path / "other"
        other.mkdir()
        files = files[0], certificates.make(other)[1]
    elif harm == "folder":
        files[0].unlink()
        files[0].mkdir()
    with pytest.raises(CertificateUnusable, match=sentence):
        Certificates(*files)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read every file")
def test_a_key_that_may_not_be_read_stops_the_start(tmp_path: Path) -> None:
    files = certificates.make(tmp_path)
    files[1].chmod(0)
    with pytest.raises(CertificateUnusable, match=r"key\.pem: permission denied; check .* who may read it"):
        Certificates(*files)
