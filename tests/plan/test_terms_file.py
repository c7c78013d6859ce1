"""The plan-terms file: the shipped one says what it should, and a wrong one is named by file, line, key and remedy."""

from __future__ import annotations

from dataclasses import fields
from datetime import date, time
from decimal import Decimal
from pathlib import Path

import pytest

from bot.terms_file import BadTermsFile, default_terms_path, read_terms
from handlers.plan.money import Money, Shares
from handlers.plan.terms import Issuer, LagUnit, PlanBook, PlanTerms
from tests.specimens import book

SHIPPED = default_terms_path().read_text(encoding="utf-8")
RAISED = """
[[terms]]
effective = 2007-08-27
monthly_max = { value = "100000.00", source = "P07" }
"""


def read(tmp_path: Path, text: str) -> PlanBook:
    path = tmp_path / "terms.toml"
    path.write_text(text, encoding="utf-8")
    return read_terms(path)


def faults(tmp_path: Path, text: str) -> list[tuple[int, str, str]]:
    """Line, key and problem of every fault; each must have a remedy and name the file."""
    with pytest.raises(BadTermsFile) as raised:
        read(tmp_path, text)
    for fault in raised.value.faults:
        assert fault.file == str(tmp_path / "terms.toml")
        assert len(fault.remedy) > 10
        assert str(fault) in str(raised.value)
        assert f"terms.toml, line {fault.line}: {fault.key}: " in str(fault)
    return [(fault.line, fault.key, fault.problem) for fault in raised.value.faults]


def line_of(start: str, text: str = SHIPPED) -> int:
    return next(number for number, line in enumerate(text.splitlines(), 1) if line.startswith(start))


def with_line(start: str, line: str) -> str:
    """The shipped file with the first line that begins so replaced."""
    at = line_of(start)
    lines = SHIPPED.splitlines()
    lines[at - 1] = line
    return "\n".join(lines)


def test_the_shipped_terms_are_the_announcements() -> None:
    terms = book().on(date(2003, 11, 19))
    assert terms.purchase_min == Money.of("250")
    assert terms.monthly_max == Money.of("10000")
    assert terms.discount == Decimal("0.03")
    assert (terms.purchase_weekday, terms.purchase_after_day) == (2, 15)
    assert (terms.pricing_count, terms.pricing_lag, terms.pricing_lag_unit) == (3, 2, LagUnit.CALENDAR_DAYS)
    assert terms.cut_off_time == time(17)
    assert terms.aggregate_limit == Shares.of("10000000")
    assert (terms.good_funds_sessions, terms.change_hold_sessions) == (5, 10)
    assert (terms.check_return_sessions, terms.debit_return_days, terms.debit_lead_sessions) == (10, 60, 3)
    assert (terms.representments, terms.close_jump, terms.error_report_days) == (2, Decimal("0.40"), 60)
    assert terms.code_hours <= 24
    assert book().timezone == "America/New_York"


@pytest.mark.parametrize(
    ("day", "sessions"),
    [
        pytest.param("2003-11-04", 3, id="at the start"),
        pytest.param("2003-01-01", 3, id="before the start the first terms hold"),
        pytest.param("2017-09-04", 3, id="the last day of three"),
        pytest.param("2017-09-05", 2, id="the first day of two"),
        pytest.param("2024-05-27", 2, id="the last day of two"),
        pytest.param("2024-05-28", 1, id="the first day of one"),
    ],
)
def test_a_change_holds_from_its_effective_date_and_leaves_the_rest(day: str, sessions: int) -> None:
    terms = book().on(date.fromisoformat(day))
    assert terms.settlement_sessions == sessions
    assert terms.monthly_max == Money.of("10000")


