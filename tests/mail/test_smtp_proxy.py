"""PROXY headers: what they say, what is none, and who may send one."""

from __future__ import annotations

import asyncio
import ipaddress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.mail.lmtp import LMTP
from bot.mail.peers import UNKNOWN, Peer, counted_host, is_stranger, is_within, peer_of
from bot.mail.proxy_line import NoProxyHeader, peer_of_block, peer_of_line, read_proxy_line
from tests.mail.front_door import MESSAGE, QUICK, Client, Inbox, door, until

HERE: dict[str, Any] = {"proxies": (ipaddress.ip_network("127.0.0.0/8"),)}
ELSEWHERE: dict[str, Any] = {"proxies": (ipaddress.ip_network("10.0.0.0/8"),)}
SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
CLIENT4, BALANCER4 = bytes([192, 0, 2, 7]), bytes([10, 0, 0, 1])
CLIENT6, BALANCER6 = ipaddress.ip_address("2001:db8::7").packed, ipaddress.ip_address("2001:db8::1").packed
PORTS = (40_000).to_bytes(2, "big") + (25).to_bytes(2, "big")
NOTE = b"\x04\x00\x03abc"


def block(command: int, family: int, body: bytes) -> bytes:
    return SIGNATURE + bytes([command, family]) + len(body).to_bytes(2, "big") + body


GOOD = [
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25\r\n", Peer("192.0.2.7", 40_000), id="1, IPv4"),
    pytest.param(b"PROXY TCP6 2001:db8::7 2001:db8::1 40000 25\r\n", Peer("2001:db8::7", 40_000), id="1, IPv6"),
    pytest.param(b"PROXY TCP6 ::ffff:192.0.2.7 ::1 0 65535\r\n", Peer("192.0.2.7", 0), id="1, IPv4 written as IPv6"),
    pytest.param(b"PROXY UNKNOWN\r\n", UNKNOWN, id="1, unknown"),
    pytest.param(b"PROXY UNKNOWN ffff::1 ffff::2 65535 65535\r\n", UNKNOWN, id="1, unknown with addresses"),
    pytest.param(block(0x21, 0x11, CLIENT4 + BALANCER4 + PORTS), Peer("192.0.2.7", 40_000), id="2, IPv4"),
    pytest.param(block(0x21, 0x21, CLIENT6 + BALANCER6 + PORTS), Peer("2001:db8::7", 40_000), id="2, IPv6"),
    pytest.param(block(0x21, 0x11, CLIENT4 + BALANCER4 + PORTS + NOTE), Peer("192.0.2.7", 40_000), id="2, with a note"),
    pytest.param(block(0x21, 0x31, bytes(216)), UNKNOWN, id="2, a Unix socket"),
    pytest.param(block(0x21, 0x00, b""), UNKNOWN, id="2, unspecified"),
    pytest.param(block(0x20, 0x00, b""), UNKNOWN, id="2, a check of its own"),
    pytest.param(block(0x20, 0x11, CLIENT4 + BALANCER4 + PORTS), UNKNOWN, id="2, a check of its own with addresses"),
]
BAD = [
    pytest.param(b"EHLO client.example.com\r\n", id="a client that speaks at once"),
    pytest.param(b"proxy TCP4 192.0.2.7 10.0.0.1 40000 25\r\n", id="small letters"),
    pytest.param(b"PROXY TCP4  192.0.2.7 10.0.0.1 40000 25\r\n", id="two spaces"),
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25 \r\n", id="a space behind"),
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25 x\r\n", id="more behind"),
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25\n", id="no CR"),
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25\r\r\n", id="two CR"),
    pytest.param(b"PROXY TCP4 2001:db8::7 2001:db8::1 40000 25\r\n", id="another family"),
    pytest.param(b"PROXY TCP6 192.0.2.7 10.0.0.1 40000 25\r\n", id="the other way round"),
    pytest.param(b"PROXY TCP4 192.0.2.300 10.0.0.1 40000 25\r\n", id="no address"),
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 65536 25\r\n", id="no port"),
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 040 25\r\n", id="a port with a nought before it"),
    pytest.param(b"PROXY TCP4 192.0.2.7 10.0.0.1 4_0 25\r\n", id="a port with a line in it"),
    pytest.param(b"PROXY TCP64 192.0.2.7 10.0.0.1 40000 25\r\n", id="a family that is none"),
    pytest.param(b"PROXY UDP4 192.0.2.7 10.0.0.1 40000 25\r\n", id="no stream"),
    pytest.param(b"PROXY TCP6 fe80::1%eth0 ::1 40000 25\r\n", id="a zone"),
    pytest.param(b"PROXY UNKNOWN " + b"x" * 100 + b"\r\n", id="a line too long"),
    pytest.param(b"PROXY UNKNOWNx\r\n", id="a word that begins like one"),
    pytest.param(b"PROXY " + b"9" * 5_000, id="a line without end"),
    pytest.param(block(0x11, 0x11, CLIENT4 + BALANCER4 + PORTS), id="2, another version"),
    pytest.param(block(0x22, 0x11, CLIENT4 + BALANCER4 + PORTS), id="2, an unknown command"),
    pytest.param(block(0x21, 0x12, CLIENT4 + BALANCER4 + PORTS), id="2, no stream"),
    pytest.param(block(0x21, 0x41, CLIENT4 + BALANCER4 + PORTS), id="2, an unknown family"),
    pytest.param(block(0x21, 0x11, CLIENT4 + BALANCER4), id="2, too short"),
    pytest.param(block(0x21, 0x21, CLIENT4 + BALANCER4 + PORTS), id="2, too short for IPv6"),
    pytest.param(block(0x21, 0x31, bytes(215)), id="2, too short for Unix"),
    pytest.param(block(0x21, 0x11, bytes(2_049)), id="2, too long"),
    pytest.param(SIGNATURE + b"\x21\x11\xff\xff", id="2, much too long"),
]


