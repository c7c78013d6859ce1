"""What people write without their code: a plain no drops what waits, a bare yes is told that it needs the code."""

from __future__ import annotations

import pytest

from bot.consent import MOST_WORDS, is_bare_yes, is_objection

NAMES = ("Ana Perez", "Walter J. Kowalski", "Dorothy O'Brien")


@pytest.mark.parametrize(
    ("text", "objects"),
    [
        pytest.param("No", True, id="no"),
        pytest.param("No thank you.", True, id="no thank you"),
        pytest.param("no thanks", True, id="no thanks"),
        pytest.param("No thank you.\n\nAna Perez", True, id="signed"),
        pytest.param("That's wrong.", True, id="that is wrong"),
        pytest.param("wrong", True, id="wrong"),
        pytest.param("No, that is not correct.", True, id="not correct"),
        pytest.param("Not ok", True, id="not ok"),
        pytest.param("Please do not do this.", True, id="do not do this"),
        pytest.param("please don't", True, id="please don't"),
        pytest.param("I changed my mind", True, id="changed my mind"),
        pytest.param("I did not ask for this.", True, id="did not ask"),
        pytest.param("cancel", True, id="cancel"),
        pytest.param("Cancel that", True, id="cancel that"),
        pytest.param("stop", True, id="stop"),
        pytest.param("forget it", True, id="forget it"),
        pytest.param("Never mind", True, id="never mind"),
        pytest.param("Please stop my monthly deduction", False, id="stop a deduction"),
        pytest.param("I have no checks left. Please use automatic deduction.", False, id="no checks left"),
        pytest.param("Please cancel my purchase order P-7K2M9QX", False, id="cancel an order"),
        pytest.param("Do not mail the prospectus to the old address. I moved.", False, id="an old address"),
        pytest.param("Yes, cancel it", False, id="yes, cancel it"),
        pytest.param("I can't find the code", False, id="cannot find the code"),
        pytest.param("There is no code in your letter", False, id="no code in the letter"),
        pytest.param("The code does not work", False, id="the code does not work"),
        pytest.param("The code is wrong, it does not work", False, id="the code is wrong"),
        pytest.param("I don't understand where to write it", False, id="does not understand"),
        pytest.param("I never received it", False, id="never received it"),
        pytest.param("No, make it $300", False, id="another amount"),
        pytest.param("No, rather the check", False, id="another way"),
        pytest.param("Why not?", False, id="a question"),
        pytest.param("No problem", False, id="no problem"),
        pytest.param("yes", False, id="yes"),
        pytest.param("", False, id="nothing"),
        pytest.param("no " * MOST_WORDS, False, id="a long story"),
    ],
)
def test_only_a_plain_no_without_a_code_drops_what_waits(text: str, objects: bool) -> None:
    assert is_objection(text, NAMES) is objects


def test_what_names_the_act_that_waits_is_no_objection_to_it() -> None:
    assert is_objection("Stop it.")
    assert not is_objection("Stop it.", acts=("stop",))
    assert is_objection("Don't stop it.", acts=("stop",))


@pytest.mark.parametrize(
    ("text", "is_yes"),
    [
        pytest.param("Yes", True, id="yes"),
        pytest.param("ok go ahead", True, id="go ahead"),
        pytest.param("Please do it", True, id="do it"),
        pytest.param("That's fine, thank you so much", True, id="that is fine"),
        pytest.param("Yes\nAna", True, id="signed"),
        pytest.param("I am not sure", False, id="not sure"),
        pytest.param("No, that is not correct", False, id="not correct"),
        pytest.param("Is that correct?", False, id="a question"),
        pytest.param("yes, but make it less", False, id="yes, but"),
        pytest.param("yes, my husband too", False, id="yes, and more"),
        pytest.param("yes, $300", False, id="yes, and a figure"),
        pytest.param("thank you", False, id="thanks alone"),
        pytest.param("", False, id="nothing"),
        pytest.param("yes " * 13, False, id="much more than a yes"),
    ],
)
def test_a_bare_yes_is_known_without_its_code(text: str, is_yes: bool) -> None:
    assert is_bare_yes(text, NAMES) is is_yes
