"""What taking mail in costs: durable intake against a server that keeps nothing, proving who sent it, hostile input.

    python -m benchmarks.intake [--messages N] [--rounds N] [--letters N] [--out FILE]

Postfix's smtp-source brings messages of 5 KB in ten sessions that go on, by turns to our door (in a process of its own,
on SQLite, 250 after the commit that survives a power cut) and to Postfix's smtp-sink, which forgets them. The door's
limits are the service's, but for how many messages one session may bring. Proving and reading are measured in processor
time, with the name servers' answers at hand. Hostile input goes to a door over the wire, and is read all the same.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import text

from benchmarks.door_process import PROGRAM, Door, peak_of, running_door
from bot.mail.content import refusal_of
from bot.mail.dkim_check import check_dkim, key_names
from bot.mail.dmarc import Identifier, check_dmarc
from bot.mail.dns import Answer, Kind
from bot.mail.limits import Limits
from bot.mail.parse import parse
from bot.mail.spf import check_spf
from storage.store import open_engine
from tests.mail.material import SHARED
from tests.mail.signing import LETTER, NOW, key_record, sign

LIMITS = Limits()
SESSIONS, OCTETS = 10, 5_000
LEAST_RATIO = 0.20
MOST_MEDIAN_MS, MOST_P99_MS = 2.0, 100.0
DRIP_SECONDS = 2.0
_SBIN = "/usr/sbin"
_ANSWERS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("s1._domainkey.example.com", "TXT"): (key_record(),),
    ("_dmarc.example.com", "TXT"): ("v=DMARC1; p=reject",),
    ("example.com", "TXT"): ("v=spf1 ip4:192.0.2.1 -all",),
}


class AtHand:
    """Name servers that answered before."""

    async def lookup(self, name: str, kind: Kind) -> Answer:
        """What is known of the name; nothing of any other."""
        records = _ANSWERS.get((name, kind), ())
        return Answer(bool(records), records)


@dataclass(frozen=True, slots=True)
class Table:
    """One table of the report."""

    title: str
    head: Sequence[str]
    rows: Sequence[Sequence[str]]

    def __str__(self) -> str:
        lines = [self.head, ["---"] * len(self.head), *self.rows]
        return "\n".join([f"### {self.title}", "", *("| " + " | ".join(line) + " |" for line in lines), ""])


# -- intake -----------------------------------------------------------------------------------------------------------


def _tool(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ.get('PATH', '')}:{_SBIN}")
    if found is None:
        raise SystemExit(f"benchmarks.intake: no {name}; tests/install_mail_tools.sh installs it")
    return found


@contextmanager
def _running_sink() -> Iterator[int]:
    """The port of an smtp-sink."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []
    sink = subprocess.Popen([_tool("smtp-sink"), *as_nobody, f"127.0.0.1:{port}", "100"])
    try:
        while not _listens(port):
            time.sleep(0.05)
        yield port
    finally:
        sink.terminate()
        sink.wait()


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _rate(port: int, count: int) -> float:
    """Messages a second that smtp-source gets rid of at `port`."""
    words = [_tool("smtp-source"), "-d", "-s", str(SESSIONS), "-m", str(count), "-l", str(OCTETS)]
    words += ["-M", "client.example", "-f", "ann@example.com", "-t", PROGRAM, f"127.0.0.1:{port}"]
    started = time.perf_counter()
    subprocess.run(words, check=True)
    return count / (time.perf_counter() - started)


def intake(count: int, rounds: int) -> Table:
    """Durable intake beside a sink, by turns."""
    ours, sinks = [], []
    with tempfile.TemporaryDirectory() as scratch, running_door(Path(scratch), sessions=1_000_000) as door:
        with _running_sink() as sink:
            _rate(door.port, SESSIONS), _rate(sink, SESSIONS)
            for _ in range(rounds):
                ours.append(_rate(door.port, count))
                sinks.append(_rate(sink, count))
        with open_engine(f"sqlite:///{door.database}").connect() as connection:
            stored = connection.execute(text("SELECT count(*) FROM messages")).scalar_one()
    if stored != rounds * count + SESSIONS:
        raise SystemExit(f"benchmarks.intake: {stored} messages are stored, not {rounds * count + SESSIONS}")
    ratio = statistics.median(ours) / statistics.median(sinks)
    paired = statistics.median(our / sink for our, sink in zip(ours, sinks, strict=True))
    rows = [
        ["our door, committed to SQLite", f"{statistics.median(ours):.0f}", f"{min(ours):.0f} to {max(ours):.0f}"],
        ["smtp-sink, nothing kept", f"{statistics.median(sinks):.0f}", f"{min(sinks):.0f} to {max(sinks):.0f}"],
        [f"ratio (limit {LEAST_RATIO:.2f})", f"{ratio:.2f}", f"median of the pairs {paired:.2f}"],
    ]
    title = f"Intake: {OCTETS} octets, {SESSIONS} sessions, {count} messages, {rounds} rounds by turns"
    return Table(title, ["", "messages a second, median", "range"], rows)


