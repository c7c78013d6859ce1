"""What the program would do with a message from a sender whose identity and account are in order.

Runs the real handlers on a made-up holder: an active participant in an open
state, with plenty of shares, a deduction, every prospectus acknowledged, and
the account and orders that the message itself names. `dspp classify` reports
the result in the words of the label vocabulary; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import cache
from typing import assert_never
from zoneinfo import ZoneInfo

from bot.language.examples import ORDERS
from bot.language.understanding import EMPTY, FOREIGN, UNDERSTOOD, Understanding
from bot.sessions import trading_calendar
from bot.terms_file import default_terms_path, read_terms
from handlers.contract import (
    Completed,
    Ignored,
    NeedsInfo,
    Outcome,
    Referred,
    Refused,
    Request,
    Snapshot,
)
from handlers.decide import decide
from handlers.plan.accounts import (
    AccountStatus,
    Deduction,
    DeductionStatus,
    PlanAccount,
    Registration,
    RegistrationKind,
)
from handlers.plan.calendar import TradingCalendar, purchase_month
from handlers.plan.money import Money, Shares
from handlers.plan.orders import Order, PaymentMethod, PurchaseOrder, PurchaseOrderState, SaleOrder, SaleOrderState
from handlers.plan.states import STATE_NAMES, StateEntry, StateList, StateStatus
from handlers.plan.terms import PlanBook
from handlers.registry import handler_for

SEVERITY = ("escalate", "ask", "refuse_order", "execute", "refuse", "answer", "ignore")
"""Of several requests the action named first here is the message's. A refused order outranks one
that can be done, so that nothing is called done while part of it was refused; a refusal to advise does not."""

_FIRST_DAY = date(2004, 1, 5)
_PLENTY = Shares.of("250000")
_OUTSIDE = frozenset({"street_name", "not_shareholder"})
"""Topics by which the sender says of themself that they are no registered holder."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What would be done, in a word of the label vocabulary, and why."""

    action: str
    reason: str
    labels: tuple[str, ...]
    carried_out: frozenset[str] = frozenset()
    """The labels of the requests that would take effect."""


def verdict(understanding: Understanding) -> Verdict:
    """What the program would do with what was understood."""
    if understanding.reason == FOREIGN:
        return Verdict("escalate", "foreign: a person looks at what is not English", ("out_of_scope",))
    if understanding.reason == EMPTY:
        return Verdict("ask", "empty: there is nothing to read", ())
    if understanding.reason != UNDERSTOOD or not understanding.requests:
        likeliest = understanding.alternatives[:1]
        return Verdict("ask", f"unclear: perhaps {', '.join(understanding.alternatives)}", tuple(map(str, likeliest)))
    weighed, reasons, labels = [], [], []
    carried_out = set()
    for request in understanding.requests:
        outcome = decide(request, specimen(request))
        weighed.append(_action(request, outcome))
        reasons.append(f"{request.intent}: {_reason(request, outcome)}")
        labels.append(handler_for(request.intent).label or str(request.intent))
        if weighed[-1] == "execute":
            carried_out.add(labels[-1])
    worst = min(weighed, key=SEVERITY.index)
    return Verdict(
        worst.removesuffix("_order"), "; ".join(reasons), tuple(dict.fromkeys(labels)), frozenset(carried_out)
    )


def _action(request: Request, outcome: Outcome) -> str:
    match outcome:
        case Completed():
            return "execute" if outcome.effects else "answer"
        case Refused():
            return "refuse_order" if request.intent in ORDERS else "refuse"
        case NeedsInfo():
            return "ask"
        case Referred():
            return "escalate"
        case Ignored():
            return "ignore"
        case _:
            assert_never(outcome)


def _reason(request: Request, outcome: Outcome) -> str:
    cautions = "".join(
        f" [{caution.name.lower()}]" for caution in sorted(request.cautions, key=lambda each: each.value)
    )
    match outcome:
        case Completed():
            done = [type(effect).__name__ for effect in outcome.effects]
            return (", ".join(done) or "answered") + cautions
        case Refused():
            return "refused " + ", ".join(refusal.name.lower() for refusal in outcome.refusals) + cautions
        case NeedsInfo():
            return "needs " + ", ".join(outcome.missing) + cautions
        case Referred():
            return f"referred, {outcome.reason.value}{cautions}"
        case Ignored():
            return f"ignored, {outcome.reason}{cautions}"
        case _:
            assert_never(outcome)


@cache
def _plan() -> tuple[PlanBook, TradingCalendar, StateList]:
    book = read_terms(default_terms_path())
    open_everywhere = StateList(tuple(StateEntry(code, StateStatus.OPEN, date(2003, 1, 1)) for code in STATE_NAMES))
    return book, trading_calendar(date(2003, 1, 1), date(2008, 1, 1)), open_everywhere


def specimen(request: Request) -> Snapshot:
    """The snapshot that fits `request`: the holder has the account and the orders that it names."""
    book, calendar, states = _plan()
    today = _day_of(request)
    now = datetime.combine(today, time(10), tzinfo=ZoneInfo(book.timezone))
    says_otherwise = request.intent in {"enroll", "buy", "recurring"} and bool(request.topics & _OUTSIDE)
    registrations = () if says_otherwise else (_registration(request, book),)
    return Snapshot(now, today, book, calendar, states, registrations, _orders(request, now, book, calendar))


