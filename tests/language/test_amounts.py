"""Which dollars a message means to pay, in every spelling people use."""

from __future__ import annotations

import pytest

from bot.language.readings import read
from bot.language.slots import slots_for


def paid(text: str, intent: str = "buy") -> list[str]:
    slots, _ = slots_for(intent, read(text))
    return [str(amount) for amount in slots.amounts]


SPELLINGS = [
    ("$500", "500.00"),
    ("$ 500", "500.00"),
    ("$500.00", "500.00"),
    ("$500.", "500.00"),
    ("500 dollars", "500.00"),
    ("500 Dollars", "500.00"),
    ("500 dollers", "500.00"),
    ("500 dollors", "500.00"),
    ("500.00 dollars", "500.00"),
    ("500 US dollars", "500.00"),
    ("500 U.S. dollars", "500.00"),
    ("500$", "500.00"),
    ("500 $", "500.00"),
    ("US$500", "500.00"),
    ("US $500", "500.00"),
    ("USD 500", "500.00"),
    ("USD500", "500.00"),
    ("usd 500.00", "500.00"),
    ("500 USD", "500.00"),
    ("500USD", "500.00"),
    ("500 bucks", "500.00"),
    ("$1.000,50", "1000.50"),
    ("1.500,00 US dollars", "1500.00"),
    ("five hundo", "500.00"),
    ("five hundred dollars", "500.00"),
    ("Five Hundred Dollars", "500.00"),
    ("FIVE HUNDRED DOLLARS", "500.00"),
    ("five-hundred dollars", "500.00"),
    ("five hundred bucks", "500.00"),
    ("$5OO", "500.00"),
    ("$5oo", "500.00"),
    ("$1,OOO", "1000.00"),
    ("$1OOO.OO", "1000.00"),
    ("$1,000", "1000.00"),
    ("$1 000", "1000.00"),
    ("1 000 dollars", "1000.00"),
    ("$1,000.00", "1000.00"),
    ("USD 1,000.00", "1000.00"),
    ("$1000", "1000.00"),
    ("1k dollars", "1000.00"),
    ("$1k", "1000.00"),
    ("$1K", "1000.00"),
    ("$2.5K", "2500.00"),
    ("$2.5k", "2500.00"),
    ("2.5k bucks", "2500.00"),
    ("$10k", "10000.00"),
    ("$10,000", "10000.00"),
    ("a grand", "1000.00"),
    ("two grand", "2000.00"),
    ("2 grand", "2000.00"),
    ("half a grand", "500.00"),
    ("one thousand dollars", "1000.00"),
    ("a thousand dollars", "1000.00"),
    ("a thousand bucks", "1000.00"),
    ("twelve hundred dollars", "1200.00"),
    ("twenty-five hundred dollars", "2500.00"),
    ("twenty five hundred dollars", "2500.00"),
    ("2 thousand dollars", "2000.00"),
    ("2.5 thousand dollars", "2500.00"),
    ("5 hundred dollars", "500.00"),
    ("$5 hundred", "500.00"),
    ("two and a half thousand dollars", "2500.00"),
    ("one thousand two hundred fifty dollars", "1250.00"),
    ("one thousand two hundred and fifty dollars", "1250.00"),
    ("One Thousand Two Hundred Fifty Dollars ($1,250.00)", "1250.00"),
    ("$1,250.00 (one thousand two hundred fifty dollars)", "1250.00"),
    ("two hundred fifty dollars", "250.00"),
    ("two hundred and fifty dollars", "250.00"),
    ("a hundred and fifty dollars", "150.00"),
    ("three hundred seventy-five dollars", "375.00"),
    ("nine hundred ninety-nine dollars", "999.00"),
    ("ten thousand dollars", "10000.00"),
    ("fifteen thousand dollars", "15000.00"),
    ("seven thousand five hundred dollars", "7500.00"),
    ("fourty dollars", "40.00"),
    ("fifty dollars", "50.00"),
    ("hundred bucks", "100.00"),
    ("$249.99", "249.99"),
    ("$10,000.01", "10000.01"),
    ("$250.5", "250.50"),
    ("1 thousand five hundred dollars", "1500.00"),
    ("two thousand 500 dollars", "2500.00"),
    ("five hundred and 00/100 dollars", "500.00"),
    ("five hundred dollars and fifty cents", "500.50"),
    ("a thousand and fifty dollars", "1050.00"),
    ("$1,234,567.89", "1234567.89"),
]


