"""Whether a reply that holds the right code really says yes.

The code proves that the reply's author read our letter. It does not prove
that they agree with it: "Delete K7QM-2R9T" holds the code too. So every word
and figure beside the code must be one of which a yes is made, the holder's
own name, or something that we read back ourselves. A clear objection drops
the request; in every other case nothing is done and we ask.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from enum import Enum, auto
from typing import NamedTuple

from bot.consent_words import (
    AFFIRMATIONS,
    ASKS,
    CONTACTS,
    FAMILIES,
    FREQUENCIES,
    HARMLESS,
    INTRODUCES_A_NAME,
    LONGEST_PHRASE,
    MONTHS,
    NO,
    NOUNS,
    OBJECTING_WORDS,
    OBJECTION,
    PHRASES,
    SHORTENED,
    TITLES,
    TOKEN,
    WORDS,
    YES,
)
from bot.language.numbers import quantities
from handlers.contract import Slots
from handlers.plan.money import Shares
from handlers.plan.orders import PaymentMethod, Portion
from handlers.plan.states import STATE_NAMES

MOST_WORDS = 60
"""A longer reply says something that we had better read."""
SHORT = 12
"""A reply without a code is a plain yes or a plain no only within so many words."""


class Consent(Enum):
    """What a reply says to our read-back."""

    GIVEN = auto()
    WITHHELD = auto()
    """It objects."""
    CHANGED = auto()
    """It asks for something else, or says more than a yes."""


class _Token(NamedTuple):
    kind: str
    text: str
    starts: bool
    """Whether it stands at the start of a line or behind a mark."""


@dataclass(frozen=True, slots=True)
class _Allowed:
    """What a reply may hold beside the words of every yes."""

    words: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    money: frozenset[Decimal] = frozenset()
    shares: frozenset[Decimal] = frozenset()
    days: frozenset[int] = frozenset()
    references: frozenset[str] = frozenset()


def consent(
    rest: str,
    said: Slots,
    read_back: Slots,
    acts: Collection[str] = (),
    requests: int = 1,
    names: Collection[str] = (),
) -> Consent:
    """What the live text `rest` (the code taken out) says, given the details in it and those we read back.

    `acts` are words such as "cancel" or "stop" for what was in fact read back
    and is thereby no objection; a noun among them ("order", "deduction") says
    what it is about. `requests` is how many were read back: of several, none
    may be picked out. `names` are the holders' registered names.
    """
    plain = _plain(rest)
    own = _own_words(read_back, frozenset(acts)) if requests == 1 else frozenset(("both", "requests", "orders"))
    if _is_refused(plain, own, bool(acts)):
        return Consent.WITHHELD
    tokens = _tokens(plain)
    if len(tokens) > MOST_WORDS or _is_asked(plain) or _says_more(said, read_back if requests == 1 else Slots()):
        return Consent.CHANGED
    allowed = _allowed(read_back, own, names) if requests == 1 else _Allowed(words=own, names=_name_words(names))
    if not _is_all_known(tokens, allowed) or _is_only_received(tokens, plain):
        return Consent.CHANGED
    return Consent.GIVEN


def is_objection(text: str, names: Collection[str] = (), acts: Collection[str] = ()) -> bool:
    """Whether a reply without a code turns down what we read back, and does nothing else of substance.

    What names an act read back ("stop" where stopping waits for its code) is no objection.
    """
    plain = _plain(text)
    tokens = _tokens(plain)
    own = frozenset(word for act in acts for word in FAMILIES.get(act, {act}))
    words = {token.text for token in _tokens(re.sub(r"\bnot (?:ok|okay|sure)\b", "not", plain))}
    if not 0 < len(tokens) <= SHORT or "?" in plain or words & YES or not _is_refused(plain, own, bool(acts)):
        return False
    return _is_all_known(tokens, _Allowed(words=OBJECTING_WORDS, names=_name_words(names)))


def is_bare_yes(text: str, names: Collection[str] = ()) -> bool:
    """Whether a reply says yes and nothing else, without the code."""
    plain = _plain(text)
    tokens = _tokens(plain)
    if not 0 < len(tokens) <= SHORT or _is_asked(plain) or _is_refused(plain, frozenset(), False):
        return False
    says_yes = any(token.text in AFFIRMATIONS for token in tokens) or "do it" in plain
    return says_yes and _is_all_known(tokens, _Allowed(names=_name_words(names)))


def _plain(text: str) -> str:
    """`text` in lower case, without hidden characters, with short forms and spelled numbers written out."""
    folded = unicodedata.normalize("NFKC", text.replace("\u2026", ". ")).lower()
    shown = "".join(letter for letter in folded if unicodedata.category(letter) != "Cf")
    plain = re.sub("[\u2018\u2019\u00b4`]", "'", shown).replace("\r", "\n")
    for pattern, full in SHORTENED:
        plain = re.sub(pattern, full, plain)
    for spelled in reversed(list(quantities(plain))):
        if spelled.is_spelled and spelled.value is not None:
            plain = f"{plain[: spelled.start]}{spelled.value:f}{plain[spelled.end :]}"
    return plain


def _is_refused(plain: str, own: Collection[str], has_acts: bool) -> bool:
    """Whether the text objects; where an act was read back, another act's word is unclear, and no objection."""
    flat = HARMLESS.sub(" ", " ".join(plain.split()))
    if NO.search(plain.replace("\n", " , ")):
        return True
    return any(not (match["act"] and (has_acts or match["act"] in own)) for match in OBJECTION.finditer(flat))


