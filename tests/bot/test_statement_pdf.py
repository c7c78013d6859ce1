"""The statement on paper: every figure can be read back, on every page it is known whose it is."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pypdf import PdfReader
from pypdf.generic import DictionaryObject, IndirectObject

from bot.month.parts import parts_of
from bot.statement_pdf import DRAWN, NAME_ON_TOP, statement_filename, statement_pdf
from handlers.plan.statement import Statement, YearSummary
from tests.letters.month_facts import NAME, long_statement, quiet_statement, statement, year_summary
from tests.specimens import book

EACH = {
    "something of everything": statement(),
    "a quiet month": quiet_statement(),
    "forty transactions": long_statement(40),
    "a year": year_summary(),
}
each_paper = pytest.mark.parametrize("told", EACH.values(), ids=EACH.keys())


def read(told: Statement | YearSummary) -> PdfReader:
    return PdfReader(BytesIO(statement_pdf(told, book())))


def words(reader: PdfReader) -> str:
    """The text of all pages on one line."""
    return one_line(" ".join(page.extract_text() for page in reader.pages))


def one_line(text: str) -> str:
    return " ".join(text.split())


@each_paper
def test_every_word_and_figure_of_every_part_stands_on_the_paper(told: Statement | YearSummary) -> None:
    text = words(read(told))
    for part in parts_of(told, book().timezone):
        assert part.caption in text
        for label, value in part.facts:
            assert f"{label} {value}" in text
        for row in part.rows:
            assert one_line(" ".join(row)) in text
        for note in part.notes:
            assert note in text


@each_paper
def test_every_page_says_whose_it_is_which_it_is_and_whom_to_ask(told: Statement | YearSummary) -> None:
    reader = read(told)
    for number, page in enumerate(reader.pages, start=1):
        text = one_line(page.extract_text())
        for phrase in ("Aastrom Biosciences, Inc.", "****4821", NAME, "734-930-5777"):
            assert phrase in text
        assert f"page {number} of {len(reader.pages)}" in text


def test_a_long_table_goes_on_over_pages_with_its_heading_repeated() -> None:
    pages = [one_line(page.extract_text()) for page in read(long_statement(40)).pages]
    heading = "Date Transaction Dollars Shares Shares after"
    with_transactions = [text for text in pages if re.search(r"P-100\d\d \$", text)]
    assert len(with_transactions) >= 2
    assert all(heading in text for text in with_transactions)
    assert len(re.findall(r"P-100\d\d \$", " ".join(pages))) == 40


def test_a_statement_of_three_hundred_transactions_is_whole() -> None:
    reader = read(long_statement(300))
    assert len(set(re.findall(r"P-1\d{4} \$", words(reader)))) == 300
    assert f"page {len(reader.pages)} of {len(reader.pages)}" in words(reader)


@each_paper
def test_the_same_facts_give_the_same_bytes_and_no_time_of_making(told: Statement | YearSummary) -> None:
    made = statement_pdf(told, book())
    assert made == statement_pdf(replace(told), book())
    assert made.startswith(b"%PDF-")
    dates = PdfReader(BytesIO(made)).metadata
    assert dates is not None
    assert (dates.creation_date, dates.modification_date) == (None, None)
    assert not re.search(rb"D:\d{4}|<xmp:(Create|Modify)Date>", made)


def test_the_same_facts_give_the_same_bytes_on_several_threads() -> None:
    papers = [statement(), quiet_statement(), long_statement(12)] * 4
    alone = [statement_pdf(told, book()) for told in papers]
    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(lambda told: statement_pdf(told, book()), papers))
    assert together == alone


def test_other_figures_give_other_bytes() -> None:
    assert statement_pdf(statement(), book()) != statement_pdf(statement(name="JANE DOE"), book())


@each_paper
def test_a_screen_reader_finds_language_title_structure_and_tables(told: Statement | YearSummary) -> None:
    reader = read(told)
    catalog: Any = reader.root_object
    assert str(catalog["/Lang"]).startswith("en")
    assert catalog["/MarkInfo"]["/Marked"]
    assert catalog["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata is not None
    assert "Statement, November" in str(reader.metadata.title) or reader.metadata.title == "Summary of 2003"
    kinds = structure_of(reader)
    assert {"/Document", "/Title", "/H1", "/P"} <= kinds
    if any(part.rows for part in parts_of(told, book().timezone)):
        assert {"/Table", "/TR", "/TH", "/TD"} <= kinds
    assert b"<pdfuaid:part>1</pdfuaid:part>" in catalog["/Metadata"].get_data()


def structure_of(reader: PdfReader) -> set[str]:
    """The kinds of elements in the structure tree."""
    kinds: set[str] = set()
    waiting: list[Any] = [reader.root_object["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, DictionaryObject):
            kinds.add(str(node.get("/S", "")))
            node = node.get("/K", [])
        node = node.get_object() if isinstance(node, IndirectObject) else node
        if isinstance(node, DictionaryObject | list):
            waiting += [node] if isinstance(node, DictionaryObject) else node
    return kinds


@each_paper
def test_every_font_is_embedded(told: Statement | YearSummary) -> None:
    fonts = [font.get_object() for page in read(told).pages for font in page["/Resources"]["/Font"].values()]  # type: ignore[index]  # a dictionary
    assert fonts
    for font in fonts:
        (inner,) = font["/DescendantFonts"]
        assert {"/FontFile2", "/FontFile3"} & set(inner.get_object()["/FontDescriptor"].get_object())


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        pytest.param("JOSÉ KOVÁCS", "JOSÉ KOVÁCS", id="accents"),
        pytest.param("Kova\u0301cs", "Kovács", id="a combining accent"),
        pytest.param("Łukasz Øst Şahin Ñandú Nguyễn", "Łukasz Øst Şahin Ñandú Nguyễn", id="letters from everywhere"),
        pytest.param("Иван Жуков", "Иван Жуков", id="Cyrillic"),
        pytest.param("O’BRIEN & SONS — TTEE", "O’BRIEN & SONS — TTEE", id="a typographic apostrophe"),
        pytest.param("WANG 王", "WANG ?", id="no type for it"),
        pytest.param("ＪＡＮＥ", "JANE", id="fullwidth letters"),
        pytest.param("JANE\x00\x1b[2J\u202eDOE\n", "JANE[2JDOE", id="what steers a reader"),
        pytest.param("#panic() *x* $y$ \\ // @z <a>", "#panic() *x* $y$ \\ // @z <a>", id="markup stays text"),
        pytest.param('"); #read("statement.typ")', '"); #read("statement.typ")', id="an escape from a string"),
        pytest.param("{{ 7*7 }} {% x %}", "{{ 7*7 }} {% x %}", id="marks of templates"),
    ],
)
def test_how_a_name_is_set(name: str, shown: str) -> None:
    assert f"Registered to {shown} Period" in words(read(quiet_statement(name=name)))


@given(st.text(max_size=60))
@settings(max_examples=60, deadline=None)
def test_any_name_makes_a_statement(name: str) -> None:
    assert "****4821" in words(read(quiet_statement(name=name)))


def test_every_character_that_is_said_to_be_drawn_is_drawn() -> None:
    known = [chr(code) for first, last in DRAWN for code in range(ord(first), ord(last) + 1)]
    letters = "".join(each for each in known if each.isprintable())
    for start in range(0, len(letters), 400):
        assert len(read(quiet_statement(name=" ".join(letters[start : start + 400]))).pages) >= 1


def test_a_long_name_stands_whole_once_and_cut_on_top() -> None:
    name = "TRUSTEES OF " + "THE VERY LONG NAME " * 10
    text = words(read(quiet_statement(name=name.strip())))
    assert text.count(name.strip()) == 1
    assert f"{name[: NAME_ON_TOP - 1]}…" in text


@each_paper
def test_paper_shows_neither_an_account_number_in_full_nor_what_no_letter_says(told: Statement | YearSummary) -> None:
    text = words(read(told))
    assert "0004821" not in text
    assert not re.search(r"estimate|worth|recommend|market value|None|Decimal", text)
    assert "Prospectus in force since November 4, 2003" in text
    assert "not an offer" in text


def test_a_file_is_called_by_its_period_and_names_nobody() -> None:
    assert statement_filename(statement()) == "statement-2003-11.pdf"
    assert statement_filename(year_summary()) == "summary-2003.pdf"
