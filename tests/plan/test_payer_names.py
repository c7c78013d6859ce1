"""Whose check it is: the holder's only if every part of the name says so. PLAN "How to pay"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.plan.payer_names import is_payer_a_holder, name_parts


@pytest.mark.parametrize(
    ("payer", "registered"),
    [
        pytest.param("ANA B SMITH", "ANA B SMITH", id="the same"),
        pytest.param("Ana Smith", "ANA B SMITH", id="a middle name left off"),
        pytest.param("Smith, Ana", "ANA B SMITH", id="family name first"),
        pytest.param("A. B. Smith", "ANA B SMITH", id="initials"),
        pytest.param("Ana Beth Smith", "ANA BETH SMITH", id="in full"),
        pytest.param("Mrs. Ana Smith", "ANA B SMITH", id="a title"),
        pytest.param("Ana & Joe Smith", "ANA SMITH & JOE SMITH JT TEN", id="both owners of a joint account"),
        pytest.param("Joe Smith", "ANA SMITH & JOE SMITH JT TEN", id="one of two owners"),
        pytest.param("Sean O’Brien", "SEAN O'BRIEN", id="another apostrophe"),
        pytest.param("Sean OBrien", "SEAN O'BRIEN", id="no apostrophe"),
        pytest.param("Peter Kovács", "PETER KOVACS", id="an accent"),
        pytest.param("Ana Day Lewis", "ANA DAY-LEWIS", id="a hyphen"),
        pytest.param("Joe Smith", "JOE SMITH CUST KIM SMITH UTMA NJ", id="the custodian"),
        pytest.param("Anna Groß", "ANNA GROSS", id="a letter that is two"),
        pytest.param("Cher", "CHER", id="a name of one part"),
    ],
)
def test_a_holder_is_known_by_name(payer: str, registered: str) -> None:
    assert is_payer_a_holder(payer, registered)


@pytest.mark.parametrize(
    ("payer", "registered"),
    [
        pytest.param("Ana Jones", "ANA B SMITH", id="another family name"),
        pytest.param("Joe Smith", "ANA B SMITH", id="another first name"),
        pytest.param("Smith", "ANA B SMITH", id="the family name alone"),
        pytest.param("A B S", "ANA B SMITH", id="initials alone"),
        pytest.param("S. Ana", "ANA JONES", id="an initial that fits nothing"),
        pytest.param("Ana Smith Painting LLC", "ANA B SMITH", id="a firm of that name"),
        pytest.param("Ana and Joe Smith", "ANA B SMITH", id="somebody beside the holder"),
        pytest.param("John Smith Sr", "JOHN SMITH JR", id="the father for the son"),
        pytest.param("John Smith Jr", "JOHN SMITH", id="the son for the father"),
        pytest.param("Ana Ana", "ANA B SMITH", id="one part twice"),
        pytest.param("Smith Smith", "ANA B SMITH", id="the family name twice"),
        pytest.param("", "ANA B SMITH", id="nobody"),
        pytest.param("Mr. and Mrs.", "ANA B SMITH", id="titles alone"),
        pytest.param("...", "", id="nobody for nobody"),
        pytest.param("Ana Smith", "", id="somebody for nobody"),
        pytest.param("Anasmith", "ANA SMITH", id="run together"),
    ],
)
def test_everybody_else_is_a_third_party(payer: str, registered: str) -> None:
    assert not is_payer_a_holder(payer, registered)


@given(st.text(max_size=40), st.text(max_size=40))
def test_a_payer_has_nothing_that_the_holder_lacks(payer: str, registered: str) -> None:
    if is_payer_a_holder(payer, registered):
        held = name_parts(registered)
        assert all(part in held or len(part) == 1 for part in name_parts(payer))
        assert any(len(part) > 1 and part in held for part in name_parts(payer))
