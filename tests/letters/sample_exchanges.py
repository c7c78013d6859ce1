"""Specimens of what is not done yet: read-backs and questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from bot.render import Section
from handlers.contract import Caution, Request, Snapshot
from handlers.plan.orders import PaymentMethod, Portion
from tests.letters.table import (
    BUY,
    CODE,
    DATES,
    DEBITED,
    KIT,
    NOT_ENROLLED,
    PAUSED,
    WITH_ORDERS,
    Sample,
    answered,
    read_back,
    sample_of,
)
from tests.specimens import (
    account,
    deduction,
    purchase,
    registration,
    request,
    sale,
    snapshot,
    usd,
)

NOT_ENROLLED_TWICE = snapshot(registrations=[registration(), registration(id="reg-2", account=None)])


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
        "We asked you to confirm this before and have not had the code yet.",
    )
    yield sample_of(
        "confirm a sale",
        read_back(request("sell", shares=["40.25"])),
        *frame,
        "40.2500 shares (forty and 2500/10,000 shares)",
        "Monday, November 24, 2003",
    )
    page = "https://dspp.example.com/confirm/" + "a" * 42
    sold = read_back(request("sell", shares=["40"]))
    yield sample_of(
        "confirm a sale with a PIN",
        replace(sold, context={**sold.context, "link": page, "needs_factor": True}),
        CODE,
        page,
        "together with your PIN",
        "Never send your PIN by email.",
        "open the page and type the code and your PIN by",
    )
    yield sample_of(
        "confirm a purchase by reply or on the page",
        replace(again, context={**again.context, "link": page}),
        *frame,
        page,
        "reply to this letter with this code and nothing else",
    )
    yield sample_of(
        "is it a second order",
        answered(BUY, snapshot(orders=[purchase()])),
        "Is this a second order, or the same one?",
        "P-00001",
        "nothing is bought, sold or changed",
    )
    yield sample_of("the same order", Section("_shared/same_order.j2"), "Nothing was ordered twice.")
    yield sample_of(
        "a code that needs a PIN besides",
        Section("_shared/code_problem.j2", {"reason": "needs_factor", "link": page}),
        page,
        "The code is right.",
        "Nothing was bought, sold or changed by this reply.",
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
    yield Sample(
        "confirm a question on shares",
        (read_back(request("balance")),),
        (*frame, "You asked us the following.", "make sure that it is you who asks"),
        must_not=("It counts only if you confirm it.",),
    )
    yield sample_of(
        "confirm a purchase and a question",
        read_back(BUY, request("balance")),
        *frame,
        "It counts only if you confirm it.",
    )
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
        "Leaving sells no shares, but your open sale orders go ahead: S-00001.",
        "****4821",
    )
    yield sample_of("confirm leaving with nothing open", read_back(request("withdraw")), "Your shares are not sold")
    yield sample_of(
        "confirm two at once",
        read_back(BUY, request("sell", shares=["40"])),
        *frame,
        "1. Purchase order",
        "2. Sale order",
    )
    both = read_back(BUY, request("enroll"), known=NOT_ENROLLED_TWICE)
    yield Sample("confirm an enrolment beside another", (both,), ("2. Enrollment:",), must_not=("1. Review", "2. Who"))


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
        Caution.UNLIKELY,
    ):
        yield sample_of(f"asked: {caution.name}", answered(replace(BUY, cautions=frozenset({caution}))), until)
    doubtful = {
        "a sale": (request("sell", shares=["12"]), snapshot(), "Please sell 12 of my plan shares."),
        "a sale of half": (request("sell", shares=[Portion.HALF]), snapshot(), "Please sell half of my plan shares."),
        "a purchase": (request("buy", amounts=["300"]), snapshot(), "Please invest $300.00 for me."),
        "a new amount": (request("recurring", amounts=["300"]), DEBITED, "monthly deduction to $300.00."),
        "an order": (request("cancel_order", order_ids=["P-100"]), snapshot(), "Please cancel order P-100."),
        "an acknowledgement": (request("acknowledge"), snapshot(), "I have reviewed the prospectus."),
        "leaving": (request("withdraw"), snapshot(), "Please end my participation in the plan."),
    }
    for id, (one, known, phrase) in doubtful.items():
        doubted = replace(one, cautions=frozenset({Caution.DISAGREEMENT}))
        yield sample_of(f"asked: {id} beside what does not fit", answered(doubted, known), until, phrase)
