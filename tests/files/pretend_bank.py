"""A bank for tests and rehearsals: it answers debits with returns and notifications of change.

It writes its file column by column with formats of its own, and not with the
layouts of the program, so that the two can disagree.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from bot.files.nacha_debits import AccountType, Debit, NachaFile


@dataclass(frozen=True, slots=True)
class Returned:
    """The debit comes back."""

    reason: str
    died_on: date | None = None
    information: str = ""


@dataclass(frozen=True, slots=True)
class Changed:
    """The debit is posted, and the account is to be corrected. `corrected` as it stands in the file, 29 columns."""

    code: str
    corrected: str


Answer = Returned | Changed


@dataclass(frozen=True, slots=True)
class PretendBank:
    """A bank that was sent a file and answers some of its debits."""

    sent: NachaFile
    line_end: str = "\n"
    sums: Mapping[str, int] = field(default_factory=dict)
    """What its file says wrongly: any of records, hash, debit, blocks."""

    def answers(self, answers: Mapping[str, Answer], made: datetime) -> bytes:
        """The file of the day: each answer, by the trace number of its debit. Without any it has no batch."""
        debits = {debit.trace: debit for debit in self.sent.debits}
        lines = [self._file_header(made)]
        totals = [0, 0, 0]
        for number, (trace, answer) in enumerate(answers.items(), start=1):
            batch, hashed, cents = self._batch(number, debits[trace], answer)
            lines += batch
            totals = [totals[0] + 2, totals[1] + hashed, totals[2] + cents]
        return self._ended(lines, len(answers), totals)

    def _file_header(self, made: datetime) -> str:
        by = self.sent.originator
        names = f"{by.origin_name:<23}{by.bank_name:<23}"
        return f"101 {by.bank_routing:>9}{by.origin:>10}{made:%y%m%d%H%M}0094101{names}{'':8}"

    def _batch(self, number: int, debit: Debit, answer: Answer) -> tuple[list[str], int, int]:
        """A batch of one, as banks send them: its lines, the digits for the hash, and its cents."""
        by = self.sent.originator
        odfi = by.bank_routing[:8]
        own_trace = f"{debit.routing[:8]}{number:07}"
        cents = debit.amount.cents if isinstance(answer, Returned) else 0
        code = "26" if debit.account_type is AccountType.CHECKING else "36"
        kind = "PPD" if isinstance(answer, Returned) else "COR"
        return (
            [
                f"5200{by.company_name:<16}{'':20}{by.company_id:<10}{kind}{by.description:<10}{'':6}"
                f"{self.sent.effective:%y%m%d}3211{odfi}{number:07}",
                f"6{code}{by.bank_routing}{debit.account:<17}{cents:010}{debit.reference:<15}"
                f"{debit.name:<22}  1{own_trace}",
                self._addenda(debit, answer, own_trace),
                f"8200{2:06}{int(odfi):010}{cents:012}{0:012}{by.company_id:<10}{'':25}{odfi}{number:07}",
            ],
            int(odfi),
            cents,
        )

    def _addenda(self, debit: Debit, answer: Answer, own_trace: str) -> str:
        bank = debit.routing[:8]
        match answer:
            case Returned():
                died = f"{answer.died_on:%y%m%d}" if answer.died_on else ""
                return f"799{answer.reason}{debit.trace}{died:<6}{bank}{answer.information:<44}{own_trace}"
            case Changed():
                return f"798{answer.code}{debit.trace}{'':6}{bank}{answer.corrected:<29}{'':15}{own_trace}"

    def _ended(self, lines: Sequence[str], batches: int, totals: Sequence[int]) -> bytes:
        records, hashed, cents = totals
        blocks = -(-(len(lines) + 1) // 10)
        said = {"records": records, "hash": hashed, "debit": cents, "blocks": blocks} | dict(self.sums)
        control = (
            f"9{batches:06}{said['blocks']:06}{said['records']:08}{said['hash'] % 10**10:010}"
            f"{said['debit']:012}{0:012}{'':39}"
        )
        whole = [*lines, control]
        whole += ["9" * 94] * (-len(whole) % 10)
        return "".join(line + self.line_end for line in whole).encode("ascii")
