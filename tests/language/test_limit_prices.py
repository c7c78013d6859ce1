"""Prices beside a size, which make a limit order of it, and sums behind "at" that are none."""

from __future__ import annotations

import pytest

from bot.language.limit_prices import names_a_price

PRICES = [
    ("sell", "sell 200 shares at $5"),
    ("sell", "sell 200 shares at $5.00"),
    ("sell", "sell 200 shares at 5"),
    ("sell", "sell 200 shares @ $5"),
    ("sell", "sell 200 shares for $5 each"),
    ("sell", "sell 200 shares for $5 a share"),
    ("buy", "Buy $500 at $1.20"),
    ("buy", "Invest $500 at a price of $1.20"),
    ("sell", "sell all my stock at five dollars"),
    ("sell", "sell 200 @5"),
    ("buy", "buy $500 @ 1.20"),
    ("buy", "buy $500 of stock for $1.20 per share"),
    ("buy", "buy 500 dollars worth at a buck"),
    ("sell", "sell 200 shares for three dollars each"),
    ("sell", "sell 200 at 5 bucks"),
    ("sell", "Sell 200 shares at 5.25 or so"),
    ("sell", "Sell 200 shares price 5.25"),
    ("sell", "sell half at $3"),
    ("sell", "sell 200 shares at $ 5"),
    ("sell", "sell 200 shares for 5 dollars a piece"),
    ("sell", "sell 200 shares, $5 per share"),
    ("sell", "sell 200 shares $5/share"),
    ("sell", "sell 200 shares at 5 dollars please"),
    ("sell", "sell 200 shares at five"),
    ("sell", "sell 200 shares at 2 1/2"),
    ("sell", "sell 200 shares at $5 tomorrow"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in PRICES])
def test_a_price_beside_a_size_is_seen(intent: str, text: str) -> None:
    assert names_a_price(text, intent)


NO_PRICES = [
    ("buy", "buy $500 at the average price"),
    ("buy", "buy $500 at the discount"),
    ("buy", "buy stock at $500 a month"),
    ("buy", "put me in at $500"),
    ("buy", "$500 at the December date"),
    ("sell", "Sell 200 shares. I live at 12 Oak Street."),
    ("sell", "Sell 200 shares and mail the check to me at 12 Oak Street."),
    ("sell", "sell 200 shares, call me at 5pm"),
    ("buy", "buy $500 each month"),
    ("sell", "sell the 200 shares I bought at $5"),
    ("buy", "With the stock at $1.40 I would like to put $2,800 into it"),
    ("buy", "its at 1.31 today and i dont care. invest 1000 dollars"),
    ("sell", "At 66, I want to sell 200 shares"),
    ("buy", "Invest $500 at 3% off"),
    ("sell", "sell 200 shares for $5 handling fee"),
]


@pytest.mark.parametrize(("intent", "text"), [pytest.param(*row, id=row[1]) for row in NO_PRICES])
def test_other_sums_are_no_price(intent: str, text: str) -> None:
    assert not names_a_price(text, intent)
