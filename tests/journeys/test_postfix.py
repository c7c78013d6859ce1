"""The service behind a real Postfix: what comes in, what goes out and what comes back, with nothing lost or done twice.

Mail goes from swaks or smtp-source to Postfix, by LMTP to the service, and its letters through Postfix to the world.
Postfix has the settings that the documentation recommends.
"""

from __future__ import annotations

import json
import os
import re
import smtplib
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.codes import candidates
from tests.mail import certificates
from tests.mail.signing import sign
from tests.postfix import AUTHSERV_ID, SIZE, VERIFIED, Postfix, Taken, postfix_tool, running_postfix
from tests.service_process import ServiceProcess

pytestmark = pytest.mark.slow

ANA = "ana.perez@example.com"
BOB = "bob.miller@example.com"
PROGRAM = "dspp@aastrom.com"
STRANGER = "stranger.example"
ORDER = "Please invest $500 for me. I'll mail a check."
QUESTIONS = (
    "Can people who live in New Jersey join the program?",
    "Please send me the prospectus and the enrollment form.",
    "What fees does the plan charge when shares are sold?",
)
FORGED = f"{AUTHSERV_ID}; dkim=pass header.d=example.com header.s=s1; dmarc=pass header.from=example.com"
RCPT_REFUSED, DATA_REFUSED = 24, 26
"""How swaks ends."""


@pytest.fixture(scope="module")
def postfix() -> Iterator[Postfix]:
    """A Postfix in front."""
    with running_postfix() as running:
        yield running


@pytest.fixture(scope="module")
def service(postfix: Postfix, tmp_path_factory: pytest.TempPathFactory, model: Path) -> Iterator[ServiceProcess]:
    """The service behind it, which believes what it found. Postfix has asked once whether the program has a mailbox."""
    environment = {
        "DSPP_CLOCK": "2004-02-02T09:00:00-05:00",
        "DSPP_LMTP_LISTEN": f"unix:{postfix.socket}",
        "DSPP_SMARTHOST": f"smtp://127.0.0.1:{postfix.ours}",
        "DSPP_TRUSTED_AUTHSERV_ID": AUTHSERV_ID,
        "DSPP_TRUSTED_PEERS": "unix",
    }
    with ExitStack() as resources:
        started = ServiceProcess(tmp_path_factory.mktemp("postfix"), model, environment)
        started.command("migrate")
        started.command("samples")
        started.start()
        resources.callback(started.stop)
        assert swaks(postfix, PROGRAM, "--quit-after", "RCPT") == 0, postfix.log()
        yield started


# -- what is sent -----------------------------------------------------------------------------------------------------


def swaks(postfix: Postfix, to: str, *more: str, helo: str = STRANGER, sender: str = ANA, raw: bytes = b"") -> int:
    """Have swaks send `raw` to the port for strangers; how it ended."""
    program = postfix_tool("swaks")
    words = [program, "--server", f"127.0.0.1:{postfix.world}", "--ehlo", helo, "--from", sender, "--to", to, *more]
    if not raw:
        return subprocess.run(words, capture_output=True, timeout=60).returncode
    file = postfix.folder / "letter.eml"
    file.write_bytes(raw)
    return subprocess.run([*words, "--data", f"@{file}"], capture_output=True, timeout=60).returncode


def letter(body: str, sender: str = ANA, to: str = PROGRAM) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, to, "the plan"
    message["Date"] = "Mon, 02 Feb 2004 09:00:00 -0500"
    message["Message-ID"] = make_msgid(domain="client.example")
    message.set_content(body)
    return message


def signed(message: EmailMessage, key: rsa.RSAPrivateKey | None = None) -> bytes:
    wire = message.as_bytes().replace(b"\n", b"\r\n")
    return sign(wire, key=key, tags={"t": str(int(time.time()))})


def answer(postfix: Postfix, service: ServiceProcess, message: EmailMessage, raw: bytes, helo: str = VERIFIED) -> Taken:
    """Send a letter by swaks and wait for the one answer that leaves for the world."""
    sender, to = parseaddr(str(message["From"]))[1], parseaddr(str(message["To"]))[1]
    assert swaks(postfix, to, helo=helo, sender=sender, raw=raw) == 0
    message_id = str(message["Message-ID"])
    postfix.wait_until(lambda: bool(postfix.sink.answers_to(message_id)), "an answer")
    (only,) = postfix.sink.answers_to(message_id)
    return only


def flood(postfix: Postfix, count: int) -> subprocess.Popen[bytes]:
    """Have smtp-source send `count` messages in ten sessions."""
    words = [postfix_tool("smtp-source"), "-d", "-s", "10", "-m", str(count), "-l", "5000", "-M", STRANGER]
    return subprocess.Popen([*words, "-f", f"flood@{STRANGER}", "-t", PROGRAM, f"127.0.0.1:{postfix.world}"])


