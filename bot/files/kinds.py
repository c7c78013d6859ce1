"""Every kind of file that has a layout of columns, by the name its header record bears."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.files.from_bank import ACH_RETURNS, CHECKS, RETURNED_CHECKS
from bot.files.from_transfer_agent import FILLS, ISSUANCE_ACKNOWLEDGEMENT, POSITIONS, STOPS
from bot.files.layout import Layout
from bot.files.prices import PRICES
from bot.files.to_bank import PROCEEDS, REFUND_CHECKS
from bot.files.to_transfer_agent import (
    ENROLMENTS,
    ISSUANCE_INSTRUCTION,
    PURCHASE_SUMMARY,
    SALE_BATCH,
    TERMINATIONS,
)


def _by_kind(*layouts: Layout[Any]) -> Mapping[str, Layout[Any]]:
    return {layout.kind: layout for layout in layouts}


INCOMING = _by_kind(PRICES, CHECKS, RETURNED_CHECKS, ACH_RETURNS, FILLS, ISSUANCE_ACKNOWLEDGEMENT, POSITIONS, STOPS)
"""What others send us."""

OUTGOING = _by_kind(
    ENROLMENTS, PURCHASE_SUMMARY, ISSUANCE_INSTRUCTION, SALE_BATCH, TERMINATIONS, REFUND_CHECKS, PROCEEDS
)
"""What we send."""
