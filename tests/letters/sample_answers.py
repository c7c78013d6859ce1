"""Specimens of answers and acknowledgements: requests that were done or told."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from handlers.plan.accounts import Hold
from handlers.plan.orders import PaymentMethod, Portion, PurchaseOrderState
from handlers.plan_info import TOPICS
from tests.letters.table import (
    BUY,
    DATES,
    DEBITED,
    KIT,
    LIMITS,
    NOBODY,
    NOT_ENROLLED,
    PAUSED,
    PAYEE,
    WITH_ORDERS,
    Sample,
    answered,
    sample_of,
)
from tests.specimens import (
    account,
    deduction,
    purchase,
    registration,
    request,
    snapshot,
    usd,
)


def completed() -> Iterable[Sample]:
    """Every answer and acknowledgement."""
    yield sample_of(
        "purchase acknowledgement",
        answered(BUY, order_ids=("P-00007",)),
        "This is not a purchase and not a price.",
        "P-00007",
        "$500.00",
        *DATES,
        *PAYEE,
        "you have ordered $500.00 for this purchase date, of at most $10,000.00",
        "You can cancel until",
        "No interest",
    )
    yield sample_of(
        "purchase by deduction, acknowledging",
        answered(
            request(
                "buy", amounts=["500"], payment_methods=[PaymentMethod.AUTOMATIC_DEDUCTION], topics=["acknowledge"]
            ),
            DEBITED,
            ("", "P-00007"),
        ),
        "debited once",
        "P-00007",
        "Your automatic deduction of $300.00 comes on top",
        "you acknowledge the Prospectus",
    )
    yield sample_of(
        "sale acknowledgement",
        answered(request("sell", shares=["40"]), order_ids=("S-00007",)),
        "This is not a sale and not a price.",
        "S-00007",
        "40.0000",
        "Wednesday, November 19, 2003",
        "Monday, November 24, 2003",
        "You can cancel until",
    )
    yield sample_of(
        "sale of everything",
        answered(request("sell", shares=[Portion.ALL]), order_ids=("S-00007",)),
        "150.5000 (all, counted again at the cut-off)",
        "fraction of a share is paid in cash",
        "leave the program",
    )
    yield sample_of(
        "enrolment kit", answered(request("enroll", topics=["how"], states=["NJ", "OH", "TX"]), NOBODY), *KIT
    )
    yield sample_of(
        "enrolment kit without a state", answered(request("enroll"), NOBODY), *KIT, "Your state of record decides"
    )
    yield sample_of(
        "enrolment confirmation",
        answered(request("enroll"), NOT_ENROLLED),
        "ANA B SMITH",
        "****4821",
        "Wednesday, November 5, 2003",
        "Prospectus in force since November 4, 2003",
        "Automatic deduction none",
        "first debit",
        "To stop one",
    )
    yield sample_of(
        "acknowledged", answered(request("acknowledge"), NOT_ENROLLED), "We have recorded that you received"
    )
    yield sample_of("acknowledged before", answered(request("acknowledge")), "We had recorded this before")
    yield sample_of(
        "balance", answered(request("balance")), "150.5000", "100.0000", "****4821", "We do not give a value"
    )
    yield sample_of(
        "balance of a held account",
        answered(request("balance"), snapshot(registrations=[registration(holds=frozenset({Hold.LEGAL}))])),
        "Some restrictions apply",
    )
    yield sample_of("balance before enrolment", answered(request("balance"), NOT_ENROLLED), "not enrolled")
    yield sample_of(
        "open and closed states",
        answered(request("eligible_states", states=["NJ", "OH"])),
        "New Jersey: yes",
        "Ohio: no",
    )
    yield sample_of("a closed state", answered(request("eligible_states", states=["OH"])), "Ohio: no")
    yield sample_of("all states", answered(request("eligible_states")), "in Ohio.", "in Michigan and New Jersey.")
    yield sample_of(
        "deduction asked for",
        answered(request("recurring", amounts=["300"], topics=["start", "acknowledge"], days_of_month=[5])),
        "$300.00",
        "Nothing is deducted yet.",
        "sign the authorization",
        "The day of the deduction is set by the program",
    )
    yield sample_of(
        "deduction changed",
        answered(request("recurring", amounts=["400"]), DEBITED),
        "Amount before",
        "$300.00",
        "$400.00",
    )
    yield sample_of(
        "deduction paused", answered(request("recurring", topics=["pause"]), DEBITED), "until you write to us to resume"
    )
    yield sample_of(
        "deduction paused already",
        answered(request("recurring", topics=["pause"]), PAUSED),
        "already as you asked",
    )
    yield sample_of(
        "deduction resumed", answered(request("recurring", topics=["resume"]), PAUSED), "deducted again each month"
    )
    yield sample_of(
        "deduction stopped", answered(request("recurring", topics=["stop"]), DEBITED), "No further deductions are made"
    )
    yield sample_of(
        "orders cancelled",
        answered(request("cancel_order", order_ids=["P-00001", "S-00001"]), WITH_ORDERS),
        "P-00001",
        "S-00001",
        "without interest",
    )
    too_little = snapshot(orders=[purchase(), purchase(id="P-00002", amount=usd("100"))])
    yield sample_of(
        "order cancelled, the rest too small",
        answered(request("cancel_order", order_ids=["P-00001"]), too_little),
        "less than the minimum of $250.00",
    )
    yield sample_of(
        "orders",
        answered(request("order_status"), WITH_ORDERS),
        "P-00001",
        "waits for your payment",
        "canceled",
        "Next step: Mail your check for order P-00001 so that it arrives by Wednesday, November 12, 2003, 5:00 p.m.",
    )
    debited = snapshot(orders=[purchase(payment_method=PaymentMethod.AUTOMATIC_DEDUCTION)])
    yield sample_of(
        "an order to be debited",
        answered(request("order_status"), debited),
        "Next step: Have the money in your bank account by Wednesday, November 12, 2003, 5:00 p.m.",
    )
    paid = snapshot(orders=[purchase(state=PurchaseOrderState.GOOD_FUNDS)])
    yield sample_of(
        "an order that is paid", answered(request("order_status"), paid), "Next step: You do not need to do anything."
    )
    yield sample_of("leaving with nothing open", answered(request("withdraw")), "Your shares are not sold.")
    yield sample_of("no orders", answered(request("order_status")), "no order of yours on record")
    yield sample_of("an unknown order", answered(request("order_status", order_ids=["P-9"])), "with the number P-9")
    yield sample_of(
        "moving shares", answered(request("transfer_shares")), "medallion", "Ask your broker", "gift", *PAYEE
    )
    yield sample_of(
        "a lost certificate", answered(request("transfer_shares", topics=["certificate"])), "certificate is lost"
    )
    yield sample_of(
        "leaving with everything open",
        answered(
            request("withdraw"),
            replace(WITH_ORDERS, registrations=(registration(account=account(deduction=deduction())),)),
        ),
        "Leaving sells no shares, but your open sale orders go ahead: S-00001.",
        "monthly deduction of $300.00 stops",
        "P-00001",
        "S-00001",
    )
    yield sample_of(
        "changing details", answered(request("update_account")), "never by email", "10 business days", *PAYEE
    )
    yield sample_of(
        "documents by post",
        answered(
            request("documents", topics=["prospectus", "statement", "tax_form", "by_post", "acknowledge"]),
        ),
        "P.O. Box 376",
        "I have received and reviewed the Prospectus",
    )
    yield sample_of(
        "documents on paper, for a stranger",
        answered(request("documents", topics=["prospectus", "forms", "on_paper"]), NOBODY),
        "For copies on paper, call 734-930-5777 or write to Aastrom Biosciences, Inc., Investor Relations,",
        "We need your postal address for that",
        "Forms",
    )
    theirs = answered(request("documents", topics=["statement", "tax_form", "forms"]))
    yield Sample("a statement and a tax form", (theirs,), ("Statements", "Tax forms"), must_not=("enrollment form",))
    yield sample_of("plan overview", answered(request("plan_info")), *LIMITS, *DATES, "less 3%")
    for topic in TOPICS:
        yield sample_of(f"plan info on {topic}", answered(request("plan_info", topics=[topic])))
    for topic in ("patient", "press", "job", "other_company"):
        yield sample_of(f"a pointer for {topic}", answered(request("out_of_scope", topics=[topic])), "This mailbox")