# -- what is found ----------------------------------------------------------------------------------------------------


def text(heard: EmailMessage) -> str:
    body = heard.get_body(("plain",))
    assert body is not None
    return " ".join(str(body.get_content()).split())


def rows(service: ServiceProcess, sql: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(f"file:{service.folder / 'dspp.sqlite3'}?mode=ro", uri=True)) as database:
        return database.execute(sql, values).fetchall()


def stored(service: ServiceProcess, message: EmailMessage) -> list[tuple[bytes, str]]:
    """Each stored copy of a message, with our Received field."""
    sql = "SELECT raw, received FROM messages WHERE instr(raw, CAST(? AS BLOB)) > 0"
    found = rows(service, sql, f"Message-ID: {message['Message-ID']}")
    return [(raw, received) for raw, received in found if isinstance(raw, bytes) and isinstance(received, str)]


def count_from(service: ServiceProcess, sender: str) -> int:
    ((count,),) = rows(service, "SELECT count(*) FROM messages WHERE mail_from = ?", sender)
    assert isinstance(count, int)
    return count


# -- the tests --------------------------------------------------------------------------------------------------------


def test_an_order_its_read_back_and_its_code_go_through_postfix_both_ways(
    postfix: Postfix, service: ServiceProcess
) -> None:
    order = letter(ORDER)
    read_back = answer(postfix, service, order, signed(order))
    assert read_back.recipient == ANA
    assert read_back.is_encrypted, "it tells what the holder owns, and holds a code"
    assert re.fullmatch(r"dspp\+b[a-z0-9]+@aastrom\.com", read_back.mail_from)
    assert read_back.letter["In-Reply-To"] == order["Message-ID"]
    assert read_back.letter["Auto-Submitted"] == "auto-replied"
    (hop,) = read_back.letter.get_all("Received", [])
    assert re.search(rf"^from aastrom\.com \(.*\[127\.0\.0\.1\]\)\s+by {re.escape(AUTHSERV_ID)} \(Postfix\)", hop)
    ((_written, code),) = candidates(text(read_back.letter))
    yes = letter(code, to=parseaddr(str(read_back.letter["Reply-To"]))[1])
    done = answer(postfix, service, yes, signed(yes))
    assert "YOUR PURCHASE ORDER IS RECEIVED" in text(done.letter)
    assert rows(service, "SELECT amount, state FROM purchase_orders") == [(50000, "AWAITING_PAYMENT")]


def test_what_the_service_stores_is_what_the_sender_wrote_below_what_postfix_put_on_top(
    postfix: Postfix, service: ServiceProcess
) -> None:
    note = letter("How is the price worked out?")
    wire = signed(note).rstrip() + b"\r\n.\r\n..\r\n \t \r\n" + "é".encode() * 3 + b"x" * 5_000 + b"\r\n\r\n\r\n"
    with smtplib.SMTP("127.0.0.1", postfix.world, VERIFIED, timeout=30) as client:
        client.sendmail(ANA, [PROGRAM], wire, ["BODY=8BITMIME"])
    postfix.wait_until(lambda: bool(stored(service, note)), "the message")
    ((raw, received),) = stored(service, note)
    assert raw.endswith(wire)
    on_top = raw.removesuffix(wire).decode()
    assert re.findall(r"^[A-Za-z-]+:", on_top, re.MULTILINE) == ["Authentication-Results:", "Received:"]
    assert f"from {VERIFIED} " in on_top
    assert re.match(rf"Received: from {re.escape(AUTHSERV_ID)} \(local\)\s+by aastrom\.com with LMTP\s+id", received)


def test_a_letter_within_a_letter_keeps_the_bytes_that_were_signed(postfix: Postfix, service: ServiceProcess) -> None:
    """Postfix asks its checks of headers about those within the body too, unless told not to."""
    order = letter(ORDER)
    inner = letter("The check is on its way.", "bank@bank.example", ANA)
    inner["Authentication-Results"] = "mx.example.com; dkim=pass header.d=bank.example"
    order.add_attachment(inner)
    wire = signed(order)
    assert wire.count(b"\r\nAuthentication-Results: mx.example.com") == 1
    assert swaks(postfix, PROGRAM, helo=VERIFIED, raw=wire) == 0
    postfix.wait_until(lambda: bool(stored(service, order)), "the message")
    ((raw, _received),) = stored(service, order)
    assert wire in raw


def test_mail_is_taken_within_tls(postfix: Postfix, service: ServiceProcess) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.world, VERIFIED, timeout=30) as client:
        client.starttls(context=certificates.trusting())
        client.ehlo()
        assert client.mail(ANA)[0] == 250
        assert client.rcpt(PROGRAM)[0] == 250


