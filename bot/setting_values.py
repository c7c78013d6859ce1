"""What the values of settings are, and how each kind is read from text. ValueError says what is wanted instead."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from urllib.parse import urlsplit

from bot.clock import BadInstant, parse_instant

_SMARTHOST_WANTED = "smtp://HOST:PORT, smtp+starttls://HOST:PORT or smtps://HOST:PORT"
_SECURITY = {"smtp": "none", "smtp+starttls": "starttls", "smtps": "tls"}
"""How a session with the smarthost is protected, by the scheme of its URL."""
_HOSTNAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")
_SELECTOR = re.compile(r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?)*")
_UNIX = "unix:"
_DNS_PORT = 53
_YES, _NO = frozenset({"yes", "true", "1", "on"}), frozenset({"no", "false", "0", "off"})


@dataclass(frozen=True, slots=True)
class Address:
    """A host and a port to listen on or to connect to."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"

    @property
    def is_of_this_machine(self) -> bool:
        """Whether only programs on this machine reach it."""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"


@dataclass(frozen=True, slots=True)
class SocketPath:
    """A unix socket to listen on."""

    path: Path

    def __str__(self) -> str:
        return f"{_UNIX}{self.path}"

    @property
    def is_of_this_machine(self) -> bool:
        """Always."""
        return True


@dataclass(frozen=True, slots=True)
class Smarthost:
    """Where outgoing mail is handed over, and how the way there is protected."""

    address: Address
    security: str = "none"
    """"none", "starttls" or "tls" from the first byte; with either of these the host must prove its name."""

    def __str__(self) -> str:
        scheme = next(scheme for scheme, security in _SECURITY.items() if security == self.security)
        return f"{scheme}://{self.address}"

    @property
    def is_overheard(self) -> bool:
        """Whether letters go to another machine in the clear, where whoever sits between reads and changes them."""
        return self.security == "none" and not self.address.is_of_this_machine


Listen = Address | SocketPath
Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Peers:
    """Clients that are trusted with something: by network, and over unix sockets if so listed."""

    networks: tuple[Network, ...] = ()
    over_unix: bool = False

    def __bool__(self) -> bool:
        return bool(self.networks) or self.over_unix

    def __contains__(self, peer: str) -> bool:
        """Whether `peer`, an IP address or "local" for a unix socket, is listed."""
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return self.over_unix and peer == "local"
        mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
        return any((mapped or address) in network for network in self.networks)


class SenderChecking(Enum):
    """How it is found out who sent a message."""

    DIRECT = "direct"
    """By ourselves: DKIM, SPF and DMARC, with questions to name servers."""
    TRUSTED = "trusted"
    """By the results that a mail server of ours left in the message."""
    NONE = "none"
    """Not at all: for development and rehearsals."""


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError("a text is wanted")
    return value


def path(value: object) -> Path:
    """A path; not an empty one."""
    given = text(value)
    if not given:
        raise ValueError("a path is wanted")
    return Path(given)


def address(value: object) -> Address:
    """A host and a port."""
    given = text(value)
    try:
        parts = urlsplit("//" + given)
        host, port = parts.hostname, parts.port
    except ValueError:
        host, port = None, None
    if not host or port is None or parts.netloc != given or parts.username is not None:
        raise ValueError("HOST:PORT is wanted, for instance 127.0.0.1:8025")
    return Address(host, port)


def smarthost(value: object) -> Smarthost:
    """Where outgoing mail goes."""
    scheme, mark, place = text(value).partition("://")
    if not mark or scheme not in _SECURITY:
        raise ValueError(f"{_SMARTHOST_WANTED} is wanted")
    try:
        return Smarthost(address(place.rstrip("/")), _SECURITY[scheme])
    except ValueError:
        raise ValueError(f"{_SMARTHOST_WANTED} is wanted, without user and password") from None


def hostname(value: object) -> str:
    """A host name."""
    given = text(value)
    if not _HOSTNAME.fullmatch(given):
        raise ValueError("a host name is wanted, for instance dspp.example.com")
    return given