def _is_asked(plain: str) -> bool:
    said = re.sub(r"\b(?:this|that) is it\b", " ", plain.replace("\n", " , "))
    return "?" in plain or ASKS.search(" ".join(said.split())) is not None


def _tokens(plain: str) -> list[_Token]:
    tokens: list[_Token] = []
    starts = True
    for match in TOKEN.finditer(plain):
        kind = match.lastgroup or "other"
        if kind == "gap":
            starts = True
        elif kind != "blank":
            tokens.append(_Token(kind, match.group().strip(), starts))
            starts = False
    return tokens


def _is_all_known(tokens: list[_Token], allowed: _Allowed) -> bool:
    """Whether every word and figure may stand in such a reply."""
    at = 0
    while at < len(tokens):
        step = (
            _phrase(tokens, at)
            or _name(tokens, at, allowed.names)
            or (tokens[at].text in WORDS or tokens[at].text in allowed.words)
            or _contact(tokens, at)
            or _is_known_figure(tokens, at, allowed)
        )
        if not step:
            return False
        at += step
    return True


def _phrase(tokens: list[_Token], at: int) -> int:
    """How many words of the longest known phrase begin at `at`."""
    for length in range(min(LONGEST_PHRASE, len(tokens) - at), 0, -1):
        if tuple(token.text for token in tokens[at : at + length]) in PHRASES:
            return length
    return 0


def _name(tokens: list[_Token], at: int, names: Collection[str]) -> int:
    """How many words of a signature begin at `at`: registered names, their initials, titles."""
    if not (tokens[at].starts or tokens[at - 1].text in INTRODUCES_A_NAME):
        return 0
    initials = {name[0] for name in names}
    end = at
    while end < len(tokens) and (
        tokens[end].text in names
        or tokens[end].text in initials
        or tokens[end].text in TITLES
        or (tokens[end].text == "and" and end > at and end + 1 < len(tokens) and tokens[end + 1].text in names)
    ):
        end += 1
    run = [token.text for token in tokens[at:end]]
    is_name = any(word in names for word in run) or (any(word in initials for word in run) and "".join(run) != "no")
    return len(run) if is_name and _ends_there(tokens, end - 1) else 0


def _contact(tokens: list[_Token], at: int) -> int:
    """How many words of a telephone number or mail address begin at `at`."""
    named = tokens[at].text in CONTACTS and tokens[at].starts
    last = at + named
    is_one = last < len(tokens) and tokens[last].kind in ("email", "phone") and _ends_there(tokens, last)
    return last + 1 - at if is_one else 0


def _ends_there(tokens: list[_Token], at: int) -> bool:
    """Whether a line or clause ends behind `at`, or what follows is plain yes."""
    return at + 1 >= len(tokens) or tokens[at + 1].starts or tokens[at + 1].text in AFFIRMATIONS


def _is_known_figure(tokens: list[_Token], at: int, allowed: _Allowed) -> bool:
    """Whether a figure is one of those read back, and for the same thing."""
    kind, text, _ = tokens[at]
    following = tokens[at + 1].text if at + 1 < len(tokens) else ""
    preceding = {token.text for token in tokens[max(0, at - 3) : at]}
    if kind == "reference" or (kind == "number" and preceding & {"account", "acct", "ending"}):
        return text.upper().lstrip("X-") in allowed.references
    if kind != "number" or "and" in [token.text for token in tokens[max(0, at - 1) : at]]:
        return False
    digits = text.lstrip("$ ").replace(",", "")
    if digits[-2:] in ("st", "nd", "rd", "th"):
        return int(Decimal(digits[:-2])) in allowed.days
    value = Decimal(digits[:-1]) * 1000 if digits.endswith("k") else Decimal(digits)
    if text.startswith("$") or following in ("dollars", "dollar", "bucks", "usd"):
        return value in allowed.money
    if following in ("shares", "share", "shs", "sh"):
        return value in allowed.shares
    return value in allowed.money or value in allowed.shares or value in allowed.days or digits in allowed.references


