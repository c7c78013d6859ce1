"""The public reply corpora, each line judged by hand: what is live, what may go either way, and the rest is quoted.

The material is public and is not part of the project; these tables hold line numbers only. Two files are left out,
because they are templates with a placeholder where the header of the quotation should be.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.mail.limits import Limits
from bot.mail.parse import parse
from bot.mail.reply_text import LiveText, split
from tests.mail.material import material

ALL = "1-9999"
"""Every line is live."""

# File: live lines; lines of signatures and footers, which may be live or not. Every other line is quoted.
GITHUB: dict[str, tuple[str, str]] = {
    "correct_sig": ("1", "3-4"),
    "email_1_1": ("1-5", "7-13"),
    "email_1_2": ("1 9-34", "48-51"),
    "email_1_3": ("1-3", "5 52-55"),
    "email_1_4": ("1", ""),
    "email_1_5": (ALL, ""),
    "email_1_6": ("1", "3"),
    "email_1_7": ("1", ""),
    "email_1_8": ("13 19", "36-37"),
    "email_2_1": ("1", ""),
    "email_2_2": ("1", ""),
    "email_2_3": ("1", ""),
    "email_BlackBerry": ("1", "3"),
    "email_bullets": ("1-9", "20-22"),
    "email_iPhone": ("1", "3"),
    "email_long_quote": ("1-4", "6-20"),
    "email_multi_word_sent_from_my_mobile_device": ("1", "3"),
    "email_one_is_not_on": ("1-5", ""),
    "email_sent_from_my_not_signature": ("1-3", ""),
    "email_sig_delimiter_in_middle_of_line": (ALL, ""),
    "greedy_on": ("1-6", ""),
    "pathological": ("1-2", ""),
}

FIRST_PARAGRAPH = ("1-5", "")
CRISP: dict[str, tuple[str, str]] = {
    "correct_sig": ("1", "3-4"),
    "email_1": ("1-5", "7-13"),
    "email_15": ("1-5", "7"),
    "email_19": ("1", "3"),
    "email_2": ("1 9-34", "48-51"),
    "email_20": ("1", ""),
    "email_21": (ALL, ""),
    "email_2_1": ("1", ""),
    "email_3": ("1-3", "5 52-55"),
    "email_4": ("1", ""),
    "email_5": (ALL, ""),
    "email_6": ("1-3", ""),
    "email_7": ("1-5", "26-41"),
    "email_9": ("1-5", "7"),
    "email_blackberry": ("1", "3"),
    "email_bullets": ("1-9", "20-22"),
    "email_custom_quote_header": ("1", "15-17"),
    "email_customer_quote_header_2": ("1", ""),
    "email_customer_quote_header_3": ("1-3", ""),
    "email_emoji": ("1", "3-7"),
    "email_german_3": ("1-5", "7"),
    "email_ios_outlook": ("1-5", "7"),
    "email_ios_outlook_fr": ("1-5", "7"),
    "email_iphone": ("1", "3"),
    "email_multi_word_sent_from_my_mobile_device": ("1", "3"),
    "email_not_a_signature": ("1-13", "15-16"),
    "email_not_a_signature_2": (ALL, ""),
    "email_one_is_not_on": ("1-5", ""),
    "email_reply_header": ("1-9", "11 28-29"),
    "email_sent_from": ("1", "3"),
    "email_sent_from_my_not_signature": ("1-3", ""),
    "email_thread": ("1", ""),
    "email_tricky_1_on_false_positive": (ALL, ""),
    "email_tricky_2_url_with_wrote": ("1-5", "7-8"),
    "email_tricky_3_code_block": (ALL, ""),
    "email_tricky_4_from_in_body": (ALL, ""),
    "email_tricky_6_regards_in_sentence": (ALL, ""),
    "email_tricky_7_multiple_dashes": (ALL, ""),
    "email_tricky_8_sent_from_in_content": (ALL, ""),
    "email_tricky_9_nested_quotes": ("1", ""),
    "email_tricky_11_double_signature": ("1", "3-11"),
    "email_tricky_13_timestamp_variations": (ALL, ""),
    "email_tricky_16_unicode_signatures": ("1", "3-10"),
    "email_tricky_17_forward_header": ("1", ""),
    "email_tricky_18_inline_reply": ("4 8 12", ""),
    "email_tricky_19_quote_without_header": ("1 7 12", ""),
    "email_tricky_20_html_entities": ("1-3", ""),
    "email_unquoted_reply": ("1", ""),
    "email_with_regards": ("1-5", "7-10"),
    "email_zoho": ("1-2", ""),
    "sig_no_empty_line": ("1", "2-3"),
} | dict.fromkeys(
    """
    email_8 email_10 email_11 email_12 email_13 email_14 email_16 email_17 email_18 email_22 email_23 email_24 email_25
    email_26 email_danish_dash_separator email_en_multiline_2 email_finnish email_fr_multiline email_french_2
    email_french_dash_separator email_german email_german_2 email_german_outlook email_gmail_split_line_from
    email_italian email_msn email_norwegian_gmail email_original_message email_original_message_2
    email_outlook_split_line_from email_portuguese email_russian email_tricky_5_mixed_languages
    email_tricky_10_special_chars_in_name email_tricky_12_no_space_after_header email_tricky_14_long_quote_header
    email_tricky_15_original_message_variations
    """.split(),
    FIRST_PARAGRAPH,
)
TEMPLATES = {"email_with_date_headers", "email_with_from_headers"}

TALON_QUOTED = ("Hi", "Hello! How are you?", "Sasha.", "New Booking Inquiry", "The manager's comment:")


def _numbers(ranges: str) -> set[int]:
    found: set[int] = set()
    for part in ranges.split():
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def _judge(text: str, live: str, either: str) -> tuple[list[str], list[str], LiveText]:
    """Quoted lines that leaked into the live text, live lines that were lost, and the division."""
    parts = split(text)
    shown = [line.strip() for line in parts.live.split("\n") if line.strip()]
    leaked, lost = list(shown), []
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), start=1):
        bare = line.strip()
        if not bare:
            continue
        if number in _numbers(live):
            if bare in leaked:
                leaked.remove(bare)
            else:
                lost.append(bare)
        elif number in _numbers(either) and bare in leaked:
            leaked.remove(bare)
    return leaked, lost, parts


@pytest.mark.parametrize(
    ("folder", "name", "live", "either"),
    [
        *(
            pytest.param("github_email_reply_parser/test/emails", *row, id=f"github {row[0]}")
            for row in ((name, *lines) for name, lines in GITHUB.items())
        ),
        *(
            pytest.param("crisp_email_reply_parser/test/fixtures", *row, id=f"crisp {row[0]}")
            for row in ((name, *lines) for name, lines in CRISP.items())
        ),
    ],
)
def test_no_quoted_line_is_taken_for_live_and_no_live_line_is_lost(
    folder: str, name: str, live: str, either: str
) -> None:
    text = (material(f"replies/{folder}") / f"{name}.txt").read_text(encoding="utf-8")
    leaked, lost, _ = _judge(text, live, either)
    assert leaked == []
    assert lost == []


def test_every_file_of_the_corpora_is_judged() -> None:
    for folder, table in (
        ("github_email_reply_parser/test/emails", GITHUB),
        ("crisp_email_reply_parser/test/fixtures", CRISP),
    ):
        names = {path.stem for path in material(f"replies/{folder}").glob("*.txt")}
        assert names - TEMPLATES == set(table)


def test_few_of_the_corpora_are_doubtful() -> None:
    """Every doubt costs the sender a question, so they are counted."""
    doubtful = []
    for folder, table in (
        ("github_email_reply_parser/test/emails", GITHUB),
        ("crisp_email_reply_parser/test/fixtures", CRISP),
    ):
        for name, (live, either) in table.items():
            text = (material(f"replies/{folder}") / f"{name}.txt").read_text(encoding="utf-8")
            _, _, parts = _judge(text, live, either)
            if parts.doubtful:
                doubtful.append(f"{name}: {', '.join(parts.doubts)}")
    assert len(doubtful) <= 8, "\n".join(doubtful)


def _eml(path: Path) -> LiveText:
    return split(parse(path.read_bytes(), Limits()).text)


@pytest.mark.parametrize(
    "name",
    "android aol apple_mail apple_mail_2 comcast gmail hotmail iphone outlook sparrow thunderbird yahoo".split(),
)
def test_the_reply_of_each_mail_program_is_told_from_what_it_quotes(name: str) -> None:
    folder = material("replies/talon/tests/fixtures/standard_replies")
    parts = _eml(folder / f"{name}.eml")
    lines = parts.live.split("\n")
    assert lines[0].strip() == "Hello"
    assert not {line.strip() for line in lines} & set(TALON_QUOTED)
    expected = folder / f"{name}_reply_text"
    allowed = expected.read_text(encoding="utf-8") if expected.exists() else "Hello"
    assert parts.live in allowed


@pytest.mark.parametrize("form", ["html"])
@pytest.mark.parametrize(
    "name",
    [
        "gmail",
        "hotmail",
        "mail_ru",
        "ms_outlook_2003",
        "ms_outlook_2007",
        "ms_outlook_2010",
        "thunderbird",
        "windows_mail",
        "yandex_ru",
    ],
)
def test_the_html_reply_of_each_mail_program_is_told_from_what_it_quotes(name: str, form: str) -> None:
    html = (material("replies/talon/tests/fixtures/html_replies") / f"{name}.html").read_bytes()
    parts = split(parse(b"Content-Type: text/html; charset=utf-8\n\n" + html, Limits()).text)
    assert parts.live.split("\n")[0] == "Hi. I am fine."
    assert set(filter(None, parts.live.split("\n"))) <= {"Hi. I am fine.", "Thanks,", "Alex"}
    assert "How are you" in parts.quoted
    assert not parts.doubtful


@pytest.mark.parametrize(
    ("name", "live"),
    [
        pytest.param("OLK_SRC_BODY_SECTION.html", "Reply", id="Outlook for Mac"),
        pytest.param("reply-separated-by-hr.html", "Hi\nthere\nBob", id="a stroke and a header"),
    ],
)
def test_other_html_replies(name: str, live: str) -> None:
    html = (material("replies/talon/tests/fixtures") / name).read_bytes()
    parts = split(parse(b"Content-Type: text/html; charset=utf-8\n\n" + html, Limits()).text)
    assert parts.live == live


@pytest.mark.parametrize(
    ("name", "signature"),
    [
        pytest.param("johndoeexamplecom", True, id="a name among prefixes"),
        pytest.param("jeff", False, id="a bare name and the phone's line"),
        pytest.param("long", True, id="a name, an address, a number and a page"),
        pytest.param("short_url", True, id="thanks and a name"),
        pytest.param("sparse", True, id="a stroke and scattered lines"),
    ],
)
def test_signatures_are_told_where_that_is_safe(name: str, signature: bool) -> None:
    folder = material("replies/talon/tests/fixtures/signature/emails/stripped")
    body = (folder / f"{name}_body").read_text(encoding="utf-8")
    expected = (folder / f"{name}_signature").read_text(encoding="utf-8")
    parts = split(body)
    text = body[: -len(expected)] if expected and body.rstrip().endswith(expected.rstrip()) else body
    first = next(line for line in text.split("\n") if line.strip())
    assert first.rstrip() in parts.live
    last = [line for line in expected.split("\n") if line.strip()][-1]
    assert (last not in parts.live) is signature
    assert not parts.quoted
