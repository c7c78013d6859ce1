"""Logs: one line an event, with ids and names of outcomes; never a body, a balance or an address.

The text of an exception is somebody else's: a database names the row, a parser the line that it could not read. So of
an exception the log holds its kind, the code that its library gives it and where it went by, and not its text, at any
level. What a message failed of stands in whole with the message, in the database (`dspp explain`).
"""

from __future__ import annotations

import copy
import errno
import logging
import re
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from traceback import StackSummary, walk_tb
from types import TracebackType

FRAMES_AT_MOST = 40
"""Places of one exception that are told: the last ones, which are nearest to the fault."""
CHAIN_AT_MOST = 10
"""Exceptions that are told of one fault: the one that was met, and those behind it."""
_TELLING = frozenset({"asyncio", "aiohttp.server"})
"""Loggers of libraries whose messages hold a task, with its exception, or a client's address."""
_PLACE = re.compile(r'^ *File "([^"\n]+)", line (\d+), in ([\w<>]+)$', re.MULTILINE)

_ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class PlacesOnly(logging.Formatter):
    """Writes an exception as its kind and its places, without its text."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of an event, and below it where its exception went by."""
        told = copy.copy(record)
        told.exc_text = None  # Another handler may have left the whole text there.
        if record.name in _TELLING:
            told.msg, told.args = str(record.msg).partition("\n")[0].partition("%")[0].rstrip(), ()
        return super().format(told)

    def formatException(self, ei: _ExcInfo) -> str:
        """The exception and those behind it, the latest first; each with its places, the innermost last."""
        return "\n".join(line for fault in _chain(ei[1]) for line in _told(fault))


def configure(*, verbose: bool, is_service: bool = False) -> None:
    """Log to standard error: events with `verbose`, else warnings only.

    In a service, what nobody caught is logged too, in the same way: Python itself would print its text.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(PlacesOnly("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, handlers=[handler])
    # These tell peers' addresses and message envelopes.
    logging.getLogger("mail.log").setLevel(logging.ERROR)
    logging.getLogger("aiosmtplib").setLevel(logging.ERROR)
    # It tells at every look at the schema that it looks.
    logging.getLogger("alembic").setLevel(logging.WARNING)
    if is_service:
        sys.excepthook = lambda _kind, fault, _trace: _uncaught(fault)
        threading.excepthook = lambda met: _uncaught(met.exc_value)
        sys.unraisablehook = lambda met: _uncaught(met.exc_value)


def _uncaught(fault: BaseException | None) -> None:
    logging.getLogger(__name__).critical("a fault that nobody expected", exc_info=fault)


def _chain(fault: BaseException | None) -> Iterator[BaseException]:
    """An exception, what it was raised from, and so on; of a group, its parts after it. Each once."""
    waiting, met = [fault], set[int]()
    while waiting and len(met) < CHAIN_AT_MOST:
        one = waiting.pop(0)
        if one is None or id(one) in met:
            continue
        met.add(id(one))
        yield one
        if isinstance(one, BaseExceptionGroup):
            waiting.extend(one.exceptions[:CHAIN_AT_MOST])
        waiting.append(one.__cause__ or (None if one.__suppress_context__ else one.__context__))


def _told(fault: BaseException) -> Iterator[str]:
    """The kind of one exception and its places. One of another process has them in its text; no more of it is told."""
    kind = type(fault)
    code = _code(fault)
    yield f"{kind.__module__}.{kind.__qualname__}" + (f" ({code})" if code else "")
    for frame in StackSummary.extract(walk_tb(fault.__traceback__), limit=-FRAMES_AT_MOST, lookup_lines=False):
        yield f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}'
    if kind.__name__ == "_RemoteTraceback":
        for file, line, name in _PLACE.findall(str(fault))[-FRAMES_AT_MOST:]:
            if Path(file).is_file():  # What only looks like a place may be a stranger's words.
                yield f'  File "{file}", line {line}, in {name}'


def _code(fault: BaseException) -> str:
    """What a library calls the fault: the system's error, SQLite's, or the five characters of the SQL standard."""
    if isinstance(fault, OSError) and fault.errno is not None:
        return errno.errorcode.get(fault.errno, str(fault.errno))
    found = getattr(fault, "sqlite_errorname", None) or getattr(fault, "sqlstate", None)
    return found if isinstance(found, str) and re.fullmatch(r"\w{1,60}", found, re.ASCII) else ""
