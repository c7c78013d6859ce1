"""Whole conversations: an order waits for its code, a question for its answer, and nothing happens twice."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from handlers.plan.money import Money
from handlers.plan.orders import PurchaseOrder, SaleOrder
from storage.messages import MessageState
from tests.dialogue import Bot, Heard, Person
from tests.journeys.conftest import NEW_YORK

ANA = "ana.perez@example.com"
BOB = "bob.miller@example.com"
ERIN = "erin.walsh@example.com"
IRIS = "iris.novak@example.com"


def orders(bot: Bot, address: str = ANA) -> tuple[PurchaseOrder | SaleOrder, ...]:
    with bot.service.store.reading() as tx:
        now = bot.clock.now()
        return tx.snapshots.load(
            address, now=now, book=bot.service.plan.book, calendar=bot.service.plan.calendar(now)
        ).orders


def asks_to_buy(person: Person, text: str = "Please invest $500 for me this month. I'll mail a check.") -> Heard:
    person.says(text, new_thread=True)
    return person.hears("_shared/confirm_request")


def test_a_purchase_waits_for_its_code_and_stands_once(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    assert "$500.00 (five hundred dollars)" in read_back.text
    assert "February 18, 2004" in read_back.text
    assert "February 10, 2004, 5:00 p.m. Eastern time" in read_back.text
    assert orders(bot) == ()
    ana.says(read_back.code)
    done = ana.hears("buy/completed")
    (order,) = orders(bot)
    assert isinstance(order, PurchaseOrder)
    assert order.amount == Money.of("500")
    assert order.id in done.text
    ana.says(read_back.code)
    ana.hears("_shared/done_again")
    assert orders(bot) == (order,)


def test_every_message_sent_twice_does_everything_once(bot: Bot) -> None:
    raw = (
        b"From: ana.perez@example.com\r\nTo: dspp@aastrom.com\r\nMessage-ID: <twice@example.com>\r\n"
        b"Subject: order\r\n\r\nPlease invest $500 by check.\r\n"
    )
    ana = bot.person(ANA)
    assert ana.sends(raw) is MessageState.AWAITING_SHAREHOLDER
    assert ana.sends(b"Received: from elsewhere by us; today\r\n" + raw) is None
    assert len(ana.heard) == 1
    heard = ana.heard[0]
    code = raw.replace(b"<twice@", b"<code@").replace(b"Please invest $500 by check.", heard.code.encode())
    assert ana.sends(code, heard.reply_to) is MessageState.ANSWERED
    assert ana.sends(code, heard.reply_to) is None
    assert len(orders(bot)) == 1
    assert len(ana.heard) == 2


def test_the_same_request_anew_is_read_back_with_the_same_code(bot: Bot) -> None:
    ana = bot.person(ANA)
    first = asks_to_buy(ana)
    second = asks_to_buy(ana, "please put me down for 500 dollars, check in the mail")
    assert first.code == second.code
    ana.says(second.code)
    ana.hears("buy/completed")
    assert len(orders(bot)) == 1


@pytest.mark.parametrize(
    ("reply", "letter"),
    [
        pytest.param("{code}", "buy/completed", id="the code alone"),
        pytest.param("{lower}", "buy/completed", id="in lower case"),
        pytest.param("Yes, that is right. The code is {code}. Thank you!\n\nAna Perez", "buy/completed", id="politely"),
        pytest.param("YES {spaced}", "buy/completed", id="with a space in it"),
        pytest.param("yes", "_shared/code_problem", id="a yes without the code"),
        pytest.param("No! I do not want this. {code}", "_shared/code_problem", id="an objection with the code"),
        pytest.param("{code} but make it $5000 instead", "_shared/code_problem", id="another amount with the code"),
        pytest.param("no thanks, forget it", "_shared/code_problem", id="an objection without the code"),
    ],
)
def test_a_reply_counts_only_if_it_says_yes_with_the_code(bot: Bot, reply: str, letter: str) -> None:
    ana = bot.person(ANA)
    code = asks_to_buy(ana).code
    ana.says(reply.format(code=code, lower=code.lower(), spaced=code.replace("-", " ")))
    ana.hears(letter)
    assert len(orders(bot)) == (letter == "buy/completed")


def test_a_code_in_quoted_text_confirms_nothing(bot: Bot) -> None:
    ana = bot.person(ANA)
    asks_to_buy(ana)
    ana.says("What does this letter mean? How is the price worked out?")
    assert orders(bot) == ()


def test_a_declined_order_cannot_be_confirmed_later(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    ana.says("No, please do not do this.")
    ana.hears("_shared/code_problem")
    ana.says(read_back.code, answering=read_back)
    ana.hears("_shared/code_problem")
    assert orders(bot) == ()


def test_five_wrong_codes_lock(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    wrong = "2345-WXYZ" if read_back.code != "2345-WXYZ" else "2345-WXYV"
    for _ in range(5):
        ana.says(wrong, answering=read_back)
        ana.hears("_shared/code_problem")
    ana.says(read_back.code, answering=read_back)
    ana.hears("_shared/code_problem")
    assert orders(bot) == ()


def test_a_code_expires(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    bot.clock.pass_time(hours=24, minutes=1)
    ana.says(read_back.code)
    assert "expired" in ana.hears("_shared/code_problem").text.lower() or "no longer" in ana.heard[-1].text
    assert orders(bot) == ()


def test_a_code_from_another_address_confirms_nothing(bot: Bot) -> None:
    read_back = asks_to_buy(bot.person(ANA))
    thief = bot.person("thief@elsewhere.example")
    thief.says(read_back.code, answering=read_back)
    assert orders(bot) == ()
    assert "buy/completed" not in {letter.kind for letter in bot.letters()}


def test_a_code_after_the_cut_off_is_read_back_anew_for_the_next_month(bot: Bot) -> None:
    bot.clock.set(datetime(2004, 2, 10, 16, 59, 0, tzinfo=NEW_YORK))
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    assert "February 18, 2004" in read_back.text
    bot.clock.set(datetime(2004, 2, 10, 17, 0, 1, tzinfo=NEW_YORK))
    ana.says(read_back.code)
    again = ana.hears("_shared/confirm_request")
    assert "March 17, 2004" in again.text
    assert again.code != read_back.code
    assert orders(bot) == ()
    ana.says(again.code)
    (order,) = orders(bot)
    assert order.purchase_date.isoformat() == "2004-03-17"


def test_a_message_received_before_the_cut_off_is_in_time_however_late_it_is_read(bot: Bot) -> None:
    bot.clock.set(datetime(2004, 2, 10, 16, 58, 0, tzinfo=NEW_YORK))
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    raw = (
        f"From: {ANA}\r\nTo: x\r\nMessage-ID: <late@x.example>\r\n"
        f"In-Reply-To: {read_back.mail['Message-ID']}\r\nSubject: Re\r\n\r\n{read_back.code}\r\n"
    ).encode()
    assert bot.receives(raw, ANA, read_back.reply_to)
    bot.clock.pass_time(hours=3)
    assert bot.works() == [MessageState.ANSWERED]
    (order,) = orders(bot)
    assert order.purchase_date.isoformat() == "2004-02-18"


def test_an_amount_we_asked_for_completes_the_order(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("I want to buy some more shares this month.")
    ana.hears("buy/needs_info")
    ana.says("$750 please")
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.hears("buy/completed")
    (order,) = orders(bot)
    assert isinstance(order, PurchaseOrder)
    assert order.amount == Money.of("750")


def test_which_account_is_asked_and_answered(bot: Bot) -> None:
    iris = bot.person(IRIS)
    iris.says("Please invest $300 by check this month.")
    iris.hears("buy/needs_info")
    iris.says("the one ending 0010")
    read_back = iris.hears("_shared/confirm_request")
    assert "****0010" in read_back.text


def test_joining_then_buying(bot: Bot) -> None:
    bob = bot.person(BOB)
    bob.says("Hello, I own registered shares and would like to enroll in the program.")
    read_back = bob.hears("_shared/confirm_request")
    assert "Prospectus" in read_back.text
    bob.says(read_back.code)
    welcome = bob.hears("enroll/completed")
    assert "****0002" in welcome.text
    assert "CST-10002" not in welcome.text
    bob.says("Now please invest $400 by check.", new_thread=True)
    bob.says(bob.hears("_shared/confirm_request").code)
    bob.hears("buy/completed")


def test_acknowledging_the_prospectus_opens_the_way_to_buy(bot: Bot) -> None:
    erin = bot.person(ERIN)
    erin.says("I have received and reviewed the prospectus dated January 28, 2004.")
    erin.says(erin.hears("_shared/confirm_request").code)
    erin.hears("acknowledge/completed")
    erin.says("Please invest $400 by check.", new_thread=True)
    erin.hears("_shared/confirm_request")


def test_an_order_is_cancelled_until_its_cut_off(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana).code)
    ana.says("Please cancel my purchase order.", new_thread=True)
    ana.says(ana.hears("_shared/confirm_request").code)
    ana.hears("cancel_order/completed")
    (order,) = orders(bot)
    assert order.state.value == "CANCELLED"


def test_a_sale_is_read_back_and_done_once(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please sell half of my plan shares.")
    read_back = ana.hears("_shared/confirm_request")
    assert "625.2500" in read_back.text
    ana.says(read_back.code)
    ana.hears("sell/completed")
    (order,) = orders(bot)
    assert isinstance(order, SaleOrder)
    assert str(order.shares) == "625.2500"


def test_figures_are_told_only_after_the_code(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("How many shares do I have in the plan?")
    read_back = ana.hears("_shared/confirm_request")
    assert "1,250.5000" not in read_back.text
    ana.says(read_back.code)
    assert "1,250.5000" in ana.hears("balance/completed").text


def test_the_monthly_limit_counts_earlier_orders(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana, "Please invest $6,000 by check.").code)
    ana.says("Please invest $5,000 more by check.", new_thread=True)
    heard = ana.hears("buy/refused")
    assert "$10,000.00" in heard.text
    assert len(orders(bot)) == 1


def test_a_question_not_understood_twice_goes_to_a_person(bot: Bot) -> None:
    ana = bot.person(ANA)
    assert ana.says("the thing with the other thing") is MessageState.AWAITING_SHAREHOLDER
    ana.hears("_shared/clarify")
    assert ana.says("Regarding our matter") is MessageState.ESCALATED
    ana.hears("_shared/referred")


def test_a_stranger_who_quotes_a_thread_opens_their_own(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    stranger = bot.person("nosy@elsewhere.example")
    stranger.says("How many shares does she have?", answering=read_back, quoting=False)
    for letter in stranger.heard:
        assert "1,250" not in letter.text
        assert letter.reply_to != read_back.reply_to


def test_two_requests_in_one_message_are_answered_in_one_letter(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Is the program open to residents of Ohio? Also, please send me the prospectus.")
    kinds = ana.heard[-1].kind.split(" + ")
    assert kinds == ["eligible_states/completed", "documents/completed"]


@pytest.mark.parametrize(
    ("headers", "why"),
    [
        pytest.param({"Auto-Submitted": "auto-replied"}, "an automatic reply", id="automatic reply"),
        pytest.param({"Precedence": "bulk"}, "bulk mail", id="bulk"),
        pytest.param({"List-Id": "<news.example.com>"}, "a list", id="a mailing list"),
    ],
)
def test_automatic_mail_is_recorded_and_never_answered(bot: Bot, headers: dict[str, str], why: str) -> None:
    ana = bot.person(ANA)
    assert ana.says("Please invest $500.", headers=headers) is MessageState.IGNORED, why
    ana.hears_nothing()
    assert bot.letters() == []


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(
            b"From: a@example.com, b@example.com\r\nSubject: two\r\n\r\nPlease invest $500.\r\n", id="two senders"
        ),
        pytest.param(b"Subject: none\r\n\r\nPlease invest $500.\r\n", id="no sender"),
        pytest.param(b"\xff\xfe\x00 not mail at all", id="not mail"),
        pytest.param(
            b"From: ana.perez@example.com\r\nFrom: other@example.com\r\n\r\nBuy $500\r\n", id="two From headers"
        ),
    ],
)
def test_mail_without_one_sender_is_kept_for_staff(bot: Bot, raw: bytes) -> None:
    assert bot.receives(raw, "ana.perez@example.com")
    assert bot.works() == [MessageState.ESCALATED]
    with bot.service.store.reading() as tx:
        (review,) = tx.reviews.waiting()
        assert tx.messages.get(review.message_id).raw == raw


def test_letters_thread_and_never_start_a_loop(bot: Bot) -> None:
    ana = bot.person(ANA)
    read_back = asks_to_buy(ana)
    mail = read_back.mail
    assert mail["Auto-Submitted"] == "auto-replied"
    assert mail["In-Reply-To"]
    assert str(mail["In-Reply-To"]) in str(mail["References"])
    assert read_back.reply_to.startswith("dspp+c")
    (row,) = bot.letters()
    assert row.envelope_from.startswith("dspp+b")
    assert "<html" in read_back.html.lower()
    echo = bot.person(ANA)
    assert echo.sends(row.raw) is MessageState.IGNORED, "our own letter, come back"


def test_a_subject_of_somebody_else_never_stands_in_our_letter(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says("Please invest $500 by check.", subject="URGENT call 555-0100 about your account")
    assert "URGENT" not in ana.heard[-1].subject
    assert "555-0100" not in ana.heard[-1].text


def test_a_code_lives_a_day_at_most(bot: Bot) -> None:
    ana = bot.person(ANA)
    bot.clock.pass_time(days=3)
    asks_to_buy(ana)
    with bot.service.store.reading() as tx:
        (one,) = tx.confirmations.pending(ANA, bot.clock.now())
    assert one.expires_at - one.asked_at <= timedelta(hours=24)


def test_an_acknowledgement_and_an_order_in_one_message(bot: Bot) -> None:
    erin = bot.person(ERIN)
    erin.says("Please invest $300 by check.")
    erin.hears("buy/refused")
    erin.says("I have received and reviewed the Prospectus. Please invest $300.")
    read_back = erin.hears("_shared/confirm_request")
    assert "By confirming you acknowledge the Prospectus" in read_back.text
    erin.says(read_back.code)
    erin.hears("buy/completed")
    assert len(orders(bot, ERIN)) == 1


def test_a_code_that_was_never_ours_is_told_as_such_also_when_nothing_waits(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana).code)
    ana.hears("buy/completed")
    assert ana.says("2345-WXYZ") is MessageState.AWAITING_SHAREHOLDER
    assert "not the one we sent" in ana.hears("_shared/code_problem").text


def test_a_second_order_for_a_date_names_what_was_ordered_before(bot: Bot) -> None:
    ana = bot.person(ANA)
    ana.says(asks_to_buy(ana).code)
    ana.says("Please invest $500 for me this month. I'll mail a check.", new_thread=True)
    ana.says("second")
    again = ana.hears("_shared/confirm_request")
    assert "This is a further order." in again.text
    assert "You have already ordered $500.00 for this purchase date. With this order it is $1,000.00" in again.text


def test_a_change_of_mind_drops_what_waits(bot: Bot) -> None:
    ana = bot.person(ANA)
    asks_to_buy(ana)
    ana.says("No, I did not mean that")
    assert "dropped" in ana.hears("_shared/code_problem").text
