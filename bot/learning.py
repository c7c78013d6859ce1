"""Learning from staff: what they say a message asked, judged by a second person, becomes an example.

The message's own words stay in the store. Nothing here trains; `dspp train`
asks for the accepted ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.language.examples import HELD_OUT, STAFF, Example, read_rows, row_of
from bot.language.likeness import near
from bot.language.slot_forms import WANTED, malformed
from bot.language.specimen import in_label_words
from bot.reading import own_words
from bot.request_json import request_from_json
from bot.settings import Settings
from handlers.registry import handler_for
from storage.corrections import Correction, CorrectionState, are_kept
from storage.ids import new_id
from storage.messages import InboundMessage
from storage.store import Store, Transaction, database_is_there, open_engine


class BadLabels(ValueError):
    """What staff say of a message is not in the vocabulary of labels. Say it in the words that are named."""


class CannotLearn(ValueError):
    """This correction cannot be kept, or cannot be decided so, or not by this person. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Labels:
    """What staff say a message asks. BadLabels if it is not in the vocabulary."""

    intents: tuple[str, ...]
    action: str
    slots: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        try:
            row_of({"id": "", "body": "", "intents": self.intents, "action": self.action, "slots": self.slots})
        except (ValueError, TypeError) as fault:
            raise BadLabels(str(fault)) from None
        if len({*self.intents}) != len(self.intents):
            raise BadLabels("an intent is named twice; name each once, in order of appearance")
        for name, value in malformed(self.slots):
            raise BadLabels(f"{name} is {value!r}, but {WANTED[name]} is wanted")


def labels_of(intents: Sequence[str], action: str, slots: Sequence[str]) -> Labels:
    """The labels, with slots as NAME=VALUE, one for each value in order of appearance. BadLabels."""
    values: dict[str, tuple[str, ...]] = {}
    for written in slots:
        name, equals, value = written.partition("=")
        if not equals or not value.strip():
            raise BadLabels(f"{written!r}: NAME=VALUE is wanted, for instance amount_usd=500.00")
        values[name.strip()] = (*values.get(name.strip(), ()), value.strip())
    return Labels(tuple(intents), action, values)


def correct(
    tx: Transaction, message: InboundMessage, labels: Labels, *, by: str, note: str, now: datetime
) -> Correction:
    """Keep what staff say of `message`, in place of what waits for it already. CannotLearn if it has no words."""
    subject, live = own_words(message.raw)
    if not live.strip() and not subject.strip():
        raise CannotLearn(f"message {message.id} has no words of its sender's own; there is nothing to learn from")
    decision = message.decision or {}
    read: Mapping[str, object] = decision.get("read", {})  # type: ignore[assignment]  # our own JSON
    return tx.corrections.keep(
        Correction(
            id=new_id(now),
            message_id=message.id,
            state=CorrectionState.PENDING,
            corrected_at=now,
            corrected_by=by,
            note=note,
            subject=subject,
            live=live,
            intents=labels.intents,
            action=labels.action,
            slots=labels.slots,
            was_read=_was_read(decision),
            model=str(read.get("model", "")),
        )
    )


def _was_read(decision: Mapping[str, object]) -> tuple[Mapping[str, object], ...]:
    """What the model had read, in the words of the labels."""
    decided: Sequence[Mapping[str, Mapping[str, object]]] = decision.get("decided", ())  # type: ignore[assignment]  # our own JSON
    found = []
    for one in decided:
        request = request_from_json(one["request"])
        label = handler_for(request.intent).label or str(request.intent)
        found.append({"intent": label, "slots": dict(in_label_words([request])), "kind": one["outcome"]["kind"]})
    return tuple(found)


def judge(tx: Transaction, correction_id: str, *, accept: bool, by: str, now: datetime) -> Correction:
    """Accept a correction into training, or reject it, and give it as it was. CannotLearn says why not."""
    found = tx.corrections.get(correction_id)
    if found is None:
        raise CannotLearn(f"there is no correction {correction_id}; see dspp examples list")
    if _same_person(found.corrected_by, by):
        raise CannotLearn(f"{found.corrected_by} corrected it; another person must review it")
    if accept and (twins := near([example_of(found)], read_rows(HELD_OUT / "test.jsonl"))):
        raise CannotLearn(
            f"it says nearly the words of {twins[0][1]} in the frozen test, which must stay unseen; reject it"
        )
    state = CorrectionState.ACCEPTED if accept else CorrectionState.REJECTED
    if not tx.corrections.decide(correction_id, state, by, now):
        raise CannotLearn(f"correction {correction_id} does not wait any more; see dspp examples list")
    return found


def _same_person(one: str, other: str) -> bool:
    return " ".join(one.casefold().split()) == " ".join(other.casefold().split())


def example_of(correction: Correction) -> Example:
    """The example that a correction makes."""
    has_text = bool(correction.live.strip())
    return Example(
        id=f"{STAFF}-{correction.id}",
        author=STAFF,
        channel="email",
        subject=correction.subject if has_text else "",
        body=correction.live if has_text else correction.subject,
        intents=correction.intents,
        action=correction.action,
        slots=correction.slots,
    )


def accepted_examples(settings: Settings) -> tuple[Example, ...]:
    """The examples that staff gave and accepted; none where there is no database yet, or it was never migrated.

    StoreUnavailable if there is one and it does not answer: a model must not
    lose in silence what staff taught.
    """
    engine = open_engine(settings.database)
    try:
        if not database_is_there(engine) or not are_kept(engine):
            return ()
        with Store(engine).reading() as tx:
            return tuple(example_of(one) for one in tx.corrections.in_state(CorrectionState.ACCEPTED))
    finally:
        engine.dispose()
