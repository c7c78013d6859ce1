"""Specimens of what is not done at all: each refusal, and what it says to do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from bot.render import Section
from handlers.contract import Caution, Request, Snapshot
from handlers.plan.accounts import AccountStatus, Hold
from handlers.plan.calendar import coming_purchases
from handlers.plan.money import Shares
from handlers.plan.orders import Portion
from handlers.plan.refusals import Refusal
from tests.letters.table import (
    BUY,
    DATES,
    NOBODY,
    NOT_ENROLLED,
    Sample,
    answered,
    sample_of,
)
from tests.specimens import (
    CUT_OFF,
    NOW,
    account,
    purchase,
    registration,
    request,
    sale,
    snapshot,
    usd,
)

NOT_AGAIN: Mapping[str, tuple[Request, Snapshot, tuple[str, ...]]] = {
    "enrolled already, in a closed state": (
        request("enroll"),
        snapshot(registrations=[registration(state="OH")]),
        ("Nothing is left to do. To see what you hold", "selling stays possible"),
    ),
    "not enrolled, prospectus open": (
        request("buy", amounts=["500"]),
        NOT_ENROLLED,
        ("you acknowledge it when you enroll", "Enroll first: review the Prospectus"),
    ),
    "deduction, not enrolled": (
        request("recurring", amounts=["300"]),
        NOT_ENROLLED,
        ("you acknowledge it when you enroll", "Enroll first: review the Prospectus"),
    ),
    "closing, prospectus open": (
        request("buy", amounts=["500"]),
        snapshot(
            registrations=[
                registration(account=account(status=AccountStatus.TERMINATED), acknowledged=frozenset()),
            ]
        ),
        ("you acknowledge it when you enroll again", "If you did not ask for the account to be closed"),
    ),
    "not enrolled, leaving": (request("withdraw"), NOT_ENROLLED, ("You do not need to do anything.",)),
    "not enrolled, selling": (request("sell", shares=["5"]), NOT_ENROLLED, ("You do not need to do anything.",)),
    "not enrolled, closed state": (
        request("enroll"),
        snapshot(registrations=[registration(account=None, state="OH")]),
        ("What you hold stays yours, and the list of states can change.",),
    ),
    "on hold": (
        request("buy", amounts=["500"]),
        snapshot(registrations=[registration(holds=frozenset({Hold.LEGAL}))]),
        ("Call Investor Relations at 734-930-5777.",),
    ),
    "past its cut-off": (
        request("cancel_order", order_ids=["P-00001"]),
        snapshot(now=CUT_OFF + timedelta(hours=1), orders=[purchase()]),
        ("the order goes ahead", "Wednesday, December 17, 2003"),
    ),
}
"""Refusals that trying again does not mend, with what the letter says instead."""


def refusals() -> Iterable[Sample]:
    """Every refusal in the letter of a purchase, and every intent's own letter of refusal."""
    coming = coming_purchases(NOW, snapshot().calendar, snapshot().book)
    facts = {"request": BUY, "coming": (next(coming), next(coming), next(coming))}
    common = ("We could not do this.", "Nothing was taken from you", "734-930-5777", *DATES[:2])
    for refusal in Refusal:
        section = Section("buy/refused.j2", {**facts, "refusals": (refusal,)})
        yield sample_of(f"refused: {refusal.name}", section, *common, "You asked us to buy shares for $500.00.")
    yield sample_of(
        "refused for three reasons",
        answered(
            request("buy", amounts=["249.99"], topics=["pay:card"]),
            snapshot(registrations=[registration(state="OH")]),
        ),
        "There are 3 reasons.",
        "1. States in which the program is not offered",
        "2. How to pay",
        "3. The minimum",
    )
    for id, (asked, known, phrases) in NOT_AGAIN.items():
        yield Sample(f"refused: {id}", (answered(asked, known),), phrases, must_not=("To try again",))
    yield Sample(
        "refused: all shares are in sale orders",
        (answered(request("sell", shares=["5"]), snapshot(orders=[sale(shares=Shares.of("150.5"))])),),
        ("has no shares that are free to sell",),
        must_not=("There are no shares in the program account",),
    )
    yield Sample(
        "refused: over the maximum with what is ordered already",
        (answered(request("buy", amounts=["9600"]), snapshot(orders=[purchase()])),),
        ("You have already ordered $500.00 for Wednesday, November 19, 2003, so at most $9,500.00 more can be",),
    )
    yield Sample(
        "refused: over the maximum with nothing left",
        (answered(request("buy", amounts=["250"]), snapshot(orders=[purchase(amount=usd("10000"))])),),
        ("so nothing more can be ordered for that date", "after the cut-off of this one"),
        must_not=("an amount that fits",),
    )
    yield Sample(
        "refused: over the maximum with nothing ordered",
        (answered(request("buy", amounts=["10000.01"])),),
        ("an amount that fits",),
        must_not=("You have already ordered",),
    )
    yield Sample(
        "refused: selling shares in street name",
        (answered(request("sell", shares=["100"], topics=["street_name"])),),
        ("You asked us to sell 100 shares.", "“street name”", "To sell shares that a broker or bank holds for you"),
        must_not=("you want to enroll", "If you hold shares", "100.0000"),
    )
    yield Sample(
        "refused: selling a fraction",
        (answered(request("sell", shares=["500.5"])),),
        ("You asked us to sell 500.5000 shares.",),
    )
    yield Sample(
        "refused: joining with shares in street name",
        (answered(request("enroll", topics=["street_name"]), NOBODY),),
        ("Have your shares registered in your own name first.", "unless you are enrolled already"),
        must_not=("If you hold shares",),
    )
    conditional = [Caution.CONDITIONAL]
    for why, asked, known in (
        ("street name", request("enroll", topics=["street_name"]), NOBODY),
        ("more than held", request("sell", shares=["500"]), snapshot()),
        ("half on a condition", request("sell", shares=[Portion.HALF], cautions=conditional), snapshot()),
        ("some on a condition", request("sell", cautions=conditional), snapshot()),
        ("on a condition", request("acknowledge", cautions=conditional), snapshot()),
        ("nobody known", request("balance"), NOBODY),
        ("nobody known", request("order_status"), NOBODY),
        ("over the maximum", request("recurring", amounts=["10000.01"]), snapshot()),
        ("none to stop", request("recurring", topics=["stop"]), snapshot()),
        ("none open", request("cancel_order"), snapshot()),
        ("no such number", request("cancel_order", order_ids=["P-9"]), snapshot()),
        ("not enrolled", request("withdraw"), NOT_ENROLLED),
        ("advice", request("investment_advice"), NOBODY),
    ):
        yield sample_of(
            f"refused: {asked.intent}, {why}",
            answered(asked, known),
        )
