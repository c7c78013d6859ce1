"""What happens to an account over its life: deductions, leaving, holds and changed details, each with its letter."""

from __future__ import annotations

import csv
from datetime import datetime
from pathlib import Path

import pytest

from bot.holders_import import import_holders
from handlers.plan.accounts import AccountStatus, DeductionStatus, Registration
from handlers.plan.money import Money
from tests.dialogue import SAMPLES, Bot, Heard, Person
from tests.exchange import write_holders
from tests.journeys.conftest import NEW_YORK

ANA = "ana.perez@example.com"
BOB = "bob.miller@example.com"
DAVE = "dave.kim@example.com"
STRANGER = "somebody@elsewhere.example"


def account_of(bot: Bot, address: str) -> Registration:
    with bot.service.store.reading() as tx:
        (registration,) = tx.registrations.of_email(address)
    return registration


def confirmed(person: Person, text: str, letter: str) -> Heard:
    """Ask for something in a thread of its own, return the code, and read the letter that follows."""
    person.says(text, new_thread=True)
    person.says(person.hears("_shared/confirm_request").code)
    return person.hears(letter)


def transfer_agent_sends(bot: Bot, folder: Path, **changed: dict[str, str]) -> None:
    """Load the sample holders again as the agent's next file, with some details changed, by account."""
    lines = (SAMPLES / "holders.csv").read_text(encoding="utf-8").splitlines()[1:-1]
    rows = [row | changed.get(row["account"].replace("-", "_"), {}) for row in csv.DictReader(lines)]
    service = bot.service
    path = write_holders(folder / "holders-2.csv", *rows, sequence=2)
    import_holders(service.store, service.plan, service.keys, service.post, path, bot.clock.now())


def refused(person: Person, text: str, letter: str) -> str:
    person.says(text, new_thread=True)
    return person.hears(letter).text


def test_a_monthly_deduction_from_its_start_to_its_end(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please start deducting $300 from my bank account every month to buy shares.")
    read_back = ana.hears("_shared/confirm_request")
    assert "$300.00 (three hundred dollars)" in read_back.text
    assert "Nothing is deducted until your signed authorization is in" in read_back.text
    assert account_of(bot, ANA).account.deduction is None  # type: ignore[union-attr]  # she is enrolled
    ana.says(read_back.code)
    asked = ana.hears("recurring/completed")
    assert "Do not email it" in asked.text
    assert deduction(bot) == (Money.of("300"), DeductionStatus.PENDING)

    changed = confirmed(ana, "Change my monthly deduction to $450.", "recurring/completed")
    assert "$450.00" in changed.text
    assert "$300.00" in changed.text
    assert deduction(bot) == (Money.of("450"), DeductionStatus.PENDING)

    paused = confirmed(ana, "Pause my monthly deduction, please.", "recurring/completed")
    assert "Nothing more is deducted until you write to us to resume" in paused.text
    assert deduction(bot)[1] is DeductionStatus.PAUSED

    resumed = confirmed(ana, "Please resume my monthly deduction.", "recurring/completed")
    assert "deducted again each month" in resumed.text
    assert deduction(bot)[1] is not DeductionStatus.PAUSED

    stopped = confirmed(ana, "Stop my monthly deduction for good.", "recurring/completed")
    assert "No further deductions are made" in stopped.text
    assert deduction(bot)[1] is DeductionStatus.REVOKED


def deduction(bot: Bot) -> tuple[Money, DeductionStatus]:
    account = account_of(bot, ANA).account
    assert account is not None
    assert account.deduction is not None
    return account.deduction.amount, account.deduction.status


def test_a_deduction_below_the_minimum_or_more_often_than_monthly_is_refused(bot: Bot) -> None:
    ana = bot.person(ANA)
    assert "$250.00" in refused(ana, "Deduct $100 a month from my bank account, starting now.", "recurring/refused")
    weekly = refused(ana, "Please deduct $300 every week from my bank account.", "recurring/refused")
    assert "Automatic deductions are made once a month" in weekly
    assert "No deduction was started" in weekly


def test_leaving_closes_the_account_and_its_open_purchase(bot: Bot) -> None:
    ana = bot.person(ANA)
    confirmed(ana, "Please invest $500 by check.", "buy/completed")
    ana.says("I want to leave the program. Please close my account.", new_thread=True)
    read_back = ana.hears("_shared/confirm_request")
    assert "Your shares are not sold" in read_back.text
    assert "Your open purchase orders are canceled" in read_back.text
    ana.says(read_back.code)
    left = ana.hears("withdraw/completed")
    assert "1,250.5000" in left.text
    assert "These open purchase orders are canceled" in left.text
    account = account_of(bot, ANA).account
    assert account is not None
    assert account.status is AccountStatus.TERMINATION_REQUESTED

    closing = refused(ana, "Please invest $400 by check.", "buy/refused")
    assert "The account is being closed, or is closed" in closing
    again = refused(ana, "I want to leave the program.", "withdraw/refused")
    assert "The account is being closed, or is closed" in again


def test_who_is_not_enrolled_cannot_leave(bot: Bot) -> None:
    assert "not enrolled" in refused(bot.person(BOB), "Please take me out of the program.", "withdraw/refused")


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        pytest.param("How do I give 100 of my shares to my grandson?", "medallion", id="a gift"),
        pytest.param("I have lost my stock certificate, how do I replace it?", "certificate", id="a certificate"),
        pytest.param("How can I move my plan shares to my broker?", "broker", id="to a broker"),
    ],
)
def test_shares_are_moved_by_the_transfer_agent_never_by_mail(bot: Bot, text: str, phrase: str) -> None:
    ana = bot.person(ANA)
    ana.says(text)
    heard = ana.hears("transfer_shares/completed")
    assert phrase in heard.text.lower()
    assert "Continental Stock Transfer & Trust Company" in heard.text


