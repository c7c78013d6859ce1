"""The transfer agent's file of registered holders, checked row by row before any of it is used."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from bot.exchange_files import BadFile, ExchangeFile, Row, day_of, decimal_of, read_exchange_file
from bot.mail.addresses import is_addr_spec
from handlers.plan.accounts import TRANSFER_AGENT_HOLDS, Hold, RegistrationKind
from handlers.plan.money import NO_SHARES, Shares
from handlers.plan.states import ARMED_FORCES, STATE_NAMES

KIND = "holders"
REQUIRED = (
    "account", "kind", "name", "taxpayer_id", "email", "address", "city", "state", "postal_code", "country", "shares",
)  # fmt: skip
OPTIONAL = ("bank_routing", "bank_account", "hold", "enrolled_on", "prospectus", "plan_shares")

_ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{3,19}")
_TAXPAYER = re.compile(r"[0-9]{9}|[0-9]{3}-[0-9]{2}-[0-9]{4}|[0-9]{2}-[0-9]{7}")
_BANK_ACCOUNT = re.compile(r"[0-9A-Za-z-]{4,17}")
_LIKE_A_SECRET = re.compile(r"(?!\d{4}-\d\d-\d\d$)(?=(?:[ -]*\d){7})[\d -]+")
"""A value that may be a taxpayer id or a bank account in the wrong column: long digits, and no date."""


@dataclass(frozen=True, slots=True, repr=False)
class HolderRow:
    """One holder as the file has it. Holds a taxpayer id and a bank account in clear: never log or store it.

    `repr` is switched off for that reason.
    """

    line: int
    account: str
    kind: RegistrationKind
    name: str
    taxpayer_id: str
    email: str
    address: str
    state: str
    country: str
    shares: Shares
    bank: str
    """"routing account", or empty."""
    holds: frozenset[Hold]
    enrolled_on: date | None
    prospectus: str
    plan_shares: Shares


class _Checks:
    """Collects the faults of one row."""

    def __init__(self, row: Row, faults: list[str]) -> None:
        self._row = row
        self._faults = faults

    def get(self, column: str) -> str:
        return self._row.values.get(column, "")

    def fault(self, column: str, wanted: str, *, secret: bool = False) -> None:
        value = self.get(column)
        said = "what stands there" if secret or _LIKE_A_SECRET.fullmatch(value) else repr(value)
        self._faults.append(f"line {self._row.line}, column {column}: {said} is not accepted; {wanted}")

    def shares(self, column: str) -> Shares:
        text = self.get(column)
        number = decimal_of(text) if text or column in REQUIRED else NO_SHARES.count
        try:
            if number is not None:
                return Shares(number)
        except ValueError:
            pass
        self.fault(column, "a number of shares with at most four places is wanted, such as 120.5000")
        return NO_SHARES

    def day(self, column: str) -> date | None:
        text = self.get(column)
        if not text:
            return None
        try:
            return day_of(text)
        except ValueError:
            self.fault(column, "YYYY-MM-DD is wanted")
            return None


def read_holders(path: Path, prospectus_versions: Collection[str]) -> tuple[ExchangeFile, tuple[HolderRow, ...]]:
    """The file's frame and its holders. BadFile lists every fault of every row."""
    file = read_exchange_file(path, KIND, REQUIRED, OPTIONAL)
    faults: list[str] = []
    holders = tuple(_holder(row, faults, prospectus_versions) for row in file.rows)
    first_line: dict[str, int] = {}
    for holder in holders:
        if holder.account in first_line:
            first = first_line[holder.account]
            faults.append(f"line {holder.line}, column account: the same account stands in line {first} too")
        first_line.setdefault(holder.account, holder.line)
    if not faults:
        _check_total(file, holders, faults)
    if faults:
        raise BadFile(path, faults)
    return file, holders


def _check_total(file: ExchangeFile, holders: tuple[HolderRow, ...], faults: list[str]) -> None:
    total = sum((holder.shares.count for holder in holders), Decimal(0))
    said = decimal_of(file.totals[0]) if file.totals else None
    if said != total:
        shown = file.totals[0] if file.totals else "nothing"
        summed = f"the total of shares is {shown}, but the rows sum to {total:.4f}"
        faults.append(
            f"line {file.trailer_line}, column 3: {summed}; a row was changed or lost: ask for the file again"
        )


