"""The finer subjects of a request."""

from __future__ import annotations

import pytest

from bot.language.readings import read
from bot.language.requests import request_for
from bot.language.text import plain
from bot.language.topics import holds_in_street_name, topics


@pytest.mark.parametrize(
    ("intent", "text", "topic"),
    [
        pytest.param(
            "enroll", "I have received and reviewed the prospectus.", "acknowledge", id="received and reviewed"
        ),
        pytest.param(
            "buy",
            "I acknowledge receipt of the prospectus presently in force.",
            "acknowledge",
            id="acknowledge receipt",
        ),
        pytest.param("enroll", "I read the prospectus last night. Enroll me.", "acknowledge", id="read the prospectus"),
        pytest.param("enroll", "all my astm is at schwab", "street_name", id="at Schwab"),
        pytest.param("enroll", "got 15k shs ASTM sitting at Ameritrade", "street_name", id="at Ameritrade"),
        pytest.param("sell", "I have 800 Aastrom at Charles Schwab, sell them", "street_name", id="a sale at Schwab"),
        pytest.param("enroll", "my broker holds my shares in street name", "street_name", id="a broker holds"),
        pytest.param("enroll", "I dont own any yet but sign me up", "not_shareholder", id="owns none"),
        pytest.param("buy", "I am not a shareholder yet", "not_shareholder", id="no shareholder"),
        pytest.param("eligible_states", "I live in Windsor, Ontario", "non_us", id="Ontario"),
        pytest.param("enroll", "I have gone home to Toronto for good", "non_us", id="Toronto"),
        pytest.param("eligible_states", "stationed in Germany with an APO address", "non_us", id="an APO address"),
        pytest.param("enroll", "I reside in Saint John, New Brunswick", "non_us", id="a province"),
        pytest.param("enroll", "we live in New Zealand now", "non_us", id="New Zealand"),
        pytest.param("order_status", "I never placed an order, what is this?", "disowned", id="never placed"),
        pytest.param("order_status", "that sale was not mine", "disowned", id="not mine"),
        pytest.param("sell", "be out at the opening bell", "timed", id="the opening bell"),
        pytest.param("buy", "on that very day, not later", "timed", id="that very day"),
        pytest.param("documents", "please mail me a printed prospectus", "by_post", id="printed, by mail"),
        pytest.param("documents", "regular mail is fine", "by_post", id="regular mail"),
        pytest.param("sell", "sell 100 shares today", "timed", id="today"),
        pytest.param("buy", "buy $500 on Friday", "timed", id="on Friday"),
        pytest.param("sell", "sell 100 at the open", "timed", id="at the open"),
        pytest.param("documents", "send the prospectus", "prospectus", id="a prospectus"),
        pytest.param("documents", "where is the enrollment form", "forms", id="a form"),
        pytest.param("documents", "copy of my last statement", "statement", id="a statement"),
        pytest.param("documents", "never got my 1099", "tax_form", id="a 1099"),
        pytest.param("update_account", "my new address is 12 Elm Street", "address", id="an address"),
        pytest.param("update_account", "new email jim@example.com", "email", id="an email"),
        pytest.param("update_account", "new cell number 515-555-0117", "phone", id="a telephone"),
        pytest.param("update_account", "I changed banks, take it from the credit union", "bank", id="a bank"),
        pytest.param("update_account", "got married, my last name is now Reyes", "name", id="a name"),
        pytest.param(
            "transfer_shares", "how do I get my shares out of street name", "street_name", id="out of street name"
        ),
        pytest.param("transfer_shares", "give 50 shares to my granddaughter", "gift", id="a gift"),
        pytest.param("transfer_shares", "I want a paper certificate", "certificate", id="a certificate"),
        pytest.param(
            "transfer_shares", "re-register my shares in joint names", "re_registration", id="re-registration"
        ),
        pytest.param("transfer_shares", "move 100 shares to my Schwab account", "to_broker", id="to a broker"),
        pytest.param("transfer_shares", "I am the executor of the estate", "estate", id="an estate"),
        pytest.param("plan_info", "what is the minimum", "limits", id="limits"),
        pytest.param("plan_info", "is there a fee", "fees", id="fees"),
        pytest.param("plan_info", "how is the price figured", "price", id="the price"),
        pytest.param("plan_info", "when is the next purchase date", "dates", id="dates"),
        pytest.param("plan_info", "does the 3% discount apply", "discount", id="the discount"),
        pytest.param("plan_info", "do you pay dividends", "dividends", id="dividends"),
        pytest.param("plan_info", "can my IRA take part", "ira", id="an IRA"),
        pytest.param(
            "plan_info", "are there ten million shares, will they run out", "aggregate", id="the aggregate limit"
        ),
        pytest.param("enroll", "how do I join the plan", "how", id="how to join"),
        pytest.param("investment_advice", "should I buy", "advice", id="advice"),
        pytest.param("investment_advice", "what is your price target", "prediction", id="a prediction"),
        pytest.param("investment_advice", "I heard a rumor of a merger", "undisclosed", id="a rumor"),
        pytest.param("out_of_scope", "I am out of the office until Monday", "automatic", id="an automatic reply"),
        pytest.param("out_of_scope", "Delivery Status Notification (Failure)", "bounce", id="a bounce"),
        pytest.param("out_of_scope", "verify your account password", "phishing", id="phishing"),
        pytest.param("out_of_scope", "Lowest prices, order now, free shipping", "spam", id="spam"),
        pytest.param("out_of_scope", "We help issuers cut costs, a quick demo?", "vendor", id="a vendor"),
        pytest.param("out_of_scope", "can my husband get in a trial", "patient", id="a patient"),
        pytest.param("out_of_scope", "I'm writing a piece for Monday, on the record", "press", id="the press"),
        pytest.param("out_of_scope", "please find my resume attached", "job", id="a job"),
        pytest.param("out_of_scope", "my Ford stock dividend", "other_company", id="another company"),
    ],
)
def test_a_topic_is_found(intent: str, text: str, topic: str) -> None:
    assert topic in topics(plain(text), intent)


