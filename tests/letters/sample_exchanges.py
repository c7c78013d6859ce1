"""Specimens of what is not done yet or not at all: read-backs, refusals, questions, referrals, codes, notices."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.render import STAFF_NOTICE, Section
from handlers.contract import Caution, Referral, Request, Snapshot
from handlers.decide import referral_facts
from handlers.plan.accounts import AccountStatus, RegistrationKind
from handlers.plan.calendar import coming_purchases
from handlers.plan.money import Shares
from handlers.plan.orders import PaymentMethod, Portion, PurchaseOrderState, SaleOrderState
from handlers.plan.refusals import Refusal
from tests.letters.table import (
    BUY,
    CODE,
    CODE_PROBLEMS,
    DATES,
    DEBITED,
    EXPIRES,
    KIT,
    NOBODY,
    NOT_ENROLLED,
    PAUSED,
    PAYEE,
    WITH_ORDERS,
    Sample,
    answered,
    read_back,
    sample_of,
)
from tests.specimens import (
    NOW,
    account,
    deduction,
    purchase,
    registration,
    request,
    sale,
    snapshot,
    usd,
)


def read_backs() -> Iterable[Sample]:
    """Every request for confirmation."""
    frame = (CODE, "Thursday, November 6, 2003, 10:00 a.m. Eastern time", "If you do nothing, nothing happens.")
    yield sample_of("confirm a purchase", read_back(BUY), *frame, "$500.00 (five hundred dollars)", *DATES)
    yield sample_of(
        "confirm a purchase by deduction",
        read_back(
            request(
                "buy", amounts=["1250.50"], payment_methods=[PaymentMethod.AUTOMATIC_DEDUCTION], topics=["acknowledge"]
            ),
            known=DEBITED,
        ),
        *frame,
        "$1,250.50 (one thousand two hundred fifty dollars and fifty cents)",
        "By confirming you acknowledge",
    )
    again = read_back(BUY)
    yield sample_of(
        "confirm a purchase asked twice",
        replace(again, context={**again.context, "is_repeat": True}),
        "the same before",
    )
    yield sample_of(
        "confirm a sale",
        read_back(request("sell", shares=["40.25"])),
        *frame,
        "40.2500 shares (forty and 2500/10,000 shares)",
        "Monday, November 24, 2003",
    )
    yield sample_of("confirm a sale of half", read_back(request("sell", shares=[Portion.HALF])), *frame, "75.2500")
    yield sample_of(
        "confirm an enrolment",
        read_back(request("enroll", states=["MI"]), known=NOT_ENROLLED),
        *frame,
        *KIT,
        "****4821",
        "New Jersey",
        "You named another state",
        "By confirming you acknowledge that you have received and reviewed the Prospectus",
    )
    yield sample_of(
        "confirm an acknowledgement", read_back(request("acknowledge"), known=NOT_ENROLLED), *frame, "****4821"
    )
    yield sample_of("confirm a question on shares", read_back(request("balance")), *frame)
    yield sample_of("confirm a question on orders", read_back(request("order_status"), known=WITH_ORDERS), *frame)
    yield sample_of(
        "confirm a deduction",
        read_back(request("recurring", amounts=["300"], topics=["acknowledge"], effective_dates=["2004-03"])),
        *frame,
        "$300.00 (three hundred dollars)",
        "cannot be chosen",
    )
    yield sample_of(
        "confirm a changed deduction",
        read_back(request("recurring", amounts=["400"]), known=DEBITED),
        *frame,
        "It is not added to it.",
    )
    for change, known in (("pause", DEBITED), ("resume", PAUSED), ("stop", DEBITED)):
        yield sample_of(f"confirm to {change}", read_back(request("recurring", topics=[change]), known=known), *frame)
    yield sample_of(
        "confirm to cancel an order",
        read_back(request("cancel_order", order_ids=["P-00001"]), known=WITH_ORDERS),
        *frame,
        "P-00001",
        "five hundred dollars",
    )
    few = snapshot(orders=[sale(), purchase(amount=usd("100"), id="P-2"), purchase()])
    yield sample_of(
        "confirm to cancel two orders",
        read_back(request("cancel_order", order_ids=["P-00001", "S-00001"]), known=few),
        *frame,
        "forty shares",
        "less than the minimum",
    )
    yield sample_of(
        "confirm leaving",
        read_back(
            request("withdraw"),
            known=replace(WITH_ORDERS, registrations=(registration(account=account(deduction=deduction())),)),
        ),
        *frame,
        "Your shares are not sold",
        "****4821",
    )
    yield sample_of(
        "confirm two at once",
        read_back(BUY, request("sell", shares=["40"])),
        *frame,
        "1. Purchase order",
        "2. Sale order",
    )


def refusals() -> Iterable[Sample]:
    """Every refusal in the letter of a purchase, and every intent's own letter of refusal."""
    coming = coming_purchases(NOW, snapshot().calendar, snapshot().book)
    facts = {"request": BUY, "coming": (next(coming), next(coming), next(coming))}
    common = ("We could not do this.", "Nothing was taken from you", "734-930-5777", *DATES[:2])
    for refusal in Refusal:
        section = Section("buy/refused.j2", {**facts, "refusals": (refusal,)})
        yield sample_of(f"refused: {refusal.name}", section, *common, "You asked us to buy shares for $500.00.")
    yield sample_of(
        "refused for three reasons",
        answered(
            request("buy", amounts=["249.99"], topics=["pay:card"]),
            snapshot(registrations=[registration(state="OH")]),
        ),
        "There are 3 reasons.",
        "1. States in which the program is not offered",
        "2. How to pay",
        "3. The minimum",
    )
    conditional = [Caution.CONDITIONAL]
    for why, asked, known in (
        ("street name", request("enroll", topics=["street_name"]), NOBODY),
        ("more than held", request("sell", shares=["500"]), snapshot()),
        ("half on a condition", request("sell", shares=[Portion.HALF], cautions=conditional), snapshot()),
        ("some on a condition", request("sell", cautions=conditional), snapshot()),
        ("on a condition", request("acknowledge", cautions=conditional), snapshot()),
        ("nobody known", request("balance"), NOBODY),
        ("nobody known", request("order_status"), NOBODY),
        ("over the maximum", request("recurring", amounts=["10000.01"]), snapshot()),
        ("none to stop", request("recurring", topics=["stop"]), snapshot()),
        ("none open", request("cancel_order"), snapshot()),
        ("no such number", request("cancel_order", order_ids=["P-9"]), snapshot()),
        ("not enrolled", request("withdraw"), NOT_ENROLLED),
        ("advice", request("investment_advice"), NOBODY),
    ):
        yield sample_of(
            f"refused: {asked.intent}, {why}",
            answered(asked, known),
        )


