"""Every letter, in every medium: it holds what it must, and nothing that it must not."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from itertools import islice

import pytest
from jinja2 import BaseLoader, Environment, FileSystemLoader, UndefinedError

from bot.render import LETTER, TEMPLATES, Letter, Renderer, Section
from bot.wording import LONGEST_LINE
from handlers.plan.calendar import coming_purchases
from tests.letters.samples import SAMPLES
from tests.letters.table import Sample
from tests.specimens import NOW, book, calendar

REFERENCE = "AB12-CD34"
HOSTILE = '<script>alert("x")</script> & O\'Neil {{ 7*7 }} ' + "x" * 200
FOOTER = (
    "not an offer to sell, or a solicitation of an offer to buy, any securities in any state or country",
    "You MUST review the Prospectus before you enroll in the program and before you buy shares",
    "Prospectus in force since November 4, 2003 (Registration No. 333-108963)",
    "https://www.aastrom.com",
    "P.O. Box 376, Ann Arbor, MI 48106",
    "734-930-5777",
    "We give no investment advice",
    "The price of the shares varies",
    "do not send tax identification numbers or bank account numbers by email",
)
NOT_LETTERS = ("_layout", "development", "console", "chat", "confirm")
"""Folders of templates that are no letters."""

each_letter = pytest.mark.parametrize("sample", [pytest.param(sample, id=sample.id) for sample in SAMPLES])
each_holders_letter = pytest.mark.parametrize(
    "sample", [pytest.param(sample, id=sample.id) for sample in SAMPLES if sample.frame == LETTER]
)


class Recording(BaseLoader):
    """Loads templates and remembers which."""

    def __init__(self) -> None:
        self.loader = FileSystemLoader(TEMPLATES)
        self.names: set[str] = set()

    def get_source(self, environment: Environment, template: str) -> tuple[str, str, Callable[[], bool] | None]:
        self.names.add(template)
        return self.loader.get_source(environment, template)


RECORDED = Recording()
RENDERER = Renderer(book(), RECORDED)


def letter_of(sample: Sample, name: str | None = "ANA B SMITH") -> Letter:
    coming = tuple(islice(coming_purchases(NOW, calendar(), book()), 3))
    return RENDERER.letter(
        sample.sections, name=name, reference=REFERENCE, today=NOW.date(), coming=coming, frame=sample.frame
    )


def one_line(text: str) -> str:
    return " ".join(text.split())


class Outline(HTMLParser):
    """The tags that are open, and the text, of a page; an unbalanced tag fails."""

    EMPTY = frozenset({"meta", "hr", "br"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: set[str] = set()
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.add(tag)
        if tag not in self.EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"title", "style"} & set(self.open):
            self.words.append(data)


def outline_of(html: str) -> Outline:
    outline = Outline()
    outline.feed(html)
    outline.close()
    return outline


@each_letter
def test_a_letter_holds_what_it_must_in_every_medium(sample: Sample) -> None:
    letter = letter_of(sample)
    html = "".join(outline_of(letter.html).words)
    for phrase in sample.must:
        assert phrase in one_line(letter.text)
        assert _loosely(phrase) in _loosely(html)
        assert _loosely(phrase) in _loosely(letter.chat)
    for phrase in sample.must_not:
        for said in (letter.text, letter.chat, letter.subject):
            assert phrase not in one_line(said)


def _loosely(text: str) -> str:
    """Text without case and without the marks that set labels off, which each medium has of its own."""
    return re.sub(r"[\W_]+", "", text.casefold())


@each_holders_letter
def test_a_letter_has_reference_next_step_person_and_common_footer(sample: Sample) -> None:
    letter = letter_of(sample)
    for body in (letter.text, letter.chat, "".join(outline_of(letter.html).words)):
        words = one_line(body)
        assert REFERENCE in words
        prefaces = sum(section.context.get("reason") == "circumstances" for section in sample.sections)
        assert words.count("Next step: ") == len(sample.sections) - (prefaces if len(sample.sections) > 1 else 0)
        assert re.search(r"Next step: \w[^.]+\w", words)
        assert "To speak with a person, call Investor Relations at 734-930-5777" in words
        for phrase in FOOTER:
            assert phrase in words


@each_letter
def test_a_letter_reads_well_in_a_terminal(sample: Sample) -> None:
    letter = letter_of(sample)
    assert letter.text.replace("\n", "").isprintable()
    assert max(len(line) for line in letter.text.splitlines()) <= LONGEST_LINE
    assert "\n\n\n" not in letter.text
    assert not re.search(r"[ \t]\n", letter.text)
    assert letter.subject == one_line(letter.subject)
    assert 0 < len(letter.subject) <= LONGEST_LINE


@each_letter
def test_the_html_is_whole_simple_and_without_images(sample: Sample) -> None:
    html = letter_of(sample).html
    outline = outline_of(html)
    assert outline.open == []
    assert outline.seen <= {
        "html", "head", "meta", "title", "body", "div", "p", "h1", "h2", "dl", "dt", "dd", "ul", "ol", "li", "hr",
        "strong", "a", "table", "thead", "tbody", "tr", "th", "td",
    }  # fmt: skip
    assert html.lstrip().startswith("<!DOCTYPE html>")
    assert '<html lang="en">' in html
    assert re.search(r"<title>[^<]+</title>", html)
    assert '<meta name="color-scheme" content="light dark">' in html


@each_letter
def test_a_letter_shows_no_account_number_in_full_and_no_leftovers(sample: Sample) -> None:
    letter = letter_of(sample)
    for body in (letter.text, letter.html, letter.chat, letter.subject):
        assert "0004821" not in body
        assert "0007777" not in body
        assert not re.search(r"\bNone\b|\{\{|\{%|Decimal\(|Money\(|Shares\(|datetime|handlers\.", body)


@each_letter
def test_letters_are_in_american_english(sample: Sample) -> None:
    words = letter_of(sample).text
    assert not re.search(
        r"cheque|enrol(?!l)|cancell(?!ation)|authoris|recognis|favour|colour|honour", words, re.IGNORECASE
    )


@each_holders_letter
def test_a_hostile_name_stays_text(sample: Sample) -> None:
    letter = letter_of(sample, name=HOSTILE)
    assert "<script" not in letter.html
    assert 'Dear <script>alert("x")</script>' in one_line(letter.text)
    assert "{{ 7*7 }}" in letter.html
    assert "{{ 7*7 }}" in letter.chat
    assert max(len(line) for line in letter.text.splitlines()) <= LONGEST_LINE
    outline = outline_of(letter.html)
    assert outline.open == []
    assert "script" not in outline.seen


@pytest.mark.parametrize("notice", [pytest.param(one, id=one.id) for one in SAMPLES if one.frame != LETTER])
def test_a_notice_to_staff_has_neither_greeting_nor_the_footer_for_shareholders(notice: Sample) -> None:
    letter = letter_of(notice)
    for body in (letter.text, letter.chat, "".join(outline_of(letter.html).words)):
        words = one_line(body)
        assert "Next step: " in words
        assert "Dear" not in words
        assert not [phrase for phrase in FOOTER if phrase in words]


def test_every_template_has_a_specimen() -> None:
    for sample in SAMPLES:
        letter_of(sample)
    written = {
        path.relative_to(TEMPLATES).as_posix()
        for path in TEMPLATES.rglob("*.j2")
        if path.relative_to(TEMPLATES).parts[0] not in NOT_LETTERS
    }
    assert sorted(written - RECORDED.names) == []


def test_a_template_that_lacks_a_fact_words_nothing() -> None:
    with pytest.raises(UndefinedError):
        letter_of(Sample("lacking", (Section("buy/completed.j2"),)))


def test_a_letter_of_nothing_is_a_fault() -> None:
    with pytest.raises(ValueError, match="at least one"):
        letter_of(Sample("empty", ()))


def test_a_stranger_is_greeted_without_a_name() -> None:
    letter = letter_of(SAMPLES[0], name=None)
    assert letter.text.startswith("Hello,")
    assert "Dear" not in letter.text


def test_a_name_cannot_steer_the_readers_terminal() -> None:
    letter = letter_of(SAMPLES[0], name="ANA\x1b[2J \u202eHTIMS\x07")
    assert letter.text.startswith("Dear ANA[2J HTIMS,")
    for body in (letter.text, letter.html, letter.chat):
        assert body.replace("\n", "").isprintable()


def test_a_word_before_the_answer_is_not_counted_as_a_request() -> None:
    after = next(sample for sample in SAMPLES if sample.id == "circumstances changed, then a refusal")
    assert letter_of(after).subject == "Not carried out: your request to buy shares"
    again = next(sample for sample in SAMPLES if sample.id == "the cut-off passed, then a read-back")
    assert letter_of(again).subject == "Please confirm: Purchase order"


@each_holders_letter
def test_only_a_letter_that_no_person_wrote_says_that_it_was_prepared_automatically(sample: Sample) -> None:
    letter = letter_of(sample)
    for body in (letter.text, letter.chat, letter.html):
        assert ("prepared automatically" in one_line(body)) is (sample.id != "staff reply")


def test_of_several_sections_each_has_its_heading_and_the_subject_counts_them() -> None:
    several = next(sample for sample in SAMPLES if sample.id == "three requests at once")
    letter = letter_of(several)
    assert letter.subject == "Your 3 requests"
    assert re.findall(r"<h1[^>]*>(\d)\. ", letter.html) == ["1", "2", "3"]
