"""The ACH file that asks the bank to collect automatic deductions, in NACHA form. PLAN.md, files exchanged.

Class PPD, debits alone (service class 225), blocked in tens, lines ended by
CR LF. Debits that are presented again stand in a batch of their own with the
description that the network's rules ask for. The same debits make the same
bytes, so that a file that was lost is made again and not made up. Nothing is
written unless every debit is in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime

from bot.files.nacha_debits import ENTRY_CLASS, RETRY_DESCRIPTION, SERVICE_CLASS_DEBITS, Debit, Originator
from bot.files.nacha_names import ach_name
from bot.files.nacha_records import (
    BATCH_CONTROL,
    BATCH_HEADER,
    BLOCKING_FACTOR,
    ENTRY,
    FAULTS_SHOWN,
    FILE_CONTROL,
    FILE_HEADER,
    FILL,
    Tally,
)
from bot.files.nacha_rules import Complaint, complaints

LINE_END = "\r\n"
ORIGINATOR_STATUS = "1"
"""The originator is a company whose bank is bound by the network's rules."""


class UnsendableDebits(ValueError):
    """The ACH file is not written: each fault names the debit and what is wanted. Correct them and make it again."""

    def __init__(self, faults: Sequence[str]) -> None:
        shown = list(faults[:FAULTS_SHOWN])
        if len(faults) > FAULTS_SHOWN:
            shown.append(f"and {len(faults) - FAULTS_SHOWN} more faults")
        super().__init__("\n".join(shown))
        self.faults = tuple(faults)


def nacha_file(
    originator: Originator, debits: Sequence[Debit], effective: date, created: datetime, modifier: str
) -> bytes:
    """The debit file, whole. UnsendableDebits lists every fault of every debit; see `nacha_lines` for the rest."""
    return b"".join(nacha_lines(originator, debits, effective, created, modifier))


def nacha_lines(
    originator: Originator, debits: Sequence[Debit], effective: date, created: datetime, modifier: str
) -> Iterator[bytes]:
    """The debit file, line by line, each with its end, so that a large file needs no memory of its own.

    The debits stand in the order of their trace numbers, which they must have.
    `effective` is the banking day on which the money is to move, `created` the wall-clock
    time of the plan's time zone (its minutes count), `modifier` tells files of
    one day apart. All is checked before the first line: UnsendableDebits.
    """
    faults = [_sentence(each, debits) for each in complaints(originator, debits, effective, created, modifier)]
    if faults:
        raise UnsendableDebits(faults)
    return _lines(originator, debits, effective, created, modifier)


def _sentence(complaint: Complaint, debits: Sequence[Debit]) -> str:
    what = complaint.field.replace("_", " ")
    if complaint.debit is None:
        return f"{what} of the file: {complaint.wanted}"
    debit = debits[complaint.debit]
    which = f"debit {complaint.debit + 1} (trace {debit.trace!r}, reference {debit.reference!r})"
    return f"{which}, {what}: {complaint.wanted}"


def _lines(
    originator: Originator, debits: Sequence[Debit], effective: date, created: datetime, modifier: str
) -> Iterator[bytes]:
    count = 0
    for line in _records(originator, debits, effective, created, modifier):
        count += 1
        yield _ended(line)
    for _ in range(-count % BLOCKING_FACTOR):
        yield _ended(FILL)


def _ended(line: str) -> bytes:
    return (line + LINE_END).encode("ascii")


def _records(
    originator: Originator, debits: Sequence[Debit], effective: date, created: datetime, modifier: str
) -> Iterator[str]:
    yield FILE_HEADER.line(
        {
            "destination": originator.bank_routing,
            "origin": originator.origin,
            "created_on": f"{created:%y%m%d}",
            "created_at": f"{created:%H%M}",
            "modifier": modifier,
            "destination_name": originator.bank_name,
            "origin_name": originator.origin_name,
        }
    )
    whole, batch = Tally(), 0
    for is_retry in (False, True):
        if any(debit.is_retry is is_retry for debit in debits):
            batch += 1
            description = RETRY_DESCRIPTION if is_retry else originator.description
            chosen = (debit for debit in debits if debit.is_retry is is_retry)
            yield from _batch(originator, chosen, description, effective, batch, whole)
    records = whole.records + 2 * batch + 2
    blocks = -(-records // BLOCKING_FACTOR)
    yield FILE_CONTROL.line({"batches": str(batch), "blocks": str(blocks), **whole.values()})


def _batch(
    originator: Originator, debits: Iterator[Debit], description: str, effective: date, number: int, whole: Tally
) -> Iterator[str]:
    """The records of one batch; counts its entries into `whole` too."""
    both = {
        "service_class": SERVICE_CLASS_DEBITS,
        "company_id": originator.company_id,
        "odfi": originator.bank_routing[:8],
        "batch": str(number),
    }
    yield BATCH_HEADER.line(
        {
            **both,
            "company_name": originator.company_name,
            "entry_class": ENTRY_CLASS,
            "description": description,
            "effective": f"{effective:%y%m%d}",
            "status": ORIGINATOR_STATUS,
        }
    )
    tally = Tally()
    for debit in debits:
        tally.add(debit.routing, debit.amount.cents, is_debit=True)
        yield _entry(debit)
    whole.add_all(tally)
    yield BATCH_CONTROL.line({**both, **tally.values()})


def _entry(debit: Debit) -> str:
    return ENTRY.line(
        {
            "transaction": debit.transaction,
            "routing": debit.routing,
            "account": debit.account,
            "amount": str(debit.amount.cents),
            "reference": debit.reference,
            "name": ach_name(debit.name),
            "addenda": "0",
            "trace": debit.trace,
        }
    )
