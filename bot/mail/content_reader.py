"""Takes the content of a message off the wire: to the one true end, within bounds of octets and of shared memory.

Content ends at CRLF.CRLF and nothing else (RFC 5321 section 4.1.1.4). What is too much is read to its end, for most
clients hear no reply before it, but not kept. All searching is done by the reader's own buffer, so a message of ten
million octets in empty lines costs no more than one in long lines.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from bot.mail.limits import Limits

_LINE_END = b"\r\n"
_END = b"\r\n.\r\n"
_PUT_BACK = len(_LINE_END)
_STEP = 262_144


class EndlessContent(Exception):
    """The client goes on far beyond every bound; the connection is to be cut."""


class Room:
    """The memory that all sessions of a listener share for content in transit."""

    def __init__(self, octets: int) -> None:
        self._octets = octets
        self.held = 0
        """Octets held at the moment."""

    @contextmanager
    def share(self) -> Iterator[Share]:
        """A session's part of it, given back at the end."""
        share = Share(self)
        try:
            yield share
        finally:
            self.held -= share.octets

    def take(self, octets: int) -> bool:
        """Have that much more; False if it is not there."""
        if self.held + octets > self._octets:
            return False
        self.held += octets
        return True


class Share:
    """What one message takes of the room."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self.octets = 0

    def reaches(self, octets: int) -> bool:
        """Have at least `octets` in all; False if the room is full."""
        while self.octets < octets:
            if not self._room.take(_STEP):
                return False
            self.octets += _STEP
        return True


async def read_content(reader: asyncio.StreamReader, limits: Limits, share: Share) -> bytes | str:
    """The content as it was before dots were stuffed, or the reply that refuses it.

    Raises EndlessContent, or IncompleteReadError if the client goes away. The caller bounds the time.
    """
    put_back(reader, _LINE_END)  # The content may begin with its end, which begins with the end of a line.
    kept = bytearray()
    octets = -_PUT_BACK
    refusal = ""
    is_whole = False
    while not is_whole:
        try:
            piece = await reader.readuntil(_END)
            is_whole = True
        except asyncio.LimitOverrunError as overrun:
            piece = await reader.read(overrun.consumed)
        octets += len(piece)
        if octets > limits.drain_factor * limits.message_bytes:
            raise EndlessContent
        if octets - is_whole * (len(_END) - _PUT_BACK) > limits.message_bytes:
            refusal = "552 5.3.4 Message too big"
        elif not share.reaches(octets):
            refusal = refusal or "452 4.3.1 Too much mail at once, please try again later"
        if refusal:
            kept.clear()
        else:
            kept += piece
    return refusal or _unstuffed(kept)


def put_back(reader: asyncio.StreamReader, octets: bytes) -> None:
    """Have the reader give `octets` first."""
    reader._buffer[:0] = octets  # type: ignore[attr-defined]  # It has no public way; the SMTP library does the same.


def waiting_octets(reader: asyncio.StreamReader) -> int:
    """How much has come that nobody read yet."""
    return len(reader._buffer)  # type: ignore[attr-defined]  # It has no public way; the SMTP library does the same.


def _unstuffed(kept: bytearray) -> bytes:
    """Content without the line end put before it, its final dot, and the dots that were stuffed (section 4.5.2)."""
    del kept[-len(b".\r\n") :]
    content = bytes(kept)
    kept.clear()
    return content.replace(b"\r\n.", b"\r\n")[_PUT_BACK:]
