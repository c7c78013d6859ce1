"""The details of a request: of every candidate that was read, those that its intent uses.

What is read knows nothing of intents; `slots_for` knows which slots an intent
uses and what a bare number means to it. Nothing is chosen between true rivals:
both stay, and the handler asks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import TypeVar

from bot.language import amounts, share_counts
from bot.language.corrections import governing, is_corrected_by, is_taken_back
from bot.language.deductions import recurring_topics
from bot.language.figure_roles import Roles, is_surely_told, is_told, settled, unheard
from bot.language.found import Found
from bot.language.readings import Reading, Regions
from bot.language.relative import without_relative
from bot.language.share_counts import ShareCount
from bot.language.text import after, before, cues
from bot.language.told import Part, is_of_a_cancelling, part_of, without_told
from handlers.contract import Slots, Span
from handlers.plan.money import Money, Shares
from handlers.plan.orders import PaymentMethod

USED: dict[str, frozenset[str]] = {
    "buy": frozenset({"amount_usd", "shares", "account", "payment_method", "frequency", "effective_date"}),
    "sell": frozenset({"amount_usd", "shares", "account", "effective_date"}),
    "recurring": frozenset(
        {"amount_usd", "shares", "account", "payment_method", "frequency", "day_of_month", "effective_date"}
    ),
    "cancel_order": frozenset({"amount_usd", "shares", "order_id", "account"}),
    "order_status": frozenset({"order_id", "account"}),
    "balance": frozenset({"account"}),
    "documents": frozenset({"account"}),
    "withdraw": frozenset({"account", "effective_date"}),
    "transfer_shares": frozenset({"shares", "account"}),
    "update_account": frozenset({"account", "state", "effective_date"}),
    "enroll": frozenset({"state", "account", "effective_date"}),
    "eligible_states": frozenset({"state"}),
}
"""The slots each intent uses; the others use none."""

_SPARED_BEFORE = re.compile(r"\b(?:keep|leave|not|except|spare|but)\s+(?:for\s+)?(?:the\s+|my\s+|orders?\s+|#\s?)*$")
"""Before the id of an order that is not to be cancelled."""
_SPARED_AFTER = re.compile(
    r",?\s+(?:stays|stands|remains|goes (?:through|ahead)|alone|(?:should|can|may|must|will|shall|is to|ought to) "
    r"(?:stay|stand|remain|go (?:through|ahead|on))|is (?:fine|ok|okay|good|right|correct))\b"
)
"""After the id of an order that is not to be cancelled: "P-1002 stays"."""
_SETTLED_ID = re.compile(r"(?<![\w$,.-])\d{4,9}(?= is the (?:right |correct )?(?:one|number)\b)", re.IGNORECASE)
"""The id settled on after another: "6021 is the one"."""
_BARELY_TOLD = 0.15
"""Chance of being only told of, up to which a figure beside a cancelling is that of the order."""
_SUBJECT = 80
"""Characters within which a subject ends."""
_MEANT_THE_OTHER = re.compile(
    r"[^!?\n]{0,12}[.!?,;: -]{1,4}(?:(?:no|sorry|oops|wait),? ){0,2}i mean(?:t|s)?(?: to)? "
    r"(?P<act>sell|buy|purchase|invest)\b",
    re.IGNORECASE,
)
"""After the size of an order that was to be of the other kind: "sell 200 shares. Sorry, I mean buy $200"."""
Value = TypeVar("Value")


def slots_for(intent: str, reading: Reading, regions: Regions = None) -> tuple[Slots, tuple[Span, ...]]:
    """The slots a request for `intent` takes from `regions` of the text (from all of it if None), with their places."""
    used = USED.get(intent, frozenset())

    counted = _shares(intent, reading, regions) if "shares" in used else ()
    money = _amounts(intent, reading, regions, is_counted=bool(counted)) if "amount_usd" in used else ()
    counted, money = _by_role(intent, reading, regions, counted, money)
    accounts, order_ids = _references(intent, reading, regions)
    days = _within(reading.days_of_month, regions) if "day_of_month" in used else ()
    dated = reading.starting_dates if intent in {"enroll", "update_account"} else reading.effective_dates
    effective = _within(dated, regions) if "effective_date" in used else ()
    if intent == "update_account" and len(dated) == 1:
        effective = tuple(dated)  # As its state, the date of a move is often written apart.
    frequencies, methods = _arrangement(intent, reading, regions)
    states = _states(intent, reading, regions) if "state" in used else ()
    slots = Slots(
        amounts=tuple(item.value for item in money),
        shares=tuple(item.value for item in counted),
        states=tuple(item.value for item in states),
        accounts=tuple(item.value for item in accounts),
        order_ids=tuple(item.value for item in order_ids),
        payment_methods=tuple(item.value for item in methods),
        frequencies=tuple(item.value for item in frequencies),
        days_of_month=tuple(item.value for item in days),
        effective_dates=tuple(item.value for item in effective),
    )
    named: tuple[tuple[str, Sequence[Found[object]]], ...] = (
        ("amount_usd", money), ("shares", counted), ("state", states), ("account", accounts), ("order_id", order_ids),
        ("payment_method", methods), ("frequency", frequencies), ("day_of_month", days), ("effective_date", effective),
    )  # fmt: skip
    spans = [
        Span(name, item.start, item.end, reading.text[item.start : item.end]) for name, items in named for item in items
    ]
    return slots, tuple(sorted(spans, key=lambda span: (span.start, span.end)))


def _by_role(
    intent: str,
    reading: Reading,
    regions: Regions,
    counted: tuple[Found[ShareCount], ...],
    money: tuple[Found[Money], ...],
) -> tuple[tuple[Found[ShareCount], ...], tuple[Found[Money], ...]]:
    """The counts and amounts, settled by what figures are for where the grammar finds rivals, none, or a told one."""
    roles = reading.roles
    if intent == "cancel_order":
        money = tuple(item for item in money if not is_surely_told(roles, item.start))
        return (counted, money) if counted or money else _of_the_order(_within(reading.figures, regions), roles)
    if _differs_from_the_subject(reading.text, (*counted, *money)):
        return counted, money
    counted, money = tuple(settled(counted, roles)), tuple(settled(money, roles))
    unread = reading.names_a_part or any(item.value is None for item in (*reading.amounts, *reading.shares))
    if unread or reading.portions or not all(is_told(roles, item.start) for item in (*counted, *money)):
        return counted, money
    figures = _within(reading.figures, regions)
    if intent in {"buy", "recurring"} and (found := unheard(figures, roles, "amount")):
        return (), _readable([Found(amounts.money(found.value), found.start, found.end)])
    if intent != "recurring" and "shares" in USED.get(intent, ()) and (found := unheard(figures, roles, "shares")):
        return _readable([Found(share_counts.shares(found.value), found.start, found.end)]), ()
    return counted, money


def _of_the_order(
    figures: Sequence[Found[Decimal]], roles: Roles
) -> tuple[tuple[Found[ShareCount], ...], tuple[Found[Money], ...]]:
    """The size of the order that is to be cancelled, where only the words around it say that it is one."""
    likely = [item for item in figures if item.start not in roles or roles[item.start].told <= _BARELY_TOLD]
    if len(likely) != 1:
        return (), ()
    if found := unheard(figures, roles, "shares"):
        return _readable([Found(share_counts.shares(found.value), found.start, found.end)]), ()
    if found := unheard(figures, roles, "amount"):
        return (), _readable([Found(amounts.money(found.value), found.start, found.end)])
    return (), ()


def _differs_from_the_subject(text: str, found: Sequence[Found[object]]) -> bool:
    """Whether a figure stands in the first line, as in a subject, that no other one says again."""
    end = text.find("\n\n", 0, _SUBJECT)
    above = {item.value for item in found if item.start < end}
    return bool(above - {item.value for item in found if item.start > end})


def _within(items: Iterable[Found[Value]], regions: Regions) -> tuple[Found[Value], ...]:
    return tuple(item for item in items if regions is None or any(region.holds(item) for region in regions))


def _amounts(intent: str, reading: Reading, regions: Regions, *, is_counted: bool) -> tuple[Found[Money], ...]:
    """What is to be paid; nothing where one candidate could not be read for certain.

    Where `is_counted` shares are named, a bare number is no money; a sale by
    dollars must then say so ("$500 worth").
    """
    text, marked, bare = reading.text, _within(reading.amounts, regions), _within(reading.bare_amounts, regions)
    is_named = any(part_of(text, item.start, item.end) is not Part.TOLD for item in marked)
    takes_bare = intent in {"buy", "recurring"} and (is_named or not is_counted)
    candidates = sorted([*marked, *(bare if takes_bare else ())], key=lambda item: item.start)
    if intent == "sell":
        candidates = [item for item in candidates if amounts.is_to_be_raised(text, item.start, item.end, is_counted)]
    elif intent == "cancel_order":
        candidates = [item for item in candidates if is_of_a_cancelling(text, item.start, item.end)]
    elif intent == "recurring" and _is_ending(reading, regions):
        candidates = [item for item in candidates if _is_ordered(text, item)]
    candidates = without_told(text, candidates)
    if intent == "recurring":
        named = without_relative(text, candidates)
        if named is None:
            return ()
        candidates = named
    kept = governing(text, candidates)
    numbers = {_number(item.value) for item in candidates}
    sold = [
        item for item in _within((*reading.shares, *reading.bare_shares), regions) if _number(item.value) in numbers
    ]
    if len(kept) < len(numbers) and any(share_counts.is_sold_directly(text, item.start) for item in sold):
        return ()  # "Sell 200? Buy $200! I mean buy $300": dollars or shares, and how many?
    figures = _within(reading.figures, regions)
    others = [(item.start, item.end) for item in figures if all(item.value != _number(money.value) for money in kept)]
    return () if is_taken_back(text, kept, others, _answers(reading)) else _readable(kept)


def _arrangement(
    intent: str, reading: Reading, regions: Regions
) -> tuple[Sequence[Found[str]], Sequence[Found[PaymentMethod]]]:
    """How often, and how it is to be paid; a stop or pause of the deduction says neither."""
    used = USED.get(intent, frozenset())
    if "frequency" not in used:
        return (), ()
    if intent == "recurring":
        if _is_ending(reading, regions) or _moves_only_the_day(reading, regions):
            return (), ()
        methods = () if _only_resumes(reading, regions) else _within(reading.deduction_methods, regions)
        return _within(reading.deduction_frequencies, regions), methods
    methods = governing(reading.text, _within(reading.payment_methods, regions))
    return _within(reading.frequencies, regions), methods


def _is_ordered(text: str, item: Found[object]) -> bool:
    return part_of(text, item.start, item.end) is Part.ORDERED


_ENDING = cues(r"""
    (?:should|ought to|must|is to|are to|will|can|to|please|now) (?:stop|end|cease) |
    shut (?:it|them|that|the [\w ]{1,30}) off
    | off(?=[.,!]|$) | through with | revok\w+ | no further (?:debits?|drafts?|deductions?) | suspended | stopped |
    halted |
    cancel my enrollment | must end | unauthori[sz]e
