"""Gathers what the plan knows of a sender at one instant."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from handlers.contract import Snapshot
from handlers.plan.accounts import Registration
from handlers.plan.calendar import TradingCalendar
from handlers.plan.eligibility import is_deceased, names_account
from handlers.plan.terms import PlanBook
from storage.orders import Orders
from storage.registrations import Registrations
from storage.state_list import StateEntries


class Snapshots:
    """Loads snapshots within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def taxpayers_of(self, address: str) -> set[str]:
        """The taxpayers behind an email address: what a transaction on its accounts locks."""
        return {registration.taxpayer for registration in Registrations(self._connection).of_email(address)}

    def load(
        self,
        address: str,
        *,
        now: datetime,
        book: PlanBook,
        calendar: TradingCalendar,
        accounts: tuple[str, ...] = (),
    ) -> Snapshot:
        """What the plan knows of `address` at `now`; account numbers the sender named narrow it to theirs.

        Orders are those of the taxpayer over all registrations, whichever
        address they were given from, since limits are per taxpayer.
        """
        registrations = Registrations(self._connection)
        own = _narrowed(registrations.of_email(address), accounts)
        taxpayer_wide = registrations.of_taxpayers({one.taxpayer for one in own})
        return Snapshot(
            now=now,
            today=now.astimezone(ZoneInfo(book.timezone)).date(),
            book=book,
            calendar=calendar,
            states=StateEntries(self._connection).all(),
            registrations=own,
            orders=Orders(self._connection).of_registrations([one.id for one in taxpayer_wide]),
        )


def _narrowed(own: tuple[Registration, ...], accounts: tuple[str, ...]) -> tuple[Registration, ...]:
    """Those of a sender's registrations that they named; all where they named none of theirs.

    A holder's death freezes every account of the mailbox, so it must not go
    out of sight because another account was named. OC, "Death".
    """
    if any(is_deceased(one) for one in own):
        return own
    named = tuple(one for one in own if any(names_account(account, one.account_number) for account in accounts))
    return named or own
