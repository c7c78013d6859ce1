"""Words letters: one body for text mail, HTML mail and chat. The only home of Jinja2.

Decides nothing: it takes what was decided and says it. A template that names
a fact it was not given fails, so a letter with a hole is never sent.
"""

from __future__ import annotations

from calendar import day_name
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property, partial
from pathlib import Path
from typing import Any, assert_never

from jinja2 import BaseLoader, Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from bot.month.parts import letter_parts
from bot.month.wording import month_filters
from bot.wording import wording_filters
from handlers.contract import Completed, Ignored, Intent, NeedsInfo, Outcome, Referred, Refused
from handlers.plan.calendar import PurchaseMonth
from handlers.plan.refusals import SENTENCES, TITLES
from handlers.plan.terms import PlanBook

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

LETTER = "_layout/letter.j2"
"""The frame of a letter to a holder: greeting, sections, whom to ask, the common footer."""

STAFF_NOTICE = "_layout/staff_notice.j2"
"""The frame of a notice to staff: the sections alone."""

CONFIRM_PAGE = "confirm/page.j2"
"""The frame of the page on which something is confirmed."""

MEDIA = ("text", "html", "chat")
"""The layouts a body is worded in; a file each in templates/_layout."""

MAIL = ("text", "html")
"""Those that a mail holds."""


@dataclass(frozen=True, slots=True)
class Section:
    """One request's answer within a letter: the body template and the facts it names."""

    template: str
    """Such as "buy/completed.j2"."""
    context: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Letter:
    """One finished letter in the media it was asked for; empty in the others."""

    subject: str
    text: str
    html: str
    chat: str


def template_for(intent: Intent, outcome: Outcome) -> str | None:
    """The body template that words `outcome`; None where nothing is said."""
    match outcome:
        case Completed():
            return f"{intent}/completed.j2"
        case Refused():
            return f"{intent}/refused.j2"
        case NeedsInfo():
            return f"{intent}/needs_info.j2"
        case Referred():
            return "_shared/referred.j2"
        case Ignored():
            return None
        case _:
            assert_never(outcome)


def read_back_for(intent: Intent) -> str:
    """The body template that reads a parked request of `intent` back to its sender."""
    return f"{intent}/read_back.j2"


class Renderer:
    """Words letters for one plan. Safe to share between threads."""

    def __init__(self, book: PlanBook, loader: BaseLoader | None = None) -> None:
        self._book = book
        self._media = {medium: _Medium(medium, book, loader or FileSystemLoader(TEMPLATES)) for medium in MEDIA}

    def letter(
        self,
        sections: Sequence[Section],
        *,
        name: str | None,
        reference: str,
        today: date,
        coming: Sequence[PurchaseMonth] = (),
        frame: str = LETTER,
        media: Sequence[str] = MEDIA,
    ) -> Letter:
        """One letter of `sections`, at least one, to the holder called `name` (None: greeted as a stranger is).

        `coming`, the next purchase months, is for sections whose context has
        none; `frame` is what stands around the sections; `media`, those it is
        worded in. Raises
        jinja2.TemplateError where a template lacks a fact; a retry does not help.
        """
        if not sections:
            raise ValueError("a letter says at least one thing")
        facts = self._facts(today, coming) | {"reference": reference, "name": name}
        worded = {medium: self._media[medium].letter(sections, facts, frame) for medium in media}
        subject = next(iter(worded.values()))[0]
        return Letter(subject, *(worded[medium][1] if medium in worded else "" for medium in MEDIA))

    def page(self, section: Section, *, today: date, coming: Sequence[PurchaseMonth] = ()) -> str:
        """The confirmation page that says `section`, as HTML."""
        facts = self._facts(today, coming) | {"reference": "", "name": None}
        _, whole = self._media["html"].letter([section], facts, CONFIRM_PAGE)
        return whole

    def _facts(self, today: date, coming: Sequence[PurchaseMonth]) -> dict[str, object]:
        return {
            "issuer": self._book.issuer,
            "terms": self._book.on(today),
            "prospectus": self._book.prospectus_on(today),
            "coming": tuple(coming),
            "today": today,
        }


class _Medium:
    """The templates as one medium words them."""

    def __init__(self, medium: str, book: PlanBook, loader: BaseLoader) -> None:
        self._name = medium
        self._environment = Environment(
            loader=loader,
            autoescape=medium == "html",  # noqa: S701  # text mail and chat are no HTML
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
        )
        self._environment.filters |= wording_filters(book.timezone) | month_filters()
        self._environment.filters["parts"] = partial(letter_parts, timezone=book.timezone)
        self._environment.globals |= {"SENTENCES": SENTENCES, "TITLES": TITLES, "weekday_names": day_name}

    @cached_property
    def _layout(self) -> Any:
        """The macros of this medium, called `l` in the bodies."""
        return self._environment.get_template(f"_layout/{self._name}.j2").module

    def letter(self, sections: Sequence[Section], facts: Mapping[str, object], frame: str) -> tuple[str, str]:
        """The subject, and the whole letter."""
        bodies = [self._body(section, facts) for section in sections]
        requests = [body for body in bodies if not body["is_preface"]]
        subject = str((requests or bodies)[0]["subject"])
        if len(requests) > 1:
            subject = f"Your {len(requests)} requests"
            for number, body in enumerate(requests, start=1):
                body["number"] = number
        elif requests and (before := next((body["subject_before"] for body in bodies if body["is_preface"]), "")):
            answer = requests[0]
            if answer["subject"] == answer["heading"]:  # one that says for itself what is to be done stands
                subject = f"{before}{subject[:1].lower()}{subject[1:]}"
        whole = self._environment.get_template(frame).render(
            {**facts, "l": self._layout, "sections": bodies, "subject": subject}
        )
        return subject, _printable(whole) if self._name == "html" else _tidy(_printable(whole))

    def _body(self, section: Section, facts: Mapping[str, object]) -> dict[str, object]:
        """One section worded: its heading, its body, its next step; the sections in its `parts` worded first."""
        context = {**facts, **section.context, "l": self._layout}
        if parts := section.context.get("parts"):
            context["parts"] = [self._body(part, facts) for part in parts]  # type: ignore[attr-defined]  # Sections
        module = self._environment.get_template(section.template).make_module(context)
        heading = module.heading  # type: ignore[attr-defined]  # each body sets it
        return {
            "heading": heading,
            "number": None,
            "is_preface": getattr(module, "is_preface", False),
            "is_question": getattr(module, "is_question", False),
            "subject_before": getattr(module, "subject_before", ""),
            "by_person": getattr(module, "by_person", ""),
            "body": Markup(module) if self._name == "html" else str(module),  # noqa: S704  # ours, escaped
            "enclosed": getattr(module, "enclosed", ""),
            "next_step": getattr(module, "next_step", ""),
            "subject": getattr(module, "subject", heading),
        }


def _printable(text: str) -> str:
    """`text` without characters that steer a terminal or turn the direction of reading, whoever put them in a name."""
    if text.replace("\n", "").isprintable():
        return text
    return "".join(character for character in text if character == "\n" or character.isprintable())


def _tidy(text: str) -> str:
    """`text` without trailing blanks and with at most one empty line in a row."""
    lines: list[str] = []
    for line in (line.rstrip() for line in text.splitlines()):
        if line or (lines and lines[-1]):
            lines.append(line)
    return "\n".join(lines).rstrip() + "\n"
