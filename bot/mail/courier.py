"""Handing a finished letter on: to a smarthost over SMTP, or into a folder where there is none.

A courier says what became of the letter and never raises for a reason that lies with mail. Whether to try again, and
when to give up, is the outbox's business. A connection that breaks after the last byte may have delivered the letter;
it counts as deferred, and the second copy bears the same Message-ID. So that this stays rare, a host that has the whole
letter gets ten minutes to say that it took it (RFC 5321 section 4.5.3.2.6).
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import aiosmtplib

from bot.mail.addresses import is_addr_spec
from bot.mail.headers import message_ids, read_header_section
from bot.mail.limits import Limits

_DETAIL_CHARACTERS = 200
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_ABOUT_US = frozenset({530, 534, 535, 538})
"""Refusals for want of a login (RFC 4954) or of TLS (RFC 3207), which no letter is to blame for."""
_LIMITS = Limits()


@dataclass(frozen=True, slots=True)
class Sent:
    """The next host took the letter."""

    detail: str


@dataclass(frozen=True, slots=True)
class Deferred:
    """Not now. Trying again may work."""

    detail: str


@dataclass(frozen=True, slots=True)
class Rejected:
    """Never. Trying again does not help."""

    detail: str


Delivery = Sent | Deferred | Rejected


class Courier(Protocol):
    """Anything that takes a letter towards its recipient."""

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Hand `raw` on. `envelope_from` is where bounces go, "" for nowhere."""
        ...


@dataclass(frozen=True, slots=True)
class SmarthostCourier:
    """Sends through one SMTP host, one connection a letter.

    A host that does not answer, or refuses us rather than the letter (at connect, HELO, STARTTLS, or for want of a
    login), defers.
    """

    host: str
    port: int = 25
    local_hostname: str = "localhost"
    """What we call ourselves in EHLO."""
    security: str = "none"
    """"none", "starttls" (required then, with a valid certificate) or "tls" from the first byte."""
    username: str | None = None
    password: str | None = None
    timeout_seconds: float = 60.0
    """For each step of the conversation but the last."""
    taking_seconds: float = 600.0
    """For the host's word, once it has the whole letter."""
    tls_context: ssl.SSLContext | None = None

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Hand `raw` to the smarthost."""
        if not is_addr_spec(recipient) or (envelope_from and not is_addr_spec(envelope_from)):
            return Rejected("an address that is not well formed")
        client = aiosmtplib.SMTP(
            hostname=self.host,
            port=self.port,
            local_hostname=self.local_hostname,
            timeout=self.timeout_seconds,
            use_tls=self.security == "tls",
            start_tls=self.security == "starttls",
            username=self.username,
            password=self.password,
            tls_context=self.tls_context,
        )
        try:
            await client.connect()
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            client.close()
            return Deferred(_detail(f"no connection to the smarthost: {_reason(error)}"))
        try:
            return await self._hand_over(client, envelope_from, recipient, raw)
        finally:
            with suppress(aiosmtplib.SMTPException, OSError):
                # The letter's fate is known by now; a clumsy goodbye does not change it.
                await client.quit(timeout=5.0)
            client.close()

    async def _hand_over(self, client: aiosmtplib.SMTP, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        needs_utf8 = not (recipient.isascii() and envelope_from.isascii())
        encoding = "utf-8" if needs_utf8 else "ascii"
        try:
            if needs_utf8:
                await client.ehlo()
                if not client.supports_extension("smtputf8"):
                    return Rejected("the smarthost does not take addresses beyond ASCII")
            await client.mail(envelope_from, options=["SMTPUTF8"] if needs_utf8 else [], encoding=encoding)
            await client.rcpt(recipient, encoding=encoding)
            response = (await client.data(raw, timeout=self.taking_seconds)).message
        except aiosmtplib.SMTPHeloError as error:
            return Deferred(_detail(f"{error.code} {error.message}"))
        except aiosmtplib.SMTPResponseException as error:
            return _refusal(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            return Deferred(_detail(_reason(error)))
        except ValueError:
            return Rejected("a letter that cannot be sent")
        return Sent(_detail(response))


@dataclass(frozen=True, slots=True)
class FolderCourier:
    """Writes each letter to a file of its own, for development and tests.

    The file's name comes from the Message-ID alone, so sending a letter twice leaves one file. A reader never sees
    half a letter: it is written beside, forced to disk and renamed.
    """

    folder: Path

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Write `raw`; a full or missing disk defers."""
        try:
            path = await asyncio.to_thread(self._write, raw)
        except OSError as error:
            return Deferred(_detail(f"could not be written: {error.strerror or type(error).__name__}"))
        return Sent(path.name)

    def path_of(self, raw: bytes) -> Path:
        """Where the letter goes."""
        section = read_header_section(raw, 0, len(raw), _LIMITS)
        message_id = next(iter(message_ids(section.all("message-id")[:1], 1)), "")
        identity = message_id.strip("<>") or sha256(raw).hexdigest()
        name = re.sub(r"[^A-Za-z0-9._@+-]", "_", identity).lstrip(".")
        if len(name) > 120 or name != identity:
            # Cut or changed, so two different ids could meet in one name.
            name = f"{name[:100]}-{sha256(identity.encode('utf-8', 'replace')).hexdigest()[:16]}"
        return self.folder / f"{name}.eml"

    def _write(self, raw: bytes) -> Path:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.path_of(raw)
        beside = self.folder / f".{uuid4().hex}.part"
        try:
            with beside.open("xb") as file:
                file.write(raw)
                file.flush()
                os.fsync(file.fileno())
            beside.replace(path)
        finally:
            beside.unlink(missing_ok=True)
        _sync_folder(self.folder)
        return path


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _refusal(code: int, message: str) -> Delivery:
    detail = _detail(f"{code} {message}")
    return Rejected(detail) if 500 <= code <= 599 and code not in _ABOUT_US else Deferred(detail)


def _reason(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__} {error}"


def _detail(text: str) -> str:
    """What the other side said, on one line, short, without what no database keeps: controls, halves of letters."""
    return " ".join(_UNSTORABLE.sub(" ", text).split())[:_DETAIL_CHARACTERS]
