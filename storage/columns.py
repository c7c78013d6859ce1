"""Column types that keep quantities exact and instants aware on every database."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime
from sqlalchemy.types import TypeDecorator

from handlers.plan.money import Money, Price, Shares


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC. A naive one is a fault."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a timezone cannot be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Any) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Cents(TypeDecorator[Money]):
    """Money, stored as a whole number of cents."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Money | None, dialect: Any) -> int | None:
        return None if value is None else value.cents

    def process_result_value(self, value: int | None, dialect: Any) -> Money | None:
        return None if value is None else Money.from_cents(value)


class ShareUnits(TypeDecorator[Shares]):
    """Shares, stored as a whole number of ten-thousandths."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Shares | None, dialect: Any) -> int | None:
        return None if value is None else value.units

    def process_result_value(self, value: int | None, dialect: Any) -> Shares | None:
        return None if value is None else Shares.from_units(value)


class DollarsAShare(TypeDecorator[Price]):
    """A price, stored as a whole number of ten-thousandths of a dollar."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Price | None, dialect: Any) -> int | None:
        return None if value is None else value.units

    def process_result_value(self, value: int | None, dialect: Any) -> Price | None:
        return None if value is None else Price.from_units(value)
