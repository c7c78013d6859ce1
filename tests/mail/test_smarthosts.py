"""Smarthosts that are slow, picky, or gone in between: no letter is sent twice or given up, and sessions are shared."""

from __future__ import annotations

import asyncio
import ssl
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from bot.mail.courier import Deferred, Rejected, Sent, SmarthostCourier, Unavailable
from bot.mail.smarthost import Meaning, Stage, meaning_of
from tests.mail.smarthosts import host, send, until
from tests.mail.test_courier import scripted, sent_to


async def test_a_host_that_has_the_whole_letter_is_given_time_to_take_it() -> None:
    taken: list[bytes] = []

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                await asyncio.sleep(0.6)
                taken.append(content)
            writer.write(b"250 ok\r\n")
            if line.startswith(b"QUIT"):
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await sent_to(port, timeout_seconds=0.3)
    server.close()
    assert isinstance(result, Sent)
    assert len(taken) == 1


@pytest.mark.parametrize("reply", ["530 5.7.0 authentication required", "535 5.7.8 no", "538 5.7.11 encrypt first"])
@pytest.mark.parametrize("command", ["MAIL", "RCPT"])
async def test_the_want_of_a_login_is_no_letters_fault(command: str, reply: str) -> None:
    async with scripted({command: reply}) as port:
        result = await sent_to(port)
    assert isinstance(result, Unavailable)


async def test_a_refusal_stays_one_when_the_host_says_nothing_after_it() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 hello\r\n")
        while line := await reader.readline():
            if line.startswith((b"RSET", b"QUIT")):
                continue
            writer.write(b"550 5.1.1 nobody\r\n" if line.startswith(b"RCPT") else b"250 ok\r\n")
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await sent_to(port, timeout_seconds=0.3)
    server.close()
    assert isinstance(result, Rejected)


async def test_words_in_another_charset_can_be_kept() -> None:
    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 bonjour\r\n")
        while line := await reader.readline():
            if line.startswith(b"DATA"):
                writer.write(b"354 allez\r\n")
                await reader.readuntil(b"\r\n.\r\n")
            writer.write(b"250 accept\xe9\r\n")
            if line.startswith(b"QUIT"):
                break
        writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    result = await sent_to(port)
    server.close()
    assert isinstance(result, Sent)
    result.detail.encode("utf-8")


async def test_letters_follow_each_other_over_one_session_with_a_reset_between() -> None:
    async with host() as (there, courier):
        assert [type(await send(courier, number)) for number in (1, 2, 3)] == [Sent] * 3
        await courier.aclose()
    (said,) = there.sessions
    letter = ["MAIL", "RCPT", "DATA", "."]
    assert [line.split(" ")[0] for line in said] == ["EHLO", *letter, "RSET", *letter, "RSET", *letter, "QUIT"]


async def test_each_letter_has_its_own_envelope_sender() -> None:
    async with host() as (there, courier):
        await send(courier, 1)
        await send(courier, 2)
    (said,) = there.sessions
    assert [line for line in said if line.startswith(("MAIL", "RCPT"))] == [
        "MAIL FROM:<dspp+b1@aastrom.com>",
        "RCPT TO:<holder-1@example.com>",
        "MAIL FROM:<dspp+b2@aastrom.com>",
        "RCPT TO:<holder-2@example.com>",
    ]


async def test_letters_at_once_share_no_session_and_open_no_more_than_allowed() -> None:
    async with host(sessions_most=3) as (there, courier):
        there.goes_on.clear()
        sending = [asyncio.create_task(send(courier, number)) for number in range(8)]
        await until(lambda: there.taken == 3)
        assert there.open == 3
        there.goes_on.set()
        assert [type(one) for one in await asyncio.gather(*sending)] == [Sent] * 8
        assert len(there.sessions) == 3
        assert there.taken == 8


async def test_a_session_ends_after_its_letters() -> None:
    async with host(letters_most=2) as (there, courier):
        assert [type(await send(courier, number)) for number in range(5)] == [Sent] * 5
        assert [said.count(".") for said in there.sessions] == [2, 2, 1]
        await until(lambda: there.open == 1)
        assert [said[-1] for said in there.sessions[:2]] == ["QUIT", "QUIT"]


async def test_a_session_ends_when_nobody_needs_it() -> None:
    async with host(idle_seconds=0.05) as (there, courier):
        await send(courier)
        await until(lambda: there.open == 0)
        assert there.sessions[0][-1] == "QUIT"
        assert isinstance(await send(courier, 2), Sent)
        assert len(there.sessions) == 2


async def test_a_session_that_died_while_idle_is_replaced_at_once() -> None:
    async with host() as (there, courier):
        await asyncio.gather(*(send(courier, number) for number in range(3)))
        there.hang_up()
        await until(lambda: there.open == 0)
        assert isinstance(await send(courier, 9), Sent)
        assert there.taken == 4