def _holder(row: Row, faults: list[str], versions: Collection[str]) -> HolderRow:
    checks = _Checks(row, faults)
    if not _ACCOUNT.fullmatch(checks.get("account")):
        checks.fault("account", "4 to 20 letters, digits and hyphens are wanted")
    kind = RegistrationKind.INDIVIDUAL
    try:
        kind = RegistrationKind(checks.get("kind"))
    except ValueError:
        checks.fault("kind", f"one of {', '.join(each.value for each in RegistrationKind)} is wanted")
    name = checks.get("name")
    if not name or len(name) > 200 or not name.isprintable():
        checks.fault("name", "a name of 1 to 200 printable characters is wanted")
    if not _TAXPAYER.fullmatch(checks.get("taxpayer_id")):
        checks.fault("taxpayer_id", "nine digits are wanted", secret=True)
    email = checks.get("email").lower()
    if email and not is_addr_spec(email):
        checks.fault("email", "an address such as name@example.com, or nothing, is wanted")
    for part in ("address", "city", "postal_code"):
        if len(checks.get(part)) > 200 or not checks.get(part).isprintable():
            checks.fault(part, "at most 200 printable characters are wanted")
    state, country = _residence(checks)
    enrolled_on, plan_shares = checks.day("enrolled_on"), checks.shares("plan_shares")
    if plan_shares != NO_SHARES and not checks.get("enrolled_on"):
        checks.fault("enrolled_on", "a day is wanted where there are plan shares")
    return HolderRow(
        line=row.line,
        account=checks.get("account"),
        kind=kind,
        name=name,
        taxpayer_id=checks.get("taxpayer_id"),
        email=email,
        address=", ".join(filter(None, (checks.get("address"), checks.get("city"), checks.get("postal_code")))),
        state=state,
        country=country,
        shares=checks.shares("shares"),
        bank=_bank(checks),
        holds=_holds(checks),
        enrolled_on=enrolled_on,
        prospectus=_prospectus(checks, versions),
        plan_shares=plan_shares,
    )


def _residence(checks: _Checks) -> tuple[str, str]:
    country, state = checks.get("country").upper(), checks.get("state").upper()
    if not (len(country) == 2 and country.isalpha() and country.isascii()):
        checks.fault("country", "a country code of two letters is wanted, such as US")
    elif country == "US" and state not in STATE_NAMES and state not in ARMED_FORCES:
        checks.fault("state", "a USPS state code is wanted, such as MI")
    return (state if country == "US" else ""), country


def _bank(checks: _Checks) -> str:
    routing, account = checks.get("bank_routing"), checks.get("bank_account")
    if not routing and not account:
        return ""
    if not is_routing_number(routing):
        checks.fault("bank_routing", "nine digits with a right check digit are wanted", secret=True)
    if not _BANK_ACCOUNT.fullmatch(account):
        checks.fault("bank_account", "4 to 17 digits, letters and hyphens are wanted", secret=True)
    return f"{routing} {account}"


def is_routing_number(text: str) -> bool:
    """Whether `text` is a bank routing number: nine digits whose weighted sum (3, 7, 1) is a multiple of ten."""
    if len(text) != 9 or not (text.isascii() and text.isdigit()):
        return False
    return sum(int(digit) * weight for digit, weight in zip(text, (3, 7, 1) * 3, strict=True)) % 10 == 0


def _holds(checks: _Checks) -> frozenset[Hold]:
    known = {hold.value: hold for hold in TRANSFER_AGENT_HOLDS}
    names = checks.get("hold").split()
    if not set(names) <= known.keys():
        checks.fault("hold", f"nothing, or of {', '.join(known)}, is wanted")
    return frozenset(known[name] for name in names if name in known)


def _prospectus(checks: _Checks, versions: Collection[str]) -> str:
    version = checks.get("prospectus")
    if version and version not in versions:
        checks.fault("prospectus", f"one of {', '.join(sorted(versions))}, or nothing, is wanted")
    return version