def _day_of(request: Request) -> date:
    """A day on which the request came in time for what it names; else one early in 2004.

    That is early in the month named for an order, and the eve of the day as of which something is to end or to change.
    """
    for written in request.slots.effective_dates:
        if request.intent in {"withdraw", "recurring"} and (day := _day(written)):
            return day - timedelta(days=1)
        year, month = written.removeprefix("--").split("-")[0:2] if written[0] != "-" else ("", written[2:4])
        if month.isdigit():
            named = int(year) if year else 2003 if int(month) >= 11 else 2004
            if 2003 <= named <= 2007:
                return max(date(2003, 11, 4), date(named, int(month), 1))
    return _FIRST_DAY


def _day(written: str) -> date | None:
    """The day of a full date of the plan's first years, or of one that names no year; None of any other."""
    year = "2003" if written >= "--11-05" else "2004"
    try:
        day = date.fromisoformat(written.replace("-", year, 1) if written.startswith("--") else written)
    except ValueError:
        return None
    return day if date(2003, 11, 4) < day <= date(2007, 12, 31) else None


def _registration(request: Request, book: PlanBook) -> Registration:
    joins = request.intent == "enroll"
    is_paused = "resume" in request.topics
    status = DeductionStatus.PAUSED if is_paused else DeductionStatus.ACTIVE
    by_deduction = PaymentMethod.AUTOMATIC_DEDUCTION in request.slots.payment_methods
    starts = "start" in request.topics
    has_deduction = (request.intent == "recurring" and not starts) or (request.intent == "buy" and by_deduction)
    account = PlanAccount(
        status=AccountStatus.KIT_SENT if joins else AccountStatus.ACTIVE,
        enrolled_on=None if joins else date(2003, 11, 4),
        plan_shares=Shares.of("0") if joins else _PLENTY,
        settled_shares=Shares.of("0") if joins else _PLENTY,
        deduction=Deduction(Money.of("251.37"), status) if has_deduction else None,
    )
    return Registration(
        id="specimen",
        account_number=request.slots.accounts[0] if request.slots.accounts else "SPECIMEN-000001",
        kind=RegistrationKind.INDIVIDUAL,
        name="A SPECIMEN HOLDER",
        email="specimen@example.com",
        state="MI",
        country="US",
        registered_shares=_PLENTY,
        taxpayer="specimen",
        acknowledged=frozenset(prospectus.version for prospectus in book.prospectuses),
        account=account,
    )


def _orders(request: Request, now: datetime, book: PlanBook, calendar: TradingCalendar) -> tuple[Order, ...]:
    """Open orders of the ids and sizes that a request about orders names; one if it names none."""
    if request.intent not in {"cancel_order", "order_status"}:
        return ()
    month = purchase_month(now.year, now.month, calendar, book)
    slots = request.slots
    size = slots.amounts[0] if slots.amounts else Money.of("500")
    purchase = PurchaseOrder(
        "P-SPECIMEN", "specimen", size, PaymentMethod.CHECK, month.purchase_date, month.cut_off,
        PurchaseOrderState.AWAITING_PAYMENT, now - timedelta(days=1),
    )  # fmt: skip
    counts: Sequence[Shares] = [shares for shares in slots.shares if isinstance(shares, Shares)]
    if counts and not slots.amounts:
        sale = SaleOrder(
            "S-SPECIMEN", "specimen", counts[0], None, month.purchase_date, month.cut_off, SaleOrderState.QUEUED,
            now - timedelta(days=1),
        )  # fmt: skip
        return tuple(replace(sale, id=name) for name in slots.order_ids) or (sale,)
    return tuple(replace(purchase, id=name) for name in slots.order_ids) or (purchase,)


def in_label_words(requests: Sequence[Request]) -> Mapping[str, str | list[str]]:
    """The slots of several requests in the words of the label vocabulary, in order of appearance in the message.

    A list where there are several values.
    """
    found: dict[str, list[tuple[int, str]]] = {}
    for request in requests:
        for name, values in _written(request).items():
            places = [span.start for span in request.spans if span.slot.removeprefix("quoted.") == name]
            kept = found.setdefault(name, [])
            for at, value in enumerate(values):
                if all(value != other for _, other in kept):
                    kept.append((places[at] if at < len(places) else at, value))
    ordered = {name: [value for _, value in sorted(kept, key=lambda item: item[0])] for name, kept in found.items()}
    return {name: values[0] if len(values) == 1 else values for name, values in ordered.items() if values}


def _written(request: Request) -> Mapping[str, list[str]]:
    slots = request.slots
    return {
        "amount_usd": [str(amount) for amount in slots.amounts],
        "shares": [_share(share) for share in slots.shares],
        "state": list(slots.states),
        "account": list(slots.accounts),
        "order_id": list(slots.order_ids),
        "payment_method": [method.value for method in slots.payment_methods],
        "frequency": list(slots.frequencies),
        "day_of_month": [str(day) for day in slots.days_of_month],
        "effective_date": list(slots.effective_dates),
    }


def _share(share: object) -> str:
    return f"{share.count.normalize():f}" if isinstance(share, Shares) else str(getattr(share, "value", share))
