"""Account numbers and order ids as written, and payment methods."""

from __future__ import annotations

import pytest

from bot.language.payments import payment_methods, payment_topics
from bot.language.readings import read
from bot.language.references import references
from bot.language.slots import slots_for
from bot.language.text import plain


@pytest.mark.parametrize(
    ("text", "account"),
    [
        pytest.param("account 4471-0082", "4471-0082", id="two groups"),
        pytest.param("acct 20-11937 pls", "20-11937", id="acct"),
        pytest.param("Acct. 0012-88391.", "0012-88391", id="acct with a point"),
        pytest.param("account number A100-0004821", "A100-0004821", id="letters in front"),
        pytest.param("account no. 118-40", "118-40", id="no."),
        pytest.param("acct # 5-60113", "5-60113", id="hash"),
        pytest.param("account DS-55120", "DS-55120", id="DS"),
        pytest.param("Close AST-119020.", "AST-119020", id="without the word"),
        pytest.param("my account CST-10001 please", "CST-10001", id="CST"),
        pytest.param("account: 12345678", "12345678", id="digits only"),
        pytest.param("Acct 3391-D", "3391-D", id="a letter at the end"),
        pytest.param("Plan account: 771-20-B", "771-20-B", id="two groups and a letter"),
        pytest.param("account: 118-4402", "118-4402", id="like a telephone number"),
        pytest.param("holder no. 4410", "4410", id="holder number"),
        pytest.param("folio 8-1140", "8-1140", id="folio"),
        pytest.param("my shares, hldr #7-2 318", "7-2 318", id="hldr"),
        pytest.param("Account: 61 0337 4, please", "61 0337 4", id="groups with blanks"),
        pytest.param("a/c 6613 0072", "6613 0072", id="two groups with a blank"),
        pytest.param("sell 90 of acct 4410 300 shares", "4410", id="a count after it"),
        pytest.param("My acct number there is CBT 0047 2.", "CBT 0047 2", id="letters and blanks"),
        pytest.param("account: K 8815", "K 8815", id="a letter and a blank"),
        pytest.param("account B/0731", "B/0731", id="a slash"),
        pytest.param("folio 15-2/C", "15-2/C", id="a slash and a letter"),
        pytest.param("plan no. 31.772.4", "31.772.4", id="points"),
        pytest.param("my account ending 5527", "5527", id="its last digits"),
        pytest.param("my account with the agent reads 14-80-331", "14-80-331", id="words between"),
        pytest.param("registered to me under 28/6610", "28/6610", id="without the word, a slash"),
        pytest.param("I joined last week under number 88410", "88410", id="under a number"),
        pytest.param("close 5519-R please", "5519-R", id="a letter, without the word"),
        pytest.param("close acct 1410, typo, acct 1401", "1401", id="corrected"),
        pytest.param("account 5120-4 is mine; the older one, 5120-7, was shut", "5120-4", id="a former one"),
        pytest.param("certificate, D-0551, came from account 0021-884", "0021-884", id="a certificate"),
        pytest.param("account 3127-X; the joint one, 3128-X, is not to be touched", "3127-X", id="one is spared"),
    ],
)
def test_accounts_are_read_as_written(text: str, account: str) -> None:
    slots, _ = slots_for("withdraw", read(text))
    assert slots.accounts == (account,)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        pytest.param("Cancel P-20418.", ("P-20418",), id="P"),
        pytest.param("cancel P-7K2M9QX", ("P-7K2M9QX",), id="ours"),
        pytest.param("please cancel s-7k2m9qx", ("s-7k2m9qx",), id="ours, small"),
        pytest.param("Call off SO-3317.", ("SO-3317",), id="SO"),
        pytest.param("withdraw order DS-00731 placed last Thursday", ("DS-00731",), id="the word order decides"),
        pytest.param("was DS-1440 actually cancelled", ("DS-1440",), id="the intent decides"),
        pytest.param("CXL order 7731 prior to lock", ("7731",), id="digits after order"),
        pytest.param("Scrap 40177 please", ("40177",), id="digits after scrap"),
        pytest.param("PO-30012 did it go in yet? and kill PO-30044", ("PO-30012", "PO-30044"), id="two"),
        pytest.param("Please cancel P-20418. Again: P-20418.", ("P-20418",), id="the same twice"),
        pytest.param("cancel my order of December 17, 2003", (), id="a date is none"),
        pytest.param("cancel the $500 order", (), id="an amount is none"),
        pytest.param("cancel it, call 734-930-5777", (), id="a telephone number is none"),
        pytest.param("cancel my order of 300 shares", (), id="a count is none"),
        pytest.param("Cancel P-1001, keep P-1002", ("P-1001",), id="one is kept"),
        pytest.param("Cancel order P-1001. P-1002 stays.", ("P-1001",), id="one stays"),
        pytest.param("cancel P-1001 only; P-1002 should go through", ("P-1001",), id="one should go through"),
        pytest.param("where does order A-2291 stand? cancel it", ("A-2291",), id="where it stands"),
        pytest.param("cancel order 6012. it says 6021 here so 6021 is the one", ("6021",), id="one settled on"),
        pytest.param("cancel both 5512 and 5513", ("5512", "5513"), id="both"),
        pytest.param("cancel orders 5512, 5513 and 5519", ("5512", "5513", "5519"), id="three"),
        pytest.param("the acknowledgment says 'Ref: DSPP/2003/204', drop it", ("DSPP/2003/204",), id="slashes"),
        pytest.param("Re S-2230/4, cancel it", ("S-2230/4",), id="a slash at the end"),
        pytest.param("w000771 - nix it", ("w000771",), id="before its verb"),
        pytest.param("withdraw my order 71 220 5", ("71 220 5",), id="groups with blanks"),
        pytest.param("scratch order no:4c72", ("4c72",), id="a letter within"),
        pytest.param("revoke 2003-12-00881", ("2003-12-00881",), id="like a date"),
        pytest.param("order RTV-KM should be pulled", ("RTV-KM",), id="letters alone"),
        pytest.param("Conf. 04-2207-C, cancel that", ("04-2207-C",), id="conf."),
        pytest.param("cancel the one numbered 61-9", ("61-9",), id="the one numbered"),
        pytest.param("It's the second, no. 30661. Cancel that", ("30661",), id="pointed at"),
        pytest.param("cancel my order of 12/17/03", (), id="a date with slashes is none"),
        pytest.param("cancel my order for 1000 shares", (), id="a plain count is none"),
    ],
)
def test_order_ids_are_read_as_written(text: str, orders: tuple[str, ...]) -> None:
    slots, _ = slots_for("cancel_order", read(text))
    assert slots.order_ids == orders


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        pytest.param("new cell for my account: 419-555-0148", (), id="a telephone"),
        pytest.param("account 419-555-0148 is mine", ("419-555-0148",), id="no word of a telephone"),
        pytest.param("phone me on account no. 419-555-0148", ("419-555-0148",), id="called a number"),
        pytest.param("new cell number for my acct: 419 555 0148", (), id="with blanks"),
        pytest.param("I opened the account in 2001 with 1200 shares", (), id="a year"),
        pytest.param("registered holder of 1200 shares", (), id="a count"),
        pytest.param("debit my checking account ending 7706", (), id="an account at a bank"),
        pytest.param("loan 20-4471", (), id="a loan"),
    ],
)
def test_a_telephone_number_is_no_account(text: str, accounts: tuple[str, ...]) -> None:
    assert slots_for("update_account", read(text))[0].accounts == accounts


