"""A power cut at any statement and at any commit of any step: done again, the step ends where an undisturbed one ends.

Statements are counted, not listed, so that a step that changes is still cut everywhere.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from bot.files.from_transfer_agent import FILLS, ISSUANCE_ACKNOWLEDGEMENT, FillRow, IssuanceAcknowledgementRow
from bot.files.layout import write_rows
from bot.holders_import import registration_id
from bot.month import allot, closes, confirm, issue, lock, sales, trial
from handlers.plan.accounts import Hold
from handlers.plan.money import Money, Price, Shares
from handlers.plan.orders import Portion
from storage.sent_files import SentFile
from storage.store import Store, open_engine
from tests.databases import copied_postgres, fresh_store
from tests.month.changed_terms import plan_with
from tests.month.dumps import dump
from tests.month.playing import NOVEMBER, Month, at, check, holder

POINTS = 24
"""How many places of a step are cut at most, evenly spread over it."""
LIMIT = Shares.of("9000")
"""Too few shares for all, so that every order is reduced."""
SETTLED = "2003-11-24"


class PowerCut(Exception):
    """The process ends here."""


@contextmanager
def cut(store: Store, after: int | None) -> Iterator[list[int]]:
    """Let a statement or a commit fail once so many have begun; None: never. Yields a list with the count."""
    counted = [0]

    def count(*_: Any) -> None:
        counted[0] += 1
        if counted[0] == after:
            raise PowerCut

    event.listen(store.engine, "before_cursor_execute", count)
    event.listen(store.engine, "commit", count)
    try:
        yield counted
    finally:
        event.remove(store.engine, "before_cursor_execute", count)
        event.remove(store.engine, "commit", count)


def settled_month(store: Store, folder: Path) -> Month:
    """November with everything in it that an order may meet, up to the evening of the cut-off."""
    month = Month(store, folder, plan_with(aggregate_limit=LIMIT, good_funds_sessions=6))
    month.holders(*(holder(number, taxpayer_id=f"900-00-{max(number, 2):04d}") for number in range(1, 9)))
    for number in range(1, 9):
        month.buys(f"CST-30{number:03d}", "400")
    month.lockbox(
        check("CST-30001", "9000", "2003-11-07 10:00"),
        check("CST-30002", "3000", "2003-11-07 11:00"),
        check("CST-30003", "400", "2003-11-10 09:00"),
        check("CST-30003", "123.45", "2003-11-10 09:01"),
        check("CST-30004", "249.99"),
        check("CST-30005", "800", "2003-11-12 16:59"),
        check("CST-30006", "700"),
        check("CST-30008", "5000.01", "2003-11-06 10:00"),
    )
    month.sells("CST-30001", "10.5")
    month.sells("CST-30003", "0.0001", Portion.HALF)
    month.sells("CST-30004", "0.0001", Portion.ALL)
    month.sells("CST-30006", "100")
    month.sells("CST-30007", "100.0001")
    with store.transaction() as tx:
        tx.reported_holds.report(registration_id("CST-30006"), Hold.DEATH_REPORTED, "test", at("2003-11-12", "18:00"))
    return month


def _lock(month: Month, dry_run: bool) -> object:
    return lock.lock(month.office, NOVEMBER, "test", at("2003-11-12", "21:00"), dry_run=dry_run)


def _price(month: Month, dry_run: bool) -> object:
    return closes.price(month.office, NOVEMBER, "test", at("2003-11-17", "21:00"), dry_run=dry_run)


def _trial(month: Month, dry_run: bool) -> object:
    return trial.run_trial(month.office, NOVEMBER, "test", at("2003-11-17", "21:00"), dry_run=dry_run)


def _olive(month: Month, dry_run: bool) -> object:
    return trial.approve(month.office, NOVEMBER, "Olive", at("2003-11-18"), dry_run=dry_run)


def _peter(month: Month, dry_run: bool) -> object:
    return trial.approve(month.office, NOVEMBER, "Peter", at("2003-11-18"), dry_run=dry_run)


def _allot(month: Month, dry_run: bool) -> object:
    return allot.allot_month(month.office, NOVEMBER, "test", month.purchase_morning(), at_once=2, dry_run=dry_run)


def _batch(month: Month, dry_run: bool) -> object:
    return sales.send_batch(month.office, NOVEMBER, "test", month.purchase_morning(), dry_run=dry_run)


def _fills(month: Month, dry_run: bool) -> object:
    path = month.folder / "fills-1.csv"
    return sales.load_fills(month.office, path, "test", month.purchase_morning(), dry_run=dry_run)


def _instruct(month: Month, dry_run: bool) -> object:
    return issue.instruct(month.office, NOVEMBER, "test", month.purchase_morning(), dry_run=dry_run)


def _acknowledge(month: Month, dry_run: bool) -> object:
    path = month.folder / "acknowledgement-1.csv"
    return issue.acknowledge(month.office, path, "test", month.purchase_morning(), dry_run=dry_run)


def _confirm(month: Month, dry_run: bool) -> object:
    return confirm.confirm_purchases(month.office, NOVEMBER, "test", month.purchase_morning(), dry_run=dry_run)


def _proceeds(month: Month, dry_run: bool) -> object:
    return sales.send_proceeds(month.office, NOVEMBER, "test", at(SETTLED), dry_run=dry_run)


def _write_closes(month: Month) -> None:
    month.prices("1.58", "1.61", "1.66")


def _write_fills(month: Month) -> None:
    day = date(2003, 11, 19)
    rows = [
        FillRow("B-2003-11", "F1", day, Shares.of("100"), Price(Money.of("1.61").dollars), Money.of("1.03")),
        FillRow("B-2003-11", "F2", day, Shares.of("59.9999"), Price(Money.of("1.59").dollars), Money.of("0.50")),
    ]
    write_rows(month.folder / "fills-1.csv", FILLS, 1, day, rows)


def _write_acknowledgement(month: Month) -> None:
    with month.store.reading() as tx:
        issued = Shares.from_units(-tx.ledger.balance("unissued", "SHARE"))
    row = IssuanceAcknowledgementRow(NOVEMBER, date(2003, 11, 19), issued, issued, "TA-1")
    write_rows(month.folder / "acknowledgement-1.csv", ISSUANCE_ACKNOWLEDGEMENT, 1, row.purchase_date, [row])


def _nothing(_: Month) -> None:
    """No file is needed before the step."""


STEPS: Mapping[str, tuple[Callable[[Month], None], Callable[[Month, bool], object]]] = {
    "lock": (_nothing, _lock),
    "price": (_write_closes, _price),
    "trial": (_nothing, _trial),
    "first approval": (_nothing, _olive),
    "second approval": (_nothing, _peter),
    "allot": (_nothing, _allot),
    "sales": (_nothing, _batch),
    "fills": (_write_fills, _fills),
    "instruct": (_nothing, _instruct),
    "acknowledge": (_write_acknowledgement, _acknowledge),
    "confirm": (_nothing, _confirm),
    "proceeds": (_nothing, _proceeds),
}
"""The month: what others do before each step, and the step."""


@dataclass
class Before:
    """Where things stand before a step: a folder to be copied, with the store in it."""

    folder: Path
    month: Month

    @contextmanager
    def copy(self, target: Path) -> Iterator[Month]:
        """A copy of everything, to be broken."""
        shutil.copytree(self.folder, target)
        store = Store(open_engine(f"sqlite:///{target / 'store.sqlite3'}"))
        yield Month(store, target, self.month.plan)
        store.close()
        shutil.rmtree(target)


@pytest.fixture
def before(request: pytest.FixtureRequest, tmp_path: Path) -> Before:
    """November up to the step that the test names."""
    folder = tmp_path / "before"
    folder.mkdir()
    with fresh_store("sqlite", folder) as store:
        month = settled_month(store, folder)
        for name, (others, step) in STEPS.items():
            others(month)
            if name == request.param:
                break
            step(month, False)
        assert month.books_agree()
    return Before(folder, month)


@pytest.mark.parametrize(("before", "name"), [(name, name) for name in STEPS], indirect=["before"], ids=list(STEPS))
def test_a_step_cut_anywhere_and_done_again_ends_as_if_it_had_never_been_cut(
    before: Before, name: str, tmp_path: Path
) -> None:
    step = STEPS[name][1]
    with before.copy(tmp_path / "undisturbed") as month:
        untouched = dump(month.store, month.folder / "files")
        with cut(month.store, None) as counted:
            step(month, False)
        wanted = dump(month.store, month.folder / "files")
        assert month.books_agree()
    assert wanted != untouched
    for point in spread(counted[0]):
        with before.copy(tmp_path / f"cut-{point}") as month:
            with pytest.raises(PowerCut), cut(month.store, point):
                step(month, False)
            assert month.books_agree()
            step(month, False)
            assert dump(month.store, month.folder / "files") == wanted, f"cut at {point} of {counted[0]}"


@pytest.mark.parametrize(("before", "name"), [(name, name) for name in STEPS], indirect=["before"], ids=list(STEPS))
def test_a_dry_run_tells_what_the_step_tells_and_leaves_no_trace(before: Before, name: str, tmp_path: Path) -> None:
    step = STEPS[name][1]
    with before.copy(tmp_path / "dry") as month:
        untouched = dump(month.store, month.folder)
        told = step(month, True)
        assert dump(month.store, month.folder) == untouched
        done = step(month, False)
        assert plain(told) == plain(done)


def plain(report: object) -> object:
    """A report without the digest of a file, which only a file that was written has."""
    if isinstance(report, tuple):
        return tuple(map(plain, report))
    return replace(report, digest="") if isinstance(report, SentFile) else report


def spread(count: int) -> list[int]:
    """So many points from 1 to `count`, both included, evenly spread."""
    if count <= POINTS:
        return list(range(1, count + 1))
    return sorted({1 + at_ * (count - 1) // (POINTS - 1) for at_ in range(POINTS)})


def test_the_month_that_is_cut_meets_everything(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path) as store:
        month = settled_month(store, tmp_path)
        for others, step in STEPS.values():
            others(month)
            step(month, False)
        with store.reading() as tx:
            accepted = list(tx.month_orders.accepted(NOVEMBER))
            sold = tx.month_sales.sold(NOVEMBER)
            causes = {letter.cause.partition(":")[0] for letter in tx.outbox.newest(1_000)}
        reasons = {one.reason for one in accepted}
        assert reasons == {"IN_FULL", "OVER_MAXIMUM", "UNDER_MINIMUM", "NOT_PAID", "HELD:ACCOUNT_ON_HOLD"}
        assert len(accepted) > 6  # several pieces
        assert [one.shares.units > 0 for one in sold].count(True) == 3
        assert {"purchase-confirmation", "sale-confirmation", "expired", "carried", "orders-held"} <= causes
        assert month.books_agree()


@pytest.mark.slow
def test_an_allotment_cut_on_postgresql_ends_as_if_it_had_never_been_cut(tmp_path: Path) -> None:
    with fresh_store("postgresql", tmp_path) as store:
        month = settled_month(store, tmp_path)
        for name, (others, step) in STEPS.items():
            others(month)
            if name == "allot":
                break
            step(month, False)
        url = store.engine.url.render_as_string(hide_password=False)
        store.close()
        with copy_of(url, month) as undisturbed:
            with cut(undisturbed.store, None) as counted:
                _allot(undisturbed, False)
            wanted = dump(undisturbed.store, tmp_path / "files")
        for point in spread(counted[0])[::2]:
            with copy_of(url, month) as broken:
                with pytest.raises(PowerCut), cut(broken.store, point):
                    _allot(broken, False)
                _allot(broken, False)
                assert dump(broken.store, tmp_path / "files") == wanted, f"cut at {point} of {counted[0]}"


@contextmanager
def copy_of(url: str, month: Month) -> Iterator[Month]:
    with copied_postgres(url) as copy:
        store = Store(open_engine(copy))
        yield Month(store, month.folder, month.plan)
        store.close()


def test_what_is_cut_is_cut(tmp_path: Path) -> None:
    with fresh_store("sqlite", tmp_path) as store:
        with pytest.raises(PowerCut), cut(store, 2), store.transaction() as tx:
            tx.reported_holds.report("nobody", Hold.LEGAL, "test", at("2003-11-12") + timedelta(days=1))
        with cut(store, None) as counted, store.reading() as tx:
            tx.states.all()
        assert counted[0] >= 2
