"""How letters go to a smarthost that wants TLS and a login, as the settings say; with real servers on this machine."""

from __future__ import annotations

import asyncio
import base64
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot.app import courier_for, open_service
from bot.cli import main
from bot.mail.courier import Sent, SmarthostCourier, Unavailable
from bot.mail.tls import CertificateUnusable
from bot.settings import BadSettings, Settings, read_settings
from bot.smarthost_access import courier_to_smarthost, why_shut
from tests.mail import certificates
from tests.mail.smarthosts import Host, host, send

PASSWORD = "open sesame"
OFFERS = {
    "starttls": "250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN",
    "tls": "250-hello\r\n250 AUTH PLAIN",
    "none": "250-hello\r\n250 AUTH PLAIN",
}
SCHEMES = {"starttls": "smtp+starttls", "tls": "smtps", "none": "smtp"}


@pytest.fixture
def password_file(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(PASSWORD + "\n")
    file.chmod(0o600)
    return file


def theirs(folder: Path, address: str = "127.0.0.1") -> ssl.SSLContext:
    """The server's side of TLS; the certificate, of `address`, vouches for itself."""
    folder.mkdir(exist_ok=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificates.make(folder, address, alternative=ipaddress.ip_address(address)))
    return context


def settings_for(port: int, security: str, **more: str) -> Settings:
    written = {"smarthost": f"{SCHEMES[security]}://127.0.0.1:{port}", **more}
    return read_settings(None, {f"DSPP_{key.upper()}": value for key, value in written.items()})


def told_to(there: Host, security: str, context: ssl.SSLContext | None) -> None:
    there.context = context
    there.replies = {"EHLO": OFFERS[security], "STARTTLS": "220 go on", "AUTH": "235 2.7.0 come in"}


@pytest.mark.parametrize("security", ["starttls", "tls", "none"])
async def test_letters_go_out_under_the_protection_and_the_login_that_are_set(
    security: str, tmp_path: Path, password_file: Path
) -> None:
    context = None if security == "none" else theirs(tmp_path / "tls")
    trust = {} if context is None else {"smarthost_ca_file": str(tmp_path / "tls" / "certificate.pem")}
    async with host(context if security == "tls" else None) as (there, _):
        told_to(there, security, context)
        login = {"smarthost_user": "dspp", "smarthost_password_file": str(password_file)}
        courier = courier_to_smarthost(settings_for(there.port, security, **login, **trust), "aastrom.com")
        assert isinstance(await send(courier), Sent)
        await courier.aclose()
    (said,) = there.sessions
    assert ("STARTTLS" in said) is (security == "starttls")
    (shown,) = [line for line in said if line.startswith("AUTH PLAIN ")]
    assert base64.b64decode(shown.removeprefix("AUTH PLAIN ")) == f"\0dspp\0{PASSWORD}".encode()
    assert PASSWORD not in repr(courier)


@pytest.mark.parametrize("security", ["starttls", "tls"])
@pytest.mark.parametrize("fault", ["of another name", "vouched for by nobody"])
async def test_a_host_that_cannot_prove_its_name_gets_neither_password_nor_letter(
    security: str, fault: str, tmp_path: Path, password_file: Path
) -> None:
    context = theirs(tmp_path / "tls", "127.0.0.2" if fault == "of another name" else "127.0.0.1")
    certificates.make(tmp_path, "somebody.example")
    trusted = tmp_path / "tls" if fault == "of another name" else tmp_path
    more = {
        "smarthost_user": "dspp",
        "smarthost_password_file": str(password_file),
        "smarthost_ca_file": str(trusted / "certificate.pem"),
    }
    async with host(context if security == "tls" else None) as (there, _):
        told_to(there, security, context)
        courier = courier_to_smarthost(settings_for(there.port, security, **more), "aastrom.com")
        fault_met = await send(courier)
        await courier.aclose()
    assert isinstance(fault_met, Unavailable)
    assert "certificate" in fault_met.detail.lower()
    assert not [line for said in there.sessions for line in said if line.startswith(("AUTH", "MAIL", "DATA"))]


async def test_a_host_that_offers_no_tls_where_it_is_set_gets_no_letter() -> None:
    async with host() as (there, _):
        courier = courier_to_smarthost(settings_for(there.port, "starttls"), "aastrom.com")
        assert isinstance(await send(courier), Unavailable)
        await courier.aclose()
    assert not [line for said in there.sessions for line in said if line.startswith(("AUTH", "MAIL", "DATA"))]


def test_the_system_s_certificates_are_believed_unless_others_are_named() -> None:
    context = courier_to_smarthost(settings_for(465, "tls"), "aastrom.com").tls_context
    assert context is not None
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)
    assert context.minimum_version >= ssl.TLSVersion.TLSv1_2