@pytest.mark.parametrize(
    ("day", "most"),
    [
        pytest.param("2007-08-26", "10000", id="the day before"),
        pytest.param("2007-08-27", "100000", id="the day itself"),
        pytest.param("2018-01-01", "100000", id="kept by later changes"),
    ],
)
def test_the_maximum_of_2007_is_a_matter_of_one_entry(tmp_path: Path, day: str, most: str) -> None:
    at = SHIPPED.index("[[terms]]\neffective = 2017")
    raised = read(tmp_path, SHIPPED[:at] + RAISED + SHIPPED[at:])
    assert raised.on(date.fromisoformat(day)).monthly_max == Money.of(most)
    assert raised.sources["monthly_max@2007-08-27"] == "P07"
    assert book().on(date.fromisoformat(day)).monthly_max == Money.of("10000")


@pytest.mark.parametrize(
    ("day", "version"),
    [
        pytest.param("2003-11-03", "2003-11-04", id="before the first"),
        pytest.param("2003-11-04", "2003-11-04", id="the first"),
        pytest.param("2004-01-27", "2003-11-04", id="its last day"),
        pytest.param("2004-01-28", "2004-01-28", id="the second"),
    ],
)
def test_the_prospectus_in_force(day: str, version: str) -> None:
    found = book().prospectus_on(date.fromisoformat(day))
    assert found.version == version
    assert "333-108963" in found.title
    assert found.link.startswith("https://")


def test_every_term_says_where_it_comes_from_and_our_choices_ask_to_be_confirmed() -> None:
    names = {field.name for field in fields(PlanTerms)} - {"effective"}
    names |= {f"issuer.{field.name}" for field in fields(Issuer)} | {"timezone"}
    assert names <= book().sources.keys()
    assert set(book().sources.values()) <= {"PR", "P04", "OC"}
    for line in SHIPPED.splitlines():
        if '"OC"' in line and "=" in line:
            assert "confirm = true" in line


