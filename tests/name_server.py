"""A name server for tests: real packets on loopback, UDP and TCP on one port, from a dictionary that reads as zones do.

    {
        "example.com": {"TXT": ["v=spf1 mx -all"], "MX": ["10 mail.example.com"]},
        "mail.example.com": {"A": ["192.0.2.1"]},
        "www.example.com": {"CNAME": ["example.com"]},
        "*.wild.example": {"A": ["192.0.2.2"]},
        "broken.example": {"TXT": "servfail", "A": ["192.0.2.3"]},
        "dead.example": {"*": "silent"},
        "long.example": {"TXT": ["v=spf1 -all"], "fault": "truncate"},
    }

A list holds records; a word in its place is the fault that the server shows when asked for that kind, under "*" for any
kind that is not listed, under "fault" for all. Like a recursive resolver it follows aliases within what it knows. Each
string of a TXT record longer than 255 octets is cut into pieces.

As a process: `python -m tests.name_server ZONES.json --port 5353`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import socket
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdata
import dns.rdataclass
import dns.rdatatype
import dns.rrset
from dns.rdtypes.ANY.TXT import TXT

from bot.mail.dns import Answer, DnsFailure, Kind, askable_name

Zones = Mapping[str, Mapping[str, Sequence[str] | str]]
Asked = tuple[str, str, str]
"""A name in lower case, a kind of record, "udp" or "tcp"."""

FAULTS = frozenset(
    {
        "servfail",  # answers SERVFAIL
        "refused",  # answers REFUSED
        "silent",  # never answers
        "truncate",  # cut off over UDP, whole over TCP
        "truncate always",  # cut off over TCP too
        "garbage",  # bytes that are no message
        "wrong id",  # answers another question's number
        "wrong question",  # answers for another name
        "half a message",  # ends in the middle
        "hang up",  # closes the connection over TCP; cut off over UDP so that somebody comes
        "bare alias",  # an alias and nothing of what it leads to
    }
)
_ALIASES = 20
_SOA = "ns.invalid. staff.invalid. 1 3600 600 86400 {seconds}"
_LONGEST_MESSAGE = 65_535


@dataclass(slots=True)
class ZoneAnswers:
    """A Resolver without packets: answers from zones at once; every fault in them is a DnsFailure."""

    zones: Zones
    asked: list[tuple[str, Kind]] = field(default_factory=list)

    async def lookup(self, name: str, kind: Kind) -> Answer:
        """The records of `kind` at `name`, following aliases."""
        self.asked.append((name, kind))
        asked = askable_name(name)
        for _ in range(_ALIASES):
            entry = None if asked is None else _entry(self.zones, asked)
            if entry is None:
                return Answer(is_domain=False)
            records = entry.get("fault", entry.get(kind, entry.get("*", ())))
            if isinstance(records, str):
                raise DnsFailure(records)
            alias = entry.get("CNAME", ())
            if records or not alias:
                texts = sorted(records, key=_preference) if kind == "MX" else records
                return Answer(is_domain=True, records=tuple(_written(kind, text) for text in texts))
            asked = askable_name(alias[0])
        raise DnsFailure("aliases in a circle")


@dataclass(slots=True)
class NameServer:
    """Answers from `zones`, which may change while it runs, and remembers what it was asked."""

    zones: Zones
    ttl_seconds: int = 60
    negative_seconds: int = 30
    """The SOA minimum that goes with answers of absence."""
    delay_seconds: float = 0.0
    """Before each answer."""
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    under_way: int = 0
    most_under_way: int = 0
    """Questions that it thought about at the same time."""
    mangle: Callable[[bytes, str], bytes] | None = None
    """What becomes of each answer, by its way ("udp" or "tcp"), before it is sent."""

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return ("127.0.0.1", self.port)

    def count(self, name: str, kind: str) -> int:
        """How many times it was asked that, over UDP and TCP."""
        return sum(asked[:2] == (name.lower(), kind) for asked in self.asked)

    async def answer(self, wire: bytes, transport: str) -> bytes | None:
        """The answer to one message; None for silence, empty to hang up."""
        try:
            query = dns.message.from_wire(wire)
        except Exception:
            return None
        if len(query.question) != 1 or query.flags & dns.flags.QR:
            return None
        question = query.question[0]
        kind = dns.rdatatype.to_text(question.rdtype)
        self.asked.append((_plain(question.name), kind, transport))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(self.delay_seconds)
        self.under_way -= 1
        found = _entry(self.zones, _plain(question.name)) or {}
        fault = found.get("fault", found.get(kind, found.get("*", ())))
        answer = self._message(query, question.name, kind, fault if isinstance(fault, str) else "", transport)
        return self.mangle(answer, transport) if answer and self.mangle is not None else answer

    def _message(
        self, query: dns.message.Message, name: dns.name.Name, kind: str, fault: str, transport: str
    ) -> bytes | None:
        response = dns.message.make_response(query, recursion_available=True)
        match fault:
            case "silent":
                return None
            case "garbage":
                return b"\xff" * 40
            case "servfail":
                response.set_rcode(dns.rcode.SERVFAIL)
                return response.to_wire()
            case "refused":
                response.set_rcode(dns.rcode.REFUSED)
                return response.to_wire()
            case "hang up" if transport == "tcp":
                return b""
        is_cut = fault == "truncate always" or (fault in {"truncate", "hang up"} and transport == "udp")
        if is_cut:
            response.flags |= dns.flags.TC
            return response.to_wire()
        self._fill(response, name, kind, follows=fault != "bare alias")
        if fault == "wrong id":
            response.id ^= 0x5555
        if fault == "wrong question":
            other = dns.rrset.RRset(_absolute("other.invalid"), query.question[0].rdclass, dns.rdatatype.TXT)
            response.question = [other]
        whole = response.to_wire(max_size=_LONGEST_MESSAGE)
        if fault == "half a message":
            return whole[: len(whole) // 2]
        room = query.payload or 512
        if transport == "udp" and len(whole) > room:
            response.answer.clear()
            response.flags |= dns.flags.TC
            return response.to_wire()
        return whole

    def _fill(self, response: dns.message.Message, name: dns.name.Name, kind: str, *, follows: bool) -> None:
        for _ in range(_ALIASES):
            entry = _entry(self.zones, _plain(name))
            if entry is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                break
            records = entry.get(kind, ())
            if records and not isinstance(records, str):
                response.answer.append(self._rrset(name, kind, records))
                return
            alias = entry.get("CNAME", ())
            if not alias:
                if records or isinstance(entry.get("*"), str):
                    # What the alias leads to is broken, so the whole answer is.
                    response.answer.clear()
                    response.set_rcode(dns.rcode.SERVFAIL)
                break
            response.answer.append(self._rrset(name, "CNAME", alias))
            name = _absolute(alias[0])
            if not follows:
                return
        else:
            return
        soa = dns.rrset.from_text(
            dns.name.root, self.negative_seconds, "IN", "SOA", _SOA.format(seconds=self.negative_seconds)
        )
        response.authority.append(soa)

    def _rrset(self, name: dns.name.Name, kind: str, records: Sequence[str]) -> dns.rrset.RRset:
        return dns.rrset.from_rdata_list(name, self.ttl_seconds, [_record(kind, record) for record in records])


def _entry(zones: Zones, name: str) -> Mapping[str, Sequence[str] | str] | None:
    """What there is at a name, by a wildcard too; empty where only names below it exist; None for nothing."""
    known = {zone.lower().removesuffix("."): entry for zone, entry in zones.items()}
    if name in known:
        return known[name]
    if any(zone.endswith("." + name) for zone in known):
        return {}
    labels = name.split(".")
    for cut in range(1, len(labels)):
        parent = ".".join(labels[cut:])
        if f"*.{parent}" in known:
            return known[f"*.{parent}"]
        if parent in known:
            return None
    return None


def _preference(exchange: str) -> int:
    return int(exchange.partition(" ")[0])


def _written(kind: str, text: str) -> str:
    """A record as a Resolver gives it."""
    if kind == "MX":
        text = text.partition(" ")[2]
    return text if kind == "TXT" else text.removesuffix(".")


def _plain(name: dns.name.Name) -> str:
    return b".".join(label for label in name.labels if label).decode("latin-1").lower()


def _absolute(name: str) -> dns.name.Name:
    if "\\" in name:
        return dns.name.from_text(name)
    return dns.name.Name([label.encode("latin-1") for label in name.removesuffix(".").split(".") if label] + [b""])


def _record(kind: str, text: str) -> dns.rdata.Rdata:
    if kind == "TXT":
        octets = text.encode("utf-8")
        strings = [octets[start : start + 255] for start in range(0, len(octets), 255)] or [b""]
        return TXT(dns.rdataclass.IN, dns.rdatatype.TXT, strings)
    if kind == "MX":
        preference, _, exchange = text.partition(" ")
        return _from_wire(kind, int(preference).to_bytes(2, "big") + _wire_name(exchange))
    if kind in {"CNAME", "PTR"}:
        return _from_wire(kind, _wire_name(text))
    return dns.rdata.from_text("IN", kind, text)


def _from_wire(kind: str, wire: bytes) -> dns.rdata.Rdata:
    return dns.rdata.from_wire("IN", kind, wire, 0, len(wire))


def _wire_name(name: str) -> bytes:
    wire = _absolute(name).to_wire()
    assert wire is not None
    return wire


class _Datagrams(asyncio.DatagramProtocol):
    def __init__(self, server: NameServer) -> None:
        self._server = server
        self._under_way: set[asyncio.Task[None]] = set()
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str, int]) -> None:
        task = asyncio.ensure_future(self._answer(data, addr))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _answer(self, data: bytes, addr: tuple[str, int]) -> None:
        answer = await self._server.answer(data, "udp")
        if answer and self._transport is not None and not self._transport.is_closing():
            self._transport.sendto(answer, addr)


async def _converse(server: NameServer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with closing(writer), suppress(asyncio.IncompleteReadError, ConnectionError):
        while True:
            length = int.from_bytes(await reader.readexactly(2), "big")
            answer = await server.answer(await reader.readexactly(length), "tcp")
            if answer == b"":
                return
            if answer is not None:
                writer.write(len(answer).to_bytes(2, "big") + answer)
                await writer.drain()


def _sockets(port: int) -> tuple[socket.socket, socket.socket]:
    """A UDP and a TCP socket on one port of loopback; any port that both can have if `port` is 0."""
    for _ in range(50):
        datagrams = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        stream = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            datagrams.bind(("127.0.0.1", port))
            stream.bind(("127.0.0.1", datagrams.getsockname()[1]))
        except OSError:
            datagrams.close()
            stream.close()
            if port:
                raise
            continue
        datagrams.setblocking(False)
        stream.setblocking(False)
        return datagrams, stream
    raise OSError("no port that is free for both UDP and TCP")


@asynccontextmanager
async def name_server(
    zones: Zones,
    *,
    port: int = 0,
    ttl_seconds: int = 60,
    negative_seconds: int = 30,
    delay_seconds: float = 0.0,
) -> AsyncIterator[NameServer]:
    """A running name server. ValueError for a fault that it does not know."""
    for name, entry in zones.items():
        for kind, records in entry.items():
            if isinstance(records, str) and records not in FAULTS:
                raise ValueError(f"{name} {kind}: records stand in a list, and {records!r} is no fault")
    server = NameServer(zones, ttl_seconds, negative_seconds, delay_seconds)
    datagrams, stream = _sockets(port)
    server.port = datagrams.getsockname()[1]
    loop = asyncio.get_running_loop()
    transport, _ = await loop.create_datagram_endpoint(lambda: _Datagrams(server), sock=datagrams)
    listener = await asyncio.start_server(lambda reader, writer: _converse(server, reader, writer), sock=stream)
    try:
        yield server
    finally:
        transport.close()
        listener.close()


async def _serve(zones: Zones, port: int) -> None:
    async with name_server(zones, port=port) as server:
        print(f"listening on 127.0.0.1:{server.port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A name server on loopback that answers from a file of zones.")
    parser.add_argument("zones", type=Path, help="a JSON file")
    parser.add_argument("--port", type=int, default=0, help="any free one if left out")
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(_serve(json.loads(arguments.zones.read_text(encoding="utf-8")), arguments.port))
