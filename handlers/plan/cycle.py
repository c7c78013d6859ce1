"""The purchase cycle: where a month stands, and which step leads from where to where.

Tables and stored facts, no clock: what is due when follows from them in
`handlers/plan/cycle_steps.py`. PLAN, section 3, "Purchase cycle".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from handlers.plan.calendar import PurchaseMonth


class CycleState(Enum):
    """Where a month stands."""

    OPEN = "OPEN"
    LOCKED = "LOCKED"
    PRICING_HELD = "PRICING_HELD"
    PRICED = "PRICED"
    TRIAL_RUN = "TRIAL_RUN"
    APPROVED = "APPROVED"
    ALLOTTED = "ALLOTTED"
    ISSUED = "ISSUED"
    """The transfer agent acknowledged the issue."""
    CONFIRMED = "CONFIRMED"
    DEFERRED = "DEFERRED"
    """No close could be had through the purchase date: orders go on to the next month, or are refunded."""


class CycleStep(Enum):
    """What is done in a month, in the order of its doing."""

    REMIND = "remind"
    SEND_DEBITS = "send debits"
    LOCK = "lock"
    PRICE = "price"
    HOLD_PRICING = "hold pricing"
    DEFER = "defer"
    RUN_TRIAL = "trial"
    APPROVE = "approve"
    """The second approval of the same trial; the first is a fact, not a step."""
    VOID_APPROVALS = "void approvals"
    """What the trial rests on has changed; it is run again and approved again."""
    ALLOT = "allot"
    SEND_SALES = "send sales"
    ALLOCATE_SALES = "allocate sales"
    SEND_PROCEEDS = "send proceeds"
    INSTRUCT_ISSUE = "instruct issue"
    ACKNOWLEDGE = "acknowledge"
    CONFIRM = "confirm"


NEXT_CYCLE_STATE: Mapping[CycleState, Mapping[CycleStep, CycleState]] = {
    CycleState.OPEN: {CycleStep.LOCK: CycleState.LOCKED},
    CycleState.LOCKED: {
        CycleStep.PRICE: CycleState.PRICED,
        CycleStep.HOLD_PRICING: CycleState.PRICING_HELD,
    },
    CycleState.PRICING_HELD: {CycleStep.PRICE: CycleState.PRICED, CycleStep.DEFER: CycleState.DEFERRED},
    CycleState.PRICED: {CycleStep.RUN_TRIAL: CycleState.TRIAL_RUN},
    CycleState.TRIAL_RUN: {
        CycleStep.APPROVE: CycleState.APPROVED,
        CycleStep.VOID_APPROVALS: CycleState.PRICED,
    },
    CycleState.APPROVED: {CycleStep.ALLOT: CycleState.ALLOTTED, CycleStep.VOID_APPROVALS: CycleState.PRICED},
    CycleState.ALLOTTED: {CycleStep.ACKNOWLEDGE: CycleState.ISSUED},
    CycleState.ISSUED: {CycleStep.CONFIRM: CycleState.CONFIRMED},
    CycleState.CONFIRMED: {},
    CycleState.DEFERRED: {},
}
"""The life of a cycle; a step without an entry is refused by the store.

Reminders, debits, the instruction and the three steps of the sales leave the state
as it is: each is a fact by itself, and done once.
"""

UNDONE_TO: Mapping[CycleState, CycleState] = {
    CycleState.LOCKED: CycleState.OPEN,
    CycleState.PRICING_HELD: CycleState.LOCKED,
    CycleState.PRICED: CycleState.LOCKED,
    CycleState.TRIAL_RUN: CycleState.PRICED,
    CycleState.APPROVED: CycleState.TRIAL_RUN,
}
"""Where `dspp cycle undo` leads from each state that can be undone, one step back; approvals are void after it."""


def cycle_id(month: PurchaseMonth) -> str:
    """The id of a month's cycle, such as "2003-11": the month of the date that the rule names, moved or not."""
    return f"{month.nominal_date:%Y-%m}"


def month_of_cycle(written: str) -> tuple[int, int]:
    """Year and month of a cycle's id. ValueError if it is none."""
    parts = re.fullmatch(r"([0-9]{4})-(0[1-9]|1[0-2])", written)
    if parts is None or parts[1] == "0000":
        raise ValueError(f"not the id of a cycle: {written!r}; write year and month, such as 2003-11")
    return int(parts[1]), int(parts[2])


class SalesState(Enum):
    """Where the month's sales stand, beside the purchase."""

    NONE = "none"
    """No sale order was locked."""
    LOCKED = "locked"
    SENT = "sent"
    """The batch is with the broker."""
    ALLOCATED = "allocated"
    PAID = "paid"
    """The list of proceeds is out."""


@dataclass(frozen=True, slots=True)
class CycleFacts:
    """What is stored of a cycle, as far as the next step hangs on it."""

    state: CycleState
    month: PurchaseMonth
    is_exhausted: bool = False
    """Whether nothing is left under the aggregate limit: nobody is reminded or debited any more."""
    reminded: bool = False
    debits_sent: bool = False
    messages_waiting: bool = False
    """Whether a message received by the cut-off still waits for its answer."""
    payments_awaited: bool = False
    """Whether the bank's files do not reach the cut-off yet: money received in time may still be reported."""
    closes_missing: tuple[date, ...] = ()
    """Pricing days without a standing close."""
    closes_in_doubt: tuple[date, ...] = ()
    """Pricing days whose standing close somebody disputes."""
    trial_is_current: bool = True
    """Whether the digest of the last trial still is that of what it rests on."""
    approvals: int = 0
    """Different people who approved the digest of the last trial."""
    is_allotting: bool = False
    """Whether any allotment is stored: what began is finished, and never undone."""
    instruction_sent: bool = False
    acknowledged: bool = False
    """Whether the transfer agent's acknowledgement is loaded and agrees."""
    sales: SalesState = SalesState.NONE
    fills_loaded: bool = False
    sales_settle_on: date | None = None


def may_undo(facts: CycleFacts) -> CycleState | None:
    """The state to which one step can be undone; None where nothing can: something is issued, or a sale is sent.

    Once the broker has the batch the lock stands, for the shares in it are sold;
    price, trial and approvals can still be undone.
    """
    is_sale_sent = facts.sales not in {SalesState.NONE, SalesState.LOCKED}
    if facts.is_allotting or (is_sale_sent and facts.state is CycleState.LOCKED):
        return None
    return UNDONE_TO.get(facts.state)