def value(key: str, toml: str, more: str = 'source = "PR"') -> str:
    return f"{key} = {{ value = {toml}, {more} }}"


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        pytest.param(value("discount", '"three"'), "not a number", id="words for a number"),
        pytest.param(value("discount", '"1"'), "100 %", id="everything off"),
        pytest.param(value("monthly_max", '"-1"'), "negative", id="negative money"),
        pytest.param(value("monthly_max", '"1.001"'), "dollars and cents", id="a part of a cent"),
        pytest.param(value("monthly_max", "true"), "not a number", id="a truth for money"),
        pytest.param(value("monthly_max", "nan"), "not a number", id="no number at all"),
        pytest.param('monthly_max = "10000"', "value and source", id="a bare value"),
        pytest.param('monthly_max = { value = "10000" }', "value and source", id="no source"),
        pytest.param(value("monthly_max", "1", 'source = "XX"'), "unknown source", id="an unknown source"),
        pytest.param(value("monthly_max", "1000", 'source = "PR", why = 1'), "unknown part", id="an unknown part"),
        pytest.param(value("code_hours", "5", 'source = "OC"'), "whether to confirm", id="our choice unmarked"),
        pytest.param(value("code_hours", "5", 'source = "OC", confirm = 1'), "whether to confirm", id="a mark of 1"),
        pytest.param(value("code_hours", "25"), "out of range", id="a code longer than a day"),
        pytest.param(value("code_hours", "-1"), "negative", id="negative hours"),
        pytest.param(value("code_hours", '"24"'), "not a whole number", id="a text for a whole number"),
        pytest.param(value("code_hours", "true"), "not a whole number", id="a truth for a whole number"),
        pytest.param(value("purchase_weekday", '"Sunday"'), "no weekday", id="a Sunday"),
        pytest.param(value("purchase_after_day", "22"), "out of range", id="a day that February cannot follow"),
        pytest.param(value("pricing_lag_unit", '"weeks"'), "neither", id="weeks"),
        pytest.param(value("pricing_count", "0"), "out of range", id="no closes"),
        pytest.param(value("cut_off_time", '"17:00"'), "no time of day", id="a text for a time"),
        pytest.param(value("aggregate_limit", '"1.00001"'), "no number of shares", id="a share too finely cut"),
        pytest.param(value("timezone", '"Ann Arbor"'), "not a timezone", id="a town for a timezone"),
        pytest.param(value("timezone", '"../etc/passwd"'), "not a timezone", id="a path for a timezone"),
        pytest.param(value("ir_phone", "734"), "not a text", id="a number for a text"),
        pytest.param(value("ir_phone", '" "'), "not a text", id="an empty text"),
        pytest.param(value("ir_phone", '"1\\n2"'), "line break", id="a text of two lines"),
        pytest.param("title = 5", "not a text", id="a number for a title"),
        pytest.param(value("ir_address", '"not an address"'), "not an email address", id="words for an address"),
        pytest.param(value("ir_address", '"ir@localhost"'), "not an email address", id="an address without a domain"),
        pytest.param(value("ir_address", '"IR <ir@aastrom.com>"'), "not an email address", id="an address with a name"),
        pytest.param(value("program_address", '"dspp"'), "not an email address", id="half a program address"),
        pytest.param(value("program_address", '"dspp+x@aastrom.com"'), "keyed", id="a program address with a plus"),
        pytest.param(
            value("program_address", '"direct-stock-purchases@aastrom.com"'), "keyed", id="a long program address"
        ),
        pytest.param('link = "www.aastrom.com"', "no link", id="a link without its kind"),
        pytest.param('link = "javascript:alert(1)"', "no link", id="a program for a link"),
        pytest.param('link = "https://"', "no link", id="a link to nowhere"),
        pytest.param('link = "https://aastrom.com/a b"', "no link", id="a link with a blank"),
        pytest.param('link = "https://me@aastrom.com/"', "no link", id="a link with a user"),
        pytest.param('link = "mailto:nobody"', "no link", id="mail to nobody"),
        pytest.param(value("pricing_lag", "30"), "out of range", id="a lag of a month"),
        pytest.param(value("pricing_count", "11"), "out of range", id="too many closes"),
        pytest.param(value("settlement_sessions", "11"), "out of range", id="a settlement after two weeks"),
        pytest.param(value("good_funds_sessions", "31"), "out of range", id="a check that never clears"),
        pytest.param(value("staff_reply_sessions", "31"), "out of range", id="a promise nobody waits for"),
        pytest.param(value("discount", '"0.3"'), "out of range", id="thirty percent for three"),
        pytest.param(value("purchase_min", '"0.00"'), "out of range", id="no minimum"),
        pytest.param(value("monthly_max", '"999999999999"'), "out of range", id="a maximum beyond sense"),
        pytest.param(value("sale_fee", '"1000.01"'), "out of range", id="a fee beyond sense"),
        pytest.param(value("aggregate_limit", '"0"'), "out of range", id="no shares to sell"),
        pytest.param(value("representments", "3"), "out of range", id="more presentments than the ACH rules allow"),
        pytest.param(value("close_jump", '"40"'), "out of range", id="forty times for forty percent"),
        pytest.param(value("close_jump", '"0"'), "out of range", id="a jump that every close makes"),
        pytest.param(value("close_jump", '"wide"'), "not a number", id="a word for a jump"),
        pytest.param(value("debit_lead_sessions", "0"), "out of range", id="debits that leave at the cut-off"),
        pytest.param(value("check_return_sessions", "61"), "out of range", id="a check at risk for a season"),
        pytest.param(value("debit_return_days", "731"), "out of range", id="a debit at risk for years"),
        pytest.param(value("error_report_days", "0"), "out of range", id="no time to report an error"),
    ],
)
def test_a_wrong_value_is_named_where_it_stands(tmp_path: Path, line: str, problem: str) -> None:
    key = line.split(" ")[0]
    found = faults(tmp_path, with_line(key, line))
    assert [(at, name) for at, name, text in found if problem in text] == [(line_of(key), key)], found


