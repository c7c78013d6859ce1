"""Stores what a handler decided. Each effect is applied once, under an id that follows from its cause."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import assert_never

from sqlalchemy import Connection, select

from handlers.contract import (
    AcceptPurchase,
    AcceptSale,
    CancelOrder,
    ChangeDeduction,
    DeductionChange,
    Effect,
    OpenAccount,
    RecordAcknowledgement,
    ReportDeath,
    RequestTermination,
)
from handlers.plan.accounts import (
    NEXT_ACCOUNT_STATUS,
    AccountEvent,
    AccountStatus,
    Deduction,
    DeductionStatus,
    Hold,
    Registration,
)
from handlers.plan.deductions import is_paused, live_deduction
from storage.audit import PROGRAM, Audit, AuditKind
from storage.confirmations import Confirmations
from storage.orders import Orders
from storage.registrations import Registrations
from storage.reported_holds import ReportedHolds
from storage.tables import accounts, deductions


class EffectRefused(RuntimeError):
    """What was decided no longer fits what is stored. Nothing was done; deciding again may help."""


_STARTING = {DeductionChange.START: DeductionStatus.PENDING}
_ENDING = {DeductionChange.PAUSE: DeductionStatus.PAUSED, DeductionChange.STOP: DeductionStatus.REVOKED}

NEXT_DEDUCTION_STATUS: Mapping[DeductionStatus | None, Mapping[DeductionChange, DeductionStatus]] = {
    None: _STARTING,
    DeductionStatus.PENDING: {DeductionChange.CHANGE: DeductionStatus.PENDING, **_ENDING},
    DeductionStatus.PRENOTE: {DeductionChange.CHANGE: DeductionStatus.PRENOTE, **_ENDING},
    DeductionStatus.ACTIVE: {DeductionChange.CHANGE: DeductionStatus.ACTIVE, **_ENDING},
    DeductionStatus.PAUSED: {
        DeductionChange.CHANGE: DeductionStatus.PAUSED,
        DeductionChange.RESUME: DeductionStatus.ACTIVE,
        DeductionChange.STOP: DeductionStatus.REVOKED,
    },
    DeductionStatus.REVOKED: _STARTING,
}
"""The life of a deduction; a change without an entry is refused. What resumes unauthorised is PENDING, not ACTIVE."""


class Effects:
    """Applies effects within the caller's transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._registrations = Registrations(connection)
        self._orders = Orders(connection)
        self._audit = Audit(connection)

    def apply(self, effects: Sequence[Effect], *, cause: str, now: datetime, today: date) -> tuple[str, ...]:
        """Apply each effect and return what letters call it: an order's number, or an empty string.

        `cause` names what led to it (a confirmation), so that a repeated step
        meets the same ids. EffectRefused undoes them all.
        """
        return tuple(
            self._apply(effect, f"{cause}:{number}", now, today) for number, effect in enumerate(effects, start=1)
        )

    def _apply(self, effect: Effect, cause: str, now: datetime, today: date) -> str:
        match effect:
            case OpenAccount():
                self._registrations.acknowledge(effect.registration_id, effect.prospectus_version, now, cause)
                self._move(effect.registration_id, AccountEvent.ENROLL, now)
                self._registrations.enroll(effect.registration_id, today, now)
                return ""
            case RecordAcknowledgement():
                self._registrations.acknowledge(effect.registration_id, effect.prospectus_version, now, cause)
                return ""
            case AcceptPurchase():
                return self._orders.accept_purchase(effect, cause, now)
            case AcceptSale():
                return self._orders.accept_sale(effect, cause, now)
            case CancelOrder():
                if not self._orders.cancel(effect.order_id):
                    raise EffectRefused(f"order {effect.order_id} is not open any more")
                return effect.order_id
            case ChangeDeduction():
                self._change_deduction(effect, now)
                return ""
            case RequestTermination():
                self._terminate(effect.registration_id, now)
                return ""
            case ReportDeath():
                self._freeze(effect.address, cause, now)
                return ""
            case _:
                assert_never(effect)

    def _freeze(self, address: str, cause: str, now: datetime) -> None:
        """Hold every registration of an address, pause what is debited, drop what waits there for its code."""
        for registration in self._registrations.of_email(address):
            if ReportedHolds(self._connection).report(registration.id, Hold.DEATH_REPORTED, cause, now):
                facts = {"hold": Hold.DEATH_REPORTED, "cause": cause}
                self._audit.note(PROGRAM, AuditKind.HOLD_SET, f"registration:{registration.id}", facts, now)
            self._pause(registration, now)
        Confirmations(self._connection).freeze(address, now)

    def _pause(self, registration: Registration, now: datetime) -> None:
        deduction = live_deduction(registration)
        if deduction is not None and not is_paused(deduction):
            paused = Deduction(deduction.amount, DeductionStatus.PAUSED)
            self._registrations.set_deduction(registration.id, paused, now)

    def _move(self, registration_id: str, event: AccountEvent, now: datetime) -> None:
        stored = self._connection.execute(
            select(accounts.c.status).where(accounts.c.registration_id == registration_id)
        ).scalar_one_or_none()
        status = AccountStatus(stored) if stored else AccountStatus.INQUIRER
        following = NEXT_ACCOUNT_STATUS[status].get(event)
        if following is None:
            raise EffectRefused(f"an account that is {status.value} cannot be {event.value}")
        self._registrations.set_status(registration_id, following, now)

    def _change_deduction(self, effect: ChangeDeduction, now: datetime) -> None:
        stored = self._connection.execute(
            select(deductions).where(deductions.c.registration_id == effect.registration_id)
        ).one_or_none()
        before = DeductionStatus(stored.status) if stored else None
        status = NEXT_DEDUCTION_STATUS[before].get(effect.change)
        if status is None:
            raise EffectRefused(
                f"a deduction that is {before.value if before else 'not there'} cannot {effect.change.value}"
            )
        if stored and effect.change is DeductionChange.RESUME and stored.authorised_on is None:
            status = DeductionStatus.PENDING
        amount = effect.amount or (stored.amount if stored else None)
        if amount is None or (effect.change is DeductionChange.START and effect.amount is None):
            raise EffectRefused("a deduction starts with an amount")
        self._registrations.set_deduction(effect.registration_id, Deduction(amount, status), now)

    def _terminate(self, registration_id: str, now: datetime) -> None:
        self._move(registration_id, AccountEvent.REQUEST_TERMINATION, now)
        for order_id in self._orders.open_purchases(registration_id, now):
            self._orders.cancel(order_id)
        stored = self._connection.execute(
            select(deductions).where(deductions.c.registration_id == registration_id)
        ).one_or_none()
        if stored:
            self._registrations.set_deduction(registration_id, Deduction(stored.amount, DeductionStatus.REVOKED), now)
