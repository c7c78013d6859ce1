"""The service as a real process, and a plain mail client beside it."""

from __future__ import annotations

import email
import email.policy
import os
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import EmailMessage
from pathlib import Path
from typing import Protocol

TEST_MODEL = Path(__file__).resolve().parent.parent / "var" / "test-model"
"""Where the language model of the tests is kept."""
MAIL_ROLES = "smtp,web,work,deliver"
"""All but the schedule, which commits when its minute comes."""
READY_SECONDS = 90
ANSWER_SECONDS = 60


class Running(Protocol):
    """A process that was started, as subprocess.Popen is one."""

    def poll(self) -> int | None:
        """Its exit status; None while it runs."""
        ...

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. subprocess.TimeoutExpired."""
        ...

    def terminate(self) -> None:
        """Ask it to end."""
        ...

    def kill(self) -> None:
        """End it."""
        ...


_given: set[int] = set()


def free_port() -> int:
    """A port that nobody listens on now, and that this process has given to no other test."""
    while True:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = int(probe.getsockname()[1])
        if port not in _given:
            _given.add(port)
            return port


@dataclass
class ServiceProcess:
    """A service in a process of its own, with its state in a folder."""

    folder: Path
    model: Path
    environment: dict[str, str] = field(default_factory=dict)
    smtp_port: int = field(default_factory=free_port)
    http_port: int = field(default_factory=free_port)
    process: Running | None = None
    starts: int = 0

    def _environment(self) -> dict[str, str]:
        return {
            **{name: value for name, value in os.environ.items() if not name.startswith("DSPP_")},
            "DSPP_STATE_DIR": str(self.folder),
            "DSPP_MODEL_DIR": str(self.model),
            "DSPP_SMTP_LISTEN": f"127.0.0.1:{self.smtp_port}",
            "DSPP_HTTP_LISTEN": f"127.0.0.1:{self.http_port}",
            **self.environment,
        }

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run a dspp command on the same state."""
        return subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            env=self._environment(),
            check=check,
            capture_output=True,
            text=True,
            timeout=READY_SECONDS,
        )

    def start(self) -> None:
        """Start the service. Returns when it takes mail and is ready, or has ended."""
        self._start("bot", "serve")

    def start_to_die(self, moment: str, number: int) -> None:
        """Start the service so that it is killed "before" or "after" one of its commits; 0 is none of them."""
        self._start("tests.crash_serve", moment, str(number))

    def _start(self, *words: str) -> None:
        self.starts += 1
        self.process = self._launch(words)
        self.wait_until(lambda: self.has_ended() or self._takes_mail(), READY_SECONDS, "the service to start")

    def _launch(self, words: tuple[str, ...]) -> Running:
        with (self.folder / "service.log").open("ab") as log:
            return subprocess.Popen([sys.executable, "-m", *words], env=self._environment(), stdout=log, stderr=log)

    def has_ended(self) -> bool:
        """Whether the process is gone."""
        return self.process is not None and self.process.poll() is not None

    def _takes_mail(self) -> bool:
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=2) as client:
                client.noop()
            return True
        except (OSError, smtplib.SMTPException):
            return False

    def stop(self) -> None:
        """End the process, politely, then not."""
        if self.process is None or self.has_ended():
            return
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()

    def send(self, mail: EmailMessage) -> bool:
        """Hand a message over; whether it was accepted."""
        try:
            with smtplib.SMTP("127.0.0.1", self.smtp_port, timeout=30) as client:
                client.send_message(mail)
            return True
        except (OSError, smtplib.SMTPException):
            return False

    def letters(self) -> list[EmailMessage]:
        """What lies in the development outbox."""
        return [
            email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            for path in sorted((self.folder / "outbox").glob("*.eml"))
        ]

    def answers_to(self, message_id: str) -> list[EmailMessage]:
        """The letters that answer one message."""
        return [letter for letter in self.letters() if message_id in str(letter["In-Reply-To"])]

    def wait_until(self, happened: Callable[[], bool], seconds: float, what: str) -> None:
        """Wait for something; fails with the service's log if it does not happen."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if happened():
                return
            time.sleep(0.05)
        log = (self.folder / "service.log").read_text(errors="replace")[-4000:]
        raise AssertionError(f"waited {seconds} s for {what} in vain; the service's log ends:\n{log}")