@pytest.mark.parametrize(("spelling", "amount"), [pytest.param(*row, id=row[0]) for row in SPELLINGS])
@pytest.mark.parametrize(
    "frame",
    [
        pytest.param("Please invest {} for me.", id="an order"),
        pytest.param("i'd like to put {} into aastrom stock this month", id="a wish"),
        pytest.param("Purchase of {} on the next date, please. My check follows.", id="a noun"),
        pytest.param("{}", id="alone"),
    ],
)
def test_every_spelling_of_an_amount_is_read(frame: str, spelling: str, amount: str) -> None:
    assert paid(frame.format(spelling)) == [amount]


@pytest.mark.parametrize(("spelling", "amount"), [pytest.param(*row, id=row[0]) for row in SPELLINGS])
def test_a_monthly_amount_is_read_in_every_spelling(spelling: str, amount: str) -> None:
    assert paid(f"please deduct {spelling} every month from my bank", "recurring") == [amount]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        pytest.param("put me down for 500", "500.00", id="put me down for"),
        pytest.param("put me in for 750 this month", "750.00", id="put me in for"),
        pytest.param("250 this month pls, the minimum", "250.00", id="first words, and it is the minimum"),
        pytest.param("1k of stock pls", "1000.00", id="k of stock"),
        pytest.param("12.5k. All in one shot", "12500.00", id="k as a sentence"),
        pytest.param("Six hundred even.", "600.00", id="an answer in words"),
        pytest.param("500", "500.00", id="a bare answer"),
        pytest.param("500 please", "500.00", id="a bare answer with please"),
        pytest.param("invest two thousand for me", "2000.00", id="words after invest"),
        pytest.param("buy 350 worth", "350.00", id="worth"),
        pytest.param("check for twelve hundred going out today", "1200.00", id="a check for"),
        pytest.param("im in for five hundred this go round", "500.00", id="this go round"),
        pytest.param("the amount is 900.", "900.00", id="the amount is"),
        pytest.param("Amount to invest: 900", "900.00", id="a form's line"),
        pytest.param("make it 800", "800.00", id="make it"),
        pytest.param("I want to send in 400 more this month", "400.00", id="send in more"),
        pytest.param("minimum for me, 250", "250.00", id="the minimum, then the figure"),
        pytest.param("325.50 towards more stock, thank you", "325.50", id="towards"),
        pytest.param("spend 450 on shares", "450.00", id="on shares"),
        pytest.param("usual 250 frm me", "250.00", id="a short message with one number"),
        pytest.param("throw 275 at it for me this round", "275.00", id="throw at it"),
        pytest.param("did 500 in nov. this time 1k", "1000.00", id="this time"),
        pytest.param("besides what you already got from me, another 300 please", "300.00", id="another"),
        pytest.param("Fifteen hundred for Aastrom shares, please", "1500.00", id="for shares"),
        pytest.param("i want six hunderd and fitty dollers of stock", "650.00", id="misspelled"),
        pytest.param("Two hundred fifty it is", "250.00", id="it is"),
        pytest.param("In that case the full two hundred fifty it is, from my check", "250.00", id="the full"),
        pytest.param("$500, that's all i can spare", "500.00", id="that is all"),
        pytest.param("Put me in for $1000, which is what I got for the boat", "1000.00", id="which is what"),
        pytest.param("I'd rather it were $450.", "450.00", id="rather it were"),
        pytest.param("Please put in the maximum of $10,000", "10000.00", id="the maximum, ordered"),
    ],
)
def test_a_bare_number_counts_where_the_words_around_it_pay(text: str, amount: str) -> None:
    assert paid(text) == [amount]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("Please call me at 734-930-5777 about buying stock", id="a telephone number"),
        pytest.param("call (734) 930-5777 to buy", id="a telephone number with brackets"),
        pytest.param("call 555-0147 before I buy", id="a short telephone number"),
        pytest.param("I have held stock since 1999 and want to buy more", id="a year"),
        pytest.param("In 2003 I joined. Buy more stock please.", id="a year at the start"),
        pytest.param("Buy stock for me. Jim Doe, 500 Elm Street, Trenton, NJ 08608", id="an address"),
        pytest.param("Buy more. Account 4471-0082.", id="an account"),
        pytest.param("Buy as in order P-4471 please", id="an order id"),
        pytest.param("my check no. 3308 is for stock", id="a check number"),
        pytest.param("check #4410 was for the stock purchase", id="a check number with a hash"),
        pytest.param("buy stock on 12/17/2003", id="a date in figures"),
        pytest.param("buy stock on December 17, 2003", id="a date in words"),
        pytest.param("I am 83 years old and want to buy stock", id="an age"),
        pytest.param("is the 3% discount still on if I buy", id="a percentage"),
        pytest.param("buy at 10:30 am", id="a time"),
        pytest.param("as page 12 of the prospectus says, I want to buy", id="a page"),
        pytest.param("buy me 200 shares", id="a number of shares"),
        pytest.param("buy me two hundred shares", id="a number of shares in words"),
        pytest.param("buy if it trades at $1.10 a share", id="a price a share"),
        pytest.param("buy at $1.10", id="a price after at"),
        pytest.param("buy under $1.15 per share", id="a price after under"),
        pytest.param("the broker charges a fee of $29.95 to buy", id="a fee"),
        pytest.param("they take a $15 commission when I buy", id="a commission"),
        pytest.param("the minimum is $250 to buy, right?", id="the minimum"),
        pytest.param("is the $10,000 limit per person when we buy?", id="the limit"),
        pytest.param("I paid $900 for my last refrigerator and now want stock", id="what something cost"),
        pytest.param("last month I bought $500 of stock", id="an earlier purchase"),
        pytest.param("my shares are worth $4,000 now; buy more", id="a value"),
        pytest.param("Form 1099-B and Form 10-K, then I buy", id="forms"),
        pytest.param("I worked there from 1961 to 1993 and now buy stock", id="a span of years"),
        pytest.param("I'd like to buy 250, and by that I mean shares, not dollars", id="shares, not dollars"),
        pytest.param("YES 70413", id="a code"),
        pytest.param("minimum=$10 says your page, buy", id="a minimum with a sign"),
        pytest.param("the bank stung me for twenty-nine dollars", id="what the bank took"),
        pytest.param("You charged me $35", id="what was charged"),
        pytest.param("I get $1,140 a month from social security", id="an income"),
        pytest.param("can I put in the maximum of $10,000", id="a maximum asked about"),
        pytest.param("$500 a month, which is too much", id="which is too much"),
        pytest.param("$500, that's now taken each month", id="that is now taken"),
    ],
)
def test_other_figures_are_no_amounts(text: str) -> None:
    assert paid(text) == []


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("invest $1,00 for me", id="a misplaced comma"),
        pytest.param("invest 1 000 for me", id="a blank inside, and no word of dollars"),
        pytest.param("acct 1 000 dollars", id="a blank after what may be an account"),
        pytest.param("a 1 500 dollar check", id="a blank inside what may be two figures"),
        pytest.param("invest three fifty dollars", id="three fifty"),
        pytest.param("invest a couple hundred dollars", id="a couple hundred"),
        pytest.param("invest a few thousand dollars", id="a few thousand"),
        pytest.param("invest several hundred dollars", id="several hundred"),
        pytest.param("put in $5 00", id="a blank between digits"),
        pytest.param("invest twice $300", id="twice as much"),
        pytest.param("invest half of $1,000", id="half of an amount"),
        pytest.param("invest $250.001", id="a fraction of a cent"),
        pytest.param("invest $0", id="zero"),
        pytest.param("invest $99,999,999,999,999,999", id="more than there is"),
        pytest.param("invest $５00", id="a digit of another script"),
        pytest.param("invest $5\u200b00", id="a hidden character inside"),
        pytest.param("invest $5\u041e\u041e", id="Cyrillic letters for zeros"),
        pytest.param("invest \u0665\u0660\u0660 dollars", id="Arabic digits"),
        pytest.param("invest -$500", id="a negative amount"),
        pytest.param("put in $500 CDN", id="Canadian dollars"),
        pytest.param("invest 500 euros", id="euros"),
        pytest.param("put a grand five in for me", id="a grand five"),
    ],
)
def test_what_cannot_be_read_for_certain_is_not_read(text: str) -> None:
    assert paid(text) == []


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        pytest.param("Buy $500. No wait, $400.", ["400.00"], id="no wait"),
        pytest.param("buy $300.. no wait, $400. yeah 400", ["400.00"], id="no wait, said twice"),
        pytest.param("Buy me $500 of stock. Make that 750.", ["750.00"], id="make that"),
        pytest.param("Invest $500, sorry, I mean $600.", ["600.00"], id="sorry, I mean"),
        pytest.param("Invest $500. Oops, $50,  no, $550.", ["550.00"], id="twice corrected"),
        pytest.param("put in $1,500. scratch that, $1,050", ["1050.00"], id="scratch that"),
        pytest.param("invest $200 actually $250", ["250.00"], id="actually"),
        pytest.param("Please buy $500, not $400.", ["500.00"], id="not the other"),
        pytest.param("Please buy not $400 but $500.", ["500.00"], id="not this but that"),
        pytest.param("Buy $700 instead of $500.", ["700.00"], id="instead of"),
        pytest.param("Buy $500. Hmm, scratch that.", [], id="taken back without another"),
        pytest.param("Buy $500 or $800, we cannot agree.", ["500.00", "800.00"], id="rivals with or"),
        pytest.param("somewhere between $500 and $800", ["500.00", "800.00"], id="a range in words"),
        pytest.param("invest $500-$800", ["500.00", "800.00"], id="a range"),
        pytest.param(
            "invest between 300 and 500 dollars", ["300.00", "500.00"], id="a range with one word for dollars"
        ),
        pytest.param("Rather than buying another $500, invest $300", ["300.00"], id="rather than buying"),
        pytest.param("I was going to put in $500, but invest $900", ["900.00"], id="what was only planned"),
        pytest.param("invest $500-800", ["500.00", "800.00"], id="a range with one sign"),
        pytest.param("Merle says buy 500 dollars, I say 800.", ["500.00", "800.00"], id="a bare rival"),
        pytest.param("five thousand dollars ($500.00)", ["5000.00", "500.00"], id="words against figures"),
        pytest.param("invest five hundred (5,000) dollars", ["500.00", "5000.00"], id="figures in brackets disagree"),
        pytest.param("invest $500 (five thousand)", ["500.00", "5000.00"], id="words in brackets disagree"),
        pytest.param("invest five hundred (500) dollars", ["500.00"], id="figures in brackets agree"),
        pytest.param("$500, make it an even 600", ["600.00"], id="an even number after make it"),
        pytest.param("200 bucks this month, no sorry 300", ["300.00"], id="a bare correction"),
        pytest.param("$500 please. Yes, $500.", ["500.00"], id="the same twice"),
        pytest.param("do 300 or maybe 400 for me", ["300.00", "400.00"], id="bare rivals"),
        pytest.param("put in 400.. wait payday is bigger, 550. yes 550 final", ["550.00"], id="wait, with a reason"),
        pytest.param("In my mail I gave $400. It ought to have been $600.", ["600.00"], id="ought to have been"),
        pytest.param("The 400 I sent you should read 700.", ["700.00"], id="should read"),
        pytest.param(
            "Please use $500 for the coming purchase.\n\nBest,\nAbner Toll\n\nP.S. Abner again. The heating bill came,"
            " so let us say $375 instead of what I put above.",
            ["375.00"],
            id="a postscript",
        ),
        pytest.param(
            "Rent went from 615 to 690, the car needed tires at $58 apiece, and I owe $11,000 of student loan. I'd love"
            " to put $150 into stock.",
            ["150.00"],
            id="a story before the order",
        ),
        pytest.param(
            "She had her hip done, $14,200 before Medicare. I would like $750 worth this month.",
            ["750.00"],
            id="what a hospital cost",
        ),
        pytest.param(
            "Invest $400. The check I enclose is for $500.", ["400.00", "500.00"], id="a check that disagrees"
        ),
        pytest.param(
            "Put me down for eight hundred dollar. My wife she say five-fifty. Five hundred fifty it is, by check.",
            ["550.00"],
            id="it is, at the end",
        ),
        pytest.param("Buy $800 or $600, it is all the same to me", ["800.00", "600.00"], id="it is all the same"),
    ],
)
def test_the_last_correction_governs_and_true_rivals_stay(text: str, amounts: list[str]) -> None:
    assert paid(text) == amounts


