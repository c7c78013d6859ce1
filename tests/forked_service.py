"""The service in a process that is forked from one which has everything loaded: ready in a tenth of a second.

It is the real command with its sockets, its files and its database, and it is
killed as any process is. Three things are not as in a process of its own: a
message is read in the service itself (reading commits nothing), the next try
of a message that failed comes at once, and a handler can be made to crash.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from importlib import import_module
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from handlers.contract import Outcome, Request, Snapshot
from handlers.registry import all_handlers
from tests.service_process import MAIL_ROLES, READY_SECONDS, Running, ServiceProcess

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["tests.preloaded"])

SOON_SECONDS = 0.05
"""How long a service that was forked waits where another waits for seconds."""


class HandlerCrashed(RuntimeError):
    """This handler was broken for a test. A retry does not help."""


@dataclass(frozen=True)
class Job:
    """What a forked process does: a dspp command."""

    words: tuple[str, ...]
    environment: dict[str, str]
    output: Path
    errors: Path
    dies: tuple[str, int] | None = None
    """Before or after which of its commits."""
    crashing: str = ""
    """The module of the handler that raises; empty if none does."""

    def do(self) -> None:
        """Do it, in this process, which is made for nothing else."""
        for name in [name for name in os.environ if name.startswith("DSPP_")]:
            del os.environ[name]
        os.environ.update(self.environment)
        for number, path in ((1, self.output), (2, self.errors)):
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(descriptor, number)
            os.close(descriptor)
        _make_quick()
        if self.crashing:
            _break(self.crashing)
        # Loaded already where this process comes from; tests that only ask for a job need none of it.
        from tests.crash_serve import die_at
        from tests.preloaded import main

        if self.dies is not None:
            die_at(*self.dies)
        sys.exit(main(self.words))


def _make_quick() -> None:
    """Spare the process that reads, with its model, and the waits between tries."""
    import bot.app
    import bot.worker
    from tests.fakes import ReadsHere
    from tests.preloaded import READER

    vars(bot.app)["ReadingPool"] = partial(ReadsHere, READER)  # built as the pool is
    bot.worker.BACKOFF = (timedelta(seconds=SOON_SECONDS),) * 3
    bot.worker.POLL_SECONDS = SOON_SECONDS


def _break(name: str) -> None:
    def crash(_request: Request, _snapshot: Snapshot) -> Outcome:
        raise HandlerCrashed(f"the handler of {name} is broken")

    found = vars(import_module(f"handlers.{name}"))
    found["HANDLER"] = replace(found["HANDLER"], decide=crash)
    all_handlers.cache_clear()


class Forked:
    """A job's process, as subprocess.Popen would be."""

    def __init__(self, job: Job) -> None:
        self._process: ForkServerProcess = FORKS.Process(target=job.do)
        self._process.start()

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. subprocess.TimeoutExpired."""
        self._process.join(timeout)
        status = self._process.exitcode
        if status is None:
            raise subprocess.TimeoutExpired("a forked process", timeout or 0)
        return status

    def terminate(self) -> None:
        """Ask it to end."""
        self._process.terminate()

    def kill(self) -> None:
        """End it."""
        self._process.kill()


@dataclass
class ForkedService(ServiceProcess):
    """A service in a forked process, with its state in a folder."""

    crashing: str = ""
    """The module of the handler that raises; empty if none does."""

    def start_to_die(self, moment: str, number: int) -> None:
        self._start("serve", moment, str(number))

    def start(self) -> None:
        self._start("serve")

    def _launch(self, words: tuple[str, ...]) -> Running:
        command, *death = words
        log = self.folder / "service.log"
        dies = (death[0], int(death[1])) if death else None
        words = (command, "--roles", MAIL_ROLES) if command == "serve" else (command,)
        return Forked(Job(words, self._environment(), log, log, dies, self.crashing))

    def command(
        self, *arguments: str, check: bool = True, dies: tuple[str, int] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a dspp command on the same state; killed at one of its commits, if `dies` says so."""
        output, errors = (self.folder / f"command.{name}" for name in ("out", "err"))
        for path in (output, errors):
            path.unlink(missing_ok=True)
        process = Forked(Job(arguments, self._environment(), output, errors, dies))
        status = process.wait(READY_SECONDS)
        done = subprocess.CompletedProcess(arguments, status, output.read_text(), errors.read_text())
        if check:
            done.check_returncode()
        return done