@pytest.mark.parametrize(
    "replies",
    [
        pytest.param({"RSET": "hang up"}, id="cut off at the reset"),
        pytest.param({"RSET": "421 4.4.2 idle for too long"}, id="told to go at the reset"),
        pytest.param({"RSET": "500 what"}, id="no reset there"),
        pytest.param({"RSET": "garbage"}, id="no SMTP any more"),
    ],
)
async def test_a_session_found_dead_before_the_letter_costs_nothing(replies: dict[str, str]) -> None:
    async with host() as (there, courier):
        await send(courier, 1)
        there.replies = replies
        assert isinstance(await send(courier, 2), Sent)
        assert [said.count(".") for said in there.sessions] == [1, 1]


async def test_a_session_that_does_not_answer_any_more_is_replaced() -> None:
    async with host(timeout_seconds=0.3) as (there, courier):
        await send(courier, 1)
        there.replies = {"RSET": "silence"}
        assert isinstance(await send(courier, 2), Sent)
        assert there.taken == 2


@pytest.mark.parametrize(("reply", "expected"), [("hang up", Unavailable), ("421 4.3.2 busy", Unavailable)])
async def test_a_host_that_ends_every_session_is_asked_twice_and_no_more(reply: str, expected: type) -> None:
    async with host() as (there, courier):
        there.replies = {"MAIL FROM": reply}
        assert isinstance(await send(courier), expected)
        assert len(there.sessions) == 2


@pytest.mark.parametrize(
    ("replies", "expected"),
    [
        pytest.param({"RCPT TO": "hang up"}, Deferred, id="cut off after the host spoke of the letter"),
        pytest.param({"DATA": "hang up"}, Deferred, id="cut off at the content"),
    ],
)
async def test_a_letter_the_host_has_spoken_of_is_not_sent_twice(replies: dict[str, str], expected: type) -> None:
    async with host() as (there, courier):
        await send(courier, 1)
        there.replies = replies
        assert isinstance(await send(courier, 2), expected)
        assert len(there.sessions) == 1
        assert sum(line == "MAIL FROM:<dspp+b2@aastrom.com>" for said in there.sessions for line in said) == 1


async def test_a_refusal_leaves_the_session_to_the_next_letter() -> None:
    async with host() as (there, courier):
        there.replies = {"RCPT TO": "550 5.1.1 nobody"}
        assert await send(courier, 1) == Rejected("550 5.1.1 nobody")
        there.replies = {"DATA": "451 4.3.0 later"}
        assert await send(courier, 2) == Deferred("451 4.3.0 later")
        there.replies = {}
        assert isinstance(await send(courier, 3), Sent)
        assert len(there.sessions) == 1


async def test_a_letter_that_was_interrupted_takes_its_session_with_it() -> None:
    async with host() as (there, courier):
        there.goes_on.clear()
        sending = asyncio.create_task(send(courier, 1))
        await until(lambda: there.taken == 1)
        sending.cancel()
        with pytest.raises(asyncio.CancelledError):
            await sending
        there.goes_on.set()
        assert isinstance(await send(courier, 2), Sent)
        assert len(there.sessions) == 2, "the answer to the first letter must not be taken for the second's"


async def test_a_host_that_grants_few_sessions_is_not_pressed_for_more() -> None:
    async with host() as (there, courier):
        there.most = 2
        await asyncio.gather(*(send(courier, number) for number in range(2)))
        there.goes_on.clear()
        sending = [asyncio.create_task(send(courier, number)) for number in range(8)]
        await until(lambda: there.taken == 4)
        there.goes_on.set()
        assert [type(one) for one in await asyncio.gather(*sending)] == [Sent] * 8
        assert there.refused <= 6, "each of those that wait has asked once at most"
        refused = there.refused
        assert [type(one) for one in await asyncio.gather(*(send(courier, n) for n in range(8)))] == [Sent] * 8
        assert there.refused == refused


async def test_who_waits_for_a_session_in_vain_is_told_so() -> None:
    async with host(sessions_most=1, opening_seconds=0.2, waiting_seconds=0.1) as (there, courier):
        there.goes_on.clear()
        first = asyncio.create_task(send(courier, 1))
        await until(lambda: there.taken == 1)
        assert isinstance(await send(courier, 2), Unavailable)
        there.goes_on.set()
        assert isinstance(await first, Sent)
        assert isinstance(await send(courier, 3), Sent)


async def test_a_host_that_is_away_is_asked_once_by_each_letter() -> None:
    async with host() as (there, courier):
        there.most = 0
        results = await asyncio.gather(*(send(courier, number) for number in range(8)))
        assert [type(one) for one in results] == [Unavailable] * 8
        assert there.refused == 8
        there.most = 99
        assert isinstance(await send(courier), Sent)


async def test_closing_ends_what_is_idle_and_what_comes_back_later() -> None:
    async with host() as (there, courier):
        await asyncio.gather(*(send(courier, number) for number in range(2)))
        there.goes_on.clear()
        late = asyncio.create_task(send(courier, 3))
        await until(lambda: there.taken == 3)
        await courier.aclose()
        there.goes_on.set()
        assert isinstance(await late, Sent)
        await until(lambda: there.open == 0)


