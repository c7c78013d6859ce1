"""Reads the plan-terms file: what the plan allows, by effective date, as its owner wrote it.

Reads and checks; changes nothing and guesses nothing. All faults are found in
one go, each with its file, line, key and remedy. What the terms mean is in
`handlers/plan/terms.py`.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import handlers.plan
from bot.terms_values import ISSUER, NOTHING_IS_LARGE, PROSPECTUS, TERMS, Unfit, timezone
from handlers.plan.money import Money
from handlers.plan.terms import Issuer, PlanBook, PlanTerms, Prospectus

SOURCES = ("PR", "P04", "P07", "OC", "ISSUER")
"""Where a value may come from; OC is our choice and says whether it is still to be confirmed."""


LIMITS = ("purchase_min", "monthly_max", "large_purchase")
"""Terms in dollars that must fit each other."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with the file, and how to mend it."""

    file: str
    line: int
    key: str
    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.file}, line {self.line}: {self.key}: {self.problem}. {self.remedy}."


class BadTermsFile(ValueError):
    """The plan-terms file cannot be used as it is; `faults` says all that is wrong. A retry does not help."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
        self.faults = faults


def default_terms_path() -> Path:
    """The plan terms that come with the program: Aastrom's own."""
    return Path(str(handlers.plan.__file__)).with_name("terms.toml")


def read_terms(path: Path) -> PlanBook:
    """The plan terms in the file at `path`. BadTermsFile names every fault; OSError if it cannot be read."""
    try:
        text = path.read_bytes().decode("utf-8")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadTermsFile((Fault(str(path), line, "-", "not UTF-8 text", "Save the file as UTF-8"),)) from None
    try:
        document = tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        raise BadTermsFile((_syntax_fault(str(path), text, error),)) from None
    reading = _Reading(str(path), _line_numbers(text))
    book = reading.book(document)
    if book is None or reading.faults:
        raise BadTermsFile(tuple(sorted(reading.faults, key=lambda fault: fault.line)))
    return book


def _syntax_fault(file: str, text: str, error: tomllib.TOMLDecodeError) -> Fault:
    at = re.search(r"line (\d+)", str(error))
    line = int(at.group(1)) if at else text.count("\n") + 1
    problem = f"not TOML ({re.sub(r' [(]at .*', '', str(error))})"
    return Fault(file, line, "-", problem, 'Mend that line; a value looks like { value = "250.00", source = "PR" }')


def _line_numbers(text: str) -> Mapping[tuple[str, int, str], int]:
    """Where each table (key "") and each of its keys stands: (table, which of its name, key) to the line."""
    found: dict[tuple[str, int, str], int] = {}
    count: dict[str, int] = {}
    table, which = "", 0
    for number, line in enumerate(text.splitlines(), 1):
        if header := re.match(r"\s*(\[\[?)\s*([\w.-]+)\s*\]", line):
            table = header.group(2)
            which = count.get(table, 0) if header.group(1) == "[[" else 0
            count[table] = which + 1
            found[table, which, ""] = number
        elif key := re.match(r"\s*\"?([\w-]+)\"?\s*=", line):
            found.setdefault((table, which, key.group(1)), number)
    return found


