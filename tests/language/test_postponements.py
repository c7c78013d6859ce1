"""Orders put off, left to be confirmed or only shown, and what merely sounds so."""

from __future__ import annotations

import pytest

from bot.language.cautions import cautions

PUT_OFF = [
    ("sell", "Sell 200 shares tmrw"),
    ("buy", "buy $500 2moro"),
    ("sell", "sell 200 shares tommorow"),
    ("sell", "Sell 200 shares after Christmas"),
    ("sell", "sell 200 shares ASAP but not before the 20th"),
    ("sell", "Sell 200 shares, wife permitting"),
    ("sell", "Sell 200 shares. Will confirm by phone."),
    ("sell", "If not already done, sell 200 shares"),
    ("sell", "Draft: sell 200 shares"),
    ("sell", "[sample] sell 200 shares"),
    ("sell", "Example order: sell 200 shares"),
    ("sell", "Poll: sell 200 shares or not"),
    ("sell", "sell 200 shares or not?"),
    ("sell", "Unless already sold, sell 200 shares"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in PUT_OFF])
def test_an_order_put_off_or_only_shown_is_held_back(intent: str, text: str) -> None:
    assert cautions(text, intent)


AT_ONCE = [
    ("recurring", "Bank draft: raise it to $300 a month"),
    ("recurring", "Draft: $300 a month please start"),
    ("sell", "Sell 200 shares. Tell me if you need me to confirm this."),
    ("buy", "Buy $500, God willing I'll do it again"),
    ("sell", "Sell 200 shares. Question: how long does it take?"),
    ("buy", "Buy $500 whether the price is good or not"),
    ("sell", "Like it or not, sell 200 shares"),
    ("sell", "sell 200 shares, not before time"),
    ("buy", "Buy $500, believe it or not"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in AT_ONCE])
def test_an_order_for_now_is_not_held_back(intent: str, text: str) -> None:
    assert not cautions(text, intent)
