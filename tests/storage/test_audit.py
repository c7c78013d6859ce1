"""The audit record: noted with what is done, sealed afterwards in one chain, and never changed by anybody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from threading import Barrier
from time import sleep

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text

from bot.audit import seal_all
from handlers.plan.money import Money, Price, Shares
from handlers.plan.states import StateStatus
from storage.audit import (
    BEGINNING,
    FACTS,
    LOCK,
    NO_HEAD,
    PROGRAM,
    AuditKind,
    AuditRecord,
    BadFacts,
    Head,
    canonical,
    digest_of,
    plain,
    staff,
    text_digest,
)
from storage.month_tables import audit_records
from storage.store import Store, StoreUnavailable, Transaction
from tests.storage.material import NOW

REASON = "her brother Tomas Invented telephoned"


def note(tx: Transaction, subject: str = "file:holders:1", at: datetime = NOW, **private: str) -> None:
    tx.audit.note(PROGRAM, AuditKind.STAFF_ACT, subject, {"command": "try"}, at, private=private)


def noted(store: Store, *subjects: str) -> Store:
    """The store with a sealed record about each subject, in that order."""
    with store.transaction() as tx:
        for subject in subjects:
            note(tx, subject)
    seal_all(store)
    return store


def records(store: Store) -> list[AuditRecord]:
    with store.reading() as tx:
        return tx.audit.page(None, 10_000)


def subjects(store: Store) -> list[str]:
    return [record.subject for record in records(store)]


# -- noting -----------------------------------------------------------------------------------------------------------


def test_a_record_is_committed_with_what_it_tells_of_and_undone_with_it(store: Store) -> None:
    def fails() -> None:
        with store.transaction() as tx:
            note(tx)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fails()
    with store.transaction() as tx:
        with tx.trial():
            note(tx, "message:tried")
        note(tx, "message:done")
    assert seal_all(store) == 1
    assert subjects(store) == ["message:done"]


@pytest.mark.parametrize("kind", list(AuditKind))
def test_a_record_without_a_fact_of_its_kind_is_refused(kind: AuditKind, store: Store) -> None:
    names = FACTS[kind]
    facts = dict.fromkeys(names, "x")
    with store.transaction() as tx:
        tx.audit.note(PROGRAM, kind, "file:a:1", facts, NOW)
        for name in names:
            with pytest.raises(BadFacts, match=name):
                tx.audit.note(PROGRAM, kind, "file:a:1", {key: "x" for key in names if key != name}, NOW)
        with pytest.raises(BadFacts, match="private"):
            tx.audit.note(PROGRAM, kind, "file:a:1", facts | {"private": {}}, NOW)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param(0.97, id="a float"),
        pytest.param(b"raw", id="octets"),
        pytest.param(datetime(2003, 11, 5, 9, 0), id="an instant without a timezone"),  # what is refused
        pytest.param({1: "a"}, id="a name that is no text"),
        pytest.param([{"deep": 1.5}], id="a float within"),
    ],
)
def test_what_has_no_exact_form_is_refused(value: object) -> None:
    with pytest.raises(BadFacts):
        plain(value)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        pytest.param(Money.of("250"), "250.00", id="dollars"),
        pytest.param(Shares.of("1.5"), "1.5000", id="shares"),
        pytest.param(Price(Decimal("1.0864")), "1.0864", id="a price"),
        pytest.param(Decimal("0.0300"), "0.0300", id="a number"),
        pytest.param(date(2003, 11, 19), "2003-11-19", id="a day"),
        pytest.param(time(17, 0), "17:00:00", id="a time of day"),
        pytest.param(
            datetime(2003, 11, 12, 17, 0, tzinfo=timezone(timedelta(hours=-5))),
            "2003-11-12T22:00:00.000000+00:00",
            id="an instant",
        ),
        pytest.param(StateStatus.OPEN, StateStatus.OPEN.value, id="a member of an enumeration"),
        pytest.param({"a": (Money.of("1"), None, True, 7)}, {"a": ["1.00", None, True, 7]}, id="a mapping"),
        pytest.param(frozenset({"b", "a"}), ["a", "b"], id="a set"),
        pytest.param("a\0b\ud800c", "a\ufffdb\ufffdc", id="text that no database keeps"),
    ],
)
def test_quantities_and_instants_are_told_exactly(value: object, told: object) -> None:
    assert plain(value) == told


def test_the_canonical_form_is_the_one_that_is_described() -> None:
    assert canonical({"b": 'Zoë "q"\n', "a": [1, None, True]}) == '{"a":[1,null,true],"b":"Zoë \\"q\\"\\n"}'.encode()


TEXTS = st.text(max_size=20)
FACT_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(value=FACT_VALUES, actor=TEXTS, microsecond=st.integers(0, 999_999))
def test_whatever_is_noted_is_read_back_with_the_digest_it_was_sealed_with(
    store: Store, value: object, actor: str, microsecond: int
) -> None:
    with store.transaction() as tx:
        at = NOW.replace(microsecond=microsecond)
        tx.audit.note(staff(actor), AuditKind.STAFF_ACT, "file:a:1", {"command": "x", "value": value}, at)
    assert seal_all(store) == 1
    with store.reading() as tx:
        head = tx.audit.head()
        record = tx.audit.with_number(head.number)
    assert record is not None
    assert record.facts["value"] == plain(value)
    assert record.at == at
    assert digest_of(canonical(record.sealed())) == record.digest == head.digest


# -- sealing ----------------------------------------------------------------------------------------------------------


def test_records_are_chained_from_the_beginning(store: Store) -> None:
    noted(store, "file:a:1", "file:a:2", "file:a:3")
    first, second, third = records(store)
    assert [first.number, second.number, third.number] == [1, 2, 3]
    assert (first.previous, second.previous, third.previous) == (BEGINNING, first.digest, second.digest)
    with store.reading() as tx:
        assert tx.audit.head() == Head(3, third.digest)


def test_what_one_transaction_noted_at_an_instant_stays_in_its_order(store: Store) -> None:
    wanted = [f"file:a:{number}" for number in range(40)]
    assert subjects(noted(store, *wanted)) == wanted


def test_sealing_again_seals_nothing_and_writes_nothing(store: Store) -> None:
    with store.reading() as tx:
        assert tx.audit.head() == NO_HEAD
    noted(store, "file:a:1")
    before = records(store)
    assert seal_all(store) == 0
    assert records(store) == before


def test_many_are_sealed_in_batches(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.audit.BATCH", 3)
    noted(store, *(f"file:a:{number}" for number in range(10)))
    assert [record.number for record in records(store)] == list(range(1, 11))


def test_a_sealer_that_dies_leaves_the_chain_as_it_was(store: Store) -> None:
    noted(store, "file:a:1")
    with store.transaction() as tx:
        note(tx, "file:a:2")

    def dies() -> None:
        with store.transaction() as tx:
            store.lock(tx, {LOCK})
            assert tx.audit.seal(10) == 1
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        dies()
    assert subjects(store) == ["file:a:1"]
    assert seal_all(store) == 1
    assert subjects(store) == ["file:a:1", "file:a:2"]


def test_several_sealers_and_writers_make_one_chain(store: Store) -> None:
    start = Barrier(6)

    def writes(number: int) -> None:
        start.wait()
        for line in range(10):
            with store.transaction() as tx:
                note(tx, f"file:{number}:{line}", NOW + timedelta(seconds=line))

    def seals(_number: int) -> None:
        start.wait()
        for _ in range(10):
            seal_all(store)

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(one, number) for one in (writes, seals) for number in range(3)]:
            done.result()
    seal_all(store)
    found = records(store)
    assert [record.number for record in found] == list(range(1, 31))
    assert [record.previous for record in found[1:]] == [record.digest for record in found[:-1]]
    for number in range(3):
        own = [record.subject for record in found if record.subject.startswith(f"file:{number}:")]
        assert own == [f"file:{number}:{line}" for line in range(10)]


@contextmanager
def on_postgresql(store: Store) -> Iterator[None]:
    """Only where two can write at a time."""
    if store.engine.dialect.name != "postgresql":
        pytest.skip("SQLite lets one writer in at a time")
    yield


def test_what_is_committed_late_is_sealed_late_and_holds_up_nobody(store: Store) -> None:
    with on_postgresql(store), store.transaction() as slow:
        note(slow, "file:slow:1", NOW - timedelta(minutes=5))
        assert subjects(noted(store, "file:quick:1")) == ["file:quick:1"]
    assert seal_all(store) == 1
    assert subjects(store) == ["file:quick:1", "file:slow:1"]
    slow_one, quick_one = records(store)[1], records(store)[0]
    assert slow_one.at < quick_one.at


def _somebody_waits(store: Store) -> bool:
    with store.reading() as tx:
        waiting = tx.connection.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted"))
        return bool(waiting.scalar_one())


def test_without_the_lock_the_database_refuses_a_second_sealer(store: Store) -> None:
    with on_postgresql(store):
        with store.transaction() as tx:
            note(tx, "file:a:1")

        def seals() -> str:
            try:
                with store.transaction() as tx:
                    tx.audit.seal(10)
                return "sealed"
            except StoreUnavailable:
                return "refused"

        with ThreadPoolExecutor(1) as thread:
            with store.transaction() as tx:
                tx.audit.seal(10)
                second = thread.submit(seals)
                while not _somebody_waits(store):  # it has read what the first one seals, and waits for the row
                    sleep(0.02)
            assert second.result() == "refused"
        (record,) = records(store)
        assert digest_of(canonical(record.sealed())) == record.digest


# -- texts that may name a person -------------------------------------------------------------------------------------


def test_a_private_text_stands_outside_the_facts_and_is_tied_to_them_by_a_salted_digest(store: Store) -> None:
    with store.transaction() as tx:
        note(tx, "registration:r-1", reason=REASON)
        note(tx, "registration:r-2", reason=REASON)
    seal_all(store)
    first, second = records(store)
    assert REASON not in json.dumps(first.sealed())
    assert first.private is not None
    kept = first.private["reason"]
    assert kept["text"] == REASON
    assert first.promised == {"reason": text_digest(kept["salt"], REASON)}
    assert first.promised != second.promised, "the same text again has another salt"


def test_a_text_is_erased_under_a_reason_and_the_chain_stays_whole(store: Store) -> None:
    with store.transaction() as tx:
        note(tx, "registration:r-1", reason=REASON)
    seal_all(store)
    (before,) = records(store)
    with store.transaction() as tx:
        assert not tx.audit.is_blanked(before.id)
        assert tx.audit.blank(before.id, staff("M. Officer"), "erasure asked for, case 12", NOW)
        assert not tx.audit.blank(before.id, staff("M. Officer"), "again", NOW), "there is nothing left"
        assert not tx.audit.blank("no such record", staff("M. Officer"), "x", NOW)
    seal_all(store)
    after, erased = records(store)
    assert after.private is None
    assert (after.digest, after.sealed()) == (before.digest, before.sealed())
    assert (erased.kind, erased.actor, erased.subject) == ("text_erased", "staff: M. Officer", f"record:{before.id}")
    assert erased.facts == {"reason": "erasure asked for, case 12"}
    with store.reading() as tx:
        assert tx.audit.is_blanked(before.id)
        kept = tx.connection.execute(select(audit_records.c.private)).scalars().all()
    assert REASON not in str(kept)


def test_a_text_can_be_erased_before_its_record_is_sealed(store: Store) -> None:
    with store.transaction() as tx:
        note(tx, "registration:r-1", reason=REASON)
        (record_id,) = tx.connection.execute(select(audit_records.c.id)).scalars().all()
        assert tx.audit.blank(record_id, PROGRAM, "case 12", NOW)
    assert seal_all(store) == 2
    assert records(store)[0].private is None


def test_what_waits_is_counted_by_age(store: Store) -> None:
    with store.transaction() as tx:
        note(tx, at=datetime(2003, 11, 5, 10, 0, tzinfo=UTC))
        note(tx, at=datetime(2003, 11, 5, 12, 0, tzinfo=UTC))
        assert (tx.audit.unsealed(), tx.audit.unsealed(datetime(2003, 11, 5, 12, 0, tzinfo=UTC))) == (2, 1)