def questions() -> Iterable[Sample]:
    """Every question."""
    two = snapshot(registrations=[registration(), registration(id="reg-2", account_number="A100-0007777")])
    until = "Until then nothing is bought, sold or changed."
    asked: Mapping[str, tuple[Request, Snapshot, str]] = {
        "two amounts": (request("buy", amounts=["500", "600"]), snapshot(), "$500.00 and $600.00"),
        "shares, not dollars": (request("buy", shares=["500"]), snapshot(), "in dollars only"),
        "dollars and shares": (request("buy", amounts=["500"], shares=["5"]), snapshot(), "both dollars and a number"),
        "a way to pay": (
            request("buy", amounts=["500"], payment_methods=[PaymentMethod.AUTOMATIC_DEDUCTION]),
            snapshot(),
            "signed authorization",
        ),
        "once or monthly": (
            request("buy", amounts=["500"], frequencies=["monthly"]),
            snapshot(),
            "Once, or each month?",
        ),
        "another day": (request("buy", amounts=["500"], days_of_month=[25]), snapshot(), "You named another day"),
        "which account": (request("buy", amounts=["500"]), two, "last four characters"),
        "which account to tell of": (request("balance", accounts=["9999"]), two, "last four characters"),
        "which account's orders": (request("order_status", accounts=["9999"]), two, "last four characters"),
        "which account acknowledges": (request("acknowledge", accounts=["9999"]), two, "last four characters"),
        "which account leaves": (request("withdraw"), two, "last four characters"),
        "which account joins": (
            request("enroll"),
            snapshot(registrations=[registration(account=None), registration(id="reg-2", account=None)]),
            "last four characters",
        ),
        "dollars, not shares": (request("sell", amounts=["500"]), snapshot(), "Sales are taken in shares"),
        "two numbers of shares": (request("sell", shares=["5", "6"]), snapshot(), "more than one number"),
        "sell monthly": (request("sell", shares=["5"], frequencies=["monthly"]), snapshot(), "no repeated sales"),
        "which order": (request("cancel_order"), WITH_ORDERS, "order number"),
        "which change": (request("recurring"), snapshot(), "start it, change its amount"),
        "amount a month": (request("recurring", topics=["start"]), snapshot(), "each month?"),
        "a check each month": (
            request("recurring", amounts=["300"], payment_methods=[PaymentMethod.CHECK]),
            snapshot(),
            "By automatic deduction?",
        ),
        "from now": (request("recurring", topics=["pause"], effective_dates=["--01"]), DEBITED, "take effect now"),
    }
    for id, (one, known, phrase) in asked.items():
        yield sample_of(f"asked: {id}", answered(one, known), until, phrase)
    for caution in (
        Caution.NEGATED,
        Caution.HYPOTHETICAL,
        Caution.PAST,
        Caution.QUOTED,
        Caution.CORRECTION,
        Caution.DISAGREEMENT,
    ):
        yield sample_of(f"asked: {caution.name}", answered(replace(BUY, cautions=frozenset({caution}))), until)


