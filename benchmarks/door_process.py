"""The service's door and its intake alone, in a process of their own whose processor time and memory can be told."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.doors import new_loop
from bot.intake import Intake
from bot.mail.limits import Limits
from bot.mail.smtp_in import serve_smtp
from storage.schema import upgrade
from storage.store import Store, open_engine

PROGRAM = "dspp@aastrom.com"
_FRESH = multiprocessing.get_context("spawn")
_TICKS = os.sysconf("SC_CLK_TCK")
_SECONDS = 120.0


@dataclass(frozen=True, slots=True)
class Cost:
    """What a process has used."""

    cpu_seconds: float
    peak_mb: float
    """The most memory that it held since it was last looked at."""


class Client:
    """A client that says what it is told, all at once, and hears every reply."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), _SECONDS)
        self._heard = self._socket.makefile("rb")
        self._reply()

    def asks(self, *commands: bytes) -> list[str]:
        """The last line of the reply to each command; fewer where the door hangs up."""
        with suppress(OSError):  # It hung up; what it said before can still be read.
            self._socket.sendall(b"".join(command + b"\r\n" for command in commands))
        return [reply for reply in (self._reply() for _ in commands) if reply]

    def drips(self, octets: bytes, every: float, at_most: float) -> str:
        """Say a little now and then until the door says something."""
        end = time.monotonic() + at_most
        self._socket.setblocking(False)
        while time.monotonic() < end:
            time.sleep(every)
            try:
                self._socket.send(octets)
                return self._socket.recv(1_000).decode("ascii").strip()
            except BlockingIOError:
                continue
            except OSError as fault:
                return f"cut off ({fault.strerror})"
        return "nothing"

    def close(self) -> None:
        """Hang up."""
        self._heard.close()
        self._socket.close()

    def _reply(self) -> str:
        while True:
            try:
                line = self._heard.readline().decode("ascii", "replace").rstrip()
            except OSError:
                return ""
            if line[3:4] != "-":
                return line


@dataclass(frozen=True, slots=True)
class Door:
    """A door that listens."""

    port: int
    process: int
    database: Path

    @contextmanager
    def client(self) -> Iterator[Client]:
        """A connection to it."""
        client = Client(self.port)
        try:
            yield client
        finally:
            client.close()

    def cost(self) -> Cost:
        """What it has used, and begin to look anew at the most memory it holds."""
        return _cost(self.process)


@contextmanager
def running_door(folder: Path, *, sessions: int = 0, data_seconds: float = 0) -> Iterator[Door]:
    """A door with an empty store in `folder`. `sessions` messages may come in one session, if told."""
    folder.mkdir(exist_ok=True)
    limits = Limits()
    if sessions:
        limits = replace(limits, session_messages=sessions, commands=10 * sessions)
    if data_seconds:
        limits = replace(limits, data_seconds=data_seconds)
    database = folder / "intake.sqlite3"
    here, there = _FRESH.Pipe()
    process = _FRESH.Process(target=_serve, args=(database, limits, there))
    process.start()
    try:
        if not here.poll(_SECONDS):
            raise RuntimeError("the door did not open")
        yield Door(here.recv(), process.pid or 0, database)
    finally:
        process.terminate()
        process.join()


def _serve(database: Path, limits: Limits, told: Connection) -> None:
    with asyncio.Runner(loop_factory=new_loop) as runner:
        runner.run(_take_mail(database, limits, told))


async def _take_mail(database: Path, limits: Limits, told: Connection) -> None:
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    store = Store(open_engine(f"sqlite:///{database}"))
    upgrade(store.engine)
    clock = Clock(None)
    intake = Intake(store, clock, lambda: None, lambda _: False)
    taking = asyncio.create_task(intake.run())
    door = await serve_smtp(
        ("127.0.0.1", 0),
        accept=intake.accept,
        is_recipient=lambda address: address == PROGRAM,
        limits=limits,
        hostname="mx.aastrom.com",
        now=clock.now,
    )
    told.send(door.port)
    await stop.wait()
    door.close()
    await door.wait_closed()
    taking.cancel()
    store.close()


def peak_of(work: Callable[[Any], None], given: object, warm: object) -> Cost:
    """What `work` costs in a process of its own that did it before with `warm`, beyond having what it is given."""
    here, there = _FRESH.Pipe()
    process = _FRESH.Process(target=_work, args=(work, there))
    process.start()
    here.send((given, warm))
    cost = here.recv()
    process.join()
    assert isinstance(cost, Cost)
    return cost


def _work(work: Callable[[Any], None], told: Connection) -> None:
    given, warm = told.recv()
    work(warm)
    _cost(os.getpid())
    before, started = _cost(os.getpid()), time.process_time()
    work(given)
    spent = time.process_time() - started
    told.send(Cost(spent, _cost(os.getpid()).peak_mb - before.peak_mb))


def _cost(process: int) -> Cost:
    folder = Path(f"/proc/{process}")
    fields = (folder / "stat").read_text().rpartition(")")[2].split()
    cpu_seconds = (int(fields[11]) + int(fields[12])) / _TICKS
    peak = next(line for line in (folder / "status").read_text().splitlines() if line.startswith("VmHWM"))
    (folder / "clear_refs").write_text("5")
    return Cost(cpu_seconds, int(peak.split()[1]) / 1_024)