def instant(value: object) -> datetime:
    """An instant with its offset."""
    try:
        return parse_instant(value.isoformat() if isinstance(value, datetime) else text(value))
    except BadInstant as fault:
        raise ValueError(str(fault)) from None


def database_url(value: object) -> str:
    """A URL of a database that others can open too."""
    given = text(value)
    in_memory = given in {"sqlite:///", "sqlite:///:memory:"}
    if in_memory or not given.startswith(("sqlite:///", "postgresql+psycopg://", "postgresql://")):
        raise ValueError("sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME is wanted")
    return given.replace("postgresql://", "postgresql+psycopg://", 1) if given.startswith("postgresql://") else given


def seconds(value: object) -> int:
    """Whole seconds, an hour at most."""
    try:
        number = int(str(value))
    except ValueError:
        number = 0
    if not 1 <= number <= 3600:
        raise ValueError("a whole number of seconds from 1 to 3600 is wanted")
    return number


def listen(value: object) -> Listen:
    """A host and a port, or unix: and the path of a socket."""
    given = text(value)
    if given.startswith(_UNIX):
        if not given.removeprefix(_UNIX).startswith("/"):
            raise ValueError("a whole path is wanted, for instance unix:/run/dspp/lmtp.sock")
        return SocketPath(Path(given.removeprefix(_UNIX)))
    return address(given)


def nameservers(value: object) -> tuple[Address, ...]:
    """IP addresses, each with a port if it is not 53, set apart by commas."""
    servers = tuple(_nameserver(item) for item in _items(value))
    if not servers:
        raise ValueError("at least one name server is wanted, for instance 127.0.0.1:53")
    return servers


def _nameserver(item: str) -> Address:
    try:
        return Address(str(ipaddress.ip_address(item.strip("[]"))), _DNS_PORT)
    except ValueError:
        pass
    try:
        server = address(item)
        return Address(str(ipaddress.ip_address(server.host)), server.port)
    except ValueError:
        raise ValueError("IP addresses are wanted, for instance 127.0.0.1:5353,9.9.9.9") from None


def peers(value: object) -> Peers:
    """IP addresses or networks, and "unix" for whoever comes over a unix socket, set apart by commas."""
    networks: list[Network] = []
    over_unix = False
    for item in _items(value):
        if item == "unix":
            over_unix = True
            continue
        try:
            networks.append(ipaddress.ip_network(item, strict=True))
        except ValueError:
            raise ValueError("addresses or networks are wanted, for instance 10.0.0.5,192.0.2.0/24,unix") from None
    return Peers(tuple(networks), over_unix)


def sender_check(value: object) -> SenderChecking:
    """A word for how senders are checked."""
    try:
        return SenderChecking(text(value))
    except ValueError:
        raise ValueError("direct, trusted or none is wanted") from None


def yes_or_no(value: object) -> bool:
    """Yes or no, in the usual words."""
    given = str(value).lower()
    if given not in _YES | _NO:
        raise ValueError("yes or no is wanted")
    return given in _YES


def public_url(value: object) -> str:
    """The address of a site: https, or http for a rehearsal on this machine."""
    given = text(value)
    try:
        parts = urlsplit(given)
        host = parts.hostname or ""
        is_plain = not (parts.query or parts.fragment or parts.username) and parts.port != 0
    except ValueError:
        host, is_plain, parts = "", False, urlsplit("")
    is_here = host == "localhost" or Address(host, 0).is_of_this_machine
    if not (
        host and is_plain and given.isascii() and (parts.scheme == "https" or (parts.scheme == "http" and is_here))
    ):
        raise ValueError("https://HOST is wanted, for instance https://dspp.example.com")
    return given


def selector(value: object) -> str:
    """The selector of a DKIM key: labels of a domain name."""
    given = text(value)
    if not _SELECTOR.fullmatch(given):
        raise ValueError("a selector is wanted, for instance dspp2026")
    return given


def _items(value: object) -> list[str]:
    items = [str(item) for item in value] if isinstance(value, list | tuple) else text(value).split(",")
    return [item.strip() for item in items if item.strip()]
