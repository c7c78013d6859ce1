"""Handing a finished letter on: to a smarthost over SMTP, or into a folder where there is none.

A courier says what became of the letter and never raises for a reason that lies with mail. Whether to try again, and
when to give up, is the outbox's business. A connection that breaks after the last byte may have delivered the letter;
it counts as deferred, and the second copy bears the same Message-ID. So that this stays rare, a host that has the whole
letter gets ten minutes to say that it took it (RFC 5321 section 4.5.3.2.6). A connection that turns out to be dead
before the host has said a word about the letter has cost nothing: the letter goes over a new one, but once only.
"""

from __future__ import annotations

import asyncio
import os
import re
import ssl
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Protocol
from uuid import uuid4

import aiosmtplib

from bot.mail.addresses import is_addr_spec
from bot.mail.headers import message_ids, read_header_section
from bot.mail.limits import Limits
from bot.mail.smarthost import Meaning, Sessions, Stage, meaning_of

_DETAIL_CHARACTERS = 200
_UNSTORABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]+")
_RESET_SECONDS = 10.0
"""For a host's word that a session it knows is still there. No answer to that is an answer."""
_GOODBYE_SECONDS = 5.0
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


@dataclass(frozen=True, slots=True)
class Unavailable:
    """No letter can be handed on now: the next host is away, or refuses us. This letter has nothing to do with it."""

    detail: str


Delivery = Sent | Deferred | Rejected | Unavailable


