"""Reads back a debit file of ours, before it leaves or when it is asked what a file said.

It accepts what `bot/files/nacha.py` writes and nothing else: when all that the
file says was understood it is written again, and every column that differs
is a fault. Amounts and routing numbers are held by the file's own totals; what no
total holds (an account number, a name) can be trusted only as far as the
file can: compare what is read with what was to be sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.files.nacha import LINE_END, nacha_lines
from bot.files.nacha_debits import (
    ENTRY_CLASS,
    RETRY_DESCRIPTION,
    SERVICE_CLASS_DEBITS,
    TRANSACTIONS,
    Debit,
    NachaFile,
    Originator,
)
from bot.files.nacha_frame import Batch, Frame, read_frame
from bot.files.nacha_records import BATCH_HEADER, FILE_HEADER, RECORD_LENGTH, Faults, Record
from bot.files.nacha_rules import complaints
from handlers.plan.money import Money

_KIND_OF = {code: kind for kind, code in TRANSACTIONS.items()}
_SAME_IN_EACH_BATCH: Mapping[str, str] = {"service_class": SERVICE_CLASS_DEBITS, "entry_class": ENTRY_CLASS}

NOT_OURS = "this service does not write it so; send the file that it wrote"


def read_nacha(content: bytes) -> NachaFile:
    """What a debit file of ours says. BadNachaFile lists, by line and columns, all that is wrong with it."""
    frame, faults = read_frame(content), Faults()
    if not frame.batches:
        frame.control.fault(faults, "batches", "there is no batch; a debit file holds at least one entry")
        faults.check()
    for batch in frame.batches:
        for name, wanted in _SAME_IN_EACH_BATCH.items():
            if batch.header[name] != wanted:
                batch.header.fault(faults, name, f"{wanted} is wanted; {NOT_OURS}")
    effective = _moment(frame.batches[0].header, ("effective",), "%y%m%d", faults)
    created = _moment(frame.header, ("created_on", "created_at"), "%y%m%d%H%M", faults)
    rows = _rows(frame, faults)
    faults.check()
    rows.sort(key=lambda row: row[0].trace)
    file = NachaFile(
        _originator(frame), tuple(debit for debit, _ in rows), effective.date(), created, frame.header["modifier"]
    )
    _check_rules(file, frame, [record for _, record in rows], faults)
    faults.check()
    _check_columns(file, content, faults)
    faults.check()
    return file


def _moment(record: Record, names: Sequence[str], form: str, faults: Faults) -> datetime:
    """The moment that stands in these fields, in this century; a fault is noted if none does."""
    text = "".join(record[name] for name in names)
    try:
        if len(text) != 2 * form.count("%") or not (text.isascii() and text.isdigit()):
            raise ValueError(text)
        return datetime.strptime("20" + text, "%Y" + form.removeprefix("%y"))
    except ValueError:
        record.fault(faults, names[0], f"a day and time such as 031121 and 0930 is wanted; {NOT_OURS}")
        return datetime.min


def _originator(frame: Frame) -> Originator:
    first = frame.batches[0].header
    said = [batch.header["description"] for batch in frame.batches]
    return Originator(
        bank_routing=frame.header["destination"],
        bank_name=frame.header["destination_name"],
        origin=frame.header["origin"],
        origin_name=frame.header["origin_name"],
        company_name=first["company_name"],
        company_id=first["company_id"],
        description=next((text for text in said if text != RETRY_DESCRIPTION), RETRY_DESCRIPTION),
    )


def _rows(frame: Frame, faults: Faults) -> list[tuple[Debit, Record]]:
    rows = []
    for batch in frame.batches:
        for entry in batch.entries:
            if entry.addenda:
                entry.detail.fault(faults, "addenda", f"a debit with addenda; {NOT_OURS}")
            elif entry.detail["transaction"] not in _KIND_OF:
                wanted = ", ".join(sorted(_KIND_OF))
                entry.detail.fault(faults, "transaction", f"one of {wanted} is wanted; {NOT_OURS}")
            else:
                rows.append((_debit(entry.detail, batch), entry.detail))
    return rows


def _debit(record: Record, batch: Batch) -> Debit:
    account_type, is_prenote = _KIND_OF[record["transaction"]]
    return Debit(
        trace=record["trace"],
        routing=record["routing"],
        account=record["account"],
        account_type=account_type,
        amount=Money.from_cents(record.number("amount")),
        reference=record["reference"],
        name=record["name"],
        is_prenote=is_prenote,
        is_retry=batch.header["description"] == RETRY_DESCRIPTION,
    )


def _check_rules(file: NachaFile, frame: Frame, records: Sequence[Record], faults: Faults) -> None:
    """The rules that the writer obeys, said with the line and columns of the record that breaks one."""
    for each in complaints(file.originator, file.debits, file.effective, file.created, file.modifier):
        if each.debit is not None:
            record = records[each.debit]
        elif each.field in FILE_HEADER.by_name:
            record = frame.header
        elif each.field in BATCH_HEADER.by_name:
            record = frame.batches[0].header
        else:
            record = frame.control
        record.fault(faults, each.field, f"{each.wanted}; {NOT_OURS}")


def _check_columns(file: NachaFile, content: bytes, faults: Faults) -> None:
    """That the file is, column by column, the one we would write."""
    wanted = nacha_lines(file.originator, file.debits, file.effective, file.created, file.modifier)
    plain = content.decode("ascii").replace(LINE_END, "\n")
    step = RECORD_LENGTH + ("\n" in plain)
    for number, line in enumerate(wanted):
        ours = line.decode("ascii").removesuffix(LINE_END)
        theirs = plain[number * step : number * step + RECORD_LENGTH].ljust(RECORD_LENGTH)
        if ours != theirs:
            differ = [column for column in range(RECORD_LENGTH) if ours[column] != theirs[column]]
            faults.add(number + 1, differ[0] + 1, differ[-1] + 1, f"something else is wanted; {NOT_OURS}")
