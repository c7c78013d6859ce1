"""Names in an ACH file: capitals of ASCII, accents dropped, letters of other scripts refused."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.files.nacha_names import NAME_WIDTH, ach_name, ach_text


@pytest.mark.parametrize(
    ("name", "written"),
    [
        pytest.param("Ana Perez", "ANA PEREZ", id="plain"),
        pytest.param("José Núñez", "JOSE NUNEZ", id="accents"),
        pytest.param("Jose\u0301 Nu\u0301n\u0303ez", "JOSE NUNEZ", id="accents that stand apart"),
        pytest.param("Jürgen Groß", "JURGEN GROSS", id="umlaut and sharp s"),
        pytest.param("Søren Ægidius Łukasz", "SOREN AEGIDIUS LUKASZ", id="letters with a customary spelling"),
        pytest.param("Þóra Đurić Ħal", "THORA DURIC HAL", id="thorn, crossed d and h"),
        pytest.param("Siobhán O’Neill-Smith", "SIOBHAN O'NEILL-SMITH", id="typographic apostrophe"),
        pytest.param("  Ana \u00a0  Perez ", "ANA PEREZ", id="odd blanks"),
        pytest.param('Robert "Bob" Jones; Jr.', "ROBERT BOB JONES JR.", id="other signs become blanks"),
        pytest.param("Smith & Sons, c/o (A) #2", "SMITH & SONS, C/O (A)", id="kept signs, cut to 22"),
        pytest.param("Bartholomew Featherstonehaugh", "BARTHOLOMEW FEATHERSTO", id="cut to 22 characters"),
        pytest.param("Abcdefghijklmnopqrstu Xyz", "ABCDEFGHIJKLMNOPQRSTU", id="no blank at the cut"),
        pytest.param("ﬁona ª", "FIONA A", id="ligatures"),
    ],
)
def test_how_a_name_is_written(name: str, written: str) -> None:
    assert ach_name(name) == written


@pytest.mark.parametrize(
    ("name", "said"),
    [
        pytest.param("王 Ming", "CJK UNIFIED IDEOGRAPH-738B", id="another script"),
        pytest.param("Иван", "CYRILLIC CAPITAL LETTER I", id="letters that only look alike"),
        pytest.param("Ana\x00Perez", "unnamed character 0000", id="a control character"),
        pytest.param("Ana\u202ePerez", "RIGHT-TO-LEFT OVERRIDE", id="an invisible character"),
        pytest.param("Ana\nPerez", "unnamed character 000A", id="a line end"),
        pytest.param("...", "holds no letter or digit", id="signs alone"),
        pytest.param("", "holds no letter or digit", id="nothing"),
    ],
)
def test_a_name_that_cannot_be_spelled_is_refused(name: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        ach_name(name)


@given(st.text())
def test_whatever_is_written_fits_and_is_written_so_again(name: str) -> None:
    try:
        written = ach_name(name)
    except ValueError:
        return
    assert re.fullmatch(r"[A-Z0-9 &'(),\-./#]+", written)
    assert len(written) <= NAME_WIDTH
    assert written == written.strip()
    assert ach_name(written) == written


@given(st.text())
def test_text_has_one_spelling(text: str) -> None:
    try:
        written = ach_text(text)
    except ValueError:
        return
    assert ach_text(written) == written
    assert "  " not in written