@pytest.mark.parametrize(("header", "peer"), GOOD)
async def test_a_header_is_read_to_its_last_octet_and_no_further(header: bytes, peer: Peer) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(header + b"EHLO c\r\n")
    assert await read_proxy_line(reader) == peer
    assert await reader.readline() == b"EHLO c\r\n"


@pytest.mark.parametrize("header", BAD)
async def test_what_is_no_header_is_refused(header: bytes) -> None:
    reader = asyncio.StreamReader()
    reader.feed_data(header)
    with pytest.raises(NoProxyHeader) as caught:
        await asyncio.wait_for(read_proxy_line(reader), 5)
    assert "192.0.2" not in str(caught.value)


@pytest.mark.parametrize("header", [param.values[0] for param in GOOD])
async def test_half_a_header_is_none(header: Any) -> None:
    for cut in range(len(header)):
        reader = asyncio.StreamReader()
        reader.feed_data(header[:cut])
        reader.feed_eof()
        with pytest.raises(asyncio.IncompleteReadError):
            await read_proxy_line(reader)


@given(st.binary(max_size=120))
def test_any_line_has_an_answer(line: bytes) -> None:
    for start in (b"", b"PROXY TCP4 ", b"PROXY UNKNOWN"):
        try:
            peer = peer_of_line(start + line)
        except NoProxyHeader:
            continue
        assert peer == UNKNOWN or peer.address is not None


@given(st.binary(min_size=4, max_size=4), st.binary(max_size=300))
def test_any_block_has_an_answer(head: bytes, rest: bytes) -> None:
    try:
        peer = peer_of_block(head, rest)
    except NoProxyHeader:
        return
    assert peer == UNKNOWN or peer.address is not None


@pytest.mark.parametrize(
    ("name", "peer", "host", "strange"),
    [
        pytest.param(("192.0.2.7", 1), Peer("192.0.2.7", 1), "192.0.2.7", True, id="IPv4"),
        pytest.param(("::ffff:192.0.2.7", 1, 0, 0), Peer("192.0.2.7", 1), "192.0.2.7", True, id="IPv4 within IPv6"),
        pytest.param(("2001:db8::7", 1, 0, 0), Peer("2001:db8::7", 1), "2001:db8::/64", True, id="IPv6"),
        pytest.param(("fe80::1%eth0", 1, 0, 2), Peer("fe80::1", 1), "fe80::/64", True, id="a zone"),
        pytest.param(("::1", 1, 0, 0), Peer("::1", 1), "::/64", False, id="this machine"),
        pytest.param(None, UNKNOWN, "unknown", False, id="gone before we looked"),
        pytest.param("", UNKNOWN, "unknown", False, id="no name"),
        pytest.param(("nonsense", 1), UNKNOWN, "unknown", False, id="no address"),
    ],
)
def test_peers(name: object, peer: Peer, host: str, strange: bool) -> None:
    assert peer_of(name) == peer
    assert counted_host(peer) == host
    assert is_stranger(peer) == strange


def test_who_is_not_known_is_in_no_network() -> None:
    everything = (ipaddress.ip_network("0.0.0.0/0"), ipaddress.ip_network("::/0"))
    assert is_within(Peer("192.0.2.7"), everything)
    assert is_within(Peer("2001:db8::7"), everything)
    assert not is_within(UNKNOWN, everything)


# -- at the door ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25\r\n", GOOD[5].values[0]], ids=["1", "2"])
@pytest.mark.parametrize("more", [{}, {"dialect": LMTP}], ids=["SMTP", "LMTP"])
async def test_the_client_behind_the_balancer_is_the_peer(header: Any, more: dict[str, Any]) -> None:
    inbox = Inbox()
    async with door(inbox, **HERE, **more) as server:
        client = await Client.connect(server)
        client.writer.write(header)
        await client.to_data(hello="LHLO" if more else "EHLO")
        assert (await client.asks(MESSAGE + b".")).startswith("250")
    (envelope,) = inbox.kept
    assert (envelope.peer, envelope.peer_port) == ("192.0.2.7", 40_000)
    assert b"([192.0.2.7])" in envelope.received


