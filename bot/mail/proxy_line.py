"""The PROXY header, versions 1 and 2, by which a load balancer says who the client really is.

Whoever may send it can claim any address, so it is read from listed balancers only, and from them it must come. It is
read to its last byte and no further: what follows is the client's. A header that does not keep to the specification
(haproxy.org, "The PROXY protocol") is none, for guessing at who the client is would be worse than refusing it.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re

from bot.mail.peers import UNKNOWN, Peer, peer_of

LINE_OCTETS = 107
"""The longest line of version 1, its end included (specification, section 2.1)."""
BLOCK_OCTETS = 2_048
"""What follows the 16 octets of version 2 at most. Addresses take 36 (216 for Unix); the rest are notes, not read."""

_SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
_PORT = rb"(0|[1-9][0-9]{0,4})"
_LINE = re.compile(rb"PROXY (TCP[46]) ([0-9A-Fa-f:.]{2,45}) ([0-9A-Fa-f:.]{2,45}) " + _PORT + rb" " + _PORT + rb"\r\n")
_UNKNOWN_LINE = re.compile(rb"PROXY UNKNOWN(?: [^\r\n]*)?\r\n")
_IP_VERSION = {b"TCP4": 4, b"TCP6": 6}
_MOST_PORT = 65_535
# Version 2: the octet of family and transport, and what it means: the length of one IP address, 0 for no such thing.
_STREAMS = {0x00: 0, 0x11: 4, 0x21: 16, 0x31: 0}
_LEAST_BLOCK = {0x00: 0, 0x11: 12, 0x21: 36, 0x31: 216}
_CHECK_OF_THEIR_OWN, _ON_BEHALF = 0x20, 0x21


class NoProxyHeader(ValueError):
    """What came is no PROXY header. Its text names the fault and holds nothing of what came. A retry may help."""


async def read_proxy_line(reader: asyncio.StreamReader) -> Peer:
    """The client that a balancer speaks for, read from the beginning of its connection.

    `UNKNOWN` where the balancer names nobody, as in its own checks. Raises NoProxyHeader, or IncompleteReadError if the
    connection ends within the header. The caller bounds the time; at most about two kilobytes are read.
    """
    start = await reader.readexactly(len(_SIGNATURE))
    if start == _SIGNATURE:
        head = await reader.readexactly(4)
        length = int.from_bytes(head[2:], "big")
        if length > BLOCK_OCTETS:
            raise NoProxyHeader("the block of version 2 is too long")
        return peer_of_block(head, await reader.readexactly(length))
    if not start.startswith(b"PROXY "):
        raise NoProxyHeader("neither version begins like this")
    line = bytearray(start)
    while not line.endswith(b"\n"):
        if len(line) >= LINE_OCTETS:
            raise NoProxyHeader("the line of version 1 is too long")
        line += await reader.readexactly(1)  # One by one: the octet behind the line is the client's.
    return peer_of_line(bytes(line))


def peer_of_line(line: bytes) -> Peer:
    """The client in a line of version 1, CRLF included. Raises NoProxyHeader."""
    if _UNKNOWN_LINE.fullmatch(line):
        return UNKNOWN
    found = _LINE.fullmatch(line)
    if found is None or len(line) > LINE_OCTETS:
        raise NoProxyHeader("the line of version 1 is malformed")
    family, source, destination, source_port, destination_port = found.groups()
    try:
        addresses = [ipaddress.ip_address(text.decode("ascii")) for text in (source, destination)]
    except ValueError:
        raise NoProxyHeader("the line of version 1 holds no address") from None
    if any(address.version != _IP_VERSION[family] for address in addresses):
        raise NoProxyHeader("the line of version 1 holds addresses of another family")
    if int(source_port) > _MOST_PORT or int(destination_port) > _MOST_PORT:
        raise NoProxyHeader("the line of version 1 holds no port")
    return peer_of((addresses[0], int(source_port)))


def peer_of_block(head: bytes, block: bytes) -> Peer:
    """The client in version 2: `head` is the four octets behind the signature, `block` the rest. Raises NoProxyHeader.

    A block of the balancer's own (LOCAL) names nobody, whatever addresses it holds.
    """
    command, family = head[0], head[1]
    if command == _CHECK_OF_THEIR_OWN:
        return UNKNOWN
    if command != _ON_BEHALF:
        raise NoProxyHeader("version or command is unknown")
    if family not in _STREAMS:
        raise NoProxyHeader("the connection is no stream")
    if len(block) < _LEAST_BLOCK[family]:
        raise NoProxyHeader("the block of version 2 is too short")
    octets = _STREAMS[family]
    if not octets:
        return UNKNOWN
    port = int.from_bytes(block[2 * octets : 2 * octets + 2], "big")
    return peer_of((ipaddress.ip_address(block[:octets]), port))
