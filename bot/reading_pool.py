"""Reads messages in a process of their own, so that one that takes too long can be ended.

The model is loaded once in each process. A reading that outlives its deadline,
or that takes its process down, costs that process and nothing else: the pool
makes a new one, and the message counts one failure.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

from bot.language.model_files import BadModel
from bot.language.pipeline import Reader
from bot.language.shelf import Shelf, check
from bot.language.understanding import Understands
from bot.mail.limits import Limits
from bot.reading import Reading, read

log = logging.getLogger(__name__)

LOADING_SECONDS = 60.0
"""How long a new reading process may take to load its model."""

_reader: Understands | BadModel | None = None  # set once in each reading process, by _load


class ReadingFailed(RuntimeError):
    """A message could not be read in time. Trying again may help; after some tries a person looks at it."""


def _end_with(service: int) -> None:
    """End this process once `service` is gone: nobody else will, if it was killed."""
    while os.getppid() == service:
        time.sleep(1)
    os._exit(0)


def _load(place: Path, digest: str, service: int) -> None:
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


def _read(raw: bytes, mail_from: str, own_address: str, limits: Limits) -> Reading:
    if _reader is None or isinstance(_reader, BadModel):
        raise RuntimeError("the reading process was started without its model")
    return read(raw, mail_from, own_address=own_address, understands=_reader, limits=limits)


def _ready() -> bool:
    if isinstance(_reader, BadModel):
        raise _reader
    return _reader is not None


class ReadingPool:
    """Processes that read, all with the model that serves when this is made. BadModel if there is none."""

    def __init__(self, model: Path, own_address: str, limits: Limits, *, seconds: float, processes: int = 1) -> None:
        self._place = model
        self._model = check(model)
        self._own_address = own_address
        self._limits = limits
        self._seconds = seconds
        self._processes = processes
        self._is_warm = False
        self._pool = self._new_pool()

    def _new_pool(self) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            self._processes,
            multiprocessing.get_context("spawn"),
            initializer=_load,
            initargs=(self._place, self._model, os.getpid()),
        )

    async def warm(self) -> None:
        """Start the processes and load the model in each. BadModel if it cannot be used."""
        try:
            await self._warm()
        except BrokenProcessPool:
            raise BadModel("the reading process ended while it loaded the language model; run: dspp train") from None

    async def _warm(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.gather(*(loop.run_in_executor(self._pool, _ready) for _ in range(self._processes)))
        self._is_warm = True

    async def read(self, raw: bytes, mail_from: str) -> Reading:
        """Read one message. ReadingFailed if it takes too long or ends its process.

        A process that was gone before it had the message (killed while idle) is
        replaced, and the message read by the next one: that was not its fault.
        """
        try:
            return await self._read_once(raw, mail_from)
        except BrokenProcessPool:
            log.warning("a reading process had ended; it is replaced")
        try:
            return await self._read_once(raw, mail_from)
        except BrokenProcessPool:
            raise ReadingFailed("the reading process ended unexpectedly") from None

    async def _read_once(self, raw: bytes, mail_from: str) -> Reading:
        pool = self._pool
        try:
            if not self._is_warm:
                await asyncio.wait_for(self._warm(), LOADING_SECONDS)
            job = asyncio.get_running_loop().run_in_executor(
                pool, _read, raw, mail_from, self._own_address, self._limits
            )
            return await asyncio.wait_for(job, self._seconds)
        except TimeoutError:
            self._replace(pool)
            raise ReadingFailed(f"reading took longer than {self._seconds} seconds") from None
        except BadModel as fault:  # the next try loads anew
            self._replace(pool)
            raise ReadingFailed(str(fault)) from None
        except BrokenProcessPool:
            self._replace(pool)
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
        """End the processes."""
        self._end(self._pool)
