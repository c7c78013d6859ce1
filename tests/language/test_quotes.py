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
        pytest.param("YES. That's right, go ahead.\n\nCurtis Bell", READ_BACK, Use.ADOPTED, id="yes twice, signed"),
        pytest.param("Yes, confirmed, code 118.", READ_BACK, Use.ADOPTED, id="yes with a code"),
        pytest.param("YES 70413", READ_BACK, Use.ADOPTED, id="yes and the bare code"),
        pytest.param("yes but make it 300", READ_BACK, Use.NONE, id="yes, but another figure"),
        pytest.param("Yes I got your letter", READ_BACK, Use.NONE, id="yes to something else"),
        pytest.param("yes\n\nsell everything too", READ_BACK, Use.NONE, id="yes and more under it"),
        pytest.param("Same again, exactly as below.", ORDER, Use.ADOPTED, id="exactly as below"),
        pytest.param("Please go ahead with what I wrote below.", ORDER, Use.ADOPTED, id="what I wrote below"),
        pytest.param("That still stands, please act on it.", ORDER, Use.ADOPTED, id="that still stands"),
        pytest.param("Six hundred even.", QUESTION, Use.ANSWERED, id="an answer to a question"),
        pytest.param("Do not go ahead with the below.", ORDER, Use.POINTED_AT, id="not to go ahead"),
        pytest.param("Should I go ahead with the below?", ORDER, Use.POINTED_AT, id="a question whether to go ahead"),
        pytest.param("Go ahead with the below, but not until I call.", ORDER, Use.POINTED_AT, id="go ahead, but"),
        pytest.param("Do what it says below but 200 rather than 900.", ORDER, Use.POINTED_AT, id="with another figure"),
        pytest.param("FYI, see below", ORDER, Use.POINTED_AT, id="see below"),
        pytest.param("YES", ORDER, Use.NONE, id="yes to nothing that invites it"),
        pytest.param("Thanks for the note, all is well here.", ORDER, Use.NONE, id="thanks over an order"),
        pytest.param("Did this ever get done?", ORDER, Use.NONE, id="a question over an order"),
        pytest.param("Clear now. Appreciate your patience.", QUESTION, Use.NONE, id="thanks over a question"),
        pytest.param("Go ahead with the below.", "", Use.NONE, id="nothing below"),
    ],
)
def test_the_live_text_says_what_the_quoted_is_for(live: str, quoted: str, use: Use) -> None:
    assert use_of(live, quoted, asks_by_itself=False) is use


def test_a_text_that_asks_by_itself_answers_nothing() -> None:
    assert use_of("Sell 75 shares.", QUESTION, asks_by_itself=True) is Use.NONE


def test_marks_and_headers_are_no_words() -> None:
    assert own_words(QUESTION) == "How many dollars would you like to invest?"
