"""What it means when a payment comes back: by the bank's code, and by how far the payment had come.

Two questions, answered apart. What becomes of the instruction to debit follows
from the code alone; what becomes of the money follows from the state of the
payment. The codes are those of the ACH network; their meanings are put in our own
words. OC, "ACH return codes", "Returned before the PD", "Returned after the PD".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from handlers.plan.payments import PaymentKind, PaymentState
from handlers.plan.terms import PlanTerms


class ReturnAction(Enum):
    """What a return code asks for."""

    PRESENT_AGAIN = "present again"
    """The account was short of funds; the instruction goes on."""
    STOP = "stop"
    """The account cannot be debited; the instruction ends."""
    STOP_AND_REFER = "stop and refer"
    """Its owner says no; the instruction ends and a person looks at it."""
    DECEASED_HOLD = "deceased hold"
    """Somebody has died, the bank says; the account is held."""
    REFER = "refer"
    """A person decides; nothing is presented again by itself."""


RETURN_ACTIONS: Mapping[str, ReturnAction] = {
    "R01": ReturnAction.PRESENT_AGAIN,
    "R02": ReturnAction.STOP,
    "R03": ReturnAction.STOP,
    "R04": ReturnAction.STOP,
    "R07": ReturnAction.STOP_AND_REFER,
    "R08": ReturnAction.STOP_AND_REFER,
    "R09": ReturnAction.PRESENT_AGAIN,
    "R10": ReturnAction.STOP_AND_REFER,
    "R14": ReturnAction.DECEASED_HOLD,
    "R15": ReturnAction.DECEASED_HOLD,
    "R29": ReturnAction.STOP_AND_REFER,
}
"""The codes that a rule of the plan names; every other goes to a person. OC, "ACH return codes"."""

RETURN_MEANINGS: Mapping[str, str] = {
    "R01": "not enough funds",
    "R02": "account closed",
    "R03": "no such account, or not this person's",
    "R04": "account number not of a valid form",
    "R05": "consumer account debited as a business's without authorization",
    "R06": "sent back because our bank asked for it",
    "R07": "authorization revoked",
    "R08": "payment stopped",
    "R09": "funds not yet collected",
    "R10": "owner says it was not authorized",
    "R11": "owner says it was not as authorized",
    "R12": "account sold to another bank",
    "R13": "routing number of no ACH bank",
    "R14": "representative payee has died or cannot go on",
    "R15": "beneficiary or account holder has died",
    "R16": "account frozen",
    "R17": "entry fails the bank's checks or looks questionable",
    "R18": "effective date not valid",
    "R19": "amount not valid",
    "R20": "account takes no such entries",
    "R21": "company identification not valid",
    "R22": "individual identification not valid",
    "R23": "credit refused by its receiver",
    "R24": "duplicate entry",
    "R25": "addenda not valid",
    "R26": "mandatory field not valid",
    "R27": "trace number not valid",
    "R28": "routing number with a wrong check digit",
    "R29": "business owner says it was not authorized",
    "R30": "bank takes no part in check truncation",
    "R31": "late return that our bank allowed",
    "R32": "bank cannot settle",
    "R33": "destroyed-check entry returned",
    "R34": "bank takes only a limited part",
    "R35": "debit not proper here",
    "R36": "credit not proper here",
    "R37": "the paper check was presented as well",
    "R38": "payment of the paper check was stopped",
    "R39": "paper check not proper",
    "R40": "enrollment returned by a federal agency",
    "R41": "enrollment: transaction code not valid",
    "R42": "enrollment: routing number not valid",
    "R43": "enrollment: account number not valid",
    "R44": "enrollment: individual identification not valid",
    "R45": "enrollment: name not valid",
    "R46": "enrollment: representative payee mark not valid",
    "R47": "enrollment: duplicate",
    "R50": "re-presented check: state law forbids it",
    "R51": "re-presented check: not eligible or not proper",
    "R52": "re-presented check: payment stopped",
    "R53": "re-presented check: the paper was presented as well",
    "R61": "return sent to the wrong bank",
    "R62": "return of an erroneous or reversing debit",
    "R67": "return sent twice",
    "R68": "return too late",
    "R69": "return with wrong fields",
    "R70": "late return that was not agreed to",
    "R71": "dishonored return sent to the wrong bank",
    "R72": "dishonored return too late",
    "R73": "the return was in time",
    "R74": "corrected return",
    "R75": "the return was no duplicate",
    "R76": "no errors found in the return",
    "R77": "dishonored return of a reversing debit not accepted",
    "R80": "international entry coded wrongly",
    "R81": "bank takes no international entries",
    "R82": "foreign bank's identification not valid",
    "R83": "foreign bank cannot settle",
    "R84": "international gateway did not process it",
    "R85": "international payment not coded as one",
}
"""Every return code that the network has assigned, in a few words for staff. A code that is not here is none."""


class ChangedDetail(Enum):
    """What a notification of change corrects."""

    ACCOUNT_NUMBER = "account number"
    ROUTING_NUMBER = "routing number"
    ACCOUNT_TYPE = "checking or savings"
    NAME = "name"
    FOREIGN_BANK = "foreign bank"
    INDIVIDUAL_ID = "individual identification"


_BANK_DETAILS = frozenset({ChangedDetail.ACCOUNT_NUMBER, ChangedDetail.ROUTING_NUMBER, ChangedDetail.ACCOUNT_TYPE})

CHANGED_DETAILS: Mapping[str, frozenset[ChangedDetail]] = {
    "C01": frozenset({ChangedDetail.ACCOUNT_NUMBER}),
    "C02": frozenset({ChangedDetail.ROUTING_NUMBER}),
    "C03": frozenset({ChangedDetail.ROUTING_NUMBER, ChangedDetail.ACCOUNT_NUMBER}),
    "C04": frozenset({ChangedDetail.NAME}),
    "C05": frozenset({ChangedDetail.ACCOUNT_TYPE}),
    "C06": frozenset({ChangedDetail.ACCOUNT_NUMBER, ChangedDetail.ACCOUNT_TYPE}),
    "C07": _BANK_DETAILS,
    "C08": frozenset({ChangedDetail.FOREIGN_BANK}),
    "C09": frozenset({ChangedDetail.INDIVIDUAL_ID}),
}
"""Each notification of change and what it corrects."""


def is_change_of_bank_details(code: str) -> bool:
    """Whether a notification of change corrects only what a debit is made from, so that it can be taken over.

    A name, an identification or a foreign bank is no matter of bank details: a
    person looks at it, as at a code that is not known.
    """
    return CHANGED_DETAILS.get(code, frozenset({ChangedDetail.NAME})) <= _BANK_DETAILS


def return_action(code: str) -> ReturnAction:
    """What a return code asks for. A code that is not known goes to a person like one without a rule."""
    return RETURN_ACTIONS.get(code, ReturnAction.REFER)


ENDS_INSTRUCTION = frozenset({ReturnAction.STOP, ReturnAction.STOP_AND_REFER, ReturnAction.DECEASED_HOLD})
"""Actions after which nothing more is debited by itself."""


class MoneyAfterReturn(Enum):
    """What becomes of the money when a payment comes back."""

    PRESENT_AGAIN = "the debit is presented again for the same purchase date"
    DROP_ORDER = "the order is dropped and its holder told; no shares"
    DROP_REFUND = "the refund is not sent: its money went back already"
    HOLD_LOT = "the shares it paid for are held until it is recovered"
    OWED = "it was refunded already: the holder owes it"
    FORGET = "nobody's order rests on it; it is taken out again"
    ALREADY_RETURNED = "it came back before; nothing is done twice"


_AFTER_RETURN: Mapping[PaymentState, MoneyAfterReturn] = {
    PaymentState.FILED: MoneyAfterReturn.DROP_ORDER,
    PaymentState.UNMATCHED: MoneyAfterReturn.FORGET,
    PaymentState.HELD: MoneyAfterReturn.DROP_ORDER,
    PaymentState.UNCOLLECTED: MoneyAfterReturn.DROP_ORDER,
    PaymentState.GOOD: MoneyAfterReturn.DROP_ORDER,
    PaymentState.INVESTED: MoneyAfterReturn.HOLD_LOT,
    PaymentState.RETURNED: MoneyAfterReturn.ALREADY_RETURNED,
    PaymentState.REFUND_PENDING: MoneyAfterReturn.DROP_REFUND,
    PaymentState.REFUNDED: MoneyAfterReturn.OWED,
}

_NEEDS_PERSON = frozenset({MoneyAfterReturn.HOLD_LOT, MoneyAfterReturn.OWED, MoneyAfterReturn.ALREADY_RETURNED})
_MAY_PRESENT_AGAIN = frozenset({PaymentState.FILED, PaymentState.UNCOLLECTED, PaymentState.GOOD})


@dataclass(frozen=True, slots=True)
class ReturnConsequence:
    """All that follows from one payment that came back."""

    money: MoneyAfterReturn
    ends_instruction: bool
    """Whether the deduction stops."""
    is_death: bool
    """Whether the account is put on hold because a holder may have died."""
    needs_person: bool


def consequence_of(
    kind: PaymentKind,
    code: str,
    state: PaymentState,
    *,
    presented_again: int,
    now: datetime,
    cut_off: datetime,
    terms: PlanTerms,
) -> ReturnConsequence:
    """What follows when a payment in `state` comes back.

    `code` counts for a debit; what a bank says of a returned check is kept, but a
    check is never presented again by us. `presented_again` is how often the debit
    was already; `cut_off` is that of its purchase date, up to which it may be
    again, for that date alone. OC, "ACH return codes".
    """
    action = return_action(code) if kind is PaymentKind.DEBIT else ReturnAction.STOP
    money = _AFTER_RETURN[state]
    may_again = presented_again < terms.representments and now <= cut_off and state in _MAY_PRESENT_AGAIN
    if action is ReturnAction.PRESENT_AGAIN and may_again:
        money = MoneyAfterReturn.PRESENT_AGAIN
    asks_person = action in {ReturnAction.STOP_AND_REFER, ReturnAction.DECEASED_HOLD, ReturnAction.REFER}
    return ReturnConsequence(
        money,
        ends_instruction=kind is PaymentKind.DEBIT and action in ENDS_INSTRUCTION,
        is_death=action is ReturnAction.DECEASED_HOLD,
        needs_person=asks_person or money in _NEEDS_PERSON,
    )
