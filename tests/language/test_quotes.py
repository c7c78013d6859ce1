"""When quoted text counts."""

from __future__ import annotations

import pytest

from bot.language.quotes import Use, own_words, use_of

ORDER = "> Please purchase $900.00 of Aastrom stock\n> when the next date comes around."
QUESTION = "On Mon, Jan 5, 2004, DSPP wrote:\n> How many dollars would you like to invest?"
READ_BACK = "> We understood: sell 125 shares.\n> If this is right, reply YES."


@pytest.mark.parametrize(
    ("live", "quoted", "use"),
    [
        pytest.param("Go ahead with the below.", ORDER, Use.ADOPTED, id="go ahead with the below"),
        pytest.param("Please proceed with the order below", ORDER, Use.ADOPTED, id="proceed with the order below"),
        pytest.param("Do as written below please", ORDER, Use.ADOPTED, id="as written below"),
        pytest.param("YES", READ_BACK, Use.ADOPTED, id="yes to a reading back"),
        pytest.param("yes, that's right", READ_BACK, Use.ADOPTED, id="yes, that is right"),
        pytest.param("Six hundred even.", QUESTION, Use.ANSWERED, id="an answer to a question"),
        pytest.param("Do not go ahead with the below.", ORDER, Use.POINTED_AT, id="not to go ahead"),
        pytest.param("Should I go ahead with the below?", ORDER, Use.POINTED_AT, id="a question whether to go ahead"),
        pytest.param("Go ahead with the below, but not until I call.", ORDER, Use.POINTED_AT, id="go ahead, but"),
        pytest.param("Do what it says below but 200 rather than 900.", ORDER, Use.POINTED_AT, id="with another figure"),
        pytest.param("FYI, see below", ORDER, Use.POINTED_AT, id="see below"),
        pytest.param("YES", ORDER, Use.NONE, id="yes to nothing that invites it"),
        pytest.param("Thanks for the note, all is well here.", ORDER, Use.NONE, id="thanks over an order"),
        pytest.param("Did this ever get done?", ORDER, Use.NONE, id="a question over an order"),
        pytest.param("Go ahead with the below.", "", Use.NONE, id="nothing below"),
    ],
)
def test_the_live_text_says_what_the_quoted_is_for(live: str, quoted: str, use: Use) -> None:
    assert use_of(live, quoted, asks_by_itself=False) is use


def test_a_text_that_asks_by_itself_answers_nothing() -> None:
    assert use_of("Sell 75 shares.", QUESTION, asks_by_itself=True) is Use.NONE


def test_marks_and_headers_are_no_words() -> None:
    assert own_words(QUESTION) == "How many dollars would you like to invest?"