# -- proving and reading ----------------------------------------------------------------------------------------------


def _cpu_ms(work: Callable[[], object]) -> float:
    started = time.process_time()
    work()
    return (time.process_time() - started) * 1_000


def _signed_letter(octets: int) -> bytes:
    line = b"The quarterly figures came by post last week and I have read them.\r\n"
    return sign(LETTER + line * ((octets - len(LETTER)) // len(line)))


def _dkim(raw: bytes) -> list[Identifier]:
    keys = {name: Answer(True, _ANSWERS.get((name, "TXT"), ())) for name in key_names(raw, LIMITS)}
    verdicts = check_dkim(raw, keys, NOW, LIMITS)
    return [Identifier("dkim", one.domain) for one in verdicts if one.result.value == "pass"]


def _spf() -> object:
    return asyncio.run(check_spf("192.0.2.1", "ann@example.com", "example.com", AtHand(), "mx.aastrom.com"))


async def _whole(raw: bytes) -> str:
    """Everything that is found out of one message; whether DMARC passes."""
    identifiers = _dkim(raw)
    await check_spf("192.0.2.1", "ann@example.com", "example.com", AtHand(), "mx.aastrom.com")
    dmarc = await check_dmarc("example.com", identifiers, AtHand())
    parse(raw, LIMITS)
    return dmarc.result.value


def proving(count: int) -> Table:
    """What a signed letter costs, step by step and as a whole."""
    raw = _signed_letter(OCTETS)
    with asyncio.Runner() as runner:
        loop = runner.get_loop()

        def run(work: Callable[[], object]) -> list[float]:
            return [_cpu_ms(work) for _ in range(count)]

        if loop.run_until_complete(_whole(raw)) != "pass":
            raise SystemExit("benchmarks.intake: the signed letter does not pass")
        steps: dict[str, list[float]] = {
            "DKIM, RSA of 2,048 bits": run(lambda: _dkim(raw)),
            "SPF": run(
                lambda: loop.run_until_complete(
                    check_spf("192.0.2.1", "ann@example.com", "example.com", AtHand(), "mx.aastrom.com")
                )
            ),
            "DMARC": run(
                lambda: loop.run_until_complete(
                    check_dmarc("example.com", [Identifier("dkim", "example.com")], AtHand())
                )
            ),
            "reading": run(lambda: parse(raw, LIMITS)),
            f"all of it (limit {MOST_MEDIAN_MS:.0f} ms)": run(lambda: loop.run_until_complete(_whole(raw))),
        }
    rows = [[name, f"{statistics.median(times):.2f}", f"{_p99(times):.2f}"] for name, times in steps.items()]
    return Table(f"A signed letter of {len(raw)} octets, processor time", ["", "median ms", "p99 ms"], rows)


def corpora() -> Table:
    """What the messages of the public collections cost."""
    files = sorted(path for path in (SHARED / "mime").rglob("*") if path.is_file()) if SHARED.is_dir() else []
    with asyncio.Runner() as runner:
        loop = runner.get_loop()
        times = {path: _cpu_ms(lambda p=path: loop.run_until_complete(_whole(p.read_bytes()))) for path in files}  # type: ignore[misc]  # a default binds the loop's value
    if not times:
        return Table("Public messages: NOT MEASURED, none beside the checkout", ["", "ms"], [])
    slowest = max(times, key=lambda path: times[path])
    rows = [
        ["median", f"{statistics.median(times.values()):.2f}"],
        [f"p99 (limit {MOST_P99_MS:.0f} ms)", f"{_p99(list(times.values())):.2f}"],
        [f"slowest: {slowest.name}", f"{times[slowest]:.2f}"],
    ]
    return Table(f"Public messages, {len(times)} of them, proving and reading, processor time", ["", "ms"], rows)


def _p99(times: Sequence[float]) -> float:
    return sorted(times)[min(len(times) - 1, int(len(times) * 0.99))]


# -- hostile input ----------------------------------------------------------------------------------------------------

_HEAD = b"From: ann@example.com\r\nTo: dspp@aastrom.com\r\nMessage-ID: <1@example.com>\r\n"
_BODY = b"\r\nPlease invest $250.\r\n"


def _nested(depth: int) -> bytes:
    parts = b"".join(
        b'Content-Type: multipart/mixed; boundary="b%d"\r\n\r\n--b%d\r\n' % (number, number) for number in range(depth)
    )
    return _HEAD + b"MIME-Version: 1.0\r\n" + parts + b"Content-Type: text/plain\r\n\r\nhello\r\n"


HOSTILE: Mapping[str, Callable[[], bytes]] = {
    "a subject of 1 MB": lambda: _HEAD + b"Subject: " + b"=?utf-8?q?a?= " * 75_000 + b"\r\n" + _BODY,
    "a subject of 1 MB, folded": lambda: _HEAD + b"Subject: x" + b"\r\n =?utf-8?q?a?=" * 65_000 + b"\r\n" + _BODY,
    "a subject of 200 KB, folded": lambda: _HEAD + b"Subject: x" + b"\r\n =?utf-8?q?a?=" * 13_000 + b"\r\n" + _BODY,
    "3,000 parts within parts": lambda: _nested(3_000),
    "3,000 comments in an address": lambda: (
        b"From: " + b"(" * 3_000 + b"ann@example.com" + b")" * 3_000 + b"\r\n" + _BODY
    ),
    "3,000 comments, one after the other": lambda: b"From: ann@example.com " + b"(x)" * 3_000 + b"\r\n" + _BODY,
    "200,000 header fields": lambda: _HEAD + b"X: y\r\n" * 200_000 + _BODY,
    "10 MB of CRLF": lambda: _HEAD + b"\r\n" * 4_999_900,
    "10 MB of spaces": lambda: _HEAD + b"\r\n" + (b" " * 60_000 + b"\r\n") * 166,
    "10 MB of spaces in one line": lambda: _HEAD + b"\r\n" + b" " * 9_999_000 + b"\r\n",
}


def _at_the_door(folder: Path, send: Callable[[Door], str], data_seconds: float = 0) -> list[str]:
    """What a door of its own answers, and what that costs it."""
    with running_door(folder, data_seconds=data_seconds) as door:
        before = door.cost()
        reply = send(door)
        after = door.cost()
    return [reply, f"{(after.cpu_seconds - before.cpu_seconds) * 1_000:.0f}", f"{after.peak_mb - before.peak_mb:.0f}"]


def _send(door: Door, content: bytes) -> str:
    with door.client() as client:
        client.asks(b"EHLO client.example", b"MAIL FROM:<ann@example.com>", b"RCPT TO:<" + PROGRAM.encode() + b">")
        client.asks(b"DATA")
        return client.asks(content.replace(b"\r\n.", b"\r\n..") + b"\r\n.")[-1]


def _many_recipients(door: Door) -> str:
    with door.client() as client:
        client.asks(b"EHLO client.example", b"MAIL FROM:<ann@example.com>")
        replies = client.asks(*[b"RCPT TO:<" + PROGRAM.encode() + b">"] * 10_000)
    taken, put_off = (sum(line.startswith(code) for line in replies) for code in ("250", "452"))
    return f"250 {taken} times, 452 {put_off} times or more, then it hangs up"


def _dripping(door: Door) -> str:
    with door.client() as client:
        client.asks(b"EHLO client.example", b"MAIL FROM:<ann@example.com>", b"RCPT TO:<" + PROGRAM.encode() + b">")
        client.asks(b"DATA")
        return client.drips(b"x", every=0.05, at_most=5 * DRIP_SECONDS)


def hostile() -> Table:
    """What hostile input costs the door, and what it would cost to read it although the door refused it."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        for number, (name, make) in enumerate(HOSTILE.items()):
            raw = make()
            at_the_door = _at_the_door(Path(scratch) / str(number), lambda door, raw=raw: _send(door, raw))  # type: ignore[misc]  # as above
            if at_the_door[0][:3] != (refusal_of(raw, LIMITS) or "250")[:3]:
                raise SystemExit(f"benchmarks.intake: {name}: the door said {at_the_door[0]}")
            cost = peak_of(_read_once, raw, LETTER)
            rows.append([name, *at_the_door, f"{cost.cpu_seconds * 1_000:.0f}", f"{cost.peak_mb:.0f}"])
        many = _at_the_door(Path(scratch) / "many", _many_recipients)
        drip = _at_the_door(Path(scratch) / "drip", _dripping, data_seconds=DRIP_SECONDS)
        rows.append(["10,000 recipients", *many, "", ""])
        rows.append([f"content drip by drip, {DRIP_SECONDS:.0f} s allowed", *drip, "", ""])
    head = ["what comes", "the door says", "CPU ms", "peak MB more", "reading it: CPU ms", "peak MB more"]
    return Table("Hostile input", head, rows)


def _read_once(raw: bytes) -> None:
    asyncio.run(_whole(raw))


def main() -> None:
    """Measure and print the tables."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=1_000)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--letters", type=int, default=300)
    options.add_argument("--out", type=Path)
    chosen = options.parse_args()
    at = f"Measured at {datetime.now(UTC):%Y-%m-%d %H:%M} UTC on {os.cpu_count()} processors.\n"
    tables = [intake(chosen.messages, chosen.rounds), proving(chosen.letters), corpora(), hostile()]
    report = "\n".join([at, *map(str, tables)])
    print(report)
    if chosen.out is not None:
        chosen.out.write_text(report, encoding="utf-8")


if __name__ == "__main__":
    main()
