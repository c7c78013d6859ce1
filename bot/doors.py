"""Opens the doors that mail comes in by, as the settings say: SMTP, and LMTP for a mail server of our own in front."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from bot.mail.limits import Limits
from bot.mail.lmtp import LMTP, SMTP, Dialect
from bot.mail.smtp_in import SmtpServer, serve_smtp
from bot.mail.smtp_server import Accept
from bot.mail.tls import Certificates
from bot.setting_values import Address, Listen
from bot.settings import Settings


class CannotListen(OSError):
    """An address to listen on cannot be had. Nothing was started; stop who has it, or choose another."""

    def __init__(self, what: str, listen: Listen, fault: OSError) -> None:
        name = f"DSPP_{what}_LISTEN"
        reason = fault.strerror or fault
        super().__init__(f"{what} cannot listen on {listen} ({reason}); stop what listens there, or set {name}")


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
