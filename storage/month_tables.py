"""The tables of the month: cycles, closes, payments, what was allotted and sold, files sent, and the audit record."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from storage.columns import Cents, DollarsAShare, Instant, ShareUnits
from storage.tables import metadata

cycles = Table(
    "cycles",
    metadata,
    Column("id", String(7), primary_key=True, comment="the month of the nominal purchase date: 2003-11"),
    Column("nominal_date", Date, nullable=False),
    Column("purchase_date", Date, nullable=False),
    Column("pricing_days", JSON, nullable=False),
    Column("cut_off", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("price", DollarsAShare),
    Column("available", ShareUnits, comment="shares left of the aggregate limit when the trial was made"),
    Column("demanded", ShareUnits, comment="shares that the accepted dollars would buy"),
    Column("accepted", Cents),
    Column("trial_digest", String(64), comment="of everything the trial rests on; approvals name it"),
    Column("settled_to", String(16), nullable=False, server_default="", comment="the last order that was allotted"),
    Column("changed_at", Instant, nullable=False),
    comment="one purchase a month, step by step",
)

cycle_acts = Table(
    "cycle_acts",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("step", String(16), nullable=False),
    Column("by", String(128), nullable=False, comment="a person, or the program itself"),
    Column("at", Instant, nullable=False),
    Column("digest", String(64), nullable=False, server_default="", comment="what an approval approved"),
    Column("detail", JSON, nullable=False),
    Index("ix_cycle_acts_cycle", "cycle_id", "at"),
    comment="what was done to a cycle, by whom; append-only",
)

close_entries = Table(
    "close_entries",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("day", Date, nullable=False),
    Column("price", DollarsAShare, nullable=False),
    Column("source", String(8), nullable=False, comment="a file or a person"),
    Column("entered_by", String(256), nullable=False, comment="the file's name and number, or the person's"),
    Column("entered_at", Instant, nullable=False),
    Column("read_from", Text, nullable=False, comment="where a person took it from; what the file names"),
    Index("ix_close_entries_day", "day"),
    comment="closes as they were entered; which of them stand follows from the rules",
)

payments = Table(
    "payments",
    metadata,
    Column("id", String(26), primary_key=True, comment="follows from its cause"),
    Column("cause", String(160), nullable=False),
    Column("kind", String(8), nullable=False, comment="CHECK or DEBIT"),
    Column("registration_id", ForeignKey("registrations.id")),
    Column("order_id", ForeignKey("purchase_orders.id")),
    Column("amount", Cents, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("purchase_date", Date, nullable=False, comment="of the month it counts for"),
    Column("good_on", Date, nullable=False),
    Column("return_risk_until", Date, nullable=False),
    Column("state", String(16), nullable=False),
    Column("reason", String(48), nullable=False, server_default="", comment="why it is held, unmatched or returned"),
    Column("instrument", String(64), nullable=False, comment="check number, or trace number of the debit"),
    Column("payer", Text, nullable=False, server_default=""),
    Column("file", String(64), nullable=False, comment="digest of the file that told of it"),
    Column("returned_on", Date),
    Column("changed_at", Instant, nullable=False),
    UniqueConstraint("cause"),
    Index("ix_payments_state", "state", "purchase_date"),
    Index("ix_payments_registration", "registration_id"),
    Index("ix_payments_order", "order_id"),
    comment="money that came in, check by check and debit by debit",
)

ach_entries = Table(
    "ach_entries",
    metadata,
    Column("trace", String(15), primary_key=True),
    Column("file_sequence", Integer, nullable=False),
    Column("kind", String(8), nullable=False, comment="PRENOTE or DEBIT"),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("order_id", ForeignKey("purchase_orders.id")),
    Column("amount", Cents, nullable=False),
    Column("effective_on", Date, nullable=False),
    Column("presented", Integer, nullable=False, server_default="1", comment="how often this debit went to the bank"),
    Column("code", String(3), nullable=False, server_default="", comment="return code, if it came back"),
    Column("returned_on", Date),
    Index("ix_ach_entries_order", "order_id"),
    comment="debits and prenotes sent to the bank",
)

acceptances = Table(
    "acceptances",
    metadata,
    Column("order_id", ForeignKey("purchase_orders.id"), primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("paid", Cents, nullable=False),
    Column("accepted", Cents, nullable=False),
    Column("returned", Cents, nullable=False),
    Column("reason", String(48), nullable=False),
    Index("ix_acceptances_cycle", "cycle_id"),
    comment="what the lock took of each order of a month",
)

allotments = Table(
    "allotments",
    metadata,
    Column("order_id", ForeignKey("purchase_orders.id"), primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("demanded", ShareUnits, nullable=False),
    Column("shares", ShareUnits, nullable=False),
    Column("invested", Cents, nullable=False),
    Column("refunded", Cents, nullable=False),
    Column("balance_before", ShareUnits, nullable=False, comment="plan shares of the account before it"),
    Index("ix_allotments_cycle", "cycle_id"),
    Index("ix_allotments_registration", "registration_id"),
    comment="the shares of each order; append-only",
)

refunds = Table(
    "refunds",
    metadata,
    Column("id", String(26), primary_key=True, comment="follows from its cause"),
    Column("cause", String(160), nullable=False),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("order_id", ForeignKey("purchase_orders.id")),
    Column("amount", Cents, nullable=False),
    Column("reason", String(24), nullable=False),
    Column("due_on", Date, nullable=False, comment="not before the check is collected"),
    Column("file_sequence", Integer, comment="of the file that told the bank; empty until then"),
    Column("made_at", Instant, nullable=False),
    UniqueConstraint("cause"),
    Index("ix_refunds_due", "file_sequence", "due_on"),
    comment="money on its way back",
)

fills = Table(
    "fills",
    metadata,
    Column("cycle_id", ForeignKey("cycles.id"), primary_key=True),
    Column("line", Integer, primary_key=True),
    Column("trade_date", Date, nullable=False),
    Column("shares", ShareUnits, nullable=False),
    Column("price", DollarsAShare, nullable=False),
    Column("fee", Cents, nullable=False),
    comment="at which prices the month's sale was carried out",
)

sale_results = Table(
    "sale_results",
    metadata,
    Column("order_id", ForeignKey("sale_orders.id"), primary_key=True),
    Column("cycle_id", ForeignKey("cycles.id"), nullable=False),
    Column("registration_id", ForeignKey("registrations.id"), nullable=False),
    Column("shares", ShareUnits, nullable=False, comment="in the batch"),
    Column("sold", ShareUnits),
    Column("gross", Cents),
    Column("broker_fee", Cents),
    Column("plan_fee", Cents),
    Column("net", Cents),
    Column("settles_on", Date),
    Index("ix_sale_results_cycle", "cycle_id"),
    comment="what each sale order sold, and for how much",
)

sent_files = Table(
    "sent_files",
    metadata,
    Column("kind", String(24), primary_key=True),
    Column("sequence", Integer, primary_key=True),
    Column("cause", String(160), nullable=False, comment="at most one file a cause"),
    Column("name", Text, nullable=False),
    Column("digest", String(64), nullable=False),
    Column("rows", Integer, nullable=False),
    Column("totals", JSON, nullable=False),
    Column("written_at", Instant, nullable=False),
    UniqueConstraint("cause"),
    comment="files written for the transfer agent and the bank",
)

audit_records = Table(
    "audit_records",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("actor", String(160), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("subject", String(160), nullable=False),
    Column("facts", JSON, nullable=False),
    Column("private", JSON(none_as_null=True), comment="texts that may name a person; facts hold their salted digests"),
    Column("number", BigInteger, comment="its place in the chain; empty until it is sealed"),
    Column("previous", String(64)),
    Column("digest", String(64)),
    UniqueConstraint("number"),
    Index("ix_audit_records_subject", "subject"),
    Index(
        "ix_audit_records_unsealed",
        "at",
        "id",
        sqlite_where=text("number IS NULL"),
        postgresql_where=text("number IS NULL"),
    ),
    comment="what happened, chained by digests so that no record can be changed or taken out unnoticed",
)
