"""No sender is told that a message arrived before it is committed; a commit that fails is told to all who wait."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.intake import GROUP_AT_MOST, KEYED_ON_THE_LOOP, WAITING_AT_MOST, Intake, IntakeBusy
from bot.mail.smtp_in import Envelope
from storage.messages import InboundMessage, MessageState
from storage.schema import upgrade
from storage.store import Store, StoreUnavailable, open_engine
from tests.fakes import FakeClock

NOW = datetime(2004, 2, 2, 14, 30, tzinfo=UTC)
RAW = b"From: ann@example.com\r\nMessage-ID: <1@example.com>\r\n\r\nPlease invest $500.\r\n"
LETTER = Envelope("ann@example.com", ("dspp@aastrom.com", "dspp+c@aastrom.com"), RAW, "192.0.2.1", "mx.example.com")


def letter(number: int) -> Envelope:
    return replace(LETTER, raw=f"From: ann@example.com\r\nMessage-ID: <{number}@x>\r\n\r\nhi\r\n".encode())


class Bell:
    """Counts how often it was rung, and what was stored then."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.stored: list[int] = []

    def __call__(self) -> None:
        self.stored.append(len(kept(self._store)))


def kept(store: Store) -> list[InboundMessage]:
    with store.reading() as tx:
        return tx.messages.newest(WAITING_AT_MOST * 2)


@asynccontextmanager
async def running(intake: Intake) -> AsyncIterator[None]:
    """Commit what waits, until the block ends."""
    task = asyncio.create_task(intake.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def waiting(intake: Intake, *envelopes: Envelope) -> list[asyncio.Task[None]]:
    """Sessions that wait for their commit."""
    tasks = [asyncio.create_task(intake.accept(envelope)) for envelope in envelopes]
    while intake._waiting.qsize() < len(tasks) and not any(task.done() for task in tasks):
        await asyncio.sleep(0.01)
    return tasks


async def test_a_message_is_stored_as_it_came_before_its_sender_is_told(store: Store) -> None:
    bell = Bell(store)
    async with running(intake := Intake(store, FakeClock(NOW), bell, is_for_staff=lambda _: False)):
        await intake.accept(LETTER)
        (message,) = kept(store)
    assert (message.channel, message.state) == ("email", MessageState.RECEIVED)
    assert (message.raw, message.mail_from, message.recipients) == (RAW, LETTER.mail_from, LETTER.recipients)
    assert message.received_at == NOW
    assert bell.stored == [1], "rung once, when the message was there"


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(bytes(range(256)) * 10, id="every byte"),
        pytest.param(b"Message-ID: <\xff\xfe\x00>\r\n\r\n\x00", id="bytes that are no letters"),
    ],
)
async def test_any_bytes_are_stored(raw: bytes, store: Store) -> None:
    async with running(intake := Intake(store, FakeClock(NOW), lambda: None, is_for_staff=lambda _: False)):
        await intake.accept(replace(LETTER, raw=raw))
    assert [message.raw for message in kept(store)] == [raw]


async def test_a_message_that_comes_twice_is_accepted_twice_and_stored_once(store: Store) -> None:
    async with running(intake := Intake(store, FakeClock(NOW), lambda: None, is_for_staff=lambda _: False)):
        await intake.accept(LETTER)
        await intake.accept(LETTER)
        await asyncio.gather(*(intake.accept(LETTER) for _ in range(5)))
    assert len(kept(store)) == 1


async def test_copies_in_one_commit_are_stored_once(store: Store) -> None:
    intake = Intake(store, FakeClock(NOW), lambda: None, is_for_staff=lambda _: False)
    tasks = await waiting(intake, LETTER, letter(2), LETTER)
    async with running(intake):
        await asyncio.gather(*tasks)
    assert len(kept(store)) == 2


async def test_messages_of_sessions_at_once_share_commits(store: Store) -> None:
    bell = Bell(store)
    intake = Intake(store, FakeClock(NOW), bell, is_for_staff=lambda _: False)
    tasks = await waiting(intake, *map(letter, range(2 * GROUP_AT_MOST + 1)))
    async with running(intake):
        await asyncio.gather(*tasks)
    assert bell.stored == [GROUP_AT_MOST, 2 * GROUP_AT_MOST, 2 * GROUP_AT_MOST + 1]


async def test_the_instant_of_a_message_is_its_arrival_and_not_its_commit(store: Store) -> None:
    clock = FakeClock(NOW)
    intake = Intake(store, clock, lambda: None, is_for_staff=lambda _: False)
    tasks = await waiting(intake, LETTER)
    clock.pass_time(minutes=5)
    async with running(intake):
        await asyncio.gather(*tasks)
    assert [message.received_at for message in kept(store)] == [NOW]


