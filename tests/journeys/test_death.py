"""A message that tells of a death freezes what stands behind its address at once; only staff release it."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers.plan.accounts import DeductionStatus, Hold
from storage.messages import MessageState
from tests.dialogue import Bot
from tests.journeys.test_account_life import ANA, account_of, confirmed, deduction, transfer_agent_sends
from tests.journeys.test_conversations import IRIS, asks_to_buy, orders

DIED = "My husband passed away last month. What do I do about his shares?"
STRANGER = "somebody@elsewhere.example"


def reasons(bot: Bot) -> list[str]:
    with bot.service.store.reading() as tx:
        return [review.reason for review in tx.reviews.waiting()]


def is_frozen(bot: Bot) -> bool:
    return Hold.DEATH_REPORTED in account_of(bot, ANA).holds


def release(bot: Bot, account: str = "CST-10001") -> bool:
    with bot.service.store.transaction() as tx:
        holder = tx.registrations.by_account_number(account)
        assert holder is not None
        return tx.reported_holds.release(holder.id, "J. Doe", "spoke with the holder", bot.clock.now())


def test_a_death_freezes_the_address_at_once_and_discloses_nothing(bot: Bot) -> None:
    ana = bot.person(ANA)
    confirmed(ana, "Please start deducting $300 from my bank account every month.", "recurring/completed")
    assert ana.says(DIED, new_thread=True) is MessageState.ESCALATED
    heard = ana.hears("_shared/referred")
    assert "No transaction has been made" in heard.text
    for told in ("Ana Perez", "1,250", "$300", "hold", "0001"):
        assert told not in heard.text
    assert is_frozen(bot)
    assert deduction(bot)[1] is DeductionStatus.PAUSED
    assert reasons(bot) == ["DEATH"]
    (notice,) = bot.letters_to("ir@aastrom.com")
    assert "dspp holders release" in notice.text


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Please sell 100 of my plan shares.", id="a sale"),
        pytest.param("How many shares do I have?", id="a question of figures"),
        pytest.param("Please invest $500 by check.", id="a purchase"),
    ],
)
def test_what_is_asked_afterwards_goes_to_staff(bot: Bot, text: str) -> None:
    ana = bot.person(ANA)
    ana.says(DIED)
    assert ana.says(text, new_thread=True) is MessageState.ESCALATED
    assert "Ana Perez" not in ana.hears("_shared/referred").text
    with bot.service.store.reading() as tx:
        assert tx.confirmations.pending(ANA, bot.clock.now()) == []


def test_a_code_that_was_sent_before_the_death_carries_nothing_out(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    ana.says(DIED, new_thread=True)
    assert ana.says(read_back.code, answering=read_back) is MessageState.ESCALATED
    ana.hears("_shared/referred")
    assert orders(bot) == ()


def test_a_death_told_beside_the_code_confirms_nothing_and_freezes(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    assert ana.says(f"{read_back.code}\n\n{DIED}") is MessageState.ESCALATED
    ana.hears("_shared/referred")
    assert is_frozen(bot)
    assert orders(bot) == ()


def test_a_stranger_who_tells_of_a_death_freezes_nobody(bot: Bot) -> None:
    stranger = bot.person(STRANGER)
    assert stranger.says(DIED) is MessageState.ESCALATED
    assert not is_frozen(bot)
    assert reasons(bot) == ["DEATH"]
    ana = bot.person(ANA)
    ana.says("How many shares do I have?")
    ana.hears("_shared/confirm_request")


def test_every_account_of_the_mailbox_is_frozen_and_each_is_released_for_itself(bot: Bot) -> None:
    iris = bot.person(IRIS)
    iris.says(f"{DIED} The account is CST-10009.")
    with bot.service.store.reading() as tx:
        held = {one.account_number for one in tx.reported_holds.standing()}
    assert held == {"CST-10009", "CST-10010"}
    assert release(bot, "CST-10009")
    assert iris.says("How many shares do I have in account 0009?", new_thread=True) is MessageState.ESCALATED
    assert release(bot, "CST-10010")
    iris.says("How many shares do I have in account 0009?", new_thread=True)
    iris.hears("_shared/confirm_request")


def test_no_holders_file_lifts_what_was_reported_and_staff_do(bot: Bot, tmp_path: Path) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    ana.says(DIED, new_thread=True)
    transfer_agent_sends(bot, tmp_path)
    assert is_frozen(bot)
    assert release(bot)
    assert not is_frozen(bot)
    ana.says(read_back.code, answering=read_back)
    assert "the request behind this code was dropped" in ana.hears("_shared/code_problem").text
    asks_to_buy(ana)
    assert ana.heard[-1].code != read_back.code
