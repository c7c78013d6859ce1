"""What a message costs, step by step, against the least that durable work costs on the same disk.

    python -m benchmarks.answering [--messages N]

The steps are those of the service: keep (grouped and one by one), read (parse,
live text, understand), answer (decide, word the letter, commit). The yardstick
is a bare SQLite commit of one row of the same size.
"""

from __future__ import annotations

import argparse
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.app import Service, answerer_for
from bot.clock import Clock
from bot.commands.serving import SAMPLES
from bot.holders_import import import_holders
from bot.keys import Keys
from bot.language.pipeline import Reader
from bot.mail.authentication import UNCHECKED
from bot.mail.dedupe import dedupe_key
from bot.mail.limits import Limits
from bot.plan import Plan
from bot.reading import Reading, read
from bot.settings import Settings, read_settings
from bot.states_import import import_states
from storage.messages import Arrival, InboundMessage
from storage.schema import upgrade
from storage.store import Store, open_engine

BODIES = (
    "Can people who live in New Jersey join the program?",
    "Please invest five hundred dollars for me this month, I will mail a check.",
    "How many shares do I have in the plan?",
    "Please send me the prospectus and the enrollment form.",
    "How is the purchase price worked out?",
)


def _raw(number: int) -> bytes:
    body = BODIES[number % len(BODIES)]
    return (
        f"From: ana.perez@example.com\r\nTo: dspp@aastrom.com\r\nMessage-ID: <bench-{number}@example.com>\r\n"
        f"Subject: the plan\r\n\r\n{body}\r\n"
    ).encode()


def _arrival(number: int, now: datetime) -> Arrival:
    raw = _raw(number)
    key, sender = dedupe_key("email", raw), replace(UNCHECKED, address="ana.perez@example.com").record()
    return Arrival("email", key, raw, "ana.perez@example.com", ("dspp@aastrom.com",), "::1", now, sender=sender)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _bare_commits(folder: Path, count: int) -> list[float]:
    connection = sqlite3.connect(folder / "bare.sqlite3", isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("CREATE TABLE bare (raw BLOB)")
    return [_timed(lambda: connection.execute("INSERT INTO bare VALUES (?)", (b"x" * 2000,))) for _ in range(count)]


def _claim(store: Store, now: datetime) -> InboundMessage:
    with store.transaction() as tx:
        message = tx.messages.claim(store.owner, now, timedelta(minutes=2))
    if message is None:
        raise RuntimeError("nothing to claim")
    return message


def main() -> None:
    """Measure and print one table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--messages", type=int, default=300)
    count = options.parse_args().messages
    reader = Reader.load(read_settings().model)
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        store = Store(open_engine(f"sqlite:///{folder / 'bench.sqlite3'}"))
        upgrade(store.engine)
        clock = Clock(datetime(2004, 2, 2, 14, 0, tzinfo=UTC))
        service = Service(Settings(state_dir=folder), clock, Plan.read(None), Keys(bytes(range(32))), store)
        import_states(store, SAMPLES / "states.csv", clock.now())
        import_holders(store, service.plan, service.keys, service.post, SAMPLES / "holders.csv", clock.now())
        answerer = answerer_for(service)
        own = service.plan.book.issuer.program_address

        def keep(numbers: range) -> None:
            with store.transaction() as tx:
                tx.messages.accept([_arrival(number, clock.now()) for number in numbers])

        def understand(message: InboundMessage) -> Reading:
            return read(message.raw, message.mail_from, own_address=own, understands=reader, limits=Limits())

        steps: dict[str, list[float]] = {"a bare SQLite commit of 2 KB": _bare_commits(folder, count)}
        steps["keep one message"] = [_timed(lambda n=n: keep(range(n, n + 1))) for n in range(count)]  # type: ignore[misc]  # a default binds the loop's value
        grouped = [_timed(lambda n=n: keep(range(n, n + 100))) / 100 for n in range(count, count + 500, 100)]  # type: ignore[misc]  # as above
        steps["keep one of 100 together"] = grouped
        reads, answers, claims = [], [], []
        for _ in range(count):
            started = time.perf_counter()
            message = _claim(store, clock.now() + timedelta(seconds=5))
            claimed = time.perf_counter()
            reading = understand(message)
            was_read = time.perf_counter()
            answerer.answer(message, reading)
            claims.append(claimed - started)
            reads.append(was_read - claimed)
            answers.append(time.perf_counter() - was_read)
        steps |= {"claim": claims, "read and understand": reads, "answer, letter and commit": answers}
        store.close()
    yardstick = statistics.median(steps["a bare SQLite commit of 2 KB"])
    print(f"{'step':32} {'median ms':>10} {'p95 ms':>10} {'bare commits':>13}")
    for name, times in steps.items():
        p95 = sorted(times)[int(len(times) * 0.95)]
        median = statistics.median(times)
        print(f"{name:32} {median * 1000:10.2f} {p95 * 1000:10.2f} {median / yardstick:12.1f}x")


if __name__ == "__main__":
    main()