def others() -> Iterable[Sample]:
    """Referrals, codes, clarification, notices, and letters of several sections."""
    for reason in Referral:
        facts = referral_facts(reason, snapshot())
        yield sample_of(
            f"referred: {reason.name}",
            Section("_shared/referred.j2", facts),
            "No transaction has been made.",
            "We expect to answer you by Friday, November 7, 2003.",
        )
    trust = snapshot(registrations=[registration(kind=RegistrationKind.TRUST)])
    yield sample_of(
        "referred with a deadline",
        answered(BUY, trust),
        "A deadline may pass meanwhile",
        "November 12, 2003, 5:00 p.m.",
    )
    for problem in CODE_PROBLEMS:
        yield sample_of(
            f"code {problem}",
            Section("_shared/code_problem.j2", {"reason": problem}),
            "Nothing was bought, sold or changed",
        )
    yield sample_of("done again", Section("_shared/done_again.j2"), "Nothing was done twice.")
    titles = ("buy shares, in dollars, once", "know how the program works")
    yield sample_of("clarify", Section("_shared/clarify.j2", {"alternatives": titles}), *titles)
    yield sample_of(
        "clarify without a guess", Section("_shared/clarify.j2", {"alternatives": ()}), "speak with a person"
    )
    yield sample_of("unknown sender", Section("_shared/unknown_sender.j2"), *PAYEE)
    yield sample_of("unreadable", Section("_shared/unreadable.j2"), "plain English text")
    yield sample_of(
        "staff reply",
        Section("_shared/staff_reply.j2", {"text": "Dear Ms. Smith,\n\nYour check came.", "by": "M. Doe"}),
        "Your check came.",
    )
    yield Sample(
        "notice of a review",
        (
            Section(
                "notices/review_opened.j2",
                {"review_id": "R-1", "kind": Referral.COMPLAINT, "received_at": NOW, "deadline_at_risk": EXPIRES},
            ),
        ),
        ("a complaint", "dspp reviews show R-1", "do not answer by replying to this notice"),
        frame=STAFF_NOTICE,
    )
    yield sample_of(
        "notice of changed details",
        Section(
            "notices/details_changed.j2",
            {"account": "****4821", "what": ("address", "bank"), "held_until": EXPIRES.date()},
        ),
        "address, bank",
    )
    yield Sample(
        "three requests at once",
        (
            answered(request("plan_info", topics=["price"])),
            answered(request("buy", amounts=["100"])),
            answered(request("human")),
        ),
        ("1. HOW THE PROGRAM WORKS", "2. YOUR REQUEST TO BUY SHARES", "3. A PERSON WILL ANSWER YOU"),
    )
    sales = [sale(id=f"S-{number}", state=state) for number, state in enumerate(SaleOrderState)]
    purchases = [purchase(id=f"P-{number}", state=state) for number, state in enumerate(PurchaseOrderState)]
    yield sample_of(
        "an order in every state",
        answered(request("order_status"), snapshot(orders=[*sales, *purchases])),
        "ready for the sale date",
        "ready for the purchase date",
        "your check was mailed",
        "ended, because no payment arrived",
    )
    suspended = registration(account=account(status=AccountStatus.SUSPENDED, plan_shares=Shares.of("0.0001")))
    yield sample_of(
        "balance of a suspended account", answered(request("balance"), snapshot(registrations=[suspended])), "0.0001"
    )