class Courier(Protocol):
    """Anything that takes a letter towards its recipient."""

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Hand `raw` on. `envelope_from` is where bounces go, "" for nowhere."""
        ...

    async def aclose(self) -> None:
        """Close what is kept open between letters. No letter may be under way."""
        ...


class _Gone(Exception):
    """The session was over before the host said anything about the letter. Another session may work."""


class _Talk:
    """A session with the smarthost: one letter after the other."""

    def __init__(self, client: aiosmtplib.SMTP, timeout_seconds: float, taking_seconds: float) -> None:
        self._client = client
        self._reset_seconds = min(_RESET_SECONDS, timeout_seconds)
        self._goodbye_seconds = min(_GOODBYE_SECONDS, timeout_seconds)
        self._taking_seconds = taking_seconds
        self.letters = 0

    @property
    def is_open(self) -> bool:
        """Whether the connection stands, as far as is known."""
        return self._client.is_connected

    def cut(self) -> None:
        """Close the connection."""
        self._client.close()

    async def end(self) -> None:
        """QUIT, and close. A clumsy goodbye changes nothing."""
        with suppress(aiosmtplib.SMTPException, OSError):
            await self._client.quit(timeout=self._goodbye_seconds)
        self._client.close()

    async def hand_over(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """One letter. _Gone if the connection had died before it; after that the answer is about the letter."""
        needs_utf8 = not (recipient.isascii() and envelope_from.isascii())
        if needs_utf8 and not self._client.supports_extension("smtputf8"):
            return Rejected("the smarthost does not take addresses beyond ASCII")
        encoding = "utf-8" if needs_utf8 else "ascii"
        stage = Stage.SENDER
        try:
            await self._begin_letter(envelope_from, ["SMTPUTF8"] if needs_utf8 else [], encoding)
            stage = Stage.RECIPIENT
            await self._client.rcpt(recipient, encoding=encoding)
            stage = Stage.CONTENT
            response = (await self._client.data(raw, timeout=self._taking_seconds)).message
        except aiosmtplib.SMTPResponseException as error:
            return self._refusal(stage, error, is_about_letter=needs_utf8)
        except (aiosmtplib.SMTPException, OSError) as error:
            self.cut()
            return Deferred(_detail(_reason(error)))
        except ValueError:
            return Rejected("a letter that cannot be sent")
        return Sent(_detail(response))

    async def _begin_letter(self, envelope_from: str, options: list[str], encoding: str) -> None:
        """RSET where a letter went before (RFC 5321 section 4.1.1.5), and MAIL."""
        try:
            if self.letters:
                await self._client.rset(timeout=self._reset_seconds)
            self.letters += 1
            await self._client.mail(envelope_from, options=options, encoding=encoding)
        except aiosmtplib.SMTPSenderRefused as error:
            if self.is_open:
                raise
            raise _Gone(_reason(error)) from error  # 421: the host was about to hang up
        except (aiosmtplib.SMTPException, OSError) as error:
            self.cut()
            raise _Gone(_reason(error)) from error

    def _refusal(self, stage: Stage, error: aiosmtplib.SMTPResponseException, *, is_about_letter: bool) -> Delivery:
        if not 400 <= error.code <= 599:
            self.cut()  # What is no SMTP now will not be SMTP for the next letter.
        meaning = meaning_of(stage, error.code, error.message, is_about_letter=is_about_letter)
        return _DELIVERY[meaning](_detail(_reason(error)))


_DELIVERY: Mapping[Meaning, Callable[[str], Delivery]] = {
    Meaning.NEVER: Rejected,
    Meaning.LATER: Deferred,
    Meaning.ABOUT_US: Unavailable,
}


@dataclass(slots=True, eq=False)
class SmarthostCourier:
    """Sends through one SMTP host, over a few sessions that are kept for the next letters.

    A host that does not answer, or refuses us rather than the letter, is unavailable. TLS and login are each session's,
    done once for all its letters.
    """

    host: str
    port: int = 25
    local_hostname: str = "localhost"
    """What we call ourselves in EHLO."""
    security: str = "none"
    """"none", "starttls" (required then, with a valid certificate) or "tls" from the first byte."""
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    timeout_seconds: float = 60.0
    """For each step of the conversation but the last."""
    taking_seconds: float = 600.0
    """For the host's word, once it has the whole letter."""
    opening_seconds: float = 180.0
    """For a session to be ready for its first letter, all steps together."""
    waiting_seconds: float = 120.0
    """For a session to come free, where the host grants no other."""
    tls_context: ssl.SSLContext | None = None
    sessions_most: int = 8
    """Sessions open at once. With fewer than letters are begun at once, letters wait for each other."""
    idle_seconds: float = 30.0
    """After so long without a letter a session ends. Hosts allow five minutes (RFC 5321 section 4.5.3.2.7)."""
    letters_most: int = 100
    """Letters over one session before it is opened anew."""
    _sessions: Sessions[_Talk] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._sessions = Sessions(self.sessions_most, self.idle_seconds, self.letters_most)

    @property
    def longest_seconds(self) -> float:
        """The most that `send` can take. Nobody else may begin with the same letter before that."""
        taking_a_session = self.opening_seconds + self.waiting_seconds
        in_vain = taking_a_session + _RESET_SECONDS + self.timeout_seconds
        return in_vain + taking_a_session + 2 * self.timeout_seconds + 2 * self.taking_seconds

    async def send(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        """Hand `raw` to the smarthost."""
        if not is_addr_spec(recipient) or (envelope_from and not is_addr_spec(envelope_from)):
            return Rejected("an address that is not well formed")
        try:
            return await self._send_once(envelope_from, recipient, raw)
        except _Gone:
            self._sessions.end_idle()  # They are as old, and most likely as dead.
        try:
            return await self._send_once(envelope_from, recipient, raw)
        except _Gone as fault:
            return Unavailable(_detail(str(fault)))

    async def greet(self) -> Unavailable | None:
        """Open a session, with TLS and login, and send nothing: None if the smarthost lets us in."""
        talk = await self._session()
        if isinstance(talk, Unavailable):
            return talk
        self._sessions.give_back(talk)
        return None

    async def aclose(self) -> None:
        """End the sessions that are kept for more letters."""
        await self._sessions.aclose()

    async def _session(self) -> _Talk | Unavailable:
        try:
            async with asyncio.timeout(self.opening_seconds + self.waiting_seconds):
                return await self._sessions.take(self._open)
        except (aiosmtplib.SMTPException, OSError, ValueError) as error:
            return Unavailable(_detail(f"no connection to the smarthost: {_reason(error)}"))

    async def _send_once(self, envelope_from: str, recipient: str, raw: bytes) -> Delivery:
        talk = await self._session()
        if isinstance(talk, Unavailable):
            return talk
        try:
            return await talk.hand_over(envelope_from, recipient, raw)
        except BaseException:
            talk.cut()  # Interrupted: what the host says next is about a letter that nobody asks for any more.
            raise
        finally:
            self._sessions.give_back(talk)

    async def _open(self) -> _Talk:
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
            async with asyncio.timeout(self.opening_seconds):
                await client.connect()
                if client.is_ehlo_or_helo_needed:
                    await _say_hello(client)
        except BaseException:
            client.close()
            raise
        return _Talk(client, self.timeout_seconds, self.taking_seconds)


async def _say_hello(client: aiosmtplib.SMTP) -> None:
    """EHLO, or HELO to a host that knows no other (RFC 5321 section 3.2)."""
    try:
        await client.ehlo()
    except aiosmtplib.SMTPHeloError:
        if not client.is_connected:
            raise
        await client.helo()


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

    async def aclose(self) -> None:
        """Nothing is kept open."""

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


def _reason(error: BaseException) -> str:
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"{error.code} {error.message}"
    return f"{type(error).__name__} {error}"


def _detail(text: str) -> str:
    """What the other side said, on one line, short, without what no database keeps: controls, halves of letters."""
    return " ".join(_UNSTORABLE.sub(" ", text).split())[:_DETAIL_CHARACTERS]