async def test_a_client_that_the_balancer_does_not_name_is_unknown_and_not_the_balancer() -> None:
    """Else SPF would be asked about the balancer's address, which may well be ours to send from."""
    inbox = Inbox()
    async with door(inbox, **HERE) as server:
        client = await Client.connect(server)
        client.writer.write(b"PROXY UNKNOWN\r\n")
        await client.to_data()
        assert (await client.asks(MESSAGE + b".")).startswith("250")
    assert inbox.kept[0].peer == "unknown"


async def test_header_and_commands_in_one_packet() -> None:
    async with door(Inbox(), **HERE) as server:
        client = await Client.connect(server)
        client.writer.write(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25\r\nEHLO c\r\nNOOP\r\nQUIT\r\n")
        heard = await client.rest()
    assert [line[:3] for line in heard] == ["220", "250", "250", "221"]


@pytest.mark.parametrize("header", BAD)
async def test_a_balancer_that_sends_no_header_is_refused(header: bytes) -> None:
    inbox = Inbox()
    async with door(inbox, replace(QUICK, proxy_seconds=0.5), **HERE) as server:
        client = await Client.connect(server)
        client.writer.write(header)
        assert (await client.hear()).startswith("421 4.7.0 Not reachable this way")
        await until(lambda: not server._sessions)


async def test_a_header_that_drips_or_never_comes_ends_the_connection() -> None:
    async with door(Inbox(), replace(QUICK, proxy_seconds=0.3), **HERE) as server:
        silent, dripping = await Client.connect(server), await Client.connect(server)
        for octet in b"PROXY TCP4 1":
            dripping.writer.write(bytes([octet]))
            await asyncio.sleep(0.01)
        for client in (silent, dripping):
            assert (await client.hear()).startswith("421 4.4.2")
        await until(lambda: not server._sessions)


async def test_a_client_that_comes_past_the_balancer_is_refused_and_told_of_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with door(Inbox(), **ELSEWHERE) as server:
        for _ in range(3):
            client = await Client.connect(server)
            assert (await client.hear()).startswith("421 4.7.0")
            assert await client.hear() == ""
    assert caplog.text.count("came past the load balancers") == 1
    assert "127.0.0.1" not in caplog.text


async def test_a_header_means_nothing_where_no_balancer_is_expected() -> None:
    inbox = Inbox()
    async with door(inbox) as server:
        client = await Client.connect(server)
        await client.say("PROXY TCP4 192.0.2.7 10.0.0.1 40000 25")
        assert (await client.hear()).startswith("220")
        assert (await client.hear()).startswith("500 5.5.2")
        await client.asks("EHLO client.example.com")
        await client.to_data_again()
        await client.asks(MESSAGE + b".")
    assert inbox.kept[0].peer == "127.0.0.1"


async def test_sessions_are_counted_by_the_client_and_not_by_the_balancer() -> None:
    async with door(Inbox(), replace(QUICK, connections_per_address=1), **HERE) as server:
        heard, clients = [], []  # A client that is dropped hangs up.
        for address in ("192.0.2.7", "192.0.2.8", "192.0.2.7"):
            client = await Client.connect(server)
            await client.say(f"PROXY TCP4 {address} 10.0.0.1 40000 25")
            heard.append(await client.hear())
            clients.append(client)
        assert [line[:9] for line in heard] == ["220 mx.aa", "220 mx.aa", "421 4.3.2"]


async def test_mail_servers_of_our_own_are_not_counted_by_their_address() -> None:
    limits = replace(QUICK, connections_per_address=1, connection_burst=1, connections_per_minute=0.001)
    relays = (ipaddress.ip_network("192.0.2.0/28"),)
    async with door(Inbox(), limits, relays=relays, **HERE) as server:
        heard, clients = [], []
        for address in ("192.0.2.7", "192.0.2.7", "192.0.2.7", "192.0.2.99", "192.0.2.99"):
            client = await Client.connect(server)
            await client.say(f"PROXY TCP4 {address} 10.0.0.1 40000 25")
            heard.append((await client.hear())[:3])
            clients.append(client)
    assert heard == ["220", "220", "220", "220", "421"]


async def test_too_many_connections_in_a_short_time_are_put_off_but_a_balancers_checks_are_not() -> None:
    async with door(Inbox(), replace(QUICK, connection_burst=2, connections_per_minute=0.001), **HERE) as server:
        heard = []
        for line in ["PROXY TCP4 192.0.2.7 10.0.0.1 40000 25"] * 3 + ["PROXY UNKNOWN"] * 3:
            client = await Client.connect(server)
            await client.say(line)
            heard.append((await client.hear())[:9])
            await client.close()
    assert heard == ["220 mx.aa", "220 mx.aa", "421 4.7.0", *["220 mx.aa"] * 3]


async def test_a_balancer_on_this_machine_may_come_by_a_unix_socket(tmp_path: Path) -> None:
    inbox = Inbox()
    path = tmp_path / "smtp.sock"
    async with door(inbox, listen=path, **ELSEWHERE):
        client = await Client.connect_to(path)
        client.writer.write(b"PROXY TCP4 192.0.2.7 10.0.0.1 40000 25\r\n")
        await client.to_data()
        assert (await client.asks(MESSAGE + b".")).startswith("250")
    assert inbox.kept[0].peer == "192.0.2.7"
