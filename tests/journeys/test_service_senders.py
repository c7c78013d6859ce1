"""The service as it stands before the world: real SMTP, a real name server, mail signed by real keys, and forgeries."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path

import pytest

from bot.codes import candidates
from tests.mail.signing import key_record, sign
from tests.service_process import ANSWER_SECONDS, ServiceProcess, free_port

pytestmark = pytest.mark.slow

ANA = "ana.perez@example.com"
PROGRAM = "dspp@aastrom.com"
ZONES = {
    "example.com": {"TXT": ["v=spf1 -all"], "MX": ["10 mail.example.com"]},
    "_dmarc.example.com": {"TXT": ["v=DMARC1; p=reject"]},
    "s1._domainkey.example.com": {"TXT": [key_record()]},
    "attacker.example": {"TXT": ["v=spf1 ip4:127.0.0.1 -all"]},
    "_dmarc.attacker.example": {"TXT": ["v=DMARC1; p=none"]},
    "s1._domainkey.attacker.example": {"TXT": [key_record()]},
}


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[ServiceProcess]:
    """A service that checks senders itself, and a name server for it."""
    folder = tmp_path_factory.mktemp("senders")
    zones = folder / "zones.json"
    zones.write_text(json.dumps(ZONES), encoding="utf-8")
    port = free_port()
    with ExitStack() as resources:
        names = subprocess.Popen([sys.executable, "-m", "tests.name_server", str(zones), "--port", str(port)])
        resources.callback(names.wait)
        resources.callback(names.terminate)
        environment = {
            "DSPP_CLOCK": "2004-02-02T09:00:00-05:00",
            "DSPP_NAMESERVERS": f"127.0.0.1:{port}",
            "DSPP_LMTP_LISTEN": f"unix:{folder / 'lmtp.sock'}",
        }
        started = ServiceProcess(folder, model, environment)
        started.command("migrate")
        started.command("samples")
        started.start()
        resources.callback(started.stop)
        yield started


def letter(body: str, sender: str = ANA, to: str = PROGRAM) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "the plan"
    message["Date"] = "Mon, 02 Feb 2004 09:00:00 -0500"
    message["Message-ID"] = make_msgid(domain="client.example")
    message.set_content(body)
    return message


def raw(message: EmailMessage) -> bytes:
    return message.as_bytes().replace(b"\n", b"\r\n")


def answer(service: ServiceProcess, message: EmailMessage, wire: bytes, *, by_lmtp: bool = False) -> EmailMessage:
    """Hand over the bytes and wait for their one answer."""
    to = parseaddr(str(message["To"]))[1]
    client: smtplib.SMTP
    if by_lmtp:
        client = smtplib.LMTP(str(service.folder / "lmtp.sock"))
    else:
        client = smtplib.SMTP("127.0.0.1", service.smtp_port, timeout=30)
    with closing(client):
        assert client.sendmail("eve@attacker.example", [to], wire) == {}
    message_id = str(message["Message-ID"])
    service.wait_until(lambda: bool(service.answers_to(message_id)), ANSWER_SECONDS, "an answer")
    (only,) = service.answers_to(message_id)
    return only


def text(heard: EmailMessage) -> str:
    body = heard.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


@pytest.mark.parametrize("by_lmtp", [False, True], ids=["SMTP", "LMTP on a socket"])
def test_a_signed_order_is_read_back_and_carried_out_with_its_code(service: ServiceProcess, *, by_lmtp: bool) -> None:
    order = letter("Please invest $500 for me. I'll mail a check." if not by_lmtp else "Please invest $750 by check.")
    read_back = answer(service, order, sign(raw(order)), by_lmtp=by_lmtp)
    ((_written, code),) = candidates(text(read_back))
    yes = letter(code, to=parseaddr(str(read_back["Reply-To"]))[1])
    assert "YOUR PURCHASE ORDER IS RECEIVED" in text(answer(service, yes, sign(raw(yes)), by_lmtp=by_lmtp))


@pytest.mark.parametrize(
    "wire",
    [
        pytest.param(raw, id="not signed"),
        pytest.param(lambda message: sign(raw(message), "attacker.example"), id="signed by the attacker"),
        pytest.param(lambda message: sign(raw(message)).replace(b"$500", b"$900"), id="changed after it was signed"),
    ],
)
def test_a_forged_order_drafts_nothing(service: ServiceProcess, wire: object) -> None:
    assert callable(wire)
    order = letter("Please invest $500 by check.")
    heard = text(answer(service, order, wire(order)))
    assert "WE NEED TO KNOW THAT IT IS YOU" in heard
    assert candidates(heard) == ()


def test_what_was_found_is_told_to_staff(service: ServiceProcess) -> None:
    order = letter("How many shares do I have?", "somebody.else@example.com")
    answer(service, order, sign(raw(order), "attacker.example"))
    told = service.command("explain", str(order["Message-ID"])).stdout
    assert "not surely known: it is signed, but not by the sender's domain" in told
    assert "dkim=policy header.d=attacker.example" in told
    assert "dmarc=fail header.from=example.com" in told


def test_mail_to_the_postmaster_reaches_people(service: ServiceProcess) -> None:
    note = letter("Your server greets us with the wrong name.", "admin@provider.example", "postmaster@aastrom.com")
    with smtplib.SMTP("127.0.0.1", service.smtp_port, timeout=30) as client:
        client.sendmail("admin@provider.example", ["postmaster@aastrom.com"], raw(note))
    service.wait_until(lambda: "postmaster" in service.command("reviews", "list").stdout, ANSWER_SECONDS, "a review")