@pytest.mark.parametrize(
    ("intent", "text", "topic"),
    [
        pytest.param("documents", "please send me the prospectus", "acknowledge", id="asking for the prospectus"),
        pytest.param("enroll", "I have the certificate in my own name, enroll me", "street_name", id="a certificate"),
        pytest.param("sell", "sell 75 shares asap ok", "timed", id="as soon as possible"),
        pytest.param("buy", "my check is going out today, put $750 in stock", "timed", id="a check today"),
        pytest.param("buy", "buy $500 on Wednesday's purchase date", "timed", id="the purchase date itself"),
        pytest.param("enroll", "please enroll me", "how", id="an order to enroll"),
    ],
)
def test_a_topic_is_not_imagined(intent: str, text: str, topic: str) -> None:
    assert topic not in topics(plain(text), intent)


@pytest.mark.parametrize(
    ("text", "change"),
    [
        pytest.param("start taking 300 a month from my bank", "start", id="start taking"),
        pytest.param("set me up on the monthly auto thing", "start", id="set me up"),
        pytest.param("take out $300 every month on the 5th", "start", id="take out every month"),
        pytest.param(
            "I want to have $250 drawn out of our checking automatically each month", "start", id="have drawn"
        ),
        pytest.param("begin a deduction of five hundred dollars each month", "start", id="begin"),
        pytest.param("put me on the automatic monthly deduction", "start", id="put me on"),
        pytest.param("Raise my deduction from 300 to 400.", "change", id="raise"),
        pytest.param("Bring our deduction down to 275 dollars", "change", id="bring down"),
        pytest.param("lower my monthly to 260", "change", id="lower"),
        pytest.param("change my monthly deduction to $450", "change", id="change"),
        pytest.param("make it 300 dollars from now", "change", id="make it"),
        pytest.param("Would you move my deduction to the 20th of the month?", "change", id="another day"),
        pytest.param("Put my monthly deduction on pause please", "pause", id="on pause"),
        pytest.param("pause my auto debit until I'm back, then resume it", "pause", id="pause, then resume"),
        pytest.param("can you skip next month's debit for me? then back to normal", "pause", id="skip"),
        pytest.param("please suspend our deductions and start them up again in April", "pause", id="suspend"),
        pytest.param("hold off on the deduction a while", "pause", id="hold off"),
        pytest.param("turn my deduction back on same as before", "resume", id="turn back on"),
        pytest.param("you paused my deduction in the summer, ok to turn it back on now", "resume", id="paused by us"),
        pytest.param("please resume my automatic deduction", "resume", id="resume"),
        pytest.param("stop the deductions", "stop", id="stop"),
        pytest.param("quit taking money out of my bank every month", "stop", id="quit taking"),
        pytest.param("please stop the monthly withdrawal. i'll start it back up when i can", "stop", id="stop for now"),
        pytest.param("no more deductions until further notice", "stop", id="no more"),
        pytest.param("cancel my automatic deduction", "stop", id="cancel"),
        pytest.param("turn off the bank draft", "stop", id="turn off"),
    ],
)
def test_what_is_asked_of_the_deduction_is_one_thing(text: str, change: str) -> None:
    found = request_for("recurring", read(text), 1.0).topics & {"start", "change", "pause", "resume", "stop"}
    assert found == {change}


