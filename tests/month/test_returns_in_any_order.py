"""Returns, cancellations, decisions, refunds and the month's own steps, in whatever order: the books always agree."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.month import decisions, trial
from bot.month.office import StepRefused
from handlers.plan.money import Money
from tests.databases import fresh_store
from tests.month.banking import BankMonth, returned
from tests.month.playing import NOVEMBER, at, check, holder

FIRST, SECOND, THIRD = "CST-30001", "CST-30002", "CST-30003"
DAYS = (
    *("2003-11-07", "2003-11-10", "2003-11-12", "2003-11-13", "2003-11-14", "2003-11-17", "2003-11-18"),
    *("2003-11-19", "2003-11-20", "2003-11-24", "2003-12-01", "2003-12-05", "2003-12-10"),
)
Act = Callable[[BankMonth, str], object]


def _debit_returned(code: str) -> Act:
    def act(month: BankMonth, day: str) -> None:
        month.ach_returns(month.comes_back(month.deduction_order(FIRST), code, day=day), day=day)

    return act


def _waiting(month: BankMonth) -> str:
    return next((one.id for one in month.payments() if one.state.value in {"HELD", "UNMATCHED"}), "none")


def _cancel(month: BankMonth, day: str) -> None:
    if day <= "2003-11-12":
        with month.store.transaction() as tx:
            tx.orders.cancel(month.deduction_order(FIRST))


def _lock(month: BankMonth, day: str) -> None:
    if day >= "2003-11-13":
        month.lock()


def _approve(month: BankMonth, day: str) -> None:
    if day >= "2003-11-18":
        month.prices("1.12", "1.15", "1.09")
        month.to_approval()


def _again(month: BankMonth, day: str) -> None:
    trial.void_approvals(month.office, NOVEMBER, "test", at(day))
    trial.run_trial(month.office, NOVEMBER, "test", at(day))
    for person in ("Olive", "Peter"):
        trial.approve(month.office, NOVEMBER, person, at(day))


def _allot(month: BankMonth, day: str) -> None:
    if day >= "2003-11-19":
        month.allot()


ACTS: Mapping[str, Act] = {
    "debit returned for want of funds": _debit_returned("R01"),
    "debit returned, account closed": _debit_returned("R02"),
    "debit returned, holder died": _debit_returned("R15"),
    "first check returned": lambda month, day: month.returned_checks(returned(SECOND, "12000", "71", day), day=day),
    "strange check returned": lambda month, day: month.returned_checks(returned("", "400", "72", day), day=day),
    "matched": lambda month, day: decisions.match_payment(month.office, _waiting(month), THIRD, "A", "x", at(day)),
    "released": lambda month, day: decisions.release_payment(month.office, _waiting(month), "A", "x", at(day)),
    "given back": lambda month, day: decisions.refund_payment(month.office, _waiting(month), "A", "x", at(day)),
    "canceled": _cancel,
    "collected": lambda month, day: month.collects(day),
    "refunds sent": lambda month, day: month.refunds(day),
    "locked": _lock,
    "approved": _approve,
    "approved again": _again,
    "allotted": _allot,
}


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.sampled_from(sorted(ACTS)), min_size=len(DAYS), max_size=len(DAYS)))
def test_the_books_agree_whatever_happens_in_whatever_order(acts: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder, fresh_store("sqlite", Path(folder)) as store:
        month = _begun(BankMonth(store, Path(folder)))
        for day, name in zip(DAYS, acts, strict=True):
            month.collects(day)
            before = month.everything()
            try:
                ACTS[name](month, day)
            except StepRefused:
                if name not in {"approved", "approved again"}:  # these do several steps
                    assert month.everything() == before, name
            assert month.books_agree()


@pytest.mark.parametrize("last", [name for name in ACTS if "returned" in name])
def test_the_books_agree_after_each_return_at_every_point_of_the_month(last: str, tmp_path: Path) -> None:
    steps = ["collected", "locked", "approved", "allotted", "refunds sent"]
    for done in range(len(steps) + 1):
        folder = tmp_path / str(done)
        folder.mkdir()
        with fresh_store("sqlite", folder) as store:
            month = _begun(BankMonth(store, folder))
            for name in steps[:done]:
                ACTS[name](month, "2003-11-20")
            ACTS[last](month, "2003-11-20")
            assert month.books_agree()
            before = month.everything()
            ACTS[last](month, "2003-11-21")
            assert month.everything() == before, f"{last} twice, after {steps[:done]}"


def _begun(month: BankMonth) -> BankMonth:
    """A deduction that is debited, a check over the maximum, and one of nobody known."""
    month.holders(*(holder(number) for number in range(1, 4)))
    month.deducts(FIRST, "300")
    month.debits()
    month.lockbox(
        check(SECOND, "12000", check_number="71"), check("CST-99999", "400", check_number="72"), check(THIRD, "250")
    )
    assert month.payments()[0].amount >= Money.of("250")
    assert month.books_agree()
    return month