class _Reading:
    """One pass over a parsed document; collects faults as it goes."""

    def __init__(self, file: str, lines: Mapping[tuple[str, int, str], int]) -> None:
        self.file = file
        self.lines = lines
        self.faults: list[Fault] = []
        self.sources: dict[str, str] = {}

    def fault(self, table: str, which: int, key: str, problem: str, remedy: str) -> None:
        line = self.lines.get((table, which, key)) or self.lines.get((table, which, "")) or 1
        self.faults.append(Fault(self.file, line, key or table, problem, remedy))

    @staticmethod
    def header(table: str) -> str:
        """How a table begins in the file."""
        lists = {"terms", "prospectus"}
        return f"[[{table}]]" if table in lists else f"[{table}]" if table else "no table, at the top of the file"

    def book(self, document: Mapping[str, object]) -> PlanBook | None:
        """The whole file; None, or something to be thrown away, where there are faults."""
        for key in document.keys() - {"timezone", "issuer", "terms", "prospectus"}:
            self.fault("", 0, key, "is not known here", "Remove it, or move it under [issuer] or [[terms]]")
            if (key, 0, "") in self.lines:
                self.faults[-1] = Fault(
                    self.file, self.lines[key, 0, ""], key, "is no table of this file", "Rename or remove it"
                )
        zone = self.value("", 0, "timezone", document.get("timezone"), timezone, "timezone")
        issuer = self.issuer(document.get("issuer"))
        prospectuses = self.prospectuses(self.entries(document, "prospectus"))
        history = self.history(self.entries(document, "terms"))
        if self.faults or issuer is None:
            return None
        return PlanBook(issuer, str(zone), history, prospectuses, self.sources)

    def entries(self, document: Mapping[str, object], table: str) -> list[Mapping[str, object]]:
        """The [[table]] entries; a fault if there are none."""
        found = document.get(table)
        if not isinstance(found, list) or not found or not all(isinstance(entry, dict) for entry in found):
            self.fault(table, 0, "", "has no entry", f"Add one that begins with [[{table}]]")
            return []
        return found

    def value(
        self, table: str, which: int, key: str, entry: object, read: Callable[[object], object], name: str
    ) -> object:
        """The value of a `{ value, source }` entry, checked; None and a fault if it does not serve."""
        how = 'Write it as { value = ..., source = "PR" }'
        if entry is None:
            self.fault(table, which, key, "is missing", f"Add a line for it under {self.header(table)}")
            return None
        if not isinstance(entry, dict) or "value" not in entry or "source" not in entry:
            self.fault(table, which, key, "does not say both value and source", how)
            return None
        for unknown in entry.keys() - {"value", "source", "confirm"}:
            self.fault(table, which, key, f"has an unknown part {unknown!r}", how)
        source, confirm = entry["source"], entry.get("confirm")
        if source not in SOURCES:
            self.fault(table, which, key, f"has an unknown source {source!r}", "Write one of " + ", ".join(SOURCES))
        elif (source == "OC" or confirm is not None) and not isinstance(confirm, bool):
            remedy = "Add confirm = true, or confirm = false once the issuer has confirmed it"
            self.fault(table, which, key, "is our choice but does not say whether to confirm it", remedy)
        self.sources[name] = str(source)
        try:
            return read(entry["value"])
        except Unfit as unfit:
            self.fault(table, which, key, f"{unfit.problem}: {entry['value']}", unfit.remedy)
            return None

    def unknown_keys(self, table: str, which: int, entry: Mapping[str, object], known: set[str]) -> None:
        for key in sorted(entry.keys() - known):
            self.fault(table, which, key, "is not known here", "Remove it, or mend its spelling")

    def effective(self, table: str, which: int, entry: Mapping[str, object], before: date | None) -> date | None:
        """The entry's effective date; a fault if it is missing, no date, or not after the one before."""
        day = entry.get("effective")
        if not isinstance(day, date) or isinstance(day, datetime):
            problem = "is missing" if day is None else f"is no date: {day}"
            self.fault(table, which, "effective", problem, "Write it without quotes, such as effective = 2003-11-04")
            return None
        if before is not None and day <= before:
            remedy = "Put the entries in order of date, no two on one day"
            self.fault(table, which, "effective", f"{day} does not come after {before}", remedy)
        return day

    def issuer(self, entry: object) -> Issuer | None:
        if not isinstance(entry, dict):
            self.fault("issuer", 0, "", "is missing", "Add a table that begins with [issuer]")
            return None
        self.unknown_keys("issuer", 0, entry, set(ISSUER))
        values = {
            key: self.value("issuer", 0, key, entry.get(key), read, f"issuer.{key}") for key, read in ISSUER.items()
        }
        return Issuer(**{key: str(value) for key, value in values.items()})

    def prospectuses(self, entries: list[Mapping[str, object]]) -> tuple[Prospectus, ...]:
        found: list[Prospectus] = []
        before: date | None = None
        for which, entry in enumerate(entries):
            self.unknown_keys("prospectus", which, entry, {*PROSPECTUS, "effective"})
            before = self.effective("prospectus", which, entry, before) or before
            for key, read in PROSPECTUS.items():
                try:
                    read(entry.get(key))
                except Unfit as unfit:
                    problem = f"{unfit.problem}: {entry[key]}" if key in entry else "is missing"
                    self.fault("prospectus", which, key, problem, unfit.remedy)
            version = str(entry.get("version"))
            if any(version == other.version for other in found):
                self.fault("prospectus", which, "version", f"{version} is there twice", "Give each its own version")
            found.append(Prospectus(version, str(entry.get("title")), before or date.min, str(entry.get("link"))))
        return tuple(found)

    def history(self, entries: list[Mapping[str, object]]) -> tuple[PlanTerms, ...]:
        found: list[PlanTerms] = []
        before: date | None = None
        values: dict[str, object] = {}
        for which, entry in enumerate(entries):
            self.unknown_keys("terms", which, entry, {*TERMS, "effective"})
            before = self.effective("terms", which, entry, before) or before
            for key, read in TERMS.items():
                if which == 0 or key in entry:
                    name = key if which == 0 else f"{key}@{before}"
                    values[key] = self.value("terms", which, key, entry.get(key), read, name)
            self.limits(which, entry, values)
            if not self.faults:
                found.append(PlanTerms(effective=before or date.min, **values))  # type: ignore[arg-type]  # by TERMS
        return tuple(found)

    def limits(self, which: int, entry: Mapping[str, object], values: Mapping[str, object]) -> None:
        """A fault where the limits of one entry, or what it leaves of earlier ones, contradict each other."""
        least, most, large = (values.get(key) for key in LIMITS)
        if not isinstance(most, Money) or not entry.keys() & set(LIMITS):
            return
        if isinstance(least, Money) and least > most:
            key = "purchase_min" if "purchase_min" in entry else "monthly_max"
            remedy = "Raise monthly_max or lower purchase_min"
            self.fault("terms", which, key, f"the minimum {least} is above the maximum {most}", remedy)
        elif isinstance(large, Money) and large >= most:
            key = "large_purchase" if "large_purchase" in entry else "monthly_max"
            remedy = f'Lower large_purchase, or write "{NOTHING_IS_LARGE}" if none shall need a second factor'
            self.fault("terms", which, key, f"no purchase of at most {most} is larger than {large}", remedy)
