"""The smarthost as a neighbour: what its refusals mean, and the few sessions that are kept open with it.

A refusal may be about the letter, about this moment, or about us: then no letter is to blame, none should be given up
for it, and to hold out every other letter to the same refusal is no use. Sessions are kept because each costs the host
a connection, a TLS handshake and a login; a few are enough, and one that nobody needs is ended, so that the host's
places are free for others. Nothing here knows how SMTP is spoken.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from enum import Enum, auto
from typing import Generic, Protocol, TypeVar


class Stage(Enum):
    """How far a session had come when the host refused."""

    OPENING = auto()
    SENDER = auto()
    RECIPIENT = auto()
    CONTENT = auto()


class Meaning(Enum):
    """What a refusal says."""

    NEVER = auto()
    """This letter will not be taken."""
    LATER = auto()
    """This letter may be taken another time."""
    ABOUT_US = auto()
    """No letter of ours would be taken now."""


_CLOSING = 421
"""The host ends the session, whatever was asked (RFC 5321 section 3.8)."""
_WANTS_LOGIN_OR_TLS = frozenset({530, 534, 535, 538})
"""RFC 4954 section 6, RFC 3207 section 4."""
_ABOUT_OUR_STANDING = frozenset({*range(8, 15), *range(20, 27), 28})
"""Details of a policy refusal, X.7.n: login, encryption, account and trust (RFC 5248 section 2.4 and its registry), our
DKIM, SPF, reverse DNS or DMARC (RFC 7372 section 3), a flood (X.7.28)."""
_DELIVERY_NOT_AUTHORIZED = frozenset({0, 1})
"""X.7.0 and X.7.1 (RFC 3463 section 3.8): a relay that does not know us says so, but so does a closed mailbox."""
_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?!\S)")


def meaning_of(stage: Stage, code: int, words: str, *, is_about_letter: bool = False) -> Meaning:
    """What the refusal `code` with its `words` means at `stage`.

    `words` may begin with an enhanced status code (RFC 3463, RFC 2034), which is heard where it says more than `code`.
    While a session opens, and of the sender, which is ours, nothing is the letter's fault, unless `is_about_letter`:
    the letter asked for something that not all hosts have. Giving up is for a plain no only: a reply and a status code
    that contradict each other, and an X.7.1 for a recipient, which may mean us or them, count as "later".
    """
    enhanced = _ENHANCED.match(words)
    kind, subject, detail = (int(number) for number in enhanced.groups()) if enhanced else (0, 0, 0)
    is_policy = kind in (4, 5) and subject == 7
    if code == _CLOSING or code in _WANTS_LOGIN_OR_TLS or (is_policy and detail in _ABOUT_OUR_STANDING):
        return Meaning.ABOUT_US
    if stage is Stage.OPENING or (stage is Stage.SENDER and not is_about_letter):
        return Meaning.ABOUT_US
    if not 500 <= code <= 599 or kind == 4:
        return Meaning.LATER
    is_unclear = stage is not Stage.CONTENT and is_policy and detail in _DELIVERY_NOT_AUTHORIZED
    return Meaning.LATER if is_unclear else Meaning.NEVER


class Session(Protocol):
    """A conversation that may carry several letters, one after the other."""

    letters: int
    """How many it has carried."""

    @property
    def is_open(self) -> bool:
        """Whether it can be used, as far as is known from here."""
        ...

    def cut(self) -> None:
        """End it without a word."""
        ...

    async def end(self) -> None:
        """Take leave and end it. Never raises, and does not take long."""
        ...


S = TypeVar("S", bound=Session)


class Sessions(Generic[S]):
    """At most so many sessions, used again until they are idle for too long or have carried enough.

    A host may grant fewer than asked for. When it refuses another one while some are in use, that number is kept to
    until all have ended, and who wants one waits for one to come back.
    """

    def __init__(self, most: int, idle_seconds: float, letters_most: int) -> None:
        self._most = self._granted = most
        self._idle_seconds = idle_seconds
        self._letters_most = letters_most
        self._idle: list[S] = []
        self._in_use = 0
        self._beginning = 0
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._endings: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()

    async def take(self, begin: Callable[[], Awaitable[S]]) -> S:
        """A session for one letter: the idle one that was used last, a new one by `begin`, or the next to come back.

        Raises what `begin` raises where no other is in use. Waits without end: bound it with a timeout.
        """
        while True:
            if session := self._take_idle():
                return session
            if self._open < self._granted:
                self._beginning += 1
                try:
                    session = await begin()
                except Exception:
                    if not self._in_use:
                        raise
                    self._granted = self._in_use
                else:
                    self._in_use += 1
                    return session
                finally:
                    self._beginning -= 1
                    self._tell()
            else:
                await self._changed.wait()

    def give_back(self, session: S) -> None:
        """The session is not used now. Where it is of no more use it ends."""
        self._in_use -= 1
        if not session.is_open:
            session.cut()
        elif session.letters >= self._letters_most:
            self._end(session)
        else:
            self._idle.append(session)
            timer = asyncio.get_running_loop().call_later(self._idle_seconds, self._end_idle, session)
            self._timers[id(session)] = timer
        self._tell()

    def end_idle(self) -> None:
        """End those that are not in use, for instance because one of them was found dead."""
        for session in list(self._idle):
            self._end_idle(session)

    async def aclose(self) -> None:
        """End those that are not in use, and wait until they have ended. One in use ends when it is given back."""
        self._letters_most = 0
        self.end_idle()
        if self._endings:
            await asyncio.wait(self._endings)

    @property
    def _open(self) -> int:
        return len(self._idle) + self._in_use + self._beginning

    def _take_idle(self) -> S | None:
        while self._idle:
            session = self._idle.pop()
            self._timers.pop(id(session)).cancel()
            if session.is_open:
                self._in_use += 1
                return session
            session.cut()
        return None

    def _end_idle(self, session: S) -> None:
        self._timers.pop(id(session)).cancel()
        self._idle.remove(session)
        self._end(session)
        self._tell()

    def _end(self, session: S) -> None:
        ending = asyncio.get_running_loop().create_task(session.end())
        self._endings.add(ending)
        ending.add_done_callback(self._endings.discard)

    def _tell(self) -> None:
        """Wake those that wait. Where nothing is open, the host's bound is forgotten."""
        if not self._open:
            self._granted = self._most
        self._changed.set()
        self._changed = asyncio.Event()