def test_a_password_is_not_shown() -> None:
    assert "hunter2" not in repr(SmarthostCourier("h", username="u", password="hunter2"))


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate for this machine with its key, that nobody trusts unless told to."""
    key = generate_private_key(SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "relay.example")])
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(datetime.now(UTC) - timedelta(days=1))
        .not_valid_after(datetime.now(UTC) + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, SHA256())
    )
    path = tmp_path / "relay.pem"
    path.write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()) + made.public_bytes(Encoding.PEM)
    )
    return path


@pytest.mark.parametrize("security", ["tls", "starttls"])
async def test_tls_and_login_are_done_once_for_all_letters_of_a_session(security: str, certificate: Path) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate)
    ours = ssl.create_default_context(cafile=str(certificate))
    options = {"security": security, "tls_context": ours, "username": "dspp", "password": "x"}
    async with host(theirs if security == "tls" else None, **options) as (there, courier):
        there.context = theirs
        there.replies = {"EHLO": "250-hello\r\n250-STARTTLS\r\n250 AUTH PLAIN", "STARTTLS": "220 go", "AUTH": "235 ok"}
        assert [type(await send(courier, number)) for number in (1, 2)] == [Sent, Sent]
        (said,) = there.sessions
        assert [line.split(" ")[0] for line in said].count("AUTH") == 1
        assert said.count("STARTTLS") == (1 if security == "starttls" else 0)


async def test_a_host_whose_certificate_we_do_not_trust_hears_nothing(certificate: Path) -> None:
    theirs = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    theirs.load_cert_chain(certificate)
    async with host(theirs, security="tls", username="dspp", password="x") as (there, courier):
        assert isinstance(await send(courier), Unavailable)
        assert there.sessions in ([], [[]])


async def test_a_login_that_is_refused_is_no_letter_s_fault() -> None:
    async with host(username="dspp", password="x") as (there, courier):
        there.replies = {"EHLO": "250-hello\r\n250 AUTH PLAIN", "AUTH": "535 5.7.8 wrong"}
        result = await send(courier)
        assert isinstance(result, Unavailable)
        assert "535 5.7.8 wrong" in result.detail
        assert there.taken == 0


@pytest.mark.parametrize(
    ("stage", "reply", "meaning"),
    [
        pytest.param("RECIPIENT", "550 5.1.1 nobody", "NEVER", id="nobody there"),
        pytest.param("RECIPIENT", "550 nobody", "NEVER", id="no status code"),
        pytest.param("RECIPIENT", "450 4.2.0 grey", "LATER", id="grey-listed"),
        pytest.param("RECIPIENT", "550 4.2.1 disabled", "LATER", id="contradicts itself"),
        pytest.param("RECIPIENT", "450 5.1.1 hm", "LATER", id="contradicts itself the other way"),
        pytest.param("RECIPIENT", "554 5.7.1 relay access denied", "LATER", id="they or us"),
        pytest.param("RECIPIENT", "550 5.7.13 account disabled", "ABOUT_US", id="our account"),
        pytest.param("RECIPIENT", "550 5.7.25 no reverse name", "ABOUT_US", id="our reverse name"),
        pytest.param("RECIPIENT", "421 4.3.2 closing", "ABOUT_US", id="closing"),
        pytest.param("CONTENT", "554 5.7.1 spam", "NEVER", id="the content is not wanted"),
        pytest.param("CONTENT", "550 5.7.20 no DKIM signature", "ABOUT_US", id="our signature is missed"),
        pytest.param("CONTENT", "550 5.7.26 not authenticated", "ABOUT_US", id="our DMARC"),
        pytest.param("CONTENT", "450 4.7.28 flood", "ABOUT_US", id="too much at once"),
        pytest.param("CONTENT", "552 5.3.4 too big", "NEVER", id="too big"),
        pytest.param("CONTENT", "452 4.3.1 disk full", "LATER", id="disk full"),
        pytest.param("CONTENT", "554 5.7.100 unheard of", "NEVER", id="a detail of later days"),
        pytest.param("CONTENT", "554 5.7.20x no code", "NEVER", id="words that look like a code"),
        pytest.param("SENDER", "553 5.1.8 bad sender", "ABOUT_US", id="our sender"),
        pytest.param("SENDER", "452 4.3.1 disk full", "ABOUT_US", id="full before it heard of the letter"),
        pytest.param("OPENING", "554 5.7.1 go away", "ABOUT_US", id="at the door"),
    ],
)
def test_what_a_refusal_means(stage: str, reply: str, meaning: str) -> None:
    code, _, words = reply.partition(" ")
    assert meaning_of(Stage[stage], int(code), words) is Meaning[meaning]


@pytest.mark.parametrize(("reply", "meaning"), [("550 5.6.7 no UTF-8", "NEVER"), ("450 4.6.7 later", "LATER")])
def test_a_sender_refused_for_what_the_letter_asked_is_the_letter_s_matter(reply: str, meaning: str) -> None:
    code, _, words = reply.partition(" ")
    assert meaning_of(Stage.SENDER, int(code), words, is_about_letter=True) is Meaning[meaning]