def test_two_changes_of_the_deduction_both_stay() -> None:
    text = "Stop the old deduction and then start a new deduction of $300 a month"
    found = request_for("recurring", read(text), 1.0).topics & {"start", "change", "pause", "resume", "stop"}
    assert len(found) == 2


@pytest.mark.parametrize(
    ("text", "is_wanted"),
    [
        pytest.param("please mail me a printed prospectus", True, id="printed"),
        pytest.param("can you send the enrollment forms by regular mail", True, id="by regular mail"),
        pytest.param("I can't read it on the screen, send the booklet", True, id="cannot read a screen"),
        pytest.param("I have no computer, send me the forms", True, id="no computer"),
        pytest.param("is there a large-print edition of the booklet", True, id="large print"),
        pytest.param("send me the prospectus", False, id="send me"),
        pytest.param("email me the forms", False, id="by email"),
        pytest.param("my form went by regular mail today, send the prospectus", False, id="what the sender mailed"),
        pytest.param("send the prospectus, I don't need it on paper", False, id="not on paper"),
    ],
)
def test_paper_is_wanted_only_where_it_is_said(text: str, is_wanted: bool) -> None:
    assert ("on_paper" in topics(text, "documents")) is is_wanted


@pytest.mark.parametrize(
    ("text", "are_wanted"),
    [
        pytest.param("send me the enrollment card", True, id="an enrollment card"),
        pytest.param("mail us some new blanks", True, id="blanks"),
        pytest.param("send the paperwork", True, id="paperwork"),
        pytest.param("I lost the slip with my password. Send the prospectus.", False, id="a slip in passing"),
        pytest.param("thanks for the card. A copy of my statement please", False, id="a card in passing"),
    ],
)
def test_forms_are_wanted_only_where_they_are_named(text: str, are_wanted: bool) -> None:
    assert ("forms" in topics(text, "documents")) is are_wanted


@pytest.mark.parametrize(
    ("text", "is_held_there"),
    [
        pytest.param("my shares are at Schwab", True, id="there"),
        pytest.param("my astm is in an ameritrade account, sell 500", True, id="in an account there"),
        pytest.param("I have not been happy with Schwab holding my shares, sell 200", True, id="unhappily there"),
        pytest.param("62 shares in my name not at a broker", False, id="not there"),
        pytest.param("my 640 shares finally came over from Schwab", False, id="no longer there"),
        pytest.param("registered, no broker", False, id="no broker at all"),
    ],
)
def test_where_the_shares_are(text: str, is_held_there: bool) -> None:
    assert holds_in_street_name(text) is is_held_there
