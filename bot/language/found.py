"""A value read from a text, with its place."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value", covariant=True)


@dataclass(frozen=True, slots=True)
class Found(Generic[Value]):
    """What was read, and the half-open span it was read from."""

    value: Value
    start: int
    end: int