def test_an_account_on_hold_can_neither_buy_nor_sell(bot: Bot, tmp_path: Path) -> None:
    transfer_agent_sends(bot, tmp_path, CST_10001={"hold": "LEGAL_HOLD"})
    ana = bot.person(ANA)
    for text, letter in [("Please invest $500.", "buy/refused"), ("Please sell 10 plan shares.", "sell/refused")]:
        said = refused(ana, text, letter)
        assert "The account is on hold until Investor Relations releases it" in said
        assert "Holds are released only by a person" in said


def test_changed_details_hold_sales_and_are_told_to_the_former_address(bot: Bot, tmp_path: Path) -> None:
    transfer_agent_sends(
        bot, tmp_path, CST_10001={"email": "ana.new@example.com", "address": "1 Other Street", "city": "Flint"}
    )
    (notice,) = bot.letters_to(ANA)
    assert notice.kind == "notices/details_changed"
    assert "email address, postal address" in notice.text
    assert "no sale is carried out on this account before Tuesday, February 17, 2004" in notice.text
    assert "CST-10001" not in notice.text
    assert "1 Other Street" not in notice.text

    ana = bot.person("ana.new@example.com")
    ana.says("Please sell 10 of my plan shares.")
    ana.hears("_shared/confirm_request")  # the sale date, 18 February, is after the hold


def test_a_sale_within_the_hold_after_a_change_is_refused(bot: Bot, tmp_path: Path) -> None:
    bot.clock.set(datetime(2004, 2, 9, 9, 30, tzinfo=NEW_YORK))
    transfer_agent_sends(bot, tmp_path, CST_10001={"address": "1 Other Street"})
    said = refused(bot.person(ANA), "Please sell 10 of my plan shares.", "sell/refused")
    assert "Sales are on hold for a time after a change of address, email or bank" in said
    assert "The hold lasts 10 business days" in said


def test_without_plan_shares_there_is_nothing_to_sell(bot: Bot) -> None:
    said = refused(bot.person(DAVE), "Please sell 10 of my plan shares.", "sell/refused")
    assert "The program account has no shares that are free to sell" in said


def test_an_order_for_a_day_of_ones_own_is_refused(bot: Bot) -> None:
    said = refused(bot.person(ANA), "Please invest $500 for me in April.", "buy/refused")
    assert "no other day can be chosen" in said
    assert "February 18, 2004" in said


def test_an_order_past_its_cut_off_can_no_longer_be_cancelled(bot: Bot) -> None:
    ana = bot.person(ANA)
    done = confirmed(ana, "Please invest $500 by check.", "buy/completed")
    with bot.service.store.reading() as tx:
        now = bot.clock.now()
        calendar = bot.service.plan.calendar(now)
        (order,) = tx.snapshots.load(ANA, now=now, book=bot.service.plan.book, calendar=calendar).orders
    assert order.id in done.text
    bot.clock.set(datetime(2004, 2, 10, 17, 0, 1, tzinfo=NEW_YORK))
    said = refused(ana, f"Cancel order {order.id} please.", "cancel_order/refused")
    assert "The cut-off for this order has passed" in said


def test_who_owns_no_share_is_not_encouraged_to_buy_any(bot: Bot) -> None:
    text = "I don't own any shares yet. I would like to buy $500 of your stock through the program."
    said = refused(bot.person(STRANGER), text, "buy/refused")
    assert "open to registered shareholders only" in said
    assert "we do not suggest that you buy any" in said
