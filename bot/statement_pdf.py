"""A statement, or a year's summary, as a PDF: the same facts always give the same bytes. The only home of typst.

Tagged for screen readers (PDF/UA-1, checked as it is made), with its fonts embedded: those that typst brings,
never those of the machine. Nothing in it tells when or where it was made. What a holder's name holds is set as
text and is never read as markup.
"""

from __future__ import annotations

import json
import unicodedata
from dataclasses import asdict
from datetime import date
from functools import cache

import typst

from bot.month.parts import Part, parts_of
from bot.render import TEMPLATES
from bot.wording import short_day
from handlers.plan.statement import Statement, YearSummary
from handlers.plan.terms import PlanBook

LAYOUT = TEMPLATES / "month" / "statement.typ"
STANDARD: typst.PDFStandard = "ua-1"
NOT_PRINTABLE = "?"
"""What stands for a character that none of the fonts has."""

NAME_ON_TOP = 48
"""So many characters of a name stand on top of each page; the whole name stands once, in the first part."""
DRAWN = ((" ", "~"), ("\u00a0", "\u04ff"), ("\u1e00", "\u1fff"), ("\u2010", "\u2040"), ("\u20a0", "\u20c0"))
"""The blocks, first and last, of which the embedded fonts have every character: Latin, Greek, Cyrillic, punctuation."""

_NO_TIME = 0
"""Instead of the time of making, which would differ from run to run."""


def statement_pdf(told: Statement | YearSummary, book: PlanBook) -> bytes:
    """`told` on paper, U.S. letter size: every page with the holder's name and masked account, and its number.

    A character for which there is no type, such as a Chinese one, stands as "?", and as its base letter where it
    has one. Raises typst.TypstError if the layout is broken; a retry does not help.
    """
    printed = json.dumps(_printable(_paper(told, book)), ensure_ascii=False)
    return typst.compile(
        LAYOUT,
        root=LAYOUT.parent,
        font_paths=_fonts(),
        sys_inputs={"told": printed},
        pdf_standards=[STANDARD],
        timestamp=_NO_TIME,
    )


def statement_filename(told: Statement | YearSummary) -> str:
    """What the file is called: "statement-2003-11.pdf", "summary-2003.pdf". No account number."""
    return f"summary-{told.year}.pdf" if isinstance(told, YearSummary) else f"statement-{told.first_day:%Y-%m}.pdf"


@cache
def _fonts() -> typst.Fonts:
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=True)


def _paper(told: Statement | YearSummary, book: PlanBook) -> dict[str, object]:
    """Everything that the layout sets, in words."""
    issuer = book.issuer
    if isinstance(told, YearSummary):
        title, last_day = f"Summary of {told.year}", date(told.year, 12, 31)
    else:
        title, last_day = f"Statement, {short_day(told.first_day)} to {short_day(told.last_day)}", told.last_day
    prospectus = book.prospectus_on(last_day)
    return {
        "title": title,
        "company": issuer.company,
        "account": told.account,
        "program": issuer.program,
        "short_name": told.name if len(told.name) <= NAME_ON_TOP else told.name[: NAME_ON_TOP - 1] + "…",
        "contact": f"Questions and errors: Investor Relations, {issuer.ir_phone}",
        "parts": [_part(part) for part in parts_of(told, book.timezone)],
        "closing": [
            f"Please keep this paper. {issuer.company}, Investor Relations, {issuer.ir_post}; {issuer.ir_phone}.",
            f"Before you buy shares you must review the Prospectus: {prospectus.title}, {prospectus.link}, or by mail.",
            "This is not an offer or a solicitation where one would be unlawful, and no advice. "
            "The price of the shares varies from month to month, so no value is given here.",
        ],
    }


def _part(part: Part) -> dict[str, object]:
    """One part as the layout takes it; `words` is the column that gets the room that is left."""
    words = [at for at, column in enumerate(part.columns) if not column.is_figure]
    return asdict(part) | {"words": words[-1] if words else 0}


def _printable(value: object) -> object:
    """`value` with every string in it made of characters that the fonts have."""
    match value:
        case str():
            return "".join(_drawn(character) for character in unicodedata.normalize("NFC", value))
        case dict():
            return {key: _printable(each) for key, each in value.items()}
        case list() | tuple():
            return [_printable(each) for each in value]
        case _:
            return value


def _drawn(character: str) -> str:
    """`character`, or what stands for it: nothing for one that is not seen, a base letter, else NOT_PRINTABLE."""
    if unicodedata.category(character) in ("Cc", "Cf"):
        return ""
    if _has_type(character):
        return character
    simpler = "".join(each for each in unicodedata.normalize("NFKD", character) if _has_type(each))
    return simpler or NOT_PRINTABLE


def _has_type(character: str) -> bool:
    return character.isprintable() and any(first <= character <= last for first, last in DRAWN)