@pytest.mark.parametrize(
    ("text", "methods", "frequencies"),
    [
        pytest.param("start taking $300 from my bank monthly", ["automatic_deduction"], ["monthly"], id="a start"),
        pytest.param("raise my monthly draft to $300", ["automatic_deduction"], ["monthly"], id="a change"),
        pytest.param(
            "resume my monthly draft at $300", ["automatic_deduction"], ["monthly"], id="anew, with an amount"
        ),
        pytest.param("turn my deduction back on", [], [], id="taken up as it was"),
        pytest.param("stop my monthly bank draft", [], [], id="a stop"),
        pytest.param("Stop the $250 deduction and start $400 instead", [], [], id="the one stopped pays for nothing"),
        pytest.param(
            "cancel my draft and take $300 from my savings monthly",
            ["automatic_deduction"],
            ["monthly"],
            id="stopped and anew",
        ),
        pytest.param("move my monthly draft to the 20th", [], [], id="another day"),
    ],
)
def test_a_deduction_names_its_payment_where_it_starts_or_changes(
    text: str, methods: list[str], frequencies: list[str]
) -> None:
    slots, _ = slots_for("recurring", read(text))
    assert ([method.value for method in slots.payment_methods], list(slots.frequencies)) == (methods, frequencies)


@pytest.mark.parametrize(
    ("text", "orders"),
    [
        pytest.param("status of #014-M pls", ("014-M",), id="a hash and a letter"),
        pytest.param("any news on C-207 and C-211", ("C-207", "C-211"), id="news on two"),
        pytest.param("ord 20031204000551 did it go thru", ("20031204000551",), id="a long one"),
    ],
)
def test_orders_asked_about_are_read_as_written(text: str, orders: tuple[str, ...]) -> None:
    slots, _ = slots_for("order_status", read(text))
    assert (slots.order_ids, slots.accounts) == (orders, ())


