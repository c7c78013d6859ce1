"""make demo: a shareholder's messages over real SMTP to a scratch service, each printed beside its reply.

Starts the service as a process of its own on free ports and an empty state
directory, writes to it with Python's plain SMTP client, and reads the answers
from the outbox folder. Exits with 1 if a message that wants an answer got none.
"""

from __future__ import annotations

import argparse
import email
import email.policy
import os
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import tomllib
from contextlib import closing
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import make_msgid, parseaddr
from pathlib import Path

from bot.codes import candidates
from bot.settings import read_settings

PROGRAM = "dspp@aastrom.com"
ANSWER_SECONDS = 30
START_SECONDS = 90


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the demonstration."""

    title: str
    sender: str
    subject: str = ""
    body: str = ""
    confirms: bool = False
    """Answers the sender's last letter with the code in it."""
    wants_answer: bool = True
    automatic: bool = False


def messages() -> tuple[Line, ...]:
    """The messages of the demonstration."""
    with (Path(__file__).parent / "samples" / "demo.toml").open("rb") as file:
        return tuple(Line(**message) for message in tomllib.load(file)["message"])


class Demo:
    """A scratch service and a client."""

    def __init__(self, folder: Path, model: Path) -> None:
        self._folder = folder
        self._port = _free_port()
        self._environment = {
            **{name: value for name, value in os.environ.items() if not name.startswith("DSPP_")},
            "DSPP_STATE_DIR": str(folder),
            "DSPP_MODEL_DIR": str(model),
            "DSPP_SMTP_LISTEN": f"127.0.0.1:{self._port}",
            "DSPP_HTTP_LISTEN": f"127.0.0.1:{_free_port()}",
            "DSPP_CLOCK": "2004-02-02T09:30:00-05:00",
        }
        self._last: dict[str, EmailMessage] = {}

    def command(self, *words: str) -> None:
        """Run a dspp command on the scratch state."""
        subprocess.run([sys.executable, "-m", "bot", *words], env=self._environment, check=True)  # noqa: S603  # our own

    def start(self) -> subprocess.Popen[bytes]:
        """Start the service and wait until it takes mail."""
        log = (self._folder / "service.log").open("wb")
        process = subprocess.Popen(
            [sys.executable, "-m", "bot", "serve"], env=self._environment, stdout=log, stderr=log
        )
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end and process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", self._port), timeout=1).close()
                return process
            except OSError:
                time.sleep(0.1)
        process.kill()
        raise SystemExit(f"the service did not start:\n{(self._folder / 'service.log').read_text()}")

    def say(self, line: Line) -> EmailMessage | None:
        """Send one message and wait for its answer; None if there is none."""
        mail = EmailMessage()
        mail["From"] = line.sender
        mail["To"] = PROGRAM
        mail["Subject"] = line.subject
        mail["Message-ID"] = make_msgid(domain="demo.example")
        body = line.body
        if line.automatic:
            mail["Auto-Submitted"] = "auto-replied"
        if line.confirms:
            last = self._last[line.sender]
            body = _code(last)
            del mail["To"], mail["Subject"]
            mail["To"] = parseaddr(str(last["Reply-To"]))[1]
            mail["Subject"] = str(last["Subject"])
            mail["In-Reply-To"] = str(last["Message-ID"])
        mail.set_content(body)
        with smtplib.SMTP("127.0.0.1", self._port, timeout=30) as client:
            client.send_message(mail)
        print(f"\n{'=' * 78}\n{line.title}\n{'-' * 78}\n{line.sender}: {body.strip()}\n{'-' * 78}")
        answer = self._wait(str(mail["Message-ID"]), ANSWER_SECONDS if line.wants_answer else 3)
        if answer is not None:
            self._last[line.sender] = answer
        return answer

    def _wait(self, message_id: str, seconds: float) -> EmailMessage | None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for path in (self._folder / "outbox").glob("*.eml"):
                letter = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
                if message_id in str(letter["In-Reply-To"]):
                    return letter
            time.sleep(0.1)
        return None


def _free_port() -> int:
    with closing(socket.socket()) as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _text(letter: EmailMessage) -> str:
    body = letter.get_body(("plain",))
    return str(body.get_content()) if body is not None else ""


def _code(letter: EmailMessage) -> str:
    found = candidates(_text(letter))
    if not found:
        raise SystemExit(f"the letter holds no code:\n{_text(letter)}")
    return found[0][1]


def main() -> int:
    """Play the demonstration; 1 if a message went unanswered or an automatic one was answered."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--keep", action="store_true", help="keep the scratch state and print where it is")
    keep = options.parse_args().keep
    folder = Path(tempfile.mkdtemp(prefix="dspp-demo-"))
    demo = Demo(folder, read_settings().model.resolve())
    lines = messages()
    unanswered = []
    process = None
    try:
        demo.command("train", "--if-needed")
        demo.command("migrate")
        demo.command("samples")
        process = demo.start()
        for line in lines:
            answer = demo.say(line)
            if answer is not None:
                print(f"Subject: {answer['Subject']}\n")
                print(textwrap.indent(_text(answer), "  "))
            else:
                print("(no answer)")
            if (answer is not None) != line.wants_answer:
                unanswered.append(line.title)
    finally:
        if process is not None:
            process.terminate()
            process.wait(20)
        if keep:
            print(f"\nThe scratch state is kept in {folder}")
        else:
            shutil.rmtree(folder, ignore_errors=True)
    wanted = sum(line.wants_answer for line in lines)
    print(f"\n{'=' * 78}\n{len(lines)} messages sent, {wanted} of them want an answer; wrong: {unanswered or 'none'}")
    return 1 if unanswered else 0


if __name__ == "__main__":
    sys.exit(main())