@pytest.mark.parametrize(
    ("text", "amounts"),
    [
        pytest.param("raise my deduction from $300 to $400", ["400.00"], id="from to"),
        pytest.param("Raise my deduction from 300 to 400.", ["400.00"], id="from to, bare"),
        pytest.param("change my monthly from 450 to 6000, oops 600", ["600.00"], id="from to, corrected"),
        pytest.param(
            "The $1,000 that gets pulled needs to come down to $300", ["300.00"], id="the one that gets pulled"
        ),
        pytest.param(
            "The $600 you draw each month is too much. Bring it down to two hundred fifty.",
            ["250.00"],
            id="the one you draw",
        ),
        pytest.param(
            "you are taking from me $250 in each month. Please make it 300 dollars", ["300.00"], id="you are taking"
        ),
        pytest.param("Bring our deduction down to 275 dollars. Was five hundred.", ["275.00"], id="was"),
        pytest.param("start taking 300 a month from my bank", ["300.00"], id="bare a month"),
        pytest.param("take out $300 every month on the 5th", ["300.00"], id="take out is no fee"),
        pytest.param("stop my $250 monthly deduction", [], id="the amount of what stops"),
        pytest.param("pause the $300 a month draft", [], id="the amount of what pauses"),
        pytest.param("increase my current $300 to $500 a month", ["500.00"], id="my current"),
        pytest.param("Bump my automatic from three hundred to five hundred would you", ["500.00"], id="bump from to"),
        pytest.param("make the monthly debit 400.. hm 450 is better. 450", ["450.00"], id="is better"),
        pytest.param("Either 300 or 325 every month, debited", ["300.00", "325.00"], id="either or"),
        pytest.param("My pension is $1,912 a month so I can manage $265 of it", ["265.00"], id="a pension"),
        pytest.param("start my draft of $340 on the 1st. strike that: the 12th", ["340.00"], id="a day struck"),
        pytest.param("stop taking $300 a month", [], id="stop taking"),
    ],
)
def test_of_a_changed_deduction_only_the_new_amount_counts(text: str, amounts: list[str]) -> None:
    assert paid(text, "recurring") == amounts


@pytest.mark.parametrize(
    ("intent", "text"),
    [
        pytest.param("plan_info", "can I send $5,000?", id="a question on the plan"),
        pytest.param("balance", "I bought $500, how many shares do I have", id="a balance"),
        pytest.param("complaint", "You owe me $64!", id="a complaint"),
        pytest.param("withdraw", "Close my account, I have $500 elsewhere", id="leaving"),
    ],
)
def test_intents_that_use_no_amount_get_none(intent: str, text: str) -> None:
    assert paid(text, intent) == []


def test_every_amount_knows_its_place() -> None:
    text = "Dear all,\n\nplease invest five hundred dollars for me."
    slots, spans = slots_for("buy", read(text))
    assert [str(amount) for amount in slots.amounts] == ["500.00"]
    assert [(span.slot, text[span.start : span.end]) for span in spans] == [("amount_usd", "five hundred")]
    assert all(span.text == text[span.start : span.end] for span in spans)


def test_dollars_and_shares_go_to_their_own_slots() -> None:
    slots, _ = slots_for("buy", read("Purchase 500 shares for me this month. My check for $600 follows."))
    assert ([str(amount) for amount in slots.amounts], [str(count) for count in slots.shares]) == (
        ["600.00"],
        ["500.0000"],
    )
