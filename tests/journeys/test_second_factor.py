"""Selling, leaving and large purchases need what is not in the mailbox; a code alone, and a PIN by mail, do nothing."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pyotp
import pytest

from bot.app import typed_code_for
from bot.language.pipeline import Reader
from bot.second_factor import SecondFactorCheck
from bot.typed_code import Shown, TypedCode
from handlers.plan.accounts import Hold
from handlers.plan.orders import PurchaseOrder, SaleOrder
from storage.messages import MessageState
from storage.store import Store
from tests.dialogue import Bot, Heard, start_bot
from tests.journeys.conftest import MONDAY
from tests.journeys.test_account_life import account_of
from tests.journeys.test_conversations import ANA, asks_to_buy, orders

SALE = "Please sell 100 of my plan shares."


@pytest.fixture
def bot(store: Store, reader: Reader, tmp_path: Path) -> Bot:
    """A bot that asks for second factors."""
    return start_bot(store, reader, tmp_path, MONDAY, second_factor=True)


def new_pin(bot: Bot, address: str = ANA) -> str:
    with bot.service.store.transaction() as tx:
        (taxpayer,) = tx.snapshots.taxpayers_of(address)
        return SecondFactorCheck(bot.service.keys).new_pin(tx, taxpayer, "J. Doe", bot.clock.now())


def page_of(bot: Bot) -> TypedCode:
    return typed_code_for(bot.service)


def token(heard: Heard) -> str:
    found = re.search(r"http://127\.0\.0\.1:8080/confirm/([a-z2-7]{42})", heard.lines)
    assert found is not None, heard.lines
    return found[1]


def asks_to_sell(bot: Bot) -> Heard:
    ana = bot.person(ANA)
    ana.says(SALE, new_thread=True)
    return ana.hears("_shared/confirm_request")


def says(page: Shown) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page.html))


def test_a_sale_is_made_with_the_code_and_the_pin_on_the_page(bot: Bot) -> None:
    pin = new_pin(bot)
    read_back = asks_to_sell(bot)
    assert "Never send your PIN by email" in read_back.text
    page = page_of(bot)
    shown = page.show(token(read_back))
    assert shown.status == 200
    assert "100.0000 shares" in says(shown)
    assert "Perez" not in shown.html
    assert 'name="factor"' in shown.html
    assert read_back.code not in shown.html
    bot.clock.pass_time(seconds=1)
    done = page.typed(token(read_back), read_back.code.lower(), pin)
    assert "Thank you" in says(done)
    (order,) = orders(bot)
    assert isinstance(order, SaleOrder)
    letter = bot.letters_to(ANA)[-1]
    assert letter.kind == "sell/completed"
    assert order.id in letter.text
    with bot.service.store.reading() as tx:
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []


def test_the_code_by_mail_alone_sells_nothing_and_says_where_to_go_on(bot: Bot) -> None:
    pin = new_pin(bot)
    ana = bot.person(ANA)
    ana.says(SALE)
    read_back = ana.hears("_shared/confirm_request")
    ana.says(read_back.code)
    assert token(ana.hears("_shared/code_problem")) == token(read_back)
    ana.says(f"{read_back.code} PIN {pin}", answering=read_back)
    assert orders(bot) == ()
    assert "Thank you" in says(page_of(bot).typed(token(read_back), read_back.code, pin))
    assert len(orders(bot)) == 1


def test_opening_the_page_changes_nothing_however_often(bot: Bot) -> None:
    new_pin(bot)
    read_back = asks_to_sell(bot)
    letters = len(bot.letters())
    pages = {page_of(bot).show(token(read_back)).html for _ in range(10)}
    assert len(pages) == 1
    assert orders(bot) == ()
    assert len(bot.letters()) == letters


def test_an_empty_form_is_no_try(bot: Bot) -> None:
    pin = new_pin(bot)
    read_back = asks_to_sell(bot)
    page = page_of(bot)
    for _ in range(10):
        assert "Please type the code" in says(page.typed(token(read_back), " ", pin))
        assert "Please type your PIN" in says(page.typed(token(read_back), read_back.code, ""))
    assert "Thank you" in says(page.typed(token(read_back), read_back.code, pin))


def test_wrong_codes_lock_the_request_and_wrong_pins_the_pin(bot: Bot) -> None:
    pin = new_pin(bot)
    wrong = "000000" if pin != "000000" else "111111"
    page = page_of(bot)
    read_back = asks_to_sell(bot)
    for _ in range(4):
        assert "is not the code" in says(page.typed(token(read_back), "2345-WXYZ", pin))
    assert "locked" in says(page.typed(token(read_back), "2345-WXYZ", pin))
    assert "locked" in says(page.typed(token(read_back), read_back.code, pin))
    again = asks_to_sell(bot)
    for typed in (wrong, "12345", "1234567", "abcdef"):
        assert "The code is right" in says(page.typed(token(again), again.code, typed))
    assert "locked" in says(page.typed(token(again), again.code, wrong))
    assert "locked" in says(page.typed(token(again), again.code, pin))
    assert orders(bot) == ()
    with bot.service.store.transaction() as tx:
        (taxpayer,) = tx.snapshots.taxpayers_of(ANA)
        assert tx.second_factors.unlock(taxpayer, "J. Doe", "spoke with the holder")
    assert "Thank you" in says(page.typed(token(again), again.code, pin))


def test_a_one_time_password_counts_once_and_only_in_its_time(bot: Bot) -> None:
    with bot.service.store.transaction() as tx:
        (taxpayer,) = tx.snapshots.taxpayers_of(ANA)
        address = SecondFactorCheck(bot.service.keys).new_totp(
            tx, taxpayer, "J. Doe", bot.clock.now(), label="****0001", issuer="Aastrom DSPP"
        )
    totp = pyotp.parse_uri(address)
    assert isinstance(totp, pyotp.TOTP)
    page = page_of(bot)
    first = asks_to_sell(bot)
    stale = totp.at(datetime.now(UTC) - timedelta(minutes=5))
    now = totp.now()
    if stale != now:
        assert "The code is right" in says(page.typed(token(first), first.code, stale))
    assert "Thank you" in says(page.typed(token(first), first.code, now))
    second = bot.person(ANA)
    second.says("Please sell 50 of my plan shares.", new_thread=True)
    other = second.hears("_shared/confirm_request")
    assert "The code is right" in says(page.typed(token(other), other.code, now))
    assert len(orders(bot)) == 1


def test_who_has_no_pin_is_referred_to_a_person(bot: Bot) -> None:
    ana = bot.person(ANA)
    assert ana.says(SALE) is MessageState.ESCALATED
    heard = ana.hears("_shared/referred")
    assert "a PIN that comes to your address of record by post" in heard.text
    assert "A deadline may pass meanwhile" in heard.text
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["NO_SECOND_FACTOR"]
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []


def test_ten_thousand_dollars_need_the_pin_under_the_shipped_terms(bot: Bot) -> None:
    pin = new_pin(bot)
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana, "Please invest $10,000 by check.")
    assert "Never send your PIN by email" in read_back.text
    ana.says(read_back.code)
    ana.hears("_shared/code_problem")
    assert orders(bot) == ()
    page = page_of(bot)
    assert "Please type your PIN" in says(page.typed(token(read_back), read_back.code, ""))
    assert "Thank you" in says(page.typed(token(read_back), read_back.code, pin))
    assert [str(order.amount) for order in orders(bot) if isinstance(order, PurchaseOrder)] == ["10000.00"]


def test_a_large_purchase_cut_into_two_needs_the_pin_for_the_second(bot: Bot) -> None:
    pin = new_pin(bot)
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana, "Please invest $4,000 by check.").code)
    ana.hears("buy/completed")
    second = asks_to_buy(ana, "Please invest $2,000 more by check.")
    ana.says(second.code)
    ana.hears("_shared/code_problem")
    assert len(orders(bot)) == 1
    assert "Thank you" in says(page_of(bot).typed(token(second), second.code, pin))
    assert len(orders(bot)) == 2


def test_of_two_that_wait_together_the_one_that_makes_the_month_large_needs_the_pin(bot: Bot) -> None:
    new_pin(bot)
    ana = bot.person(ANA)
    first = asks_to_buy(ana, "Please invest $4,000 by check.")
    second = asks_to_buy(ana, "Please invest $2,000 more by check.")
    assert "PIN" not in first.text + second.text, "neither is large by itself"
    ana.says(first.code, answering=first)
    ana.hears("buy/completed")
    for code in (second.code, f"{second.code} yes"):
        ana.says(code, answering=second)
        assert token(ana.hears("_shared/code_problem")) == token(second)
    assert len(orders(bot)) == 1


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param("Please invest $10,000 by check.", id="a large purchase"),
        pytest.param("Please start a monthly deduction of $6,000.", id="a large deduction"),
    ],
)
def test_who_has_no_pin_is_referred_for_what_is_large(bot: Bot, asked: str) -> None:
    ana = bot.person(ANA)
    assert ana.says(asked) is MessageState.ESCALATED
    assert "to buy for more than $5,000.00 in one month" in ana.hears("_shared/referred").text
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["NO_SECOND_FACTOR"]
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []


def test_who_has_no_pin_is_referred_when_only_the_code_shows_that_it_is_large(bot: Bot) -> None:
    ana = bot.person(ANA)
    first = asks_to_buy(ana, "Please invest $4,000 by check.")
    second = asks_to_buy(ana, "Please invest $2,000 more by check.")
    ana.says(first.code, answering=first)
    assert ana.says(second.code, answering=second) is MessageState.ESCALATED
    assert ana.hears("_shared/referred").kind == "_shared/referred", "no page is named on which nothing could be typed"
    assert len(orders(bot)) == 1
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["NO_SECOND_FACTOR"]
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []


def test_where_no_second_factor_is_asked_the_maximum_is_bought_with_the_code_alone(
    store: Store, reader: Reader, tmp_path: Path
) -> None:
    bot = start_bot(store, reader, tmp_path, MONDAY)
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana, "Please invest $10,000 by check.").code)
    ana.hears("buy/completed")


def test_an_ordinary_purchase_needs_no_pin_by_mail_or_on_the_page(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    ana.says(read_back.code)
    ana.hears("buy/completed")
    more = asks_to_buy(ana, "Please invest $300 more by check.")
    shown = page_of(bot).show(token(more))
    assert 'name="factor"' not in shown.html
    assert "Thank you" in says(page_of(bot).typed(token(more), more.code, ""))
    assert len(orders(bot)) == 2


def test_a_link_that_we_did_not_make_opens_nothing(bot: Bot) -> None:
    read_back = asks_to_buy(bot.person(ANA))
    real = token(read_back)
    for forged in (real[:-1] + ("a" if real[-1] != "a" else "b"), real[:26] + "a" * 16, "x", "", "../../etc/passwd"):
        shown = page_of(bot).show(forged)
        assert shown.status == 404
        assert page_of(bot).typed(forged, read_back.code, "").status == 404
    assert orders(bot) == ()


def test_what_was_confirmed_runs_out_or_changed_is_said_and_not_done(bot: Bot) -> None:
    ana = bot.person(ANA)
    page = page_of(bot)
    used = asks_to_buy(ana)
    page.typed(token(used), used.code, "")
    assert "confirmed before" in says(page.show(token(used)))
    assert "confirmed before" in says(page.typed(token(used), used.code, ""))
    old = asks_to_buy(ana, "Please invest $300 more by check.")
    bot.clock.pass_time(hours=25)
    assert "expired" in says(page.typed(token(old), old.code, ""))
    late = asks_to_buy(ana, "Please invest $400 more by check.")
    bot.clock.set(datetime(2004, 2, 10, 16, 30, tzinfo=MONDAY.tzinfo))
    late = asks_to_buy(ana, "Please invest $450 more by check.")
    bot.clock.set(datetime(2004, 2, 10, 17, 30, tzinfo=MONDAY.tzinfo))
    assert "cut-off" in says(page.typed(token(late), late.code, ""))
    assert len(orders(bot)) == 1


def test_a_frozen_address_confirms_nothing_on_the_page(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    ana.says("My husband passed away last month. What do I do about his shares?", new_thread=True)
    assert Hold.DEATH_REPORTED in account_of(bot, ANA).holds
    assert "no orders through this address" in says(page_of(bot).typed(token(read_back), read_back.code, ""))
    assert orders(bot) == ()
