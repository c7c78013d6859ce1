"""The whole boundary between the shell and the core.

A **Request** (what a sender asks, from live text only) and a **Snapshot**
(what the plan knows of them now) go in; an **Outcome** comes out. Handlers
know neither the channel nor the clock nor the store.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import Enum, IntEnum, auto
from typing import NewType

from handlers.plan.accounts import Registration
from handlers.plan.calendar import TradingCalendar
from handlers.plan.money import Money, Shares
from handlers.plan.orders import Order, PaymentMethod, Portion
from handlers.plan.refusals import Refusal
from handlers.plan.states import StateList
from handlers.plan.terms import PlanBook, PlanTerms

Intent = NewType("Intent", str)
"""A label such as "buy". The set of intents is whatever handler modules exist."""


class Assurance(IntEnum):
    """How surely a sender is who they say. Higher includes lower."""

    ANONYMOUS = 0
    """Anything else: a From header alone is no identity."""
    ALIGNED = 1
    """Mail whose domain vouches for it, from exactly one registered holder."""
    CONFIRMED = 2
    """A single-use code went to the registered address and came back."""
    OUT_OF_BAND = 3
    """CONFIRMED, and a factor outside the mailbox."""
    STAFF = 4
    """Two people of Investor Relations approved."""


class Caution(Enum):
    """Why a request, though understood, must not be carried out as it stands. Most serious first."""

    DECEASED = auto()
    """A holder has died."""
    THIRD_PARTY = auto()
    """It is about somebody else's account, or somebody else's money."""
    CONDITIONAL = auto()
    """It depends on a price, an event or somebody's judgment."""
    NEGATED = auto()
    """It says what is not to be done."""
    HYPOTHETICAL = auto()
    """It supposes; it does not ask."""
    PAST = auto()
    """It tells what was done before."""
    QUOTED = auto()
    """The order stands only in quoted text."""
    CORRECTION = auto()
    """It corrects an order already sent; it must never add to it."""
    DISAGREEMENT = auto()
    """Two parts of the message ask for things that cannot both be meant."""
    UNLIKELY = auto()
    """It reads less like an order than like something else, though no word of it says why."""


@dataclass(frozen=True, slots=True)
class Slots:
    """The details of a request, each in order of appearance; several where the sender gave several."""

    amounts: tuple[Money, ...] = ()
    shares: tuple[Shares | Portion, ...] = ()
    states: tuple[str, ...] = ()
    """USPS codes."""
    accounts: tuple[str, ...] = ()
    """Account numbers as written."""
    order_ids: tuple[str, ...] = ()
    payment_methods: tuple[PaymentMethod, ...] = ()
    frequencies: tuple[str, ...] = ()
    """"monthly", "quarterly", "once" and the like."""
    days_of_month: tuple[int, ...] = ()
    effective_dates: tuple[str, ...] = ()
    """ISO dates, missing parts left off."""


@dataclass(frozen=True, slots=True)
class Span:
    """Where in the live text a slot was read."""

    slot: str
    start: int
    end: int
    text: str


@dataclass(frozen=True, slots=True)
class Request:
    """What one sender asks, free of the channel it came by."""

    intent: Intent
    slots: Slots = Slots()
    topics: frozenset[str] = frozenset()
    """Finer subjects within the intent: "prospectus", "pause", "card". Each handler names those it knows."""
    cautions: frozenset[Caution] = frozenset()
    confidence: Decimal = Decimal(1)
    spans: tuple[Span, ...] = ()


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the plan knows now. Money and orders are those of the sender's taxpayer, over all registrations."""

    now: datetime
    today: date
    """The day it is in the plan's timezone."""
    book: PlanBook
    calendar: TradingCalendar
    states: StateList
    registrations: tuple[Registration, ...] = ()
    """The sender's own; empty for somebody unknown."""
    orders: tuple[Order, ...] = ()
    """Open and recent orders, newest first."""

    @property
    def terms(self) -> PlanTerms:
        """The terms in force today."""
        return self.book.on(self.today)


@dataclass(frozen=True, slots=True)
class OpenAccount:
    """Enrol a registration; the holder acknowledges this prospectus version."""

    registration_id: str
    prospectus_version: str


@dataclass(frozen=True, slots=True)
class RecordAcknowledgement:
    """The holder acknowledges a prospectus version."""

    registration_id: str
    prospectus_version: str


@dataclass(frozen=True, slots=True)
class AcceptPurchase:
    """Take a purchase order for a purchase date."""

    registration_id: str
    amount: Money
    payment_method: PaymentMethod
    purchase_date: date
    cut_off: datetime


