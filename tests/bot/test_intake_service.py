"""A copy that comes before the genuine letter does not keep it from its answer, and a retry is no second letter."""

from __future__ import annotations

import json
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from email.message import EmailMessage
from itertools import count
from pathlib import Path

import pytest

from bot.codes import candidates
from tests.journeys.test_service_senders import PROGRAM, ZONES, letter, raw, text
from tests.mail.signing import sign
from tests.service_process import ANSWER_SECONDS, ServiceProcess, free_port

pytestmark = pytest.mark.slow

FRONT, OUTSIDE = "127.0.0.1", "127.0.0.2"
FOUND = (
    b"Authentication-Results: mx.aastrom.com; dkim=%s header.d=example.com header.s=s1;\r\n dmarc=%s header.from=%s\r\n"
)
PASSED, FAILED = FOUND % (b"pass", b"pass", b"example.com"), FOUND % (b"fail", b"fail", b"example.com")
STRANGER = "WE NEED TO KNOW THAT IT IS YOU"


def _started(folder: Path, model: Path, environment: dict[str, str]) -> ServiceProcess:
    made = ServiceProcess(folder, model, {"DSPP_CLOCK": "2004-02-02T09:00:00-05:00", **environment})
    made.command("migrate")
    made.command("samples")
    made.start()
    return made


@pytest.fixture(scope="module")
def direct(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[ServiceProcess]:
    """A service that checks senders itself, with a real name server."""
    folder = tmp_path_factory.mktemp("direct")
    zones, port = folder / "zones.json", free_port()
    zones.write_text(json.dumps(ZONES), encoding="utf-8")
    with ExitStack() as resources:
        names = subprocess.Popen([sys.executable, "-m", "tests.name_server", str(zones), "--port", str(port)])
        resources.callback(names.wait)
        resources.callback(names.terminate)
        service = _started(folder, model, {"DSPP_NAMESERVERS": f"127.0.0.1:{port}"})
        resources.callback(service.stop)
        yield service


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[ServiceProcess]:
    """A service that believes the mail server in front of it."""
    environment = {"DSPP_TRUSTED_AUTHSERV_ID": "mx.aastrom.com", "DSPP_TRUSTED_PEERS": FRONT}
    service = _started(tmp_path_factory.mktemp("trusted"), model, environment)
    yield service
    service.stop()


def brings(service: ServiceProcess, wire: bytes, peer: str = FRONT, mail_from: str = "ana.perez@example.com") -> None:
    with smtplib.SMTP("127.0.0.1", service.smtp_port, timeout=30, source_address=(peer, 0)) as client:
        assert client.sendmail(mail_from, [PROGRAM], wire) == {}


def codes_for(service: ServiceProcess, message: EmailMessage) -> int:
    """How many letters answer the message with an order that waits for its code."""
    return sum(bool(candidates(text(heard))) for heard in service.answers_to(str(message["Message-ID"])))


_dollars = count(501)


def order() -> EmailMessage:
    """An order of an amount of its own: of two with the same words and date, the second counts as a replay."""
    return letter(f"Please invest ${next(_dollars)} by check.")


def _unsigned(wire: bytes) -> bytes:
    """`wire` without its signature, which stands on top."""
    head, _, rest = wire.partition(b"\r\nFrom:")
    assert head.startswith(b"DKIM-Signature:")
    return b"From:" + rest


COPIES = [
    pytest.param(_unsigned, FRONT, "ana.perez@example.com", id="without its signature"),
    pytest.param(lambda wire: b"X-Autoreply: yes\r\n" + wire, FRONT, "ana.perez@example.com", id="as a program's"),
    pytest.param(lambda wire: b"X-Foo-automatic: yes\r\n" + wire.replace(b" by check", b" by  check"), FRONT,
                 "ana.perez@example.com", id="changed so that its signature fails"),
    pytest.param(lambda wire: b"Auto-Submitted: auto-replied\r\n" + wire, OUTSIDE, "eve@attacker.example",
                 id="by another way"),
    pytest.param(lambda wire: wire, FRONT, "", id="from the null sender"),
]  # fmt: skip


@pytest.mark.parametrize(("changed", "peer", "mail_from"), COPIES)
def test_the_genuine_letter_is_answered_after_a_copy(
    direct: ServiceProcess, changed: Callable[[bytes], bytes], peer: str, mail_from: str
) -> None:
    genuine = order()
    wire = sign(raw(genuine))
    brings(direct, changed(wire), peer, mail_from)
    brings(direct, wire)
    direct.wait_until(lambda: codes_for(direct, genuine) == 1, ANSWER_SECONDS, "the order read back")


def test_a_retry_is_kept_once_and_the_same_letter_by_another_way_acts_once(direct: ServiceProcess) -> None:
    """As where a provider tries again from another of its hosts; the copies may be looked up at the same time."""
    genuine, last = order(), order()
    wire = sign(raw(genuine))
    for peer in (FRONT, FRONT, OUTSIDE, FRONT):
        brings(direct, wire, peer)
    brings(direct, sign(raw(last)))
    direct.wait_until(lambda: codes_for(direct, last) == 1, ANSWER_SECONDS, "the letter behind them")
    direct.wait_until(lambda: codes_for(direct, genuine) == 1, ANSWER_SECONDS, "the order read back")
    assert len(direct.answers_to(str(genuine["Message-ID"]))) == 1


@pytest.mark.parametrize(
    ("copy", "peer"),
    [
        pytest.param(lambda wire: FAILED + _unsigned(wire), FRONT, id="a forgery through the server in front"),
        pytest.param(lambda wire: PASSED + wire, OUTSIDE, id="every word of it, findings too, from outside"),
    ],
)
def test_what_the_server_in_front_found_is_believed_after_a_copy(
    trusted: ServiceProcess, copy: Callable[[bytes], bytes], peer: str
) -> None:
    genuine = order()
    wire = sign(raw(genuine))
    brings(trusted, copy(wire), peer)
    trusted.wait_until(lambda: len(trusted.answers_to(str(genuine["Message-ID"]))) == 1, ANSWER_SECONDS, "an answer")
    assert STRANGER in text(trusted.answers_to(str(genuine["Message-ID"]))[0])
    for _ in range(2):
        brings(trusted, PASSED + wire)
    trusted.wait_until(lambda: codes_for(trusted, genuine) == 1, ANSWER_SECONDS, "the order read back")


def test_a_letter_to_our_people_as_well_is_answered(direct: ServiceProcess) -> None:
    genuine = order()
    wire = sign(raw(genuine))
    with smtplib.SMTP("127.0.0.1", direct.smtp_port, timeout=30) as client:
        assert client.sendmail("ana.perez@example.com", ["postmaster@aastrom.com"], wire) == {}
    brings(direct, wire)
    direct.wait_until(lambda: codes_for(direct, genuine) == 1, ANSWER_SECONDS, "the order read back")