@pytest.mark.parametrize(
    ("start", "line", "key", "problem"),
    [
        pytest.param("purchase_min", value("purchase_mni", "250"), "purchase_mni", "not known", id="a term"),
        pytest.param("ir_phone", value("ir_fax", '"1"'), "ir_fax", "not known", id="a fact of the issuer"),
        pytest.param("title", 'tilte = "x"', "tilte", "not known", id="a title"),
        pytest.param("effective = 2004", 'effective = "2004-01-28"', "effective", "no date", id="a text for a date"),
        pytest.param("effective = 2004", "effective = 2003-11-04", "effective", "not come after", id="two on one day"),
        pytest.param("effective = 2024", "effective = 2016-05-28", "effective", "not come after", id="not in order"),
        pytest.param("effective = 2024", "effective = 2024-05-28T00:00:00", "effective", "no date", id="an instant"),
        pytest.param('version = "2004', 'version = "2003-11-04"', "version", "there twice", id="a version twice"),
    ],
)
def test_a_wrong_key_or_date_is_named_where_it_stands(
    tmp_path: Path, start: str, line: str, key: str, problem: str
) -> None:
    found = faults(tmp_path, with_line(start, line))
    assert [(at, name) for at, name, text in found if problem in text] == [(line_of(start), key)], found


def test_a_minimum_above_the_maximum_is_named_at_the_minimum(tmp_path: Path) -> None:
    found = faults(tmp_path, with_line("monthly_max", value("monthly_max", '"249.99"')))
    assert found == [(line_of("purchase_min"), "purchase_min", "the minimum 250.00 is above the maximum 249.99")]


@pytest.mark.parametrize(
    ("start", "line", "key", "large", "most"),
    [
        pytest.param("large_purchase", '"10000.00"', "large_purchase", "10000.00", "10000.00", id="the maximum"),
        pytest.param("large_purchase", '"20000"', "large_purchase", "20000.00", "10000.00", id="above the maximum"),
        pytest.param("monthly_max", '"5000.00"', "large_purchase", "5000.00", "5000.00", id="a lower maximum"),
    ],
)
def test_a_large_purchase_that_nobody_could_make_is_named(
    tmp_path: Path, start: str, line: str, key: str, large: str, most: str
) -> None:
    source = 'source = "ISSUER"'
    found = faults(tmp_path, with_line(start, value(start, line, source)))
    assert found == [(line_of("large_purchase"), key, f"no purchase of at most {most} is larger than {large}")]


def test_a_later_maximum_that_leaves_nothing_large_is_named(tmp_path: Path) -> None:
    text = SHIPPED + value("monthly_max", '"4000.00"') + "\n"
    found = faults(tmp_path, text)
    assert found == [(text.count("\n"), "monthly_max", "no purchase of at most 4000.00 is larger than 5000.00")]


def test_that_no_purchase_is_large_is_said_plainly(tmp_path: Path) -> None:
    def terms(large: str) -> PlanTerms:
        line = value("large_purchase", large, 'source = "ISSUER"')
        return read(tmp_path, with_line("large_purchase", line)).history[0]

    assert not terms('"none"').is_large(Money.of("10000"))
    assert terms('"9999.99"').is_large(Money.of("10000"))
    assert not terms('"9999.99"').is_large(Money.of("9999.99"))


def test_a_later_change_is_held_against_the_terms_before_it(tmp_path: Path) -> None:
    text = SHIPPED + value("purchase_min", '"10000.01"') + "\n"
    found = faults(tmp_path, text)
    assert found == [(text.count("\n"), "purchase_min", "the minimum 10000.01 is above the maximum 10000.00")]


@pytest.mark.parametrize(
    ("start", "table", "key"),
    [
        pytest.param("discount", "[[terms]]", "discount", id="a term"),
        pytest.param("payee", "[issuer]", "payee", id="a fact of the issuer"),
        pytest.param("link", "[[prospectus]]", "link", id="a link"),
        pytest.param("effective = 2017", "[[terms]]", "effective", id="a date"),
    ],
)
def test_a_missing_key_is_named_at_its_table(tmp_path: Path, start: str, table: str, key: str) -> None:
    text = with_line(start, "")
    found = faults(tmp_path, text)
    headers = [number for number, line in enumerate(text.splitlines(), 1) if line == table]
    assert [(key, problem) for _line, key, problem in found] == [(key, "is missing")]
    assert found[0][0] in headers


