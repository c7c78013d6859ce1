"""Rows that tests of the store need before the rows they are about."""

from __future__ import annotations

from datetime import UTC, date, datetime

from handlers.contract import AcceptPurchase, AcceptSale
from handlers.plan.accounts import RegistrationKind
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod, Portion
from storage.messages import Arrival
from storage.registrations import HolderRecord
from storage.store import Store

NOW = datetime(2003, 11, 5, 14, 0, tzinfo=UTC)
TODAY = date(2003, 11, 5)
PURCHASE_DATE = date(2003, 11, 19)
CUT_OFF = datetime(2003, 11, 12, 22, 0, tzinfo=UTC)


def holder(number: int, email: str = "ana@example.com", taxpayer: str = "taxpayer-1") -> HolderRecord:
    """A holder of record with account CST-1000<number>."""
    return HolderRecord(
        id=f"r-{number}",
        account_number=f"CST-1000{number}",
        kind=RegistrationKind.INDIVIDUAL,
        name=f"Holder {number}",
        email=email,
        address="12 Orchard Lane, Ann Arbor, 48104",
        state="MI",
        country="US",
        registered_shares=Shares.of("1500"),
        taxpayer=taxpayer,
        bank="",
        holds=frozenset(),
    )


def with_holders(store: Store, *records: HolderRecord) -> Store:
    """The store, with these holders kept."""
    with store.transaction() as tx:
        tx.registrations.keep(records)
    return store


def with_message(store: Store, key: str = "one", address: str = "ana@example.com") -> tuple[str, str]:
    """The ids of a conversation and of a message, new in the store."""
    arrival = Arrival("email", f"email:{key}", b"raw", address, ("dspp@aastrom.com",), "127.0.0.1", NOW)
    with store.transaction() as tx:
        before = {message.id for message in tx.messages.newest(100)}
        tx.messages.accept([arrival])
        (message_id,) = {message.id for message in tx.messages.newest(100)} - before
        return tx.conversations.open("email", address, NOW).id, message_id


def purchase(registration_id: str = "r-1", amount: str = "500") -> AcceptPurchase:
    """A purchase for November 2003, by check."""
    return AcceptPurchase(registration_id, Money.of(amount), PaymentMethod.CHECK, PURCHASE_DATE, CUT_OFF)


def sale(registration_id: str = "r-1", shares: str = "10", portion: Portion | None = None) -> AcceptSale:
    """A sale for November 2003."""
    return AcceptSale(registration_id, Shares.of(shares), portion, PURCHASE_DATE, CUT_OFF)
