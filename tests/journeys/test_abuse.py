"""What must not happen: orders nobody agreed to, swallowed requests, guesses, loops, figures told to others."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bot.flood import LETTERS_AT_MOST
from handlers.plan.accounts import Hold
from handlers.plan.orders import PurchaseOrder
from storage.messages import MessageState
from tests.dialogue import Bot, Heard, Person
from tests.journeys.test_conversations import ANA, IRIS, asks_to_buy, orders

WRONG = "2345-WXYZ"


def has_bought(bot: Bot) -> Heard:
    """Ana has an order that stands."""
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    ana.says(read_back.code)
    ana.hears("buy/completed")
    return read_back


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("Delete {code}", id="delete"),
        pytest.param("this is spam {code}", id="spam"),
        pytest.param("Someone hacked my email and I got {code}. Call me.", id="hacked"),
        pytest.param("What is this {code}", id="what is this"),
        pytest.param("lets skip this {code}", id="skip"),
        pytest.param("I need to ask my husband first. {code}", id="asks first"),
        pytest.param("Let me think about it. {code}", id="thinks"),
        pytest.param("too expensive {code}", id="too expensive"),
        pytest.param("Nein, bitte nicht {code}", id="in German"),
        pytest.param("Yes {code}, in May", id="another month"),
        pytest.param("{code} use account 0020", id="another account"),
        pytest.param("{code} Please sell my shares.", id="another request"),
        pytest.param("I am away until Monday. In urgent matters call Bob. {code}", id="an absence"),
    ],
)
def test_only_a_yes_and_nothing_else_confirms(bot: Bot, reply: str) -> None:
    ana = bot.person(ANA)
    ana.says(reply.format(code=asks_to_buy(ana).code))
    ana.hears("_shared/code_problem")
    assert orders(bot) == ()


def test_stop_is_no_yes_to_leaving(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("I want to leave the program. Please close my account.")
    ana.says("Please cancel this. " + ana.hears("_shared/confirm_request").code)
    ana.hears("_shared/code_problem")


def test_a_standing_order_can_be_cancelled_while_another_waits(bot: Bot) -> None:
    has_bought(bot)
    (order,) = orders(bot)
    ana = bot.person(ANA)
    asks_to_buy(ana, "Please invest $300 more by check.")
    ana.says(f"Please cancel my purchase order {order.id}.")
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.hears("cancel_order/completed")
    assert {one.state.value for one in orders(bot)} == {"CANCELLED"}


def test_another_request_is_read_while_one_waits(bot: Bot) -> None:
    ana = bot.person(ANA)
    asks_to_buy(ana)
    ana.says("Please send me the prospectus first.")
    ana.hears("documents/completed")


def test_many_guesses_in_one_message_are_one_wrong_try_and_unread(bot: Bot) -> None:
    ana = bot.person(ANA)
    right = asks_to_buy(ana).code
    guesses = " ".join(f"23{a}{b}-WXYZ" for a in "BCDF" for b in "GHJK")
    ana.says(f"{guesses} {right}")
    ana.hears("_shared/code_problem")
    assert orders(bot) == ()
    with bot.service.store.reading() as tx:
        (one,) = tx.confirmations.pending(ANA, bot.clock.now())
    assert one.tries == 1


def test_nobody_locks_a_code_from_outside_its_conversation(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    forger = bot.person(ANA)
    for _ in range(6):
        forger.says(f"Hello {WRONG}", new_thread=True)
    ana.says(read_back.code, answering=read_back)
    ana.hears("buy/completed")


def test_two_codes_in_one_reply_confirm_both(bot: Bot) -> None:
    ana = bot.person(ANA)
    first = asks_to_buy(ana)
    ana.says("Please sell 100 of my plan shares.", new_thread=True)
    second = ana.hears("_shared/confirm_request")
    ana.says(f"{first.code}\n{second.code}")
    assert set(ana.heard[-1].kind.split(" + ")) == {"buy/completed", "sell/completed"}
    assert len(orders(bot)) == 2


def test_leaving_cancels_nothing_that_was_not_read_back(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("I want to leave the program. Please close my account.")
    leaving = ana.hears("_shared/confirm_request")
    has_bought(bot)
    ana.says(leaving.code, answering=leaving)
    again = ana.hears("_shared/confirm_request")
    assert again.code != leaving.code
    (order,) = orders(bot)
    assert order.state.value == "AWAITING_PAYMENT"


def test_figures_of_one_account_are_not_those_of_another(bot: Bot) -> None:
    iris = bot.person(IRIS)
    iris.says("How many shares do I have in account CST-10009?")
    first = iris.hears("_shared/confirm_request")
    iris.says("How many shares do I have in account CST-10010?", new_thread=True)
    second = iris.hears("_shared/confirm_request")
    assert first.code != second.code


def test_a_death_recorded_meanwhile_stops_what_was_read_back(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("How many shares do I have in the plan?")
    code = ana.hears("_shared/confirm_request").code
    with bot.service.store.transaction() as tx:
        record = tx.registrations.records()["CST-10001"]
        tx.registrations.keep([replace(record, holds=frozenset({Hold.DECEASED}))])
    assert ana.says(code) is MessageState.ESCALATED
    heard = ana.heard[-1]
    assert "1,250" not in heard.text
    assert "Ana Perez" not in heard.text, "nothing is disclosed, not even the name"
    with bot.service.store.reading() as tx:
        assert [review.reason for review in tx.reviews.waiting()] == ["DEATH"]


def test_a_codes_life_begins_when_its_letter_is_written(bot: Bot) -> None:
    raw = f"From: {ANA}\r\nMessage-ID: <w@x.example>\r\nSubject: x\r\n\r\nPlease invest $500 by check.\r\n".encode()
    assert bot.receives(raw, ANA)
    bot.clock.pass_time(hours=30)
    bot.works()
    (read_back,) = bot.letters_to(ANA)
    bot.clock.pass_time(hours=23)
    ana = Person(bot, ANA, heard=[read_back])
    ana.says(read_back.code)
    ana.hears("buy/completed")


def test_two_machines_stop_writing_to_each_other(bot: Bot) -> None:
    machine = bot.person("robot@tickets.example")
    most = min(LETTERS_AT_MOST.values())
    for number in range(most + 5):
        machine.says(f"We have received your message. Your ticket number is {number + 1000}.")
    assert len(bot.letters_to(machine.address)) <= most
    with bot.service.store.reading() as tx:
        assert [one.reason for one in tx.reviews.waiting()].count("FLOOD") <= 1
        assert sum(tx.messages.count_by_state().values()) == most + 5


def test_a_referral_does_not_show_staff_a_live_code(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please invest $500 by check. Also I want to talk to a real person.")
    with bot.service.store.reading() as tx:
        for review in tx.reviews.waiting():
            for letter in ana.heard:
                for word in letter.lines.split():
                    if "-" in word and len(word) == 9 and word[4] == "-":
                        assert word not in review.draft


def test_an_order_reads_the_details_of_its_own_message_only(bot: Bot) -> None:
    has_bought(bot)
    (order,) = orders(bot)
    assert isinstance(order, PurchaseOrder)
    assert order.payment_method.value == "check"
