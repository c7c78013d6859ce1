"""What holders know besides their mailbox: PINs and one-time passwords, their tries and locks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from sqlalchemy import ColumnElement, Connection, and_, insert, or_, select, update

from storage.tables import second_factors


class FactorKind(Enum):
    """What kind of thing it is."""

    PIN = "PIN"
    """Six digits that were mailed by post."""
    TOTP = "TOTP"
    """One-time passwords of an authenticator program (RFC 6238)."""


@dataclass(frozen=True, slots=True)
class SecondFactor:
    """One that stands."""

    id: str
    taxpayer: str
    """Whose it is."""
    kind: FactorKind
    secret: str
    """A PIN's hash, or a TOTP key, encrypted."""
    enrolled_at: datetime
    enrolled_by: str
    tries: int = 0
    """Wrong ones since the last right one."""
    locked_at: datetime | None = None

    @property
    def is_locked(self) -> bool:
        """Whether too many wrong ones came."""
        return self.locked_at is not None


class SecondFactors:
    """The second_factors table."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def enroll(self, factor: SecondFactor) -> None:
        """Keep a factor; an earlier one of its kind stands no more."""
        self._revoke(
            second_factors.c.taxpayer == factor.taxpayer,
            second_factors.c.kind == factor.kind.value,
            by=factor.enrolled_by,
            reason="replaced",
            now=factor.enrolled_at,
        )
        self._connection.execute(
            insert(second_factors).values(
                id=factor.id,
                taxpayer=factor.taxpayer,
                kind=factor.kind.value,
                secret=factor.secret,
                enrolled_at=factor.enrolled_at,
                enrolled_by=factor.enrolled_by,
                tries=0,
            )
        )

    def standing(self, taxpayers: Iterable[str]) -> list[SecondFactor]:
        """Those of these holders that were not revoked, locked ones included; PINs first."""
        rows = self._connection.execute(
            select(second_factors)
            .where(second_factors.c.taxpayer.in_(sorted(taxpayers)), second_factors.c.revoked_at.is_(None))
            .order_by(second_factors.c.taxpayer, second_factors.c.kind)
        ).mappings()
        return [
            SecondFactor(
                row["id"],
                row["taxpayer"],
                FactorKind(row["kind"]),
                row["secret"],
                row["enrolled_at"],
                row["enrolled_by"],
                row["tries"],
                row["locked_at"],
            )
            for row in rows
        ]

    def take(self, factor_id: str, step: int | None = None) -> bool:
        """Note a right one. False, and nothing changed, if it is locked or its interval `step` was used before."""
        is_new: ColumnElement[bool] = second_factors.c.locked_at.is_(None)
        if step is not None:
            is_new = and_(is_new, or_(second_factors.c.last_step.is_(None), second_factors.c.last_step < step))
        values = {"tries": 0} if step is None else {"tries": 0, "last_step": step}
        taken = self._connection.execute(
            update(second_factors)
            .where(second_factors.c.id == factor_id, second_factors.c.revoked_at.is_(None), is_new)
            .values(values)
        )
        return taken.rowcount == 1

    def forget_tries(self, taxpayers: Iterable[str]) -> None:
        """Let nothing that these holders have remember a wrong try, but what is locked stays so."""
        self._connection.execute(
            update(second_factors)
            .where(
                second_factors.c.taxpayer.in_(sorted(taxpayers)),
                second_factors.c.revoked_at.is_(None),
                second_factors.c.locked_at.is_(None),
            )
            .values(tries=0)
        )

    def count_try(self, factor_ids: Iterable[str], most: int, now: datetime) -> None:
        """Count a wrong one; the `most`th in a row locks."""
        ids = list(factor_ids)
        self._connection.execute(
            update(second_factors).where(second_factors.c.id.in_(ids)).values(tries=second_factors.c.tries + 1)
        )
        self._connection.execute(
            update(second_factors)
            .where(second_factors.c.id.in_(ids), second_factors.c.tries >= most, second_factors.c.locked_at.is_(None))
            .values(locked_at=now)
        )

    def unlock(self, taxpayer: str, by: str, reason: str) -> bool:
        """Let a locked one be tried again. False if none is locked."""
        unlocked = self._connection.execute(
            update(second_factors)
            .where(
                second_factors.c.taxpayer == taxpayer,
                second_factors.c.revoked_at.is_(None),
                second_factors.c.locked_at.is_not(None),
            )
            .values(locked_at=None, tries=0, reason=f"unlocked by {by}: {reason}")
        )
        return unlocked.rowcount > 0

    def revoke(self, taxpayer: str, by: str, reason: str, now: datetime) -> bool:
        """None of a holder's stands any more. False if none stood."""
        return self._revoke(second_factors.c.taxpayer == taxpayer, by=by, reason=reason, now=now)

    def _revoke(self, *which: ColumnElement[bool], by: str, reason: str, now: datetime) -> bool:
        revoked = self._connection.execute(
            update(second_factors)
            .where(*which, second_factors.c.revoked_at.is_(None))
            .values(revoked_at=now, revoked_by=by, reason=reason)
        )
        return revoked.rowcount > 0
