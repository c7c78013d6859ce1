"""Why the plan says no: one value, one sentence and one rule each.

The order of the members is the order of precedence, most serious first; a
reply lists every reason that holds, in this order.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import Enum, auto


class Refusal(Enum):
    """Why the plan says no."""

    NOT_A_SHAREHOLDER = auto()
    STREET_NAME = auto()
    ACCOUNT_ON_HOLD = auto()
    STATE_CLOSED = auto()
    NOT_ENROLLED = auto()
    ALREADY_ENROLLED = auto()
    TERMINATION_UNDER_WAY = auto()
    PROSPECTUS_NOT_ACKNOWLEDGED = auto()
    PAYMENT_METHOD = auto()
    CONDITIONAL_ORDER = auto()
    TIMED_ORDER = auto()
    ONLY_MONTHLY = auto()
    BELOW_MINIMUM = auto()
    ABOVE_MONTHLY_MAXIMUM = auto()
    NO_PLAN_SHARES = auto()
    MORE_THAN_HELD = auto()
    SALES_ON_HOLD = auto()
    NO_OPEN_ORDER = auto()
    PAST_CUT_OFF = auto()
    NO_DEDUCTION = auto()
    NO_ADVICE = auto()


SENTENCES: Mapping[Refusal, str] = {
    Refusal.NOT_A_SHAREHOLDER: "The program is open to registered shareholders only.",
    Refusal.STREET_NAME: "Shares held by a broker or bank in “street name” must first be moved to registered form.",
    Refusal.ACCOUNT_ON_HOLD: "The account is on hold until Investor Relations releases it.",
    Refusal.STATE_CLOSED: "The program cannot be offered at this time in your state of record.",
    Refusal.NOT_ENROLLED: "The registration is not enrolled in the program yet.",
    Refusal.ALREADY_ENROLLED: "The registration is already enrolled in the program.",
    Refusal.TERMINATION_UNDER_WAY: "The account is being closed, or is closed.",
    Refusal.PROSPECTUS_NOT_ACKNOWLEDGED: "The Prospectus now in force has not been acknowledged.",
    Refusal.PAYMENT_METHOD: "A purchase can be paid only by check in U.S. dollars or by automatic deduction.",
    Refusal.CONDITIONAL_ORDER: "The program takes no orders that depend on a price, an event or anyone’s judgment.",
    Refusal.TIMED_ORDER: "Orders are carried out on the purchase date only; no other day can be chosen.",
    Refusal.ONLY_MONTHLY: "Automatic deductions are made once a month.",
    Refusal.BELOW_MINIMUM: "The amount is below the least that can be invested in a purchase month.",
    Refusal.ABOVE_MONTHLY_MAXIMUM: "The amount would exceed the most that can be invested in a purchase month.",
    Refusal.NO_PLAN_SHARES: "The program account has no shares that are free to sell.",
    Refusal.MORE_THAN_HELD: "The order is for more shares than the program account can sell.",
    Refusal.SALES_ON_HOLD: "Sales are on hold for a time after a change of address, email or bank.",
    Refusal.NO_OPEN_ORDER: "There is no open order that matches.",
    Refusal.PAST_CUT_OFF: "The cut-off for this order has passed.",
    Refusal.NO_DEDUCTION: "There is no automatic deduction on the account.",
    Refusal.NO_ADVICE: "We cannot give investment advice, predictions or estimates.",
}
"""One sentence for the holder, for each refusal."""

TITLES: Mapping[Refusal, str] = {
    Refusal.NOT_A_SHAREHOLDER: "For registered shareholders only",
    Refusal.STREET_NAME: "Shares in street name",
    Refusal.ACCOUNT_ON_HOLD: "Account on hold",
    Refusal.STATE_CLOSED: "States in which the program is not offered",
    Refusal.NOT_ENROLLED: "Enrollment comes first",
    Refusal.ALREADY_ENROLLED: "Enrolled already",
    Refusal.TERMINATION_UNDER_WAY: "Account closing or closed",
    Refusal.PROSPECTUS_NOT_ACKNOWLEDGED: "The Prospectus comes first",
    Refusal.PAYMENT_METHOD: "How to pay",
    Refusal.CONDITIONAL_ORDER: "No conditions",
    Refusal.TIMED_ORDER: "One date a month",
    Refusal.ONLY_MONTHLY: "Deductions once a month",
    Refusal.BELOW_MINIMUM: "The minimum",
    Refusal.ABOVE_MONTHLY_MAXIMUM: "The maximum",
    Refusal.NO_PLAN_SHARES: "Only shares held in the program can be sold",
    Refusal.MORE_THAN_HELD: "How many shares can be sold",
    Refusal.SALES_ON_HOLD: "Sales after a change of details",
    Refusal.NO_OPEN_ORDER: "Which orders can be canceled",
    Refusal.PAST_CUT_OFF: "The cut-off",
    Refusal.NO_DEDUCTION: "No automatic deduction",
    Refusal.NO_ADVICE: "No advice, no predictions",
}
"""The rule behind each refusal in a few words for the holder, as a heading."""

RULES: Mapping[Refusal, str] = {
    Refusal.NOT_A_SHAREHOLDER: "Not a shareholder (PR)",
    Refusal.STREET_NAME: "Street name (PR)",
    Refusal.ACCOUNT_ON_HOLD: "Death; holds (OC)",
    Refusal.STATE_CLOSED: "States (PR)",
    Refusal.NOT_ENROLLED: "Who may take part (PR)",
    Refusal.ALREADY_ENROLLED: "Who may take part (OC)",
    Refusal.TERMINATION_UNDER_WAY: "Account life-cycle (OC)",
    Refusal.PROSPECTUS_NOT_ACKNOWLEDGED: "Prospectus (PR)",
    Refusal.PAYMENT_METHOD: "How to pay (PR)",
    Refusal.CONDITIONAL_ORDER: "Unit of an order; Sales (OC)",
    Refusal.TIMED_ORDER: "Unit of an order; Sales (OC)",
    Refusal.ONLY_MONTHLY: "How to pay (OC)",
    Refusal.BELOW_MINIMUM: "Minimum (PR)",
    Refusal.ABOVE_MONTHLY_MAXIMUM: "Maximum (PR)",
    Refusal.NO_PLAN_SHARES: "Buy and sell in one month (OC)",
    Refusal.MORE_THAN_HELD: "Buy and sell in one month (OC)",
    Refusal.SALES_ON_HOLD: "Address, email, bank change (OC)",
    Refusal.NO_OPEN_ORDER: "Cancelling (OC)",
    Refusal.PAST_CUT_OFF: "Cancelling (OC)",
    Refusal.NO_DEDUCTION: "How to pay (OC)",
    Refusal.NO_ADVICE: "Speech (PR)",
}
"""The rule each refusal rests on, by its name in the plan's rule table, and its source."""


def in_precedence(refusals: Iterable[Refusal]) -> tuple[Refusal, ...]:
    """Each refusal once, most serious first."""
    return tuple(sorted(set(refusals), key=lambda refusal: refusal.value))