@dataclass(frozen=True, slots=True)
class AcceptSale:
    """Take a sale order for a purchase date; `portion` says that "all" or "half" was asked for."""

    registration_id: str
    shares: Shares
    portion: Portion | None
    purchase_date: date
    cut_off: datetime


@dataclass(frozen=True, slots=True)
class CancelOrder:
    """Cancel an open order."""

    order_id: str


class DeductionChange(Enum):
    """What is asked of a monthly deduction."""

    START = "start"
    CHANGE = "change"
    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class ChangeDeduction:
    """Start, change, pause, resume or stop the monthly deduction; `amount` where it is started or changed."""

    registration_id: str
    change: DeductionChange
    amount: Money | None


@dataclass(frozen=True, slots=True)
class RequestTermination:
    """Close the account in the plan; the deduction stops and these open purchases are cancelled with it."""

    registration_id: str
    cancels: tuple[str, ...] = ()
    ends_deduction: bool = False


@dataclass(frozen=True, slots=True)
class ReportDeath:
    """A message from this registered address says that a holder has died: freeze all that stands behind the address.

    Every registration with the address goes on hold, its deduction pauses, and
    what waits for a code there is dropped. OC, "Death".
    """

    address: str


Effect = (
    OpenAccount
    | RecordAcknowledgement
    | AcceptPurchase
    | AcceptSale
    | CancelOrder
    | ChangeDeduction
    | RequestTermination
    | ReportDeath
)


class Referral(Enum):
    """Why a person decides. Most serious first."""

    DEATH = "a holder has died"
    THIRD_PARTY = "it concerns somebody else's account"
    COMPLAINT = "a complaint"
    DISOWNED = "the sender did not give an order that stands"
    BANK_CHANGE = "a change of bank"
    NON_US = "the holder lives outside the United States"
    STATE_UNKNOWN = "the status of the state is not known"
    REGISTRATION_KIND = "a trust, retirement account or entity"
    JOINT_OWNERS = "all joint owners must confirm"
    ASKED_FOR_A_PERSON = "the sender asked for a person"
    PAPER_COPY = "documents are to be mailed on paper"
    UNDISCLOSED_FACTS = "a question on undisclosed facts"
    NO_SECOND_FACTOR = "the holder has no PIN for what was asked"
    MAIL_RETURNED = "a letter of ours came back"
    TO_POSTMASTER = "it was written to the postmaster or the abuse desk"
    FLOOD = "too many messages in a short time"
    NOT_UNDERSTOOD = "the message was not understood"
    TOO_LONG = "the message is too long to be read"
    UNREADABLE = "the message could not be read"
    FAILED = "the message could not be processed"


@dataclass(frozen=True, slots=True)
class Completed:
    """It is done once `effects` are stored; without effects it is an answer."""

    effects: tuple[Effect, ...] = ()
    reply: Mapping[str, object] = field(default_factory=dict)
    """What the template needs."""
    personal: bool = False
    """Whether the reply tells something of the sender's account."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The plan says no: every reason, most serious first."""

    refusals: tuple[Refusal, ...]
    reply: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NeedsInfo:
    """A fact is missing or ambiguous; the names of what to ask for."""

    missing: tuple[str, ...]
    reply: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Referred:
    """A person decides. `effects` protect the holder meanwhile; they are stored at once and need no code."""

    reason: Referral
    reply: Mapping[str, object] = field(default_factory=dict)
    effects: tuple[ReportDeath, ...] = ()


@dataclass(frozen=True, slots=True)
class Ignored:
    """Nothing to say; recorded, not answered."""

    reason: str


Outcome = Completed | Refused | NeedsInfo | Referred | Ignored


@dataclass(frozen=True, slots=True)
class Handler:
    """One intent: what it requires of the sender and how it decides."""

    intent: Intent
    decide: Callable[[Request, Snapshot], Outcome]
    requires: Assurance = Assurance.ANONYMOUS
    """What carrying it out, or telling its figures, needs."""
    label: str = ""
    """The word of the label vocabulary, where the intent is a special case of one; else the intent itself."""
    demands: Callable[[Completed, Snapshot], Assurance] | None = None
    """What carrying out one outcome needs, where that depends on it: a large purchase more than a small one."""
    consequential: bool = False
    """Whether a request moves money or shares or the account, so that every caution stops it."""
    title: str = ""
    """What it is called in a letter, in the sender's terms: "a purchase". Used where a letter asks which is meant."""

    def required(self, outcome: Outcome, snapshot: Snapshot) -> Assurance:
        """How surely the sender must be known for `outcome` to be carried out or told."""
        if self.demands is not None and isinstance(outcome, Completed):
            return self.demands(outcome, snapshot)
        return self.requires
