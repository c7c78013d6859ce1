"""Balance: the count of a holder's shares. Never a value: that would be an estimate of the price."""

from __future__ import annotations

from handlers.contract import Assurance, Completed, Handler, Intent, Outcome, Request, Snapshot
from handlers.plan.sales import sellable_shares, settled_shares
from handlers.whose import accounts_meant


def decide(request: Request, snapshot: Snapshot) -> Outcome:
    """Tell the shares in the program and outside it; of every registration where none is named."""
    registrations = accounts_meant(request, snapshot)
    if not isinstance(registrations, tuple):
        return registrations
    holdings = tuple(
        {
            "registration": registration,
            "settled": settled_shares(registration),
            "sellable": sellable_shares(registration, snapshot.orders),
        }
        for registration in registrations
    )
    return Completed(reply={"holdings": holdings}, personal=True)


HANDLER = Handler(Intent("balance"), decide, requires=Assurance.CONFIRMED, title="know how many shares you hold")
