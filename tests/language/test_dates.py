"""When, on which day and how often: and May, may and March."""

from __future__ import annotations

import pytest

from bot.language.dates import days_of_month, effective_dates, frequencies
from bot.language.text import plain


def dates(text: str) -> list[str]:
    return [found.value for found in effective_dates(plain(text))]


def days(text: str) -> list[int]:
    return [found.value for found in days_of_month(plain(text))]


def often(text: str) -> list[str]:
    return [found.value for found in frequencies(plain(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("Pause my deduction effective March 2004.", ["2004-03"], id="effective month and year"),
        pytest.param("Pause it effective March 1, 2004.", ["2004-03-01"], id="effective day"),
        pytest.param("termination to be effective on March 1, 2004", ["2004-03-01"], id="to be effective on"),
        pytest.param("Please start deductions beginning February 2004", ["2004-02"], id="beginning"),
        pytest.param("commencing February 2004 and every month thereafter", ["2004-02"], id="commencing"),
        pytest.param("Start: February 2004.", ["2004-02"], id="a form's line"),
        pytest.param("starting May", ["--05"], id="starting May"),
        pytest.param("starting in may please", ["--05"], id="starting in may"),
        pytest.param("begin in May 2004, and may it be a good month", ["2004-05"], id="May and may"),
        pytest.param(
            "Please suspend our deductions beginning in January and start them up again in April",
            ["--01", "--04"],
            id="two months",
        ),
        pytest.param(
            "Put my automatic investment on hold from June and have it pick back up in September",
            ["--06", "--09"],
            id="from and until",
        ),
        pytest.param("From December 1, 2003 please send our mail to Lot 217", ["2003-12-01"], id="from a day"),
        pytest.param("I'd like my participation to end as of June 30, 2004", ["2004-06-30"], id="as of"),
        pytest.param("please purchase $500 in November", ["--11"], id="an order in a month"),
        pytest.param("buy 500 dollars on December 17, 2003", ["2003-12-17"], id="an order on a day"),
        pytest.param("make the change effective 7/1/2004", ["2004-07-01"], id="in figures"),
        pytest.param("effective 2004-07-01", ["2004-07-01"], id="ISO"),
        pytest.param("effective 1 July 2004", ["2004-07-01"], id="day first"),
        pytest.param("skip my deduction in December only", ["--12"], id="skip a month"),
        pytest.param("Invest $500 for the March purchase", ["--03"], id="for the March purchase"),
        pytest.param("Please sell 100 shares in the March sale", ["--03"], id="in the March sale"),
        pytest.param("put $300 into the april cycle", ["--04"], id="into the April cycle"),
        pytest.param("invest $500 at the June date", ["--06"], id="at the June date"),
        pytest.param("Dear DSPP, for the May purchase date please apply USD 950", ["--05"], id="after the greeting"),
        pytest.param("$500 for March please", ["--03"], id="an amount for a month"),
        pytest.param("End it in June 2004, or July 2004", ["2004-06", "2004-07"], id="two months to choose from"),
        pytest.param("Let January 2004 be the month it ends", ["2004-01"], id="let it be"),
        pytest.param("start it in March. no wait, start in April", ["--04"], id="a corrected month"),
        pytest.param("First debit: January 2004.", ["2004-01"], id="first debit"),
        pytest.param("$300 a month, first deduction in February", ["--02"], id="first deduction in"),
        pytest.param("put $500 toward the March purchase", ["--03"], id="toward a purchase"),
        pytest.param("count me in with 2k in february's purchase", ["--02"], id="a month's own purchase"),
        pytest.param("I'd like 400 shares let go at the March sale", ["--03"], id="wished for a sale"),
        pytest.param("300 shares, done with the June sale and not the July", ["--06"], id="this month and not that"),
        pytest.param("set it to $450 from the May draw onward", ["--05"], id="from a draw"),
        pytest.param("raise it, effective with the debit of 03/22/2004", ["2004-03-22"], id="with a debit"),
        pytest.param("1,200 monthly, begin 4/2", ["--04-02"], id="month and day in figures"),
        pytest.param("buy $400 for us next april", ["--04"], id="next April"),
        pytest.param("sell 60 shares end of june", ["--06"], id="the end of a month"),
        pytest.param("$350 each month. First time: March 3, 2004.", ["2004-03-03"], id="first time"),
    ],
)
def test_effective_dates_are_read(text: str, found: list[str]) -> None:
    assert dates(text) == found


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("May I sell?", id="May I"),
        pytest.param("may we buy in person?", id="may we"),
        pytest.param("It may be a good time to sell", id="may be"),
        pytest.param("May Rutherford", id="a name"),
        pytest.param("I march to my own drum, sell all", id="a verb"),
        pytest.param("I telephoned in October about the form. Buy $450.", id="a call in the past"),
        pytest.param("the account you opened for me in May; buy $1,000", id="an account opened"),
        pytest.param("I have held since March 2004, sell 10 shares", id="since"),
        pytest.param("my letter dated March 1, 2004", id="a letter's date"),
        pytest.param("It took from March until now to get the certificate; enroll me", id="from until"),
        pytest.param("Dad died in August", id="a death"),
        pytest.param("I joined in December", id="joining"),
        pytest.param("effective 13/45/2004", id="no date at all"),
        pytest.param("Please buy $500, I march to my own drum", id="to march"),
        pytest.param("use my march check for $500", id="a check of March"),
        pytest.param("please use the check dated March 3", id="the date of a check"),
        pytest.param("I bought $500 in the March purchase", id="a past purchase"),
        pytest.param("Proceeds from September", id="proceeds"),
        pytest.param("The overdue slips end in June. Kindly sell 150 shares.", id="another thing's end"),
        pytest.param("They put the shares in my name in July. Enroll me.", id="a transfer in the past"),
        pytest.param("My first deduction in March never showed", id="my first deduction"),
        pytest.param("Enroll me, my shares are on your register as of Sept.", id="held as of"),
        pytest.param("The loan is history as of Oct 12! Raise it to $700", id="paid off as of"),
        pytest.param("From October through April we're in Tucson", id="a season"),
        pytest.param("skip my buys for a while, grandchild coming in july", id="a birth"),
        pytest.param("stop it after the may one", id="after one that still comes"),
        pytest.param("Your November debit hit too early", id="a debit that is over"),
        pytest.param("my statement of 10/31 says 88 shares", id="a statement's day"),
    ],
)
def test_other_dates_and_words_set_no_date(text: str) -> None:
    assert dates(text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("take $300 every month on the 5th", [5], id="on the 5th"),
        pytest.param("take it on the 15th of each month", [15], id="of each month"),
        pytest.param("move my deduction to the 20th of the month", [20], id="to the 20th"),
        pytest.param("take it on the first please", [1], id="in words"),
        pytest.param("on the 5th because payday's the 3rd", [5], id="payday is another day"),
        pytest.param(
            "on the 5th, since my paycheck lands on the 1st and the mortgage on the 3rd", [5], id="income and mortgage"
        ),
        pytest.param(
            "my pension used to land on the first and now it lands on the 18th. Move my deduction to the 20th",
            [20],
            id="pension days",
        ),
        pytest.param("I mailed the check on the 3rd", [], id="a mailing"),
        pytest.param("I leave on the 4th", [], id="a journey"),
        pytest.param("debit me on the twenty-second of every month", [22], id="a long ordinal"),
        pytest.param("take 300 the 10th of each month", [10], id="without on"),
        pytest.param("upon the 15th day of the month", [15], id="upon"),
        pytest.param("take it monthly, day 10", [10], id="day and number"),
        pytest.param("on 2nd thought end the bank draft", [], id="on second thought"),
        pytest.param("take it on the 1st. strike that: the 12th", [12], id="a day struck"),
        pytest.param("on the 15th. Strike the fifteenth, payday is the 28th", [28], id="another in its place"),
        pytest.param("please take it on the tenth instead of the fifth", [10], id="instead"),
        pytest.param("on the 15, if it is possible", [15], id="no ending"),
        pytest.param("$250 monthly, the 15th", [15], id="after monthly"),
        pytest.param("15th of the month", [15], id="of the month"),
        pytest.param("I'd be obliged if you would take it on the 20th", [20], id="a polite if"),
        pytest.param("take it on the 20th if my pension lands", [20], id="an if after it"),
        pytest.param("on the 15 shares that I hold", [], id="shares"),
        pytest.param("$250 a month, first of all", [], id="first of all"),
        pytest.param("Hip replacement on the 9th and no pay for a while. Suspend it.", [], id="an operation"),
        pytest.param("Put me down for $260 a month, drawn the 12th", [12], id="drawn the"),
        pytest.param("have it come out the 11th not the 2nd", [11], id="this and not that"),
        pytest.param("The debit day, the 8th, can stay", [8], id="the debit day"),
        pytest.param("date of debit: 22nd", [22], id="a form's line"),
        pytest.param("Take it out monthly. The 27th if possible.", [27], id="if possible"),
        pytest.param("first of the month, every month, $300 from my bank", [1], id="no article"),
        pytest.param("The 18th suits us.", [18], id="what suits"),
        pytest.param("The 18th.", [18], id="nothing but the day"),
        pytest.param("anything early would clear; let's say the 6th", [6], id="let's say"),
        pytest.param("Water leaves on the 2nd, car on the 7th. So pull $300 on the 21st", [21], id="other bills"),
    ],
)
def test_the_day_of_a_deduction_is_read(text: str, found: list[int]) -> None:
    assert days(text) == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        pytest.param("$300 a month", ["monthly"], id="a month"),
        pytest.param("$300 every month", ["monthly"], id="every month"),
        pytest.param("300/month", ["monthly"], id="slash month"),
        pytest.param("deduct fifty dollars monthly", ["monthly"], id="monthly"),
        pytest.param("draw $125 biweekly", ["biweekly"], id="biweekly"),
        pytest.param("every two weeks take $100", ["biweekly"], id="every two weeks"),
        pytest.param("take $100 weekly", ["weekly"], id="weekly"),
        pytest.param("quarterly please", ["quarterly"], id="quarterly"),
        pytest.param("just the one time, nothing monthly", ["once"], id="one time"),
        pytest.param("a one-time purchase beside my deduction", ["once"], id="one-time"),
        pytest.param("a one-time purchase of $500", [], id="a purchase is made once"),
        pytest.param("a single lot, one-off", [], id="one-off"),
        pytest.param("$300 mothly", ["monthly"], id="misspelled"),
        pytest.param("month in, month out, $450", ["monthly"], id="month in, month out"),
        pytest.param("the most one may put in during a month", [], id="within a month"),
        pytest.param("my pension is $1,650 a month", [], id="a pension"),
        pytest.param("Every year I lift it. Make it $510 monthly", ["monthly"], id="a habit"),
        pytest.param("One time only please, not every month.", ["once"], id="not every month"),
        pytest.param("Only the once, no monthly repeats", ["once"], id="only the once"),
        pytest.param("raise my monthly deduction to $400", [], id="my monthly deduction"),
        pytest.param("when I once sold shares", [], id="once upon a time"),
        pytest.param("my monthly statement", [], id="a statement"),
        pytest.param("I get $1,140 a month, put $250 in", [], id="an income"),
    ],
)
def test_how_often_is_read(text: str, found: list[str]) -> None:
    assert often(text) == found
