"""What is asked of the monthly deduction."""

from __future__ import annotations

import pytest

from bot.language.cautions import is_negated
from bot.language.deductions import recurring_topics

ASKED = [
    ("Would you discontinue, then, the sum that is taken from my bank each month", {"stop"}),
    ("see no point keeping the auto draft going, shut it off", {"stop"}),
    ("the undersigned revokes the authorization for preauthorized debits", {"stop"}),
    ("I'm through with automatic anything. End it.", {"stop"}),
    ("DO NOT TAKE ANOTHER CENT OUT OF MY CHECKING", {"stop"}),
    ("The automatic debit, though, should stop.", {"stop"}),
    ("the monthly draft, off.", {"stop"}),
    ("kill the monthly pull", {"stop"}),
    ("put me back on the monthly buying", {"resume"}),
    ("I wish neither to stop nor to pause the deduction. I wish to raise it to $425", {"change"}),
    ("stop my deduction, no sorry wrong word, RAISE it, to 600", {"change"}),
    ("pause my deduction", {"pause"}),
    ("can you pause the automatic thing for a bit", {"pause"}),
    ("give the debits a short rest until Labor Day", {"pause"}),
    ("Please freeze our drafts till the roof is paid", {"pause"}),
    ("hold the withdrawals in abeyance", {"pause"}),
    ("put a hold on my deduction through the summer", {"pause"}),
    ("I miss my husband. Begin the deduction.", {"start"}),
    ("Begin a deduction of $275.\n\nSkip Hanratty", {"start"}),
    ("lost my work so stop the $250 a month", {"stop"}),
    ("pull the plug on the bank drafts", {"stop"}),
    ("kindly switch off my recurring payments", {"stop"}),
    ("I ask that the monthly drawing be finished", {"stop"}),
    ("Please stop for now, I'll start again in the fall", {"stop"}),
    ("It served its purpose. End it.", {"stop"}),
    ("drop my monthly from 600 to 350", {"change"}),
    ("knock our standing deduction down to 275", {"change"}),
    ("my debit should be 450, not 300", {"change"}),
    ("Revise my deduction to $1,050.", {"change"}),
    ("dont stop it, i only want it lowered to $260", {"change"}),
    ("All that is to change is the sum", {"change"}),
    ("I had you hold off over the winter. Put us back on the monthly buying.", {"resume"}),
    ("pick up the deductions where you left off", {"resume"}),
    ("hook us up with the automatic withdrawal", {"start"}),
    ("I want 80 shares bought for me every month", {"start"}),
    ("Monthly saving\n\nNow that school is finished, set up a deduction of $300", {"start"}),
    ("set me up for monthly purchases of $450, made on the 20th", {"start"}),
    ("set the bank draft at $275 monthly to begin with", {"start"}),
    ("set our deduction at $900", {"change"}),
    ("leave it as it is", set()),
]


@pytest.mark.parametrize(("text", "topics"), [pytest.param(*row, id=row[0]) for row in ASKED])
def test_what_is_to_become_of_it_is_seen(text: str, topics: set[str]) -> None:
    assert recurring_topics(text) == topics


@pytest.mark.parametrize(
    ("text", "topics"),
    [
        pytest.param("Begin pulling $300 now that the boat is finished", {"start"}, id="a start beside an end"),
        pytest.param("six hundred a month from here on", {"start"}, id="no verb"),
        pytest.param("bump what you take each month from $250 to $310", {"change"}, id="from and to"),
        pytest.param("Debit me $400 but skip any month that is dear", {"pause", "start"}, id="a condition stays seen"),
        pytest.param("Please draw $300. My car payments stop then.", {"start"}, id="other payments stop"),
    ],
)
def test_what_an_amount_each_month_is_for_is_seen(text: str, topics: set[str]) -> None:
    assert recurring_topics(text, has_monthly_amount=True) == topics


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        pytest.param("Do not stop the deduction.", True, id="do not stop it"),
        pytest.param("Please don't raise my deduction to $500.", True, id="do not raise it"),
        pytest.param("Don't take another cent. End the debits.", False, id="not another cent"),
        pytest.param("I am not stopping. Raise it to $425 monthly.", False, id="not this, but that"),
    ],
)
def test_a_change_denied_beside_another_is_no_negation(text: str, negated: bool) -> None:
    assert is_negated(text, "recurring") is negated