FORGERIES = [
    pytest.param(f"Authentication-Results: {FORGED}", id="plain"),
    pytest.param(f"AUTHENTICATION-results: {FORGED}", id="in other cases"),
    pytest.param(f"Authentication-Results:\r\n\t{FORGED}", id="folded"),
    pytest.param(f"Authentication-Results: (as found by) {FORGED}", id="behind a comment"),
    pytest.param(f'Authentication-Results: "{AUTHSERV_ID}"{FORGED.removeprefix(AUTHSERV_ID)}', id="quoted"),
    pytest.param(f"Authentication-Results : {FORGED}", id="space before the colon"),
]


@pytest.mark.parametrize("field", FORGERIES)
def test_forged_findings_from_outside_are_not_believed(postfix: Postfix, service: ServiceProcess, field: str) -> None:
    order = letter(ORDER)
    raw = field.encode() + b"\r\n" + signed(order, key=rsa.generate_private_key(65_537, 2_048))
    assert swaks(postfix, PROGRAM, helo=STRANGER, raw=raw) == 0
    is_done = "SELECT 1 FROM messages WHERE state != 'RECEIVED' AND instr(raw, CAST(? AS BLOB)) > 0"
    postfix.wait_until(lambda: bool(rows(service, is_done, str(order["Message-ID"]))), "the message to be worked on")
    assert "not surely known" in service.command("explain", str(order["Message-ID"])).stdout
    heard = postfix.sink.answers_to(str(order["Message-ID"]))
    assert [candidates(text(one.letter)) for one in heard] == [()] * len(heard)
    ((kept, _received),) = stored(service, order)
    assert b"authentication-results" not in kept.lower()


def test_the_same_findings_are_believed_of_who_reaches_the_socket(postfix: Postfix, service: ServiceProcess) -> None:
    """So it is Postfix that keeps the forgeries above out, and the socket's mode."""
    order = letter(ORDER.replace("500", "600"))
    forged = f"Authentication-Results: {FORGED}\r\n".encode() + signed(order, rsa.generate_private_key(65_537, 2_048))
    with smtplib.LMTP(str(postfix.socket)) as client:
        client.sendmail(ANA, [PROGRAM], forged)
    postfix.wait_until(lambda: bool(postfix.sink.answers_to(str(order["Message-ID"]))), "an answer")
    (read_back,) = postfix.sink.answers_to(str(order["Message-ID"]))
    assert len(candidates(text(read_back.letter))) == 1
    (mode,) = {oct(path.stat().st_mode & 0o777) for path in (postfix.socket,)}
    assert mode == "0o660"
    assert postfix.socket.parent.stat().st_mode & 0o007 == 0


@pytest.mark.parametrize(
    "recipient",
    [
        pytest.param("nobody@aastrom.com", id="another mailbox"),
        pytest.param("dspp@elsewhere.example", id="another domain"),
        pytest.param("dspp+c234567@aastrom.com", id="a made-up reply address"),
    ],
)
def test_an_unknown_recipient_is_refused_by_postfix_so_that_no_bounce_goes_to_a_forged_sender(
    postfix: Postfix, service: ServiceProcess, recipient: str
) -> None:
    assert swaks(postfix, recipient, sender=BOB) == RCPT_REFUSED
    assert postfix.queued() == 0
    assert [one for one in postfix.sink.taken if one.mail_from == ""] == []


@pytest.mark.parametrize(
    "end", [b"\n.\n", b"\n.\r\n", b"\r\n.\n", b"\r.\r\n", b"\r.\r", b"\r\n.\r", b"\n.\r"], ids=repr
)
def test_no_second_message_is_smuggled_through_postfix(postfix: Postfix, service: ServiceProcess, end: bytes) -> None:
    outer, smuggler = letter("outer"), f"smuggler@{STRANGER}"
    raw = outer.as_bytes().replace(b"\n", b"\r\n").removesuffix(b"\r\n") + end
    raw += (
        f"MAIL FROM:<{smuggler}>\r\nRCPT TO:<{PROGRAM}>\r\nDATA\r\nSubject: smuggled\r\n\r\nsell all\r\n.\r\n".encode()
    )
    with smtplib.SMTP("127.0.0.1", postfix.world, STRANGER, timeout=30) as client:
        client.ehlo()
        client.mail(ANA)
        client.rcpt(PROGRAM)
        client.putcmd("DATA")
        assert client.getreply()[0] == 354
        client.send(raw)
        assert client.getreply()[0] == 250
        client.noop()
    postfix.wait_until(lambda: bool(stored(service, outer)), "the outer message")
    postfix.wait_until(lambda: postfix.queued() == 0, "an empty queue")
    assert count_from(service, smuggler) == 0
    ((kept, _received),) = stored(service, outer)
    assert b"sell all" in kept


