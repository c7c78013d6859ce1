"""Opens the doors that mail comes in by, as the settings say: SMTP, and LMTP for a mail server of our own in front.

What the doors stand on is here as well: the event loop, and the disks that must have room before mail is taken.
"""

from __future__ import annotations

import asyncio
import logging
import os
import time
from collections.abc import Callable, Collection
from contextlib import AsyncExitStack
from datetime import datetime
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

from bot.mail.limits import Limits
from bot.mail.lmtp import LMTP, SMTP, Dialect
from bot.mail.smtp_in import SmtpServer, serve_smtp
from bot.mail.smtp_server import Accept
from bot.mail.tls import Certificates
from bot.setting_values import Address, Listen
from bot.settings import Settings

log = logging.getLogger(__name__)

_MEGABYTE = 1_000_000
_ASKED_EVERY_SECONDS = 1.0
_SQLITE = "sqlite:///"


class CannotListen(OSError):
    """An address to listen on cannot be had. Nothing was started; stop who has it, or choose another."""

    def __init__(self, what: str, listen: Listen, fault: OSError) -> None:
        name = f"DSPP_{what}_LISTEN"
        reason = fault.strerror or fault
        super().__init__(f"{what} cannot listen on {listen} ({reason}); stop what listens there, or set {name}")


def new_loop() -> asyncio.AbstractEventLoop:
    """The event loop to serve on: uvloop's where it is installed, for it moves octets at a third of the cost."""
    if find_spec("uvloop") is None:
        return asyncio.new_event_loop()
    loop: asyncio.AbstractEventLoop = import_module("uvloop").new_event_loop()
    return loop


class Disks:
    """The file systems that mail is kept on, which are asked how full they are only once a second."""

    def __init__(
        self, folders: Collection[Path], least_free: int, seconds: Callable[[], float] = time.monotonic
    ) -> None:
        self._folders = tuple(folders)
        self._least_free = least_free
        self._seconds = seconds
        self._spare: int | None = None
        self._asked_at: float | None = None
        self._was_full = False

    def have_room(self, octets: int) -> bool:
        """Whether `least_free` octets stay free besides `octets` more. A disk that cannot be asked counts as roomy.

        For what is wrong with it, if anything, the store will say (451).
        """
        now = self._seconds()
        if self._asked_at is None or now - self._asked_at >= _ASKED_EVERY_SECONDS:
            self._asked_at = now
            found = [free for folder in self._folders if (free := free_octets(folder)) is not None]
            self._spare = min(found) - self._least_free if found else None
            self._tell(is_full=self._spare is not None and self._spare < 0)
        return self._spare is None or octets <= self._spare

    def _tell(self, *, is_full: bool) -> None:
        if is_full and not self._was_full:
            log.error("less than %d MB are free where mail is kept: it is put off (452)", self._least_free // _MEGABYTE)
        elif self._was_full and not is_full:
            log.warning("there is room again where mail is kept: it is taken")
        self._was_full = is_full


def free_octets(folder: Path) -> int | None:
    """What this user may still write where `folder` lies; None if that cannot be found out."""
    try:
        found = os.statvfs(folder)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


def folders_of(settings: Settings) -> tuple[Path, ...]:
    """Where mail is kept on disks of this machine: the state directory, and where a SQLite database lies."""
    path = settings.database.removeprefix(_SQLITE).partition("?")[0]
    is_file = settings.database.startswith(_SQLITE) and path not in ("", ":memory:")
    return (settings.state_dir, *((Path(path).parent,) if is_file else ()))


async def open_doors(
    settings: Settings,
    *,
    hostname: str,
    is_recipient: Callable[[str], bool],
    accept: Accept,
    now: Callable[[], datetime],
    open_things: AsyncExitStack,
    announce: Callable[[str], None],
) -> None:
    """Open each door that is set; `open_things` closes them. CannotListen, CertificateUnusable."""
    certificates = None
    if settings.tls_certificate is not None and settings.tls_key is not None:
        certificates = Certificates(settings.tls_certificate, settings.tls_key)
    disks = Disks(folders_of(settings), settings.disk_free_mb * _MEGABYTE)

    async def open_door(what: str, listen: Listen, dialect: Dialect) -> None:
        is_smtp = dialect is SMTP
        try:
            door = await serve_smtp(
                _place(listen),
                accept=accept,
                is_recipient=is_recipient,
                limits=Limits(),
                hostname=hostname,
                dialect=dialect,
                certificates=certificates,
                is_tls_required=settings.tls_required and is_smtp,
                proxies=settings.proxy_peers.networks if is_smtp else (),
                relays=settings.trusted_peers.networks,
                now=now,
                has_room=disks.have_room,
            )
        except OSError as fault:
            raise CannotListen(what, listen, fault) from None
        open_things.push_async_callback(_close, door)
        announce(f"{what} on {listen}")

    await open_door("SMTP", settings.smtp_listen, SMTP)
    if settings.lmtp_listen is not None:
        await open_door("LMTP", settings.lmtp_listen, LMTP)


def _place(listen: Listen) -> tuple[str, int] | Path:
    return (listen.host, listen.port) if isinstance(listen, Address) else listen.path


async def _close(door: SmtpServer) -> None:
    door.close()
    await door.wait_closed()
