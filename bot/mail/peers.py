"""Who is at the other end of a connection, and what connections are counted by."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address


@dataclass(frozen=True, slots=True)
class Peer:
    """The other end."""

    name: str
    """An IP address in its shortest form, or one of the names below. Only an address may be asked about by SPF."""
    port: int | None = None

    @property
    def address(self) -> Address | None:
        """The IP address; None if there is none."""
        return _address(self.name)


LOCAL = Peer("local")
"""A program on this machine, by a Unix socket."""
UNKNOWN = Peer("unknown")
"""Somebody whom a load balancer did not name, such as its own check that we are alive; or gone before we looked."""


def peer_of(socket_name: object) -> Peer:
    """The peer, from what a TCP socket calls it: (host, port, ...). Unknown where it calls it nothing, being gone."""
    if not (isinstance(socket_name, tuple) and len(socket_name) >= 2):
        return UNKNOWN
    address = _address(str(socket_name[0]))
    return Peer(str(address), int(socket_name[1])) if address is not None else UNKNOWN


def counted_host(peer: Peer) -> str:
    """What connections are counted by: an IPv4 address, or the IPv6 network that one customer has."""
    address = peer.address
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return peer.name


def is_stranger(peer: Peer) -> bool:
    """Whether the client has an address that is not this machine's own, where it would be a program of ours."""
    address = peer.address
    return address is not None and not address.is_loopback


def is_within(peer: Peer, networks: tuple[Network, ...]) -> bool:
    """Whether the peer is in one of `networks`. A Unix socket always is: its file's mode says who may use it."""
    address = peer.address
    return peer == LOCAL or (address is not None and any(address in network for network in networks))


def _address(text: str) -> Address | None:
    """An IP address without a zone; an IPv4 address that is written as IPv6 becomes itself again."""
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address
