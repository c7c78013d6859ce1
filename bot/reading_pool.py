"""Reads messages in processes of their own, so that one that takes too long or too much can be ended.

The model is loaded once in each process. A reading that outlives its deadline, uses up its time of the processor or
takes its process down costs that process and nothing else: a new one is made, and the message counts one failure.
Large messages have a process to themselves, which starts when the first comes, so that ordinary ones go on meanwhile.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from enum import Enum
from multiprocessing.process import BaseProcess
from pathlib import Path

from bot.language.model_files import BadModel
from bot.language.pipeline import Reader
from bot.language.shelf import Shelf, check
from bot.language.understanding import Understands
from bot.mail.limits import Limits
from bot.reading import Reading, is_heavy, read
from bot.reading_budget import hold_memory, processor_seconds

log = logging.getLogger(__name__)

LOADING_SECONDS = 60.0
"""How long a new reading process may take to load its model."""

_reader: Understands | BadModel | None = None  # set once in each reading process, by _load


class Spent(Enum):
    """What a reading used up, or took along, when it had to be ended."""

    WALL_CLOCK = "time"
    PROCESSOR = "time of the processor"
    MEMORY = "memory"
    PROCESS = "its process"


_TRIES: Mapping[Spent, int] = {
    Spent.WALL_CLOCK: 2,  # the machine may have been busy with something else
    Spent.PROCESSOR: 1,
    Spent.MEMORY: 1,
    Spent.PROCESS: 2,  # something else may have ended it
}
_OWN_DOING = frozenset({signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGILL, signal.SIGFPE})
"""Signals by which a process falls over what it does; nobody else sends them."""
_EXIT_SECONDS = 5.0
"""How long to wait for a process that has ended to say how."""


class ReadingFailed(RuntimeError):
    """A message could not be read. Trying again may help, up to `tries` in all; then a person looks at it."""

    def __init__(self, message: str, spent: Spent | None = None) -> None:
        super().__init__(message, spent)
        self.spent = spent
        """What it used up; None if it failed in another way."""

    def __str__(self) -> str:
        return str(self.args[0])

    @property
    def tries(self) -> int | None:
        """How often such a message is tried at most; None if that is not for its reading to say."""
        return None if self.spent is None else _TRIES[self.spent]


def _end_with(service: int) -> None:
    """End this process once `service` is gone: nobody else will, if it was killed."""
    while os.getppid() == service:
        time.sleep(1)
    os._exit(0)


def _load(place: Path, digest: str, service: int, memory_bytes: int) -> None:
    """Load the model that served when the service started; if it was cleared away since, the one that serves now."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the service hears it, and ends this process in its own time
    threading.Thread(target=_end_with, args=(service,), daemon=True).start()
    global _reader  # a process pool's initialiser has no other way to hand over the model
    shelf = Shelf(place)
    try:
        if shelf.holds(digest):
            _reader = Reader.load(shelf.kept(digest))
        else:
            log.warning("the model %s is gone or damaged; a reading process takes the one in service now", digest)
            _reader = Reader.load(place)
    except BadModel as fault:  # told by _ready: an initialiser that raises only breaks the pool
        _reader = fault
    hold_memory(memory_bytes)


def _read(raw: bytes, mail_from: str, own_address: str, limits: Limits) -> Reading:
    if _reader is None or isinstance(_reader, BadModel):
        raise RuntimeError("the reading process was started without its model")
    with processor_seconds(limits.reading_processor_seconds):
        try:
            return read(raw, mail_from, own_address=own_address, understands=_reader, limits=limits)
        except MemoryError:
            raise ReadingFailed("reading took more memory than it may", Spent.MEMORY) from None


def _ready() -> bool:
    if isinstance(_reader, BadModel):
        raise _reader
    return _reader is not None