@pytest.mark.parametrize(
    ("held", "mode", "says"),
    [
        pytest.param(b"open sesame", 0o604, "everybody may read it; run chmod", id="for all to read"),
        pytest.param(b"", 0o600, "one line with a password", id="empty"),
        pytest.param(b"two\nlines\n", 0o600, "one line with a password", id="two lines"),
        pytest.param(b"caf\xe9", 0o600, "one line with a password", id="no text"),
        pytest.param(b"x" * 5_000, 0o600, "one line with a password", id="without end"),
        pytest.param(None, 0, "cannot be read: no such file", id="not there"),
    ],
)
def test_a_file_without_a_password_stops_the_start_and_is_not_repeated(
    held: bytes | None, mode: int, says: str, tmp_path: Path
) -> None:
    file = tmp_path / "password"
    if held is not None:
        file.write_bytes(held)
        file.chmod(mode)
    settings = settings_for(465, "tls", smarthost_user="dspp", smarthost_password_file=str(file))
    with pytest.raises(BadSettings, match=says) as bad:
        courier_to_smarthost(settings, "aastrom.com")
    assert str(file) in str(bad.value)
    assert not held or held.decode("latin-1") not in str(bad.value)


@pytest.mark.parametrize("held", [None, b"", b"no certificate"])
def test_a_file_without_certificates_stops_the_start(held: bytes | None, tmp_path: Path) -> None:
    file = tmp_path / "ca.pem"
    if held is not None:
        file.write_bytes(held)
    with pytest.raises(CertificateUnusable, match=str(file)):
        courier_to_smarthost(settings_for(465, "tls", smarthost_ca_file=str(file)), "aastrom.com")


@contextmanager
def standing(security: str, context: ssl.SSLContext | None, replies: dict[str, str]) -> Iterator[int]:
    """A smarthost in a thread of its own, for what is not asynchronous; its port."""
    ready, done = threading.Event(), threading.Event()
    ports: list[int] = []

    async def stand() -> None:
        async with host(context if security == "tls" else None) as (there, _):
            told_to(there, security, context)
            there.replies |= replies
            ports.append(there.port)
            ready.set()
            await asyncio.to_thread(done.wait)

    thread = threading.Thread(target=asyncio.run, args=(stand(),))
    thread.start()
    ready.wait(10)
    try:
        yield ports[0]
    finally:
        done.set()
        thread.join(10)


def test_a_trial_tells_whether_the_smarthost_lets_us_in(tmp_path: Path, password_file: Path) -> None:
    context = theirs(tmp_path / "tls")
    more = {
        "smarthost_user": "dspp",
        "smarthost_password_file": str(password_file),
        "smarthost_ca_file": str(tmp_path / "tls" / "certificate.pem"),
    }
    with standing("tls", context, {}) as port:
        assert why_shut(settings_for(port, "tls", **more), "aastrom.com") == ""
        assert "certificate" in why_shut(settings_for(port, "tls"), "aastrom.com").lower()
    with standing("tls", context, {"AUTH": "535 5.7.8 who are you"}) as port:
        assert "535 5.7.8 who are you" in why_shut(settings_for(port, "tls", **more), "aastrom.com")
    assert "no connection" in why_shut(settings_for(port, "tls", **more), "aastrom.com")


@pytest.mark.usefixtures("folder")
@pytest.mark.parametrize(
    ("place", "verdict"),
    [pytest.param("127.0.0.1", "ok", id="this machine"), pytest.param("127.1", "warning", id="another machine")],
)
def test_the_doctor_warns_of_letters_in_the_clear_to_another_machine(
    place: str, verdict: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """127.1 is this machine in a spelling that the settings do not know for it; there is no other machine here."""
    with standing("none", None, {}) as port:
        monkeypatch.setenv("DSPP_SMARTHOST", f"smtp://{place}:{port}")
        main(["doctor", "--json"])
    (found,) = [one for one in json.loads(capsys.readouterr().out) if one["what"] == "smarthost"]
    assert found["verdict"] == verdict, found
    assert ("in the clear" in found["says"]) is (verdict == "warning")


def test_the_service_hands_its_letters_over_as_the_settings_say(tmp_path: Path, password_file: Path) -> None:
    login = {"smarthost_user": "dspp", "smarthost_password_file": str(password_file)}
    courier = courier_for(open_service(settings_for(587, "starttls", state_dir=str(tmp_path / "state"), **login)))
    assert isinstance(courier, SmarthostCourier)
    assert (courier.security, courier.username, courier.password) == ("starttls", "dspp", PASSWORD)
    assert courier.local_hostname == "aastrom.com"