HEAD, FIRST_TERMS, *_LATER = SHIPPED.split("\n[[terms]]\n")


@pytest.mark.parametrize(
    ("text", "key", "problem"),
    [
        pytest.param("", "timezone", "is missing", id="an empty file"),
        pytest.param(HEAD, "terms", "has no entry", id="no terms"),
        pytest.param(SHIPPED.split("\n[[prospectus]]\n")[0], "prospectus", "has no entry", id="no prospectus"),
        pytest.param(SHIPPED.replace("[issuer]", "[isuer]"), "isuer", "no table of this file", id="a misspelled table"),
        pytest.param(f"{HEAD}\n[terms]\n{FIRST_TERMS}", "terms", "has no entry", id="one table for a list"),
        pytest.param("limit = 5\n" + SHIPPED, "limit", "not known here", id="a stray key"),
    ],
)
def test_a_file_without_its_tables_says_which(tmp_path: Path, text: str, key: str, problem: str) -> None:
    assert any(key == name and problem in said for _line, name, said in faults(tmp_path, text))


NO_COMMA = with_line("discount", 'discount = { value = "0.03" source = "PR" }')
OPEN_QUOTE = with_line("discount", 'discount = { value = "0.03')
TWICE = SHIPPED.replace("monthly_max =", "purchase_min =", 1)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param(SHIPPED + "\nnonsense\n", SHIPPED.count("\n") + 2, id="a line that is no setting"),
        pytest.param(NO_COMMA, line_of("discount"), id="a comma left out"),
        pytest.param(OPEN_QUOTE, line_of("discount"), id="a quote left open"),
        pytest.param(TWICE, line_of("monthly_max"), id="a key twice"),
        pytest.param("[issuer", 1, id="the file breaks off"),
    ],
)
def test_what_is_no_toml_is_named_by_its_line(tmp_path: Path, text: str, line: int) -> None:
    found = faults(tmp_path, text)
    assert [(at, "not TOML" in problem) for at, _key, problem in found] == [(line, True)]


def test_all_faults_are_told_at_once_in_order(tmp_path: Path) -> None:
    text = with_line("discount", 'discount = { value = "x", source = "PR" }').replace(
        'ticker = { value = "ASTM"', "ticker = { value = 5"
    )
    found = faults(tmp_path, text.replace("effective = 2024-05-28", "effective = 2001-01-01"))
    assert [key for _line, key, _problem in found] == ["ticker", "discount", "effective"]
    assert found == sorted(found)


def test_bytes_that_are_no_text_are_named(tmp_path: Path) -> None:
    path = tmp_path / "terms.toml"
    path.write_bytes(b"# fine\n# caf\xe9\n")
    with pytest.raises(BadTermsFile, match="line 2: -: not UTF-8"):
        read_terms(path)


def test_a_file_that_is_not_there_is_another_matter(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        read_terms(tmp_path / "none.toml")


@pytest.mark.parametrize(
    "link",
    [
        pytest.param("http://www.aastrom.com", id="the web"),
        pytest.param("https://www.aastrom.com:8443/dspp/prospectus.pdf?v=2#top", id="a page of it"),
        pytest.param("mailto:ir@aastrom.com", id="by mail"),
    ],
)
def test_what_a_reader_can_follow_is_a_link(tmp_path: Path, link: str) -> None:
    assert read(tmp_path, with_line("link", f'link = "{link}"')).prospectuses[0].link == link


def test_amounts_may_stand_without_quotes(tmp_path: Path) -> None:
    text = with_line("purchase_min", 'purchase_min = { value = 250.10, source = "ISSUER" }')
    assert read(tmp_path, text).history[0].purchase_min == Money.of("250.10")