def test_too_large_a_message_is_refused_by_postfix(postfix: Postfix, service: ServiceProcess) -> None:
    with smtplib.SMTP("127.0.0.1", postfix.world, STRANGER) as client:
        client.ehlo()
        assert client.mail(ANA, [f"SIZE={SIZE + 1}"])[0] == 552
    line = b"x" * 98 + b"\r\n"
    assert swaks(postfix, PROGRAM, raw=b"Subject: large\r\n\r\n" + line * (SIZE // len(line))) == DATA_REFUSED


def test_the_largest_message_that_postfix_takes_is_stored(postfix: Postfix, service: ServiceProcess) -> None:
    large, line = letter("large"), b"x" * 98 + b"\r\n"
    raw = large.as_bytes().replace(b"\n", b"\r\n")
    raw += line * ((SIZE - len(raw) - 2_000) // len(line))
    assert swaks(postfix, PROGRAM, raw=raw) == 0
    postfix.wait_until(lambda: bool(stored(service, large)), "the large message")
    ((kept, _received),) = stored(service, large)
    assert SIZE - 5_000 < len(kept) <= SIZE


def test_a_letter_that_comes_back_is_told_to_staff_and_the_address_is_held(
    postfix: Postfix, service: ServiceProcess
) -> None:
    postfix.sink.refused[BOB] = "550 5.1.1 No such person"
    ask = letter("I am a registered holder and would like to enroll in the program.", BOB)
    assert swaks(postfix, PROGRAM, helo=VERIFIED, sender=BOB, raw=signed(ask)) == 0
    postfix.wait_until(lambda: bool(rows(service, "SELECT 1 FROM reviews WHERE reason = 'MAIL_RETURNED'")), "a review")
    ((letter_state, to),) = rows(service, "SELECT state, recipient FROM outbox WHERE recipient = ?", BOB)
    assert (letter_state, to) == ("RETURNED", BOB)
    of_bounces = "SELECT peer FROM messages WHERE mail_from = '' AND instr(raw, CAST('5.1.1' AS BLOB)) > 0"
    ((came_by,),) = rows(service, of_bounces)
    assert came_by == "local"
    (held,) = json.loads(service.command("holders", "held", "--json").stdout)
    assert "MAIL_RETURNED" in json.dumps(held)
    assert [one for one in postfix.sink.taken if one.recipient == BOB] == []


def test_mail_that_comes_while_the_service_is_stopped_is_delivered_once_after_its_start(
    postfix: Postfix, service: ServiceProcess
) -> None:
    service.stop()
    asked = [letter(question) for question in QUESTIONS]
    for message in asked:
        assert swaks(postfix, PROGRAM, helo=VERIFIED, raw=signed(message)) == 0
    postfix.wait_until(lambda: postfix.queued() >= len(asked), "the queue")
    assert [stored(service, message) for message in asked] == [[], [], []]
    service.start()
    postfix.wait_until(lambda: all(postfix.sink.answers_to(str(one["Message-ID"])) for one in asked), "the answers")
    postfix.wait_until(lambda: postfix.queued() == 0, "an empty queue")
    assert [len(stored(service, message)) for message in asked] == [1, 1, 1]
    assert [len(postfix.sink.answers_to(str(message["Message-ID"]))) for message in asked] == [1, 1, 1]


def test_two_hundred_messages_in_ten_sessions_are_stored_once_each(postfix: Postfix, service: ServiceProcess) -> None:
    before = count_from(service, f"flood@{STRANGER}")
    assert flood(postfix, 200).wait(60) == 0
    postfix.wait_until(lambda: postfix.queued() == 0, "an empty queue")
    assert count_from(service, f"flood@{STRANGER}") - before == 200


def test_a_service_that_is_killed_while_mail_comes_in_loses_none_and_keeps_none_twice(
    postfix: Postfix, service: ServiceProcess
) -> None:
    before = count_from(service, f"flood@{STRANGER}")
    sending = flood(postfix, 200)
    postfix.wait_until(lambda: count_from(service, f"flood@{STRANGER}") > before, "the first message")
    assert service.process is not None
    service.process.kill()
    service.process.wait(20)
    kept = count_from(service, f"flood@{STRANGER}") - before
    assert 0 < kept < 200, "it was killed in the middle"
    assert sending.wait(60) == 0, "Postfix takes mail meanwhile"
    assert os.path.exists(postfix.socket), "the dead service's socket is still there"
    service.start()
    postfix.wait_until(lambda: count_from(service, f"flood@{STRANGER}") - before == 200, "every message")
    postfix.wait_until(lambda: postfix.queued() == 0, "an empty queue")
    assert count_from(service, f"flood@{STRANGER}") - before == 200