def test_an_open_reference_is_an_account_where_no_order_is_spoken_of() -> None:
    text = "Sell 200 shares out of DS-40817"
    assert [found.value for found in references(plain(text)).either] == ["DS-40817"]
    slots, _ = slots_for("sell", read(text))
    assert (slots.accounts, slots.order_ids) == (("DS-40817",), ())


@pytest.mark.parametrize(
    ("text", "methods"),
    [
        pytest.param("My check for $500 is in the mail", ["check"], id="check"),
        pytest.param("a cheque follows", ["check"], id="cheque"),
        pytest.param("ck for twelve hundred", ["check"], id="ck"),
        pytest.param("by personal check", ["check"], id="personal check"),
        pytest.param("take it by automatic deduction", ["automatic_deduction"], id="automatic deduction"),
        pytest.param("set up the auto debit", ["automatic_deduction"], id="auto debit"),
        pytest.param("use ACH debit", ["automatic_deduction"], id="ACH debit"),
        pytest.param("have $250 drawn out of our checking automatically", ["automatic_deduction"], id="automatically"),
        pytest.param("A check on the trust's account will follow", ["check"], id="a check on an account"),
        pytest.param("chek is in male", ["check"], id="misspelled"),
        pytest.param("take 600 from my bank and buy", ["automatic_deduction"], id="from my bank"),
        pytest.param("take $1,100.00 out of my bank account", ["automatic_deduction"], id="out of my bank account"),
        pytest.param("Suspend the automatic withdrawals", [], id="what is suspended"),
        pytest.param("my county check is deposited", [], id="a wage"),
        pytest.param("Pay by: [ ] check   [ ] automatic deduction", [], id="empty boxes"),
        pytest.param("one check now, and automatic deductions after", ["check", "automatic_deduction"], id="both"),
        pytest.param("please check on my order", [], id="to check on"),
        pytest.param("I will check with my wife", [], id="to check with"),
        pytest.param("my checkbook is empty", [], id="a checkbook"),
        pytest.param("I sent a voided check", [], id="a voided check"),
        pytest.param("Buy $300. Check on its way.", ["check"], id="on its way"),
        pytest.param("You can draft my account for five hundred", ["automatic_deduction"], id="draft my account"),
        pytest.param("my corn check clears Friday", [], id="a harvest's proceeds"),
        pytest.param("$900, via debit", ["automatic_deduction"], id="via debit"),
        pytest.param("Charge our savings account $1,200", ["automatic_deduction"], id="charge savings"),
        pytest.param("draw 350 off my bank account", ["automatic_deduction"], id="off my bank account"),
        pytest.param("the debit can come off my checking", ["automatic_deduction"], id="come off"),
        pytest.param("Plow $400 into stock, from my bank as before", ["automatic_deduction"], id="from my bank"),
        pytest.param("My check, drawn on the credit union, is enclosed", ["check"], id="a check drawn on"),
        pytest.param("put it on my debit card", [], id="a debit card"),
        pytest.param("$300 from my savings, the check is in the mail", ["check"], id="from savings by check"),
    ],
)
def test_payment_methods_of_the_plan_are_slots(text: str, methods: list[str]) -> None:
    assert [found.value.value for found in payment_methods(plain(text))] == methods


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        pytest.param("put it on my Discover card", "pay:card", id="a card"),
        pytest.param("charge my visa", "pay:card", id="Visa"),
        pytest.param("use my debit card", "pay:card", id="a debit card"),
        pytest.param("the bank can wire it this afternoon", "pay:wire", id="a wire"),
        pytest.param("sending it by paypal", "pay:paypal", id="PayPal"),
        pytest.param("can I pay in cash", "pay:cash", id="cash"),
        pytest.param("a money order is enclosed", "pay:money_order", id="a money order"),
        pytest.param("I'll pay in bitcoin", "pay:crypto", id="crypto"),
        pytest.param("sent by Zelle", "pay:zelle", id="Zelle"),
        pytest.param("my son's check is enclosed", "pay:third_party_check", id="somebody else's check"),
        pytest.param("a check from my employer", "pay:third_party_check", id="an employer's check"),
        pytest.param("a check on a Canadian bank", "pay:foreign_check", id="a Canadian bank"),
        pytest.param("my canadian dollar check", "pay:foreign_check", id="Canadian dollars"),
    ],
)
def test_other_ways_to_pay_are_topics(text: str, topic: str) -> None:
    assert topic in payment_topics(plain(text))


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("my check is in the mail", id="a check"),
        pytest.param("sorry, not a money order, the last check", id="denied"),
        pytest.param("discover what the plan is", id="to discover"),
        pytest.param("your cash position", id="a cash position"),
    ],
)
def test_plain_payments_have_no_payment_topic(text: str) -> None:
    assert payment_topics(plain(text)) == frozenset()