class ReadingPool:
    """Processes that read, all with the model that serves when this is made. BadModel if there is none."""

    def __init__(self, model: Path, own_address: str, limits: Limits, *, seconds: float) -> None:
        digest = check(model)
        self._limits = limits
        self._ordinary = _Lane(model, digest, own_address, limits, seconds)
        self._heavy = _Lane(model, digest, own_address, limits, seconds)

    async def warm(self) -> None:
        """Start the process for ordinary messages and load its model. BadModel if it cannot be used."""
        await self._ordinary.warm()

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message. ReadingFailed if it takes too long or too much, or ends its process.

        A process that was gone before it had the message (killed while idle) is
        replaced, and the message read by the next one: that was not its fault.
        """
        lane = self._heavy if is_heavy(raw, self._limits) else self._ordinary
        return await lane.read(raw, mail_from)

    def close(self) -> None:
        """End the processes."""
        self._ordinary.close()
        self._heavy.close()


class _Lane:
    """One process, replaced whenever it ends or must be ended."""

    def __init__(self, model: Path, digest: str, own_address: str, limits: Limits, seconds: float) -> None:
        self._place = model
        self._model = digest
        self._own_address = own_address
        self._limits = limits
        self._seconds = seconds
        self._is_warm = False
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            1,
            multiprocessing.get_context("spawn"),
            initializer=_load,
            initargs=(self._place, self._model, os.getpid(), self._limits.reading_memory_bytes),
        )

    async def warm(self) -> None:
        try:
            await self._warm()
        except BrokenProcessPool:
            raise BadModel("the reading process ended while it loaded the language model; run: dspp train") from None

    async def _warm(self) -> None:
        await asyncio.get_running_loop().run_in_executor(self._pool, _ready)
        self._is_warm = True

    async def _warm_in_time(self) -> None:
        try:
            await asyncio.wait_for(self._warm(), LOADING_SECONDS)
        except TimeoutError:
            raise ReadingFailed(f"loading the language model took longer than {LOADING_SECONDS} seconds") from None

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        try:
            return await self._read_once(raw, mail_from)
        except BrokenProcessPool:
            log.warning("a reading process had ended; it is replaced")
        try:
            return await self._read_once(raw, mail_from)
        except BrokenProcessPool:
            raise ReadingFailed("the reading process ended unexpectedly", Spent.PROCESS) from None

    async def _read_once(self, raw: bytes, mail_from: str) -> Reading:
        pool = self._pool
        processes: list[BaseProcess] = []
        try:
            if not self._is_warm:
                await self._warm_in_time()
            processes.extend((pool._processes or {}).values())
            job = asyncio.get_running_loop().run_in_executor(
                pool, _read, raw, mail_from, self._own_address, self._limits
            )
            return await asyncio.wait_for(job, self._seconds)
        except TimeoutError:
            self._replace(pool)
            raise ReadingFailed(f"reading took longer than {self._seconds} seconds", Spent.WALL_CLOCK) from None
        except BadModel as fault:  # the next try loads anew
            self._replace(pool)
            raise ReadingFailed(str(fault)) from None
        except ReadingFailed:  # what it left in memory goes with the process
            self._replace(pool)
            raise
        except BrokenProcessPool:
            self._replace(pool)
            ended_by = await asyncio.to_thread(_signals_that_ended, processes)
            if signal.SIGXCPU in ended_by:
                raise ReadingFailed("reading used up its time of the processor", Spent.PROCESSOR) from None
            if ended_by & _OWN_DOING:
                raise ReadingFailed("reading took its process down", Spent.PROCESS) from None
            raise

    def _replace(self, pool: ProcessPoolExecutor) -> None:
        if pool is self._pool:
            self._is_warm = False
            self._pool = self._new_pool()
        self._end(pool)

    @staticmethod
    def _end(pool: ProcessPoolExecutor) -> None:
        """Stop a pool at once, whatever its processes are doing."""
        for process in list((pool._processes or {}).values()):
            process.kill()
        pool.shutdown(wait=False, cancel_futures=True)

    def close(self) -> None:
        self._end(self._pool)


def _signals_that_ended(processes: Sequence[BaseProcess]) -> frozenset[int]:
    """The signals that ended these processes, which are ending."""
    end = time.monotonic() + _EXIT_SECONDS
    while any(process.exitcode is None for process in processes) and time.monotonic() < end:
        time.sleep(0.01)
    return frozenset(-process.exitcode for process in processes if process.exitcode is not None)
