"""What follows when a letter of ours comes back: it is sent again, or staff hear of it and the address is held.

Which letter came back is told by the keyed address that the report came to, which only the letter's way could learn.
What the report says is a claim, and the weaker reading of it counts: a mailbox that is full is no wrong address.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from bot.mail.bounces import BounceReport
from bot.mail.delivery_status import RecipientReport
from bot.mail.status_codes import Kind
from bot.refer import Desk
from handlers.contract import Referral
from handlers.plan.accounts import Hold
from storage.audit import PROGRAM, AuditKind
from storage.messages import InboundMessage, MessageState
from storage.outbox import OutboxMessage
from storage.store import Transaction

FIRST_WAIT = timedelta(hours=4)
"""Before a letter that came back for a passing cause is sent again; then twice as long, and so on."""
RETURNS_AT_MOST = 3
"""How often a letter is sent again after it came back."""

_STILL_TRIED = "delayed"
_DELIVERED = frozenset({Kind.DELIVERED, Kind.RELAYED})
_PASSING = frozenset({Kind.SOFT, Kind.UNKNOWN})


class Returned:
    """Decides on letters that came back."""

    def __init__(self, desk: Desk, ir_address: str) -> None:
        self._desk = desk
        self._ir_address = ir_address

    def take(
        self, tx: Transaction, message: InboundMessage, letter_id: str, report: BounceReport | None, now: datetime
    ) -> tuple[MessageState, str]:
        """Do what a report on the letter `letter_id` leads to; the state of the report itself, and why."""
        letter = tx.outbox.get(letter_id)
        if letter is None or report is None:
            return MessageState.IGNORED, "automatic"
        kind = report.kind_for(letter.recipient)
        one = _of(report, letter.recipient)
        detail = " ".join(filter(None, ("came back:", one.code, one.diagnostic)))
        about = f"letter {letter.id}: {kind.value}"
        if kind in _DELIVERED or one.action == _STILL_TRIED:
            return MessageState.IGNORED, f"report on {about}"
        if kind in _PASSING:
            wait = FIRST_WAIT * 2 ** min(tx.returned_letters.returns_of(letter.id), RETURNS_AT_MOST)
            if tx.returned_letters.send_again(letter.id, detail, now + wait, RETURNS_AT_MOST):
                return MessageState.IGNORED, f"bounce of {about}, it is sent again"
        if not tx.returned_letters.give_up(letter.id, detail, now):
            return MessageState.IGNORED, f"bounce of {about}, known already"
        if kind is Kind.HARD:
            self._distrust(tx, letter, now)
        self._tell_staff(tx, message, letter, detail, now)
        return MessageState.ESCALATED, f"bounce of {about}"

    def _distrust(self, tx: Transaction, letter: OutboxMessage, now: datetime) -> None:
        """Take nothing more from an address where nobody gets our letters, until a person has looked."""
        for registration in tx.registrations.of_email(letter.recipient):
            cause = f"bounce:{letter.id}"
            tx.reported_holds.report(registration.id, Hold.MAIL_RETURNED, cause, now)
            facts = {"hold": Hold.MAIL_RETURNED, "cause": cause}
            tx.audit.note(PROGRAM, AuditKind.HOLD_SET, f"registration:{registration.id}", facts, now)

    def _tell_staff(
        self, tx: Transaction, message: InboundMessage, letter: OutboxMessage, detail: str, now: datetime
    ) -> None:
        self._desk.open(
            tx,
            message,
            Referral.MAIL_RETURNED,
            conversation_id=letter.conversation_id,
            understood={"letter": letter.id, "kind": letter.kind, "recipient": letter.recipient, "said": detail},
            draft="",
            at_risk=False,
            now=now,
            # A notice about a notice that came back would come back, too.
            notify=letter.recipient.lower() != self._ir_address.lower(),
        )


def _of(report: BounceReport, recipient: str) -> RecipientReport:
    """What is said of the recipient; of the first one, where ours is not named."""
    named = (one for one in report.recipients if recipient.lower() in (one.address, one.original_address))
    return next(named, report.recipients[0])