def _is_only_received(tokens: list[_Token], plain: str) -> bool:
    """Whether it only tells that something came: a puzzled "I got this", or a machine's "we received it"."""
    words = {token.text for token in tokens}
    agrees = AFFIRMATIONS | {"here", "back"}
    return bool(words & {"got", "received", "found"}) and not words & agrees and "my code" not in plain


def _own_words(read_back: Slots, acts: frozenset[str]) -> frozenset[str]:
    """The acts and plain nouns of the one request read back, judged by its details where `acts` names no noun."""
    named = set(acts)
    regular = set(read_back.frequencies) - {"once"} or PaymentMethod.AUTOMATIC_DEDUCTION in read_back.payment_methods
    if not acts & NOUNS:
        if read_back.amounts and not read_back.shares and not set(read_back.frequencies) - {"once"}:
            named.add("purchase")
        if read_back.shares and not read_back.amounts:
            named.add("sale")
        if "cancel" in acts or read_back.order_ids:
            named.add("order")
        elif (acts & {"stop", "pause"} or regular) and not read_back.shares:
            named |= {"deduction"} if acts else {"deduction", "start"}
        elif not (acts or any(getattr(read_back, name) for name in ("amounts", "shares", "effective_dates"))):
            named |= {"enrollment", "balance"}
    return frozenset(("request",)).union(*(FAMILIES.get(name, {name}) for name in named))


def _allowed(read_back: Slots, own: frozenset[str], names: Collection[str]) -> _Allowed:
    """What may be repeated of the one request read back."""
    words = set(own)
    if PaymentMethod.CHECK in read_back.payment_methods:
        words |= {"check", "checks", "cheque", "pay", "paid", "payment"}
    if PaymentMethod.AUTOMATIC_DEDUCTION in read_back.payment_methods:
        words |= {"automatic", "automatically", "deduction", "bank", "pay", "paid", "payment"}
    for often in read_back.frequencies:
        words.update(FREQUENCIES.get(often, often).split())
    words.update(portion.value for portion in read_back.shares if isinstance(portion, Portion))
    for state in read_back.states:
        words.update((state.lower(), *STATE_NAMES.get(state, "").lower().split()))
    days = set(read_back.days_of_month)
    for written in read_back.effective_dates:
        year, month, day = (int(part) if part.isdigit() else 0 for part in f"{written}--".split("-")[:3])
        days |= {year, day} - {0}
        words.update(MONTHS[month - 1 : month] if month else [])
    return _Allowed(
        words=frozenset(words),
        names=_name_words(names),
        money=frozenset(amount.dollars for amount in read_back.amounts),
        shares=frozenset(share.count for share in read_back.shares if isinstance(share, Shares)),
        days=frozenset(days),
        references=_references((*read_back.accounts, *read_back.order_ids)),
    )


def _references(written: Iterable[str]) -> frozenset[str]:
    """Account numbers and order ids as they may be repeated: whole, digits alone, or the last four."""
    known = {one.upper() for one in written}
    digits = {re.sub(r"\D", "", one) for one in known if not re.search(r"[A-Z]-?\w*\d[A-Z]", one)}
    return frozenset(known | digits | {one[-4:] for one in digits if len(one) >= 4}) - {""}


def _name_words(names: Collection[str]) -> frozenset[str]:
    return frozenset(word for name in names for word in re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", _plain(name)))


def _says_more(said: Slots, read_back: Slots) -> bool:
    """Whether details were said that were not read back."""
    numbers = {amount.dollars for amount in said.amounts} & {
        share.count for share in said.shares if isinstance(share, Shares)
    }  # a bare number is read both ways; whether it was read back is seen where its words are
    new = replace(
        said,
        amounts=tuple(amount for amount in said.amounts if amount.dollars not in numbers),
        shares=tuple(share for share in said.shares if not isinstance(share, Shares) or share.count not in numbers),
        accounts=tuple(one for one in said.accounts if not _references((one,)) & _references(read_back.accounts)),
        order_ids=tuple(one for one in said.order_ids if one.upper() not in _references(read_back.order_ids)),
        effective_dates=tuple(
            one for one in said.effective_dates if not any(date.startswith(one) for date in read_back.effective_dates)
        ),
    )
    exempt = ("accounts", "order_ids", "effective_dates")
    return any(
        set(getattr(new, each.name)) - (set() if each.name in exempt else set(getattr(read_back, each.name)))
        for each in fields(Slots)
    )
