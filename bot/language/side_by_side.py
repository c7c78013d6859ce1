"""Requests side by side: what together they cannot mean, and what beside them was not understood."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from bot.language.acts import has_act
from bot.language.figure_roles import is_told
from bot.language.readings import Reading
from bot.language.requests import ACTING, MOVING, STATEMENT
from bot.language.retractions import is_taken_back
from bot.language.scores import Scores
from bot.language.slots import slots_for
from bot.language.standing import has_order
from bot.language.text import cues
from handlers.contract import Caution, Request

_SELLING = cues(
    r"""
        out of (?:every|all|my|our|the)(?: [\w']+){0,3}? (?:shares?|shs|stock|position|holdings?) |
        (?:shares?|shs|stock|position|holdings?|everything|them)(?: [\w']+){0,6}? (?:be|get|are) sold |
        every (?:last )?share(?: [\w']+){0,4}? sold |
        (?:shares?|shs|stock|position|holdings?|everything|them)(?:,? [\w',]+){0,8}?[ ]
        (?:going|go|move|moved|sent|delivered|transferred) to (?:my )?(?:broker\w*|schwab|fidelity|e-?\*?trade
        |ameritrade|vanguard|merrill) |
        (?:sell|selling|liquidate|cash (?:out|in)|redeem)(?: \w+){0,4}? (?:all|everything|100%|shares?|shs|half
        |every|whole lot|them|it|position|holdings)
        """
)
_GIVING = cues(
    r"""
        (?:give|gift|transfer|sign over|hand over|move)(?: \w+){0,6} (?:to )?(?:my|our) (?:\w+ )?(?:son|daughter|sister
        |brother|niece|nephew|grand\w+|wife|husband|church|broker) | certificates?
        """
)
"""Words of a transfer; where it was not understood, a sale or a leaving beside it may be of the wrong shares."""
_ISSUING = cues(r"""
    (?:issue|send|mail|have|want|get|give|need|deliver)\w*(?: \w+){0,6}? (?:stock |share )?certificates?
""")
"""A certificate asked for; where that was not understood, leaving would be done without it."""
_TREATMENT = cues(r"""
    (?:your|the|this|that|a) (?:[\w-]+ ){0,3}(?:treatment|therapy|trial|study|procedure|graft)s?(?: \w+){0,3}[ ]
    (?:take|takes|taking|accept\w*|need|want|open|help|enroll?ing|work|available) |
    (?:get|sign|put|be) (?:me |him |her |us )?(?:up |in |into |for )+(?:your|the|a) (?:\w+ )?(?:trial|study) |
    (?:get|got|getting|considered)(?: \w+){0,6}? yours?(?: \w+){0,2} (?:trials?|stud(?:y|ies)) |
    (?:trials?|stud(?:y|ies)) of yours | volunteers?
""")
"""A patient's question, that a person must answer beside the order."""
_CANCELLED_KIND = re.compile(
    r"\b(?:cancel|drop|scrap|kill|void|rescind|revoke|call off|withdraw|scratch|undo)(?:led|ing)?(?: [\w'-]+){0,4}?"
    r" (purchase|sale|sell)\b",
    re.IGNORECASE,
)
"""Which kind of order is cancelled: one of the other kind beside it is no replacement of it."""
_NEVER_ASKED = cues(r"""
    (?:not|n't|never) (?:ask|asked|asking|tell|told|telling|instruct\w*|order\w*)(?: you)?(?: people)? to (?:sell|buy
    |close
    |purchase|stop)
""")
"""No order was meant, so that none stands that could be cancelled."""
_NEW_BANK = cues(r"(?:routing|aba|transit)(?: (?:number|no\.?|#))?:? ?#?\d{6,12}")
"""A bank named by its numbers; what is to be drawn from it hangs on a change that a person must see to."""
_AMENDING = cues("make (?:it|that|them)")
"""The sender's own correction of a figure: no order of its own."""
_CONTENT = cues(r"(?:no|not a|without) complaints? | (?:my|with) apologies | i apologi[sz]e | not asking for")
"""Words of a grievance, or of somebody wanted, that ask for nothing."""
_PERHAPS = 0.1
_TO_BE_SOLD = cues("(?:shares?|shs|stock)(?: are)? to be sold")
_DEDUCTION = cues("debits? | deductions? | (?:bank|monthly|auto\\w*) drafts?")
_MONTHLY = cues("(?:each|every|per|a) month | monthly")
"""Where these stand, "buy" or "put" says what the deduction does."""
_HARDLY = 0.01
"""Probability under which an order was hardly meant, whatever words of it the text has."""
_BESIDE = frozenset({"buy", "sell", "recurring", "withdraw"})
"""Orders that people give beside others."""


def reconciled(requests: Sequence[Request], text: str, chances: Mapping[str, float]) -> tuple[Request, ...]:
    """Requests side by side, doubted where together they cannot be what is meant.

    An order beside a cancelling is its replacement; leaving beside a stop of
    the deduction may mean only one of them; leaving while speaking of selling,
    when no sale was understood, would be done too soon. So would half of what
    was ordered, when the other half was not understood. `chances` are the
    probabilities of the labels.
    """
    dropped = _denied(requests, text)
    requests = [request for request in requests if request not in dropped]
    intents = frozenset(str(request.intent) for request in requests)
    doubts = _clashes(requests, intents, text) | _unheard(intents, text, chances)
    missed = [act for act in _missed(intents, text) if not any(one.intent == act for one in dropped)]
    if missed and not (missed == ["withdraw"] and "cancel_order" in intents):
        doubts = dict.fromkeys(MOVING, Caution.DISAGREEMENT) | doubts
    found = [
        replace(request, cautions=request.cautions | {doubts[request.intent]}) if request.intent in doubts else request
        for request in requests
    ]
    return _all_or_none(found)


def _clashes(requests: Sequence[Request], intents: frozenset[str], text: str) -> dict[str, Caution]:
    """What is doubted for what stands beside it."""
    doubts: dict[str, Caution] = {}
    if "cancel_order" in intents:
        kinds = {match.group(1).lower()[0] for match in _CANCELLED_KIND.finditer(text)}
        doubts |= {act: Caution.CORRECTION for act in ("buy", "sell") if kinds != ({"s"} if act == "buy" else {"p"})}
        doubts |= {"cancel_order": Caution.HYPOTHETICAL} if _NEVER_ASKED.search(text) else {}
    if {"update_account", "recurring"} <= intents and _NEW_BANK.search(text):
        doubts |= {"recurring": Caution.DISAGREEMENT}
    if {"withdraw", "recurring"} <= intents:
        doubts |= {"withdraw": Caution.DISAGREEMENT, "recurring": Caution.DISAGREEMENT}
    if "withdraw" in intents and "sell" not in intents and (_SELLING.search(text) or has_order(text, "sell")):
        doubts |= {"withdraw": Caution.DISAGREEMENT}
    if "withdraw" in intents and any(one.intent == "sell" and one.cautions for one in requests):
        doubts |= {"withdraw": Caution.DISAGREEMENT}
    unsized = any(one.intent == "sell" and not one.slots.shares for one in requests)
    if "buy" in intents and unsized and not has_order(text, "buy"):
        doubts |= {"buy": Caution.DISAGREEMENT}
    return doubts


def _unheard(intents: frozenset[str], text: str, chances: Mapping[str, float]) -> dict[str, Caution]:
    """What is doubted because something else seems to be asked for that was not understood."""
    doubts: dict[str, Caution] = {}
    if "transfer_shares" not in intents and _GIVING.search(text):
        doubts |= {"sell": Caution.DISAGREEMENT}
    if "transfer_shares" not in intents and _ISSUING.search(text):
        doubts |= {"withdraw": Caution.DISAGREEMENT}
    if "out_of_scope" not in intents and _TREATMENT.search(text):
        doubts |= dict.fromkeys(("buy", "sell", "recurring", "withdraw"), Caution.DISAGREEMENT)
    if "enroll" not in intents and chances.get("enroll", 0.0) >= _PERHAPS and has_act(text, "enroll"):
        doubts |= dict.fromkeys(("buy", "recurring"), Caution.DISAGREEMENT)
    if any(act not in intents and has_act(text, act) for act in ("complaint", "human")) and not _CONTENT.search(text):
        doubts |= dict.fromkeys(("buy", "sell", "recurring", "withdraw"), Caution.DISAGREEMENT)
    return doubts


def _all_or_none(requests: Sequence[Request]) -> tuple[Request, ...]:
    """Several orders are carried out together or not at all: where one is doubted, all are asked about."""
    orders = [request for request in requests if request.intent in ACTING]
    if len(orders) < 2 or not any(request.cautions for request in orders):
        return tuple(requests)
    return tuple(doubted(request) for request in requests)


def _denied(requests: Sequence[Request], text: str) -> list[Request]:
    """Those of several requests that the text denies or does not order: "don't close anything, just stop the drafts".

    Beside a cancelling all stay: what is not to be done may be the order itself.
    """
    intents = {str(request.intent) for request in requests}
    if len(requests) < 2 or "cancel_order" in intents or is_taken_back(text):
        return []
    denied = [request for request in requests if Caution.NEGATED in request.cautions]
    if {"withdraw", "recurring"} <= intents and not denied and not _orders_a_change(text):
        denied = [request for request in requests if request.intent == "recurring"]
    return denied if len(denied) < len(requests) else []


def _orders_a_change(text: str) -> bool:
    """Whether a statement that does not order leaving orders something of the deduction."""
    said = [match.group() for match in STATEMENT.finditer(text)]
    return any(has_order(one, "recurring") and not has_order(one, "withdraw") for one in said)


def _missed(intents: frozenset[str], text: str) -> list[str]:
    """The acts that are ordered in `text` beside `intents` and were not understood."""
    told = _AMENDING.sub(" ", text)
    missed = [act for act in ("buy", "sell", "withdraw") if act not in intents and has_order(told, act)]
    if "withdraw" in intents:
        missed = [act for act in missed if act != "sell"]
    if "buy" in intents and "sell" not in intents and _TO_BE_SOLD.search(text):
        missed.append("sell")
    if "sell" in intents and "recurring" not in intents and _DEDUCTION.search(text) and has_order(text, "recurring"):
        missed.append("recurring")
    if "recurring" in intents and not has_order(_without_the_deduction(text), "buy"):
        missed = [act for act in missed if act != "buy"]
    return missed


def _without_the_deduction(text: str) -> str:
    """The statements that speak of nothing monthly."""
    return "".join(match.group() for match in STATEMENT.finditer(text) if not _MONTHLY.search(match.group()))


def unless_missed(requests: tuple[Request, ...], reading: Reading, whole: Scores) -> tuple[Request, ...]:
    """The requests, doubted where another order may stand beside them that was not understood.

    It may where its label is in the set of possible ones and the text has its
    words. To join and several requests invite another; for the other single
    orders it was measured to stop six right ones for each wrong one.
    """
    intents = {str(request.intent) for request in requests}
    invites = len(requests) > 1 or intents == {"enroll"}
    is_missed = any(
        label not in intents and whole.probabilities[label] >= _HARDLY and has_act(reading.text, label)
        for label in whole.possible & _BESIDE
    )
    if intents == {"enroll"} and _names_money(reading):
        is_missed = True  # what is to be done with it was not understood
    if not invites or not is_missed:
        return requests
    return tuple(doubted(request) for request in requests)


def doubted(request: Request) -> Request:
    """The request, asked about if it is an order: another stands beside it that was not understood."""
    if request.intent not in ACTING:
        return request
    return replace(request, cautions=request.cautions | {Caution.DISAGREEMENT})


def _names_money(reading: Reading) -> bool:
    """Whether a sum stands beside that is not plainly told of."""
    spans = slots_for("buy", reading)[1]
    return any(span.slot == "amount_usd" and not is_told(reading.roles, span.start) for span in spans)