""")


_A_MONTH = re.compile(r"\bmonth")
_LATER = re.compile(
    r"\b(?:until|till?|unless)\s+(?:i|we|you|revoked|further|otherwise|told|notified)\b[^.!?;\n]{0,80}", re.IGNORECASE
)
"""How long an arrangement is to go on: "until I tell you to stop"."""


def _is_ending(reading: Reading, regions: Regions) -> bool:
    """Whether the monthly deduction is only to be stopped or paused."""
    said = _LATER.sub(" ", _said(reading, regions))
    asked = recurring_topics(said)
    if asked & {"start", "change", "resume"} or not (asked or _ENDING.search(said)):
        return False
    money = (*_within(reading.amounts, regions), *_within(reading.bare_amounts, regions))
    text = reading.text
    return not any(
        _is_ordered(text, item) and _A_MONTH.search(before(text, item.start) + after(text, item.end)) for item in money
    )


def _moves_only_the_day(reading: Reading, regions: Regions) -> bool:
    """Whether a deduction that stands is to be taken on another day, and nothing else about it is to change."""
    if reading.amounts or reading.bare_amounts or not _within(reading.days_of_month, regions):
        return False
    return recurring_topics(_said(reading, regions)) == {"change"}


def _only_resumes(reading: Reading, regions: Regions) -> bool:
    """Whether a deduction is only to be taken up again as it was."""
    if _within(reading.amounts, regions) or _within(reading.bare_amounts, regions):
        return False
    return recurring_topics(_said(reading, regions)) == {"resume"}


def _said(reading: Reading, regions: Regions) -> str:
    return reading.text if regions is None else "\n".join(reading.text[one.start : one.end] for one in regions)


def _answers(reading: Reading) -> list[int]:
    """Where details stand that a word of correction may be about instead."""
    known = reading.references
    kinds = (reading.days_of_month, reading.effective_dates, known.accounts, known.order_ids, known.either)
    return [item.start for kind in kinds for item in kind]


def _shares(intent: str, reading: Reading, regions: Regions) -> tuple[Found[ShareCount], ...]:
    text = reading.text
    marked: list[Found[Shares | None]] = list(_within(reading.shares, regions))
    if intent in {"buy", "recurring"}:
        marked = [item for item in marked if share_counts.is_bought(text, item.start, item.end, intent)]
    elif intent == "cancel_order":
        marked = [item for item in marked if is_of_a_cancelling(text, item.start, item.end)]
    moves = intent in {"sell", "transfer_shares"}
    bare = _within(reading.bare_shares, regions) if moves else ()
    portions = _within(reading.portions, regions) if moves else ()
    if marked or portions:
        first = min(item.start for item in (*marked, *portions))
        marked += [
            item
            for item in bare
            if share_counts.is_sold_directly(text, item.start)
            or share_counts.is_the_whole(text, item.end)
            or (item.start > first and is_corrected_by(text, first, item.start))
        ]
    else:
        marked += bare
    if moves and not marked and not portions:
        marked += share_counts.meant_by_them(text, _within(reading.held_shares, regions))
    marked = without_told(text, sorted(marked, key=lambda item: item.start))
    candidates: list[Found[ShareCount | None]] = [*marked, *portions]
    kept = governing(text, sorted(candidates, key=lambda item: item.start))
    meant = _MEANT_THE_OTHER.match(text, kept[-1].end) if kept and intent == "sell" else None
    if meant and meant["act"].lower() != "sell":
        return ()
    figures = _within(reading.figures, regions)
    others = [(item.start, item.end) for item in figures if all(item.value != _number(count.value) for count in kept)]
    return () if is_taken_back(text, kept, others, _answers(reading)) else _readable(kept)


def _number(value: object) -> Decimal | None:
    return value.dollars if isinstance(value, Money) else value.count if isinstance(value, Shares) else None


def _readable(found: Sequence[Found[Value | None]]) -> tuple[Found[Value], ...]:
    kept = [Found(item.value, item.start, item.end) for item in found if item.value is not None]
    return tuple(kept) if len(kept) == len(found) else ()


def _references(intent: str, reading: Reading, regions: Regions) -> tuple[Sequence[Found[str]], Sequence[Found[str]]]:
    """Accounts and order ids; what neither words nor form decide is what the intent would name."""
    used = USED.get(intent, frozenset())
    known = reading.references
    accounts, order_ids = list(_within(known.accounts, regions)), list(_within(known.order_ids, regions))
    for item in _within(known.either, regions):
        as_account = "order_id" not in used or re.search(r"\b(?:on|in)\s*$", before(reading.text, item.start, 10))
        known_already = {other.value.upper() for other in (*accounts, *order_ids)}
        if item.value.upper() not in known_already:
            (accounts if as_account else order_ids).append(item)
    if intent == "cancel_order":
        order_ids = list(governing(reading.text, sorted(order_ids, key=lambda item: item.start)))
        order_ids = [item for item in order_ids if not _is_spared(reading.text, item)]
        settled = [Found(one.group(), one.start(), one.end()) for one in _SETTLED_ID.finditer(reading.text)]
        order_ids = list(_within(settled, regions)) or order_ids
    return (accounts if "account" in used else ()), (order_ids if "order_id" in used else ())


def _is_spared(text: str, item: Found[str]) -> bool:
    """Whether the id is said not to be cancelled, wherever it is named."""
    return any(
        _SPARED_BEFORE.search(before(text, one.start(), 30)) or _SPARED_AFTER.match(after(text, one.end(), 40))
        for one in re.finditer(rf"(?<!\w){re.escape(item.value)}(?!\w)", text, re.IGNORECASE)
    )


def _states(intent: str, reading: Reading, regions: Regions) -> Sequence[Found[str]]:
    if intent == "update_account":
        # A new address is often written apart from the words that ask for the change.
        return _within(reading.address_states, regions) or reading.address_states
    found = _within(reading.states, regions)
    if intent == "enroll" and not found and len(reading.states) == 1:
        # "Sign me up and buy $500 of stock. Registered holder, Wisconsin."
        only = reading.states[0]
        return () if "?" in after(reading.text, only.end, 160) else (only,)
    return found


def details_of(reading: Reading) -> Slots:
    """Every detail of a text, whatever is asked; a bare number counts both as dollars and as shares."""
    known = reading.references
    bare = () if reading.shares or reading.portions else reading.bare_amounts
    money = _readable(governing(reading.text, reading.amounts or bare))
    marked: list[Found[ShareCount | None]] = [*reading.shares, *reading.portions]
    counted = marked or ([] if reading.amounts else [*reading.bare_shares])
    shares: tuple[Found[ShareCount], ...] = _readable(
        governing(reading.text, sorted(counted, key=lambda item: item.start))
    )
    return Slots(
        amounts=tuple(item.value for item in money),
        shares=tuple(item.value for item in shares),
        states=tuple(item.value for item in reading.states),
        accounts=tuple(item.value for item in (*known.accounts, *known.either)),
        order_ids=tuple(item.value for item in (*known.order_ids, *known.either)),
        payment_methods=tuple(item.value for item in reading.payment_methods),
        frequencies=tuple(item.value for item in reading.frequencies),
        days_of_month=tuple(item.value for item in reading.days_of_month),
        effective_dates=tuple(item.value for item in reading.effective_dates),
    )
