"""A participant moves: what stops where the program is closed, what staff hear where nobody knows."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from handlers.plan.accounts import DeductionStatus
from handlers.plan.orders import PurchaseOrder, SaleOrder
from tests.dialogue import Bot
from tests.journeys.conftest import NEW_YORK
from tests.journeys.test_account_life import ANA, account_of, confirmed, deduction, transfer_agent_sends
from tests.journeys.test_conversations import orders

TO_CALIFORNIA = {"address": "1 New Street", "city": "Oakland", "state": "CA", "postal_code": "94607"}
MOVED = "notices/moved_to_closed_state"


def with_everything_open(bot: Bot) -> None:
    ana = bot.person(ANA)
    confirmed(ana, "Please invest $500 by check.", "buy/completed")
    confirmed(ana, "Please sell 10 of my plan shares.", "sell/completed")
    confirmed(ana, "Please start deducting $300 from my bank account every month.", "recurring/completed")


def states(bot: Bot) -> dict[type, str]:
    return {type(order): order.state.value for order in orders(bot)}


def kinds(bot: Bot, address: str) -> list[str]:
    return [letter.kind for letter in bot.letters_to(address) if letter.kind.startswith("notices/")]


def test_a_move_to_a_closed_state_stops_purchases_and_deduction_and_is_told(bot: Bot, tmp_path: Path) -> None:
    with_everything_open(bot)
    transfer_agent_sends(bot, tmp_path, CST_10001=TO_CALIFORNIA)
    assert states(bot) == {PurchaseOrder: "CANCELLED", SaleOrder: "QUEUED"}
    assert deduction(bot)[1] is DeductionStatus.REVOKED
    assert sorted(kinds(bot, ANA)) == ["notices/details_changed", MOVED]
    (letter,) = (letter for letter in bot.letters_to(ANA) if letter.kind == MOVED)
    (purchase,) = (order for order in orders(bot) if isinstance(order, PurchaseOrder))
    for phrase in (
        purchase.id,
        "California",
        "Any money we hold for you is returned without interest",
        "Your monthly deduction of $300.00 is stopped",
        "can still be sold through it",
    ):
        assert phrase in letter.text
    assert "1 New Street" not in letter.text
    assert "CST-10001" not in letter.text
    assert bot.letters_to("ir@aastrom.com") == []

    ana = bot.person(ANA)
    ana.says("Please invest $500 by check.")
    ana.hears("buy/refused")


def test_an_order_past_its_cut_off_goes_ahead(bot: Bot, tmp_path: Path) -> None:
    with_everything_open(bot)
    bot.clock.set(datetime(2004, 2, 10, 17, 0, 1, tzinfo=NEW_YORK))
    transfer_agent_sends(bot, tmp_path, CST_10001=TO_CALIFORNIA)
    assert states(bot)[PurchaseOrder] == "AWAITING_PAYMENT"


@pytest.mark.parametrize(
    ("change", "phrase"),
    [
        pytest.param({"state": "NY"}, "Find out whether the program can be offered in New York", id="an unknown state"),
        pytest.param({"state": "", "country": "SE"}, "outside the United States", id="abroad"),
    ],
)
def test_where_nobody_knows_nothing_stops_and_staff_hear_of_it(
    bot: Bot, tmp_path: Path, change: dict[str, str], phrase: str
) -> None:
    with_everything_open(bot)
    transfer_agent_sends(bot, tmp_path, CST_10001=change)
    assert states(bot) == {PurchaseOrder: "AWAITING_PAYMENT", SaleOrder: "QUEUED"}
    assert deduction(bot)[1] is DeductionStatus.PENDING
    assert MOVED not in kinds(bot, ANA)
    (notice,) = bot.letters_to("ir@aastrom.com")
    assert phrase in notice.text
    assert "Ana Perez" not in notice.text


@pytest.mark.parametrize(
    ("account", "change", "told"),
    [
        pytest.param("CST_10001", {"state": "OH"}, [], id="to an open state"),
        pytest.param("CST_10001", {"address": "1 New Street"}, [], id="within a state"),
        pytest.param("CST_10002", {"state": "CA"}, [], id="a holder who takes no part"),
    ],
)
def test_other_moves_stop_nothing(
    bot: Bot, tmp_path: Path, account: str, change: dict[str, str], told: list[str]
) -> None:
    transfer_agent_sends(bot, tmp_path, **{account: change})
    assert kinds(bot, "ir@aastrom.com") == told
    assert account_of(bot, ANA).is_active
    assert not [letter for letter in bot.letters() if letter.kind == MOVED]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"email": ""}, id="no address on file"),
        pytest.param({"hold": "DECEASED_HOLD"}, id="a frozen account"),
    ],
)
def test_who_cannot_be_told_by_mail_is_told_by_staff(bot: Bot, tmp_path: Path, change: dict[str, str]) -> None:
    with_everything_open(bot)
    before = orders(bot)
    transfer_agent_sends(bot, tmp_path, CST_10001=TO_CALIFORNIA | change)
    with bot.service.store.reading() as tx:
        holder = tx.registrations.by_account_number("CST-10001")
        assert holder is not None
        after = tx.orders.of_registrations([holder.id])
    assert len(before) == len(after) == 2
    assert {order.state.value for order in after} == {"CANCELLED", "QUEUED"}
    assert MOVED not in kinds(bot, ANA)
    (notice,) = bot.letters_to("ir@aastrom.com")
    assert "Write to the holder by post" in notice.text
