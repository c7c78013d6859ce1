"""The name servers themselves: who they are, and how much of what they say is read.

The library speaks the protocol and tries one name server after the other. What it does not do is measure an answer
before reading it, and answers hold what strangers publish.
"""

from __future__ import annotations

import asyncio
import ipaddress
import struct
from collections.abc import Sequence
from typing import Any

import dns.asyncresolver
import dns.exception
import dns.message
import dns.nameserver
import dns.query
import dns.resolver

from bot.mail.dns_kept import DnsLimits

_HEAD_OCTETS = 12
_UDP_OCTETS = 1_232
"""What we ask for over UDP: small enough to arrive in one piece; larger answers come over TCP."""


def asker(name_servers: Sequence[tuple[str, int]], limits: DnsLimits) -> dns.asyncresolver.Resolver:
    """The library's resolver over `name_servers`, or over the system's if none is given, without a cache of its own.

    ValueError if one of them is not an IP address and a port, or if the system names none.
    """
    if name_servers:
        stub = dns.asyncresolver.Resolver(configure=False)
        asked = [_address(host, port) for host, port in name_servers]
    else:
        try:
            stub = dns.asyncresolver.Resolver()
        except dns.resolver.NoResolverConfiguration as error:
            raise ValueError(
                "the system names no name server (/etc/resolv.conf); give the addresses of some in the settings"
            ) from error
        asked = [(str(address), 53) for address in stub.nameservers]
    stub.nameservers = [_NameServer(address, port, limits) for address, port in asked]
    stub.timeout = limits.try_seconds
    stub.lifetime = limits.lifetime_seconds
    stub.cache = None
    stub.use_edns(0, 0, _UDP_OCTETS)
    return stub


def _address(host: str, port: int) -> tuple[str, int]:
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        raise ValueError(f"a name server is given by its IP address, not as {host!r}") from None
    if not 0 < port < 65_536:
        raise ValueError(f"a name server's port lies between 1 and 65535, not at {port}")
    return str(address), port


class _TooLarge(dns.exception.FormError):
    """An answer beyond our bounds. Asking this name server again does not help."""


class _NameServer(dns.nameserver.Do53Nameserver):
    """One name server, whose answers over TCP are measured before they are read.

    The library would read 64 KB of whatever is in them, up to half a second of processor time for one answer, and one
    check may ask a hundred questions.
    """

    def __init__(self, address: str, port: int, limits: DnsLimits) -> None:
        super().__init__(address, port)
        self._limits = limits

    async def async_query(
        self,
        request: dns.message.QueryMessage,
        timeout: float,
        source: str | None,
        source_port: int,
        max_size: bool,
        backend: Any,
        one_rr_per_rrset: bool = False,
        ignore_trailing: bool = False,
    ) -> dns.message.Message:
        """The answer to one request: over TCP if it may have any size, else over UDP, as the library does."""
        if not max_size:
            return await super().async_query(
                request, timeout, source, source_port, max_size, backend, one_rr_per_rrset, ignore_trailing
            )
        try:
            async with asyncio.timeout(timeout):
                wire = await self._over_tcp(request)
        except TimeoutError:
            raise dns.exception.Timeout from None
        if sum(struct.unpack_from("!3H", wire, 6)) > self._limits.answer_records:
            raise _TooLarge
        response = dns.message.from_wire(wire)
        if not request.is_response(response):
            raise dns.query.BadResponse
        return response

    async def _over_tcp(self, request: dns.message.Message) -> bytes:
        """The octets of the answer, at least a message's head (RFC 1035 section 4.2.2)."""
        reader, writer = await asyncio.open_connection(self.address, self.port)
        try:
            wire = request.to_wire()
            writer.write(struct.pack("!H", len(wire)) + wire)
            await writer.drain()
            (octets,) = struct.unpack("!H", await reader.readexactly(2))
            if not _HEAD_OCTETS <= octets <= self._limits.answer_octets:
                raise _TooLarge
            return await reader.readexactly(octets)
        finally:
            writer.close()
