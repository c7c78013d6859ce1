"""What every specimen letter is made of: how one is built, and the facts that several share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from bot.render import LETTER, Section, read_back_for, template_for
from handlers.contract import Completed, Request, Snapshot
from handlers.decide import decide
from handlers.plan.accounts import DeductionStatus
from handlers.plan.orders import PurchaseOrderState
from tests.specimens import (
    EASTERN,
    account,
    deduction,
    purchase,
    registration,
    request,
    sale,
    snapshot,
)

CODE = "K7QM-2R9T"
EXPIRES = datetime(2003, 11, 6, 10, 0, tzinfo=EASTERN)


@dataclass(frozen=True)
class Sample:
    """One letter: its sections, and phrases that its plain text must hold, each on unbroken lines."""

    id: str
    sections: tuple[Section, ...]
    must: tuple[str, ...] = ()
    frame: str = LETTER
    must_not: tuple[str, ...] = ()
    """Phrases that its text must not hold."""


def answered(asked: Request, known: Snapshot | None = None, order_ids: tuple[str, ...] = ()) -> Section:
    """The section that answers a request."""
    outcome = decide(asked, known or snapshot())
    template = template_for(asked.intent, outcome)
    assert template is not None, f"nothing is said to {asked}"
    return Section(template, {**outcome.reply, "order_ids": order_ids})  # type: ignore[union-attr]  # not Ignored


def read_back(*asked: Request, known: Snapshot | None = None) -> Section:
    """The letter that reads requests back and gives the code."""
    parts = []
    for one in asked:
        outcome = decide(one, known or snapshot())
        assert isinstance(outcome, Completed), outcome
        parts.append(Section(read_back_for(one.intent), outcome.reply))
    facts = {
        "parts": tuple(parts), "code": CODE, "expires": EXPIRES, "is_repeat": False, "link": "", "needs_factor": False,
    }  # fmt: skip
    return Section("_shared/confirm_request.j2", facts)


def sample_of(id: str, section: Section, *must: str) -> Sample:
    return Sample(id, (section,), must)


NOBODY = snapshot(registrations=())
NOT_ENROLLED = snapshot(registrations=[registration(account=None, acknowledged=frozenset())])
DEBITED = snapshot(registrations=[registration(account=account(deduction=deduction()))])
PAUSED = snapshot(registrations=[registration(account=account(deduction=deduction(status=DeductionStatus.PAUSED)))])
WITH_ORDERS = snapshot(
    orders=[
        purchase(),
        sale(),
        purchase(id="P-00000", state=PurchaseOrderState.CANCELLED),
    ]
)

BUY = request("buy", amounts=["500"])
CODE_PROBLEMS = (
    "expired", "used", "wrong", "locked", "superseded", "no_code", "changed", "circumstances", "declined",
    "other_sender", "frozen",
)  # fmt: skip

LIMITS = ("$250.00", "$10,000.00")
PAYEE = ("Continental Stock Transfer & Trust Company", "17 Battery Place, New York, NY 10004")
DATES = (
    "Wednesday, November 19, 2003",
    "Wednesday, November 12, 2003, 5:00 p.m. Eastern time",
    "November 13, 14 and 17, 2003",
)
KIT = (
    "https://www.aastrom.com",
    "on paper",
    "forms",
    "Registered shareholders",
    *LIMITS,
    *DATES,
    "Wednesday, December 17, 2003",
    "Wednesday, December 10, 2003, 5:00 p.m. Eastern time",
    "Wednesday, January 21, 2004",
    "Tuesday, January 13, 2004, 5:00 p.m. Eastern time",
    "By check in U.S. dollars",
    "automatic deduction",
    *PAYEE,
    "street name",
    "Ask your broker",
    "acknowledge",
)
