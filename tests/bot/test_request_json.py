"""A parked request comes back as it was, and a code confirms every value of every effect."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.request_json import canonical, request_from_json, request_to_json
from handlers.contract import (
    AcceptPurchase,
    AcceptSale,
    CancelOrder,
    Caution,
    ChangeDeduction,
    DeductionChange,
    Effect,
    Intent,
    OpenAccount,
    RecordAcknowledgement,
    ReportDeath,
    Request,
    RequestTermination,
    Slots,
    Span,
)
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion

DAY = date(2003, 11, 19)
CUT_OFF = datetime(2003, 11, 12, 22, 0, tzinfo=UTC)
WORDS = st.text(max_size=12)
MONEY = st.integers(0, 10**9).map(Money.from_cents)
SHARES = st.one_of(st.integers(0, 10**12).map(Shares.from_units), st.sampled_from(Portion))


def _several(items: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(items, max_size=3).map(tuple)


SLOTS = st.builds(
    Slots,
    amounts=_several(MONEY),
    shares=_several(SHARES),
    states=_several(WORDS),
    accounts=_several(WORDS),
    order_ids=_several(WORDS),
    payment_methods=_several(st.sampled_from(PaymentMethod)),
    frequencies=_several(WORDS),
    days_of_month=_several(st.integers(1, 31)),
    effective_dates=_several(WORDS),
)
SPANS = st.builds(Span, slot=WORDS, start=st.integers(0, 9999), end=st.integers(0, 9999), text=WORDS)
REQUESTS = st.builds(
    Request,
    intent=WORDS.map(Intent),
    slots=SLOTS,
    topics=st.frozensets(WORDS, max_size=3),
    cautions=st.frozensets(st.sampled_from(Caution)),
    confidence=st.decimals(0, 1, places=6),
    spans=_several(SPANS),
)


@given(REQUESTS)
def test_a_request_comes_back_from_json_as_it_was(request: Request) -> None:
    assert request_from_json(json.loads(json.dumps(request_to_json(request)))) == request


def test_every_detail_of_a_request_is_kept() -> None:
    assert set(request_to_json(Request(Intent("buy")))) == {field.name for field in fields(Request)}
    assert set(request_to_json(Request(Intent("buy")))["slots"]) == {field.name for field in fields(Slots)}


PURCHASE = AcceptPurchase("r-1", Money.of("500"), PaymentMethod.CHECK, DAY, CUT_OFF)
SALE = AcceptSale("r-1", Shares.of("10"), Portion.ALL, DAY, CUT_OFF)
CHANGES = [
    (OpenAccount("r-1", "2004-01-28"), "registration_id", "r-2"),
    (OpenAccount("r-1", "2004-01-28"), "prospectus_version", "2003-11-04"),
    (RecordAcknowledgement("r-1", "2004-01-28"), "registration_id", "r-2"),
    (RecordAcknowledgement("r-1", "2004-01-28"), "prospectus_version", "2003-11-04"),
    (PURCHASE, "registration_id", "r-2"),
    (PURCHASE, "amount", Money.of("500.01")),
    (PURCHASE, "payment_method", PaymentMethod.AUTOMATIC_DEDUCTION),
    (PURCHASE, "purchase_date", DAY + timedelta(days=28)),
    (PURCHASE, "cut_off", CUT_OFF + timedelta(seconds=1)),
    (SALE, "registration_id", "r-2"),
    (SALE, "shares", Shares.of("10.0001")),
    (SALE, "portion", None),
    (SALE, "purchase_date", DAY + timedelta(days=28)),
    (SALE, "cut_off", CUT_OFF + timedelta(seconds=1)),
    (CancelOrder("P-2345678"), "order_id", "P-2345679"),
    (ChangeDeduction("r-1", DeductionChange.CHANGE, Money.of("300")), "registration_id", "r-2"),
    (ChangeDeduction("r-1", DeductionChange.CHANGE, Money.of("300")), "change", DeductionChange.START),
    (ChangeDeduction("r-1", DeductionChange.CHANGE, Money.of("300")), "amount", None),
    (RequestTermination("r-1"), "registration_id", "r-2"),
    (RequestTermination("r-1"), "cancels", ("P-7K2M9QX",)),
    (RequestTermination("r-1"), "ends_deduction", True),
    (ReportDeath("ana@example.com"), "address", "bob@example.com"),
]


def test_every_field_of_every_effect_is_changed_here() -> None:
    every = {(effect, field.name) for effect in get_args(Effect) for field in fields(effect)}
    assert {(type(effect), name) for effect, name, _ in CHANGES} == every


@pytest.mark.parametrize(
    ("effect", "name", "other"),
    [pytest.param(*row, id=f"{type(row[0]).__name__}'s {row[1]}") for row in CHANGES],
)
def test_any_other_value_makes_another_canonical_form(effect: Effect, name: str, other: object) -> None:
    changed = replace(effect, **{name: other})  # type: ignore[arg-type]  # the table gives each field its own type
    intent = Intent("any")
    assert canonical([(intent, [changed])]) != canonical([(intent, [effect])])
    assert canonical([(intent, [replace(effect)])]) == canonical([(intent, [effect])])


@pytest.mark.parametrize(
    "other",
    [
        pytest.param([], id="nothing"),
        pytest.param([(Intent("buy"), [])], id="no effects"),
        pytest.param([(Intent("sell"), [PURCHASE])], id="another intent"),
        pytest.param([(Intent("buy"), [PURCHASE, PURCHASE])], id="twice the effect"),
        pytest.param([(Intent("buy"), [PURCHASE]), (Intent("buy"), [PURCHASE])], id="twice the request"),
        pytest.param([(Intent("buy"), []), (Intent("buy"), [PURCHASE])], id="an answer beside it"),
    ],
)
def test_other_requests_have_other_canonical_forms(other: list[tuple[Intent, list[Effect]]]) -> None:
    assert canonical(other) != canonical([(Intent("buy"), [PURCHASE])])


def test_effects_of_the_same_values_but_another_kind_differ() -> None:
    enrolling, acknowledging = OpenAccount("r-1", "v"), RecordAcknowledgement("r-1", "v")
    assert canonical([(Intent("x"), [enrolling])]) != canonical([(Intent("x"), [acknowledging])])


def test_a_value_without_a_canonical_form_is_refused() -> None:
    @dataclass(frozen=True)
    class Strange:
        part: Decimal

    with pytest.raises(TypeError, match="no canonical form for Decimal"):
        canonical([(Intent("x"), [Strange(Decimal(1))])])  # type: ignore[list-item]  # on purpose no effect
