"""Specimens of referrals, codes, notices, and letters of several sections."""

from __future__ import annotations

from collections.abc import Iterable

from bot.render import STAFF_NOTICE, Section
from handlers.contract import Referral
from handlers.decide import referral_facts
from handlers.plan.accounts import AccountStatus, RegistrationKind
from handlers.plan.money import Shares
from handlers.plan.orders import PurchaseOrderState, SaleOrderState
from handlers.plan.states import StateList, StateStatus
from tests.letters.table import (
    BUY,
    CODE_PROBLEMS,
    EXPIRES,
    NOBODY,
    NOT_ENROLLED,
    PAYEE,
    Sample,
    answered,
    read_back,
    sample_of,
)
from tests.specimens import (
    CUT_OFF,
    NOW,
    account,
    deduction,
    purchase,
    registration,
    request,
    sale,
    snapshot,
)


def others() -> Iterable[Sample]:
    """Referrals, codes, clarification, notices, and letters of several sections."""
    for reason in Referral:
        facts = referral_facts(reason, snapshot())
        yield sample_of(
            f"referred: {reason.name}",
            Section("_shared/referred.j2", facts),
            "transaction has been made",
            f"We expect to {'mail it' if reason is Referral.PAPER_COPY else 'answer you'} by Friday, November 7, 2003.",
        )
    trust = snapshot(registrations=[registration(kind=RegistrationKind.TRUST)])
    for id, asked, known, phrases, must_not in (
        (
            "a state asked about by a stranger",
            request("eligible_states", states=["NY", "NJ", "OH"]),
            NOBODY,
            (
                "Whether the program can be offered in New York at this time",
                "New Jersey The program is offered there",
                "Ohio The program cannot be offered there",
            ),
            ("state of record",),
        ),
        (
            "all states, none recorded",
            request("eligible_states"),
            snapshot(registrations=(), state_list=StateList()),
            ("Where the program can be offered at this time",),
            ("state of record",),
        ),
        (
            "the state of record",
            BUY,
            snapshot(registrations=[registration(state="NY")]),
            ("in your state of record at this time",),
            (),
        ),
        (
            "a state named by who enrolls",
            request("enroll", states=["NY"]),
            NOT_ENROLLED,
            ("in New York at this time",),
            ("state of record",),
        ),
        (
            "a change of bank",
            request("update_account", topics=["bank"]),
            snapshot(),
            ("Next step: Write to", *PAYEE),
            (),
        ),
        (
            "the prospectus on paper",
            request("documents", topics=["on_paper", "prospectus"]),
            snapshot(),
            ("mails it to your address of record by Friday, November 7, 2003", "You do not need to do anything."),
            ("the forms of the program on paper",),
        ),
        (
            "everything on paper",
            request("documents", topics=["on_paper", "prospectus", "forms", "statement"]),
            snapshot(),
            ("address of record by Friday, November 7, 2003", "Statements and tax forms are mailed by Continental"),
            (),
        ),
    ):
        yield Sample(f"referred: {id}", (answered(asked, known),), phrases, must_not=must_not)
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
    for left, phrase in ((4, "You can try 4 more times; after that it is locked."), (1, "You can try once more;")):
        section = Section("_shared/code_problem.j2", {"reason": "wrong", "tries_left": left})
        yield sample_of(f"code wrong, {left} tries left", section, phrase)
    yield Sample(
        "code sent after the lock",
        (Section("_shared/code_problem.j2", {"reason": "locked"}),),
        ("is locked", "whatever code you send", "Send your request again; you receive a new code."),
        must_not=("Look the code up",),
    )
    yield Sample(
        "circumstances changed, then a refusal",
        (Section("_shared/code_problem.j2", {"reason": "circumstances"}), answered(request("buy", amounts=["100"]))),
        ("NOT CARRIED OUT AS READ BACK", "something that it depends on has changed", "YOUR REQUEST TO BUY SHARES"),
        must_not=("1. ", "confirm what we read back", "2 requests", "cut-off for", "such as"),
    )
    yield Sample(
        "the cut-off passed, then a read-back",
        (
            Section("_shared/code_problem.j2", {"reason": "circumstances", "closed": CUT_OFF.date()}),
            read_back(BUY),
        ),
        ("the cut-off for Wednesday, November 12, 2003 has passed", "PLEASE CONFIRM"),
    )
    yield Sample(
        "circumstances changed, then two answers",
        (
            Section("_shared/code_problem.j2", {"reason": "circumstances"}),
            answered(request("buy", amounts=["100"])),
            answered(request("plan_info", topics=["price"])),
        ),
        ("1. YOUR REQUEST TO BUY SHARES", "2. HOW THE PROGRAM WORKS"),
        must_not=("1. NOT CARRIED OUT",),
    )
    for is_order, phrase in ((True, "your order was taken then"), (False, "we acted on it then")):
        section = Section("_shared/done_again.j2", {"is_order": is_order})
        yield Sample(
            f"done again: {phrase}", (section,), (phrase, "Nothing was done twice."), must_not=("carried out",)
        )
    titles = ("buy shares, in dollars, once", "know how the program works")
    for id, cause, alternatives, phrases in (
        ("clarify", "", titles, titles),
        ("clarify without a guess", "", (), ("speak with a person",)),
        ("only quoted", "only_quoted", (), ("only in the older text that it quotes", "in your own words")),
        ("too long", "too_long", (), ("too long for our program", "reply with a short message")),
    ):
        yield sample_of(id, Section("_shared/clarify.j2", {"alternatives": alternatives, "cause": cause}), *phrases)
    yield sample_of("unknown sender", Section("_shared/unknown_sender.j2"), *PAYEE)
    yield sample_of("unreadable", Section("_shared/unreadable.j2"), "plain English text")
    yield sample_of(
        "staff reply",
        Section("_shared/staff_reply.j2", {"text": "Dear Ms. Smith,\n\nYour check came.", "by": "M. Doe"}),
        "Your check came.",
        "M. Doe of Investor Relations wrote this letter.",
    )
    yield Sample(
        "notice of a review",
        (
            Section(
                "notices/review_opened.j2",
                {"review_id": "R-1", "kind": Referral.COMPLAINT, "received_at": NOW, "deadline_at_risk": EXPIRES}
                | {"holds": ()},
            ),
        ),
        ("a complaint", "dspp reviews show R-1", "do not answer by replying to this notice"),
        frame=STAFF_NOTICE,
    )
    yield Sample(
        "notice of many messages from unsure senders",
        (Section("notices/many_unsure.j2", {"count": 27, "most": 20}),),
        ("27 messages of the last hour wait", "dspp reviews list", "Nothing is lost"),
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
    for act, phrase in (
        ("pin_enrolled", "has made a new PIN for you"),
        ("totp_enrolled", "has made a new key for your authenticator program"),
        ("unlocked", "has unlocked it"),
        ("revoked", "has revoked your PIN"),
    ):
        section = Section("notices/factor_changed.j2", {"act": act, "account": "****4821"})
        yield sample_of(f"notice to a holder: {act}", section, phrase, "****4821")
    ours, agents = "lifts a hold", "Only the transfer agent can change it"
    for kind, holds, says, says_not in (
        (Referral.PAPER_COPY, (), ("to the address of record",), (ours, agents)),
        (Referral.DEATH, (), (ours,), (agents,)),
        (Referral.DEATH, ("DEATH_REPORTED",), (ours,), (agents,)),
        (Referral.DEATH, ("DECEASED",), (agents, "DECEASED_HOLD"), (ours, "is on hold since then")),
        (Referral.DEATH, ("DEATH_REPORTED", "DECEASED"), (ours, agents), ()),
    ):
        facts = {"review_id": "R-1", "kind": kind, "received_at": NOW, "deadline_at_risk": None, "holds": holds}
        section = Section("notices/review_opened.j2", facts)
        id = f"notice of a review: {' '.join((kind.name, *holds))}"
        yield Sample(id, (section,), says, frame=STAFF_NOTICE, must_not=says_not)
    yield sample_of(
        "moved to a closed state",
        Section(
            "notices/moved_to_closed_state.j2",
            {"account": "****4821", "state": "OH", "purchases": (purchase(),), "deduction": deduction()},
        ),
        "recorded Ohio as the state of record for account ****4821",
        "P-00001",
        "Your monthly deduction of $300.00 is stopped.",
        "Any money we hold for you is returned without interest",
        "can still be sold through it",
    )
    yield sample_of(
        "moved to a closed state, with nothing open",
        Section(
            "notices/moved_to_closed_state.j2",
            {"account": "****4821", "state": "OH", "purchases": (), "deduction": None},
        ),
        "nothing more can be bought through this account",
    )
    for id, status, state, phrase in (
        ("closed", StateStatus.CLOSED, "OH", "the holder was not told by email"),
        ("unknown", StateStatus.UNKNOWN, "NY", "Find out whether the program can be offered in New York"),
        ("abroad", StateStatus.UNKNOWN, "", "outside the United States"),
    ):
        moved = {"account": "****4821", "state": state, "country": "US" if state else "SE", "status": status}
        section = Section("notices/holder_moved.j2", moved)
        yield Sample(f"notice of a move: {id}", (section,), (phrase,), frame=STAFF_NOTICE)
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