async def test_beyond_a_thousand_that_wait_sessions_are_sent_away_and_the_others_stored(tmp_path: Path) -> None:
    store = Store(open_engine(f"sqlite:///{tmp_path / 'store.sqlite3'}"))
    upgrade(store.engine)
    intake = Intake(store, FakeClock(NOW), lambda: None, is_for_staff=lambda _: False)
    tasks = await waiting(intake, *map(letter, range(WAITING_AT_MOST)))
    with pytest.raises(IntakeBusy):
        await intake.accept(letter(WAITING_AT_MOST))
    async with running(intake):
        await asyncio.gather(*tasks)
        await intake.accept(letter(WAITING_AT_MOST))
    assert len(kept(store)) == WAITING_AT_MOST + 1
    store.close()


async def test_a_store_that_fails_is_told_to_all_who_wait_and_the_next_is_stored(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(open_engine(f"sqlite:///{tmp_path / 'store.sqlite3'}"))
    rung: list[None] = []
    intake = Intake(store, FakeClock(NOW), lambda: rung.append(None), is_for_staff=lambda _: False)
    tasks = await waiting(intake, LETTER, letter(2))
    async with running(intake):
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        assert [isinstance(outcome, StoreUnavailable) for outcome in outcomes] == [True, True]
        assert rung == []
        upgrade(store.engine)
        await intake.accept(LETTER)
    assert len(kept(store)) == len(rung) == 1
    assert "2 messages could not be stored" in caplog.text
    assert "invest" not in caplog.text
    assert "ann@example.com" not in caplog.text
    store.close()


async def test_a_session_that_ends_while_it_waits_stops_no_other(store: Store) -> None:
    intake = Intake(store, FakeClock(NOW), lambda: None, is_for_staff=lambda _: False)
    gone, patient = await waiting(intake, LETTER, letter(2))
    gone.cancel()
    async with running(intake):
        await patient
        await intake.accept(letter(3))
        await intake.accept(LETTER)
    assert gone.cancelled()
    assert len(kept(store)) == 3, "what came is kept, whoever waits for the word"


async def test_what_cannot_be_stored_keeps_no_other_out(store: Store, caplog: pytest.LogCaptureFixture) -> None:
    intake = Intake(store, FakeClock(NOW), lambda: None, is_for_staff=lambda _: False)
    unkeepable = replace(letter(2), mail_from="half\udcff@example.com")
    first, broken, last = await waiting(intake, LETTER, unkeepable, letter(3))
    async with running(intake):
        await asyncio.gather(first, last)
        with pytest.raises((UnicodeEncodeError, StoreUnavailable)):
            await broken
    assert len(kept(store)) == 2
    assert "1 messages could not be stored" in caplog.text


BOUNCE = f"dspp+b{'x' * 26}{'y' * 16}@aastrom.com"


@pytest.mark.parametrize(
    ("other", "kept_in_all"),
    [
        pytest.param(replace(LETTER, recipients=("dspp+c@aastrom.com",)), 1, id="for another of our addresses"),
        pytest.param(replace(LETTER, raw=b"Received: by mx\r\n" + RAW), 1, id="by a relay more"),
        pytest.param(replace(LETTER, received=b"Received: from mx by us\r\n"), 1, id="with a field of ours above it"),
        pytest.param(replace(LETTER, recipients=("postmaster@aastrom.com",)), 2, id="for our people"),
        pytest.param(replace(LETTER, recipients=(BOUNCE,)), 2, id="where only programs write"),
        pytest.param(replace(LETTER, mail_from="eve@example.net"), 2, id="from another envelope sender"),
        pytest.param(replace(LETTER, peer="192.0.2.2"), 2, id="from another client"),
        pytest.param(replace(LETTER, helo="mx.example.net"), 2, id="from a client of another name"),
        pytest.param(replace(LETTER, raw=b"X-Autoreply: yes\r\n" + RAW), 2, id="as a program's"),
    ],
)
async def test_what_comes_in_another_way_is_another_message(other: Envelope, kept_in_all: int, store: Store) -> None:
    def is_for_staff(address: str) -> bool:
        return address.startswith("postmaster@")

    async with running(intake := Intake(store, FakeClock(NOW), lambda: None, is_for_staff=is_for_staff)):
        for envelope in (LETTER, other, LETTER, other):
            await intake.accept(envelope)
    assert len(kept(store)) == kept_in_all


async def test_a_large_message_has_the_same_key_whatever_thread_makes_it(store: Store) -> None:
    small, large = (replace(letter(2), raw=letter(2).raw + b"x" * size) for size in (10, KEYED_ON_THE_LOOP))
    async with running(intake := Intake(store, FakeClock(NOW), lambda: None, is_for_staff=lambda _: False)):
        for envelope in (small, large, large, small):
            await intake.accept(envelope)
    assert len(kept(store)) == 2
