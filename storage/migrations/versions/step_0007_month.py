"""The month: cycles, closes, payments, allotments, sales, files sent, and the audit record."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_NEW = (
    "sale_results",
    "refunds",
    "payments",
    "allotments",
    "ach_entries",
    "acceptances",
    "fills",
    "cycle_acts",
    "sent_files",
    "cycles",
    "close_entries",
    "audit_records",
)
"""The new tables, each before those it refers to."""

_NEVER = "audit records are never changed, taken out or put in as sealed"


def _allowed(same: str, as_text: str) -> str:
    """What may become of a record: it is sealed, or its private texts are blanked; nothing else, and never both."""

    def stay(*names: str, text: str = "") -> str:
        return " AND ".join(f"NEW.{name}{text} {same} OLD.{name}{text}" for name in names)

    kept = f"{stay('id', 'at', 'actor', 'kind', 'subject')} AND {stay('facts', text=as_text)}"
    filled = " AND ".join(f"NEW.{name} IS NOT NULL" for name in ("number", "previous", "digest"))
    sealing = f"OLD.number IS NULL AND {filled} AND {stay('private', text=as_text)}"
    blanking = f"OLD.private IS NOT NULL AND NEW.private IS NULL AND {stay('number', 'previous', 'digest')}"
    return f"({kept} AND (({sealing}) OR ({blanking})))"


_GUARDS = {
    "sqlite": (
        "CREATE TRIGGER audit_records_kept BEFORE UPDATE ON audit_records"
        f" WHEN NOT {_allowed('IS', '')} BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
        "CREATE TRIGGER audit_records_not_taken_out BEFORE DELETE ON audit_records"
        f" BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
        # INSERT OR REPLACE takes a row out without the trigger above.
        "CREATE TRIGGER audit_records_put_in BEFORE INSERT ON audit_records"  # noqa: S608  # fixed text
        " WHEN NEW.number IS NOT NULL OR NEW.previous IS NOT NULL OR NEW.digest IS NOT NULL"
        " OR EXISTS (SELECT 1 FROM audit_records WHERE id = NEW.id)"
        f" BEGIN SELECT RAISE(ABORT, '{_NEVER}'); END",
    ),
    "postgresql": (
        "CREATE FUNCTION audit_records_guard() RETURNS trigger LANGUAGE plpgsql AS $guard$ BEGIN"
        " IF TG_OP = 'INSERT' THEN"
        " IF NEW.number IS NULL AND NEW.previous IS NULL AND NEW.digest IS NULL THEN RETURN NEW; END IF;"
        f" ELSIF TG_OP = 'UPDATE' THEN IF {_allowed('IS NOT DISTINCT FROM', '::text')} THEN RETURN NEW; END IF;"
        f" END IF; RAISE EXCEPTION '{_NEVER}'; END $guard$",
        "CREATE TRIGGER audit_records_kept BEFORE INSERT OR UPDATE OR DELETE ON audit_records"
        " FOR EACH ROW EXECUTE FUNCTION audit_records_guard()",
        "CREATE TRIGGER audit_records_not_emptied BEFORE TRUNCATE ON audit_records"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_records_guard()",
    ),
}
"""What refuses to change the audit record. A later migration that rebuilds the table must make it anew."""


def upgrade() -> None:
    op.create_table(
        "audit_records",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("subject", sa.String(length=160), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column(
            "private",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="texts that may name a person; facts hold their salted digests",
        ),
        sa.Column("number", sa.BigInteger(), nullable=True, comment="its place in the chain; empty until it is sealed"),
        sa.Column("previous", sa.String(length=64), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_records")),
        sa.UniqueConstraint("number", name=op.f("uq_audit_records_number")),
        comment="what happened, chained by digests so that no record can be changed or taken out unnoticed",
    )
    op.create_index("ix_audit_records_subject", "audit_records", ["subject"])
    op.create_index(
        "ix_audit_records_unsealed",
        "audit_records",
        ["at", "id"],
        sqlite_where=sa.text("number IS NULL"),
        postgresql_where=sa.text("number IS NULL"),
    )
    for statement in _GUARDS[op.get_bind().dialect.name]:
        op.execute(statement)

    op.create_table(
        "close_entries",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("source", sa.String(length=8), nullable=False, comment="a file or a person"),
        sa.Column(
            "entered_by", sa.String(length=256), nullable=False, comment="the file's name and number, or the person's"
        ),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_from", sa.Text(), nullable=False, comment="where a person took it from; what the file names"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_close_entries")),
        comment="closes as they were entered; which of them stand follows from the rules",
    )
    op.create_index("ix_close_entries_day", "close_entries", ["day"])

    op.create_table(
        "cycles",
        sa.Column("id", sa.String(length=7), nullable=False, comment="the month of the nominal purchase date: 2003-11"),
        sa.Column("nominal_date", sa.Date(), nullable=False),
        sa.Column("purchase_date", sa.Date(), nullable=False),
        sa.Column("pricing_days", sa.JSON(), nullable=False),
        sa.Column("cut_off", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=True),
        sa.Column(
            "available",
            sa.BigInteger(),
            nullable=True,
            comment="shares left of the aggregate limit when the trial was made",
        ),
        sa.Column("demanded", sa.BigInteger(), nullable=True, comment="shares that the accepted dollars would buy"),
        sa.Column("accepted", sa.BigInteger(), nullable=True),
        sa.Column(
            "trial_digest",
            sa.String(length=64),
            nullable=True,
            comment="of everything the trial rests on; approvals name it",
        ),
        sa.Column(
            "settled_to",
            sa.String(length=16),
            server_default="",
            nullable=False,
            comment="the last order that was allotted",
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycles")),
        comment="one purchase a month, step by step",
    )
    op.create_table(
        "sent_files",
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False, comment="at most one file a cause"),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("totals", sa.JSON(), nullable=False),
        sa.Column("written_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("kind", "sequence", name=op.f("pk_sent_files")),
        sa.UniqueConstraint("cause", name=op.f("uq_sent_files_cause")),
        comment="files written for the transfer agent and the bank",
    )
    op.create_table(
        "cycle_acts",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("cycle_id", sa.String(length=7), nullable=False),
        sa.Column("step", sa.String(length=16), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False, comment="a person, or the program itself"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "digest", sa.String(length=64), server_default="", nullable=False, comment="what an approval approved"
        ),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_cycle_acts_cycle_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cycle_acts")),
        comment="what was done to a cycle, by whom; append-only",
    )
    op.create_index("ix_cycle_acts_cycle", "cycle_acts", ["cycle_id", "at"])

    op.create_table(
        "fills",
        sa.Column("cycle_id", sa.String(length=7), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("trade_date", sa.Date(), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("price", sa.BigInteger(), nullable=False),
        sa.Column("fee", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_fills_cycle_id")),
        sa.PrimaryKeyConstraint("cycle_id", "line", name=op.f("pk_fills")),
        comment="at which prices the month's sale was carried out",
    )
    op.create_table(
        "acceptances",
        sa.Column("order_id", sa.String(length=16), nullable=False),
        sa.Column("cycle_id", sa.String(length=7), nullable=False),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("paid", sa.BigInteger(), nullable=False),
        sa.Column("accepted", sa.BigInteger(), nullable=False),
        sa.Column("returned", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=48), nullable=False),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_acceptances_cycle_id")),
        sa.ForeignKeyConstraint(["order_id"], ["purchase_orders.id"], name=op.f("fk_acceptances_order_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_acceptances_registration_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_acceptances")),
        comment="what the lock took of each order of a month",
    )
    op.create_index("ix_acceptances_cycle", "acceptances", ["cycle_id"])

    op.create_table(
        "ach_entries",
        sa.Column("trace", sa.String(length=15), nullable=False),
        sa.Column("file_sequence", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="PRENOTE or DEBIT"),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("order_id", sa.String(length=16), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column(
            "presented",
            sa.Integer(),
            server_default="1",
            nullable=False,
            comment="how often this debit went to the bank",
        ),
        sa.Column(
            "code", sa.String(length=3), server_default="", nullable=False, comment="return code, if it came back"
        ),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["order_id"], ["purchase_orders.id"], name=op.f("fk_ach_entries_order_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_ach_entries_registration_id")),
        sa.PrimaryKeyConstraint("trace", name=op.f("pk_ach_entries")),
        comment="debits and prenotes sent to the bank",
    )
    op.create_index("ix_ach_entries_order", "ach_entries", ["order_id"])

    op.create_table(
        "allotments",
        sa.Column("order_id", sa.String(length=16), nullable=False),
        sa.Column("cycle_id", sa.String(length=7), nullable=False),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("demanded", sa.BigInteger(), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("invested", sa.BigInteger(), nullable=False),
        sa.Column("refunded", sa.BigInteger(), nullable=False),
        sa.Column("balance_before", sa.BigInteger(), nullable=False, comment="plan shares of the account before it"),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_allotments_cycle_id")),
        sa.ForeignKeyConstraint(["order_id"], ["purchase_orders.id"], name=op.f("fk_allotments_order_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_allotments_registration_id")),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_allotments")),
        comment="the shares of each order; append-only",
    )
    op.create_index("ix_allotments_cycle", "allotments", ["cycle_id"])
    op.create_index("ix_allotments_registration", "allotments", ["registration_id"])

    op.create_table(
        "payments",
        sa.Column("id", sa.String(length=26), nullable=False, comment="follows from its cause"),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="CHECK or DEBIT"),
        sa.Column("registration_id", sa.String(length=26), nullable=True),
        sa.Column("order_id", sa.String(length=16), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("purchase_date", sa.Date(), nullable=False, comment="of the month it counts for"),
        sa.Column("good_on", sa.Date(), nullable=False),
        sa.Column("return_risk_until", sa.Date(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column(
            "reason",
            sa.String(length=48),
            server_default="",
            nullable=False,
            comment="why it is held, unmatched or returned",
        ),
        sa.Column(
            "instrument", sa.String(length=64), nullable=False, comment="check number, or trace number of the debit"
        ),
        sa.Column("payer", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False, comment="digest of the file that told of it"),
        sa.Column("returned_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["purchase_orders.id"], name=op.f("fk_payments_order_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_payments_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("cause", name=op.f("uq_payments_cause")),
        comment="money that came in, check by check and debit by debit",
    )
    op.create_index("ix_payments_order", "payments", ["order_id"])
    op.create_index("ix_payments_registration", "payments", ["registration_id"])
    op.create_index("ix_payments_state", "payments", ["state", "purchase_date"])

    op.create_table(
        "refunds",
        sa.Column("id", sa.String(length=26), nullable=False, comment="follows from its cause"),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("order_id", sa.String(length=16), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=24), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False, comment="not before the check is collected"),
        sa.Column(
            "file_sequence", sa.Integer(), nullable=True, comment="of the file that told the bank; empty until then"
        ),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["order_id"], ["purchase_orders.id"], name=op.f("fk_refunds_order_id")),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_refunds_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("cause", name=op.f("uq_refunds_cause")),
        comment="money on its way back",
    )
    op.create_index("ix_refunds_due", "refunds", ["file_sequence", "due_on"])

    op.create_table(
        "sale_results",
        sa.Column("order_id", sa.String(length=16), nullable=False),
        sa.Column("cycle_id", sa.String(length=7), nullable=False),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False, comment="in the batch"),
        sa.Column("sold", sa.BigInteger(), nullable=True),
        sa.Column("gross", sa.BigInteger(), nullable=True),
        sa.Column("broker_fee", sa.BigInteger(), nullable=True),
        sa.Column("plan_fee", sa.BigInteger(), nullable=True),
        sa.Column("net", sa.BigInteger(), nullable=True),
        sa.Column("settles_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["cycle_id"], ["cycles.id"], name=op.f("fk_sale_results_cycle_id")),
        sa.ForeignKeyConstraint(["order_id"], ["sale_orders.id"], name=op.f("fk_sale_results_order_id")),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_sale_results_registration_id")
        ),
        sa.PrimaryKeyConstraint("order_id", name=op.f("pk_sale_results")),
        comment="what each sale order sold, and for how much",
    )
    op.create_index("ix_sale_results_cycle", "sale_results", ["cycle_id"])

    with op.batch_alter_table("deductions", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("authorised_by", sa.String(length=128), nullable=True, comment="who recorded the signed form")
        )
        batch_op.add_column(
            sa.Column(
                "prenoted_on",
                sa.Date(),
                nullable=True,
                comment="when the bank was told of it by an entry without money",
            )
        )

    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "statements",
                sa.Boolean(),
                server_default=sa.false(),
                nullable=False,
                comment="elected: a statement for months without activity too",
            )
        )

    with op.batch_alter_table("loaded_files", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "as_of",
                sa.Date(),
                nullable=True,
                comment="the day it tells of; empty for files of earlier versions of this program",
            )
        )

    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "origin",
                sa.String(length=12),
                server_default="request",
                nullable=False,
                comment="request, check or deduction",
            )
        )
        batch_op.create_index("ix_purchase_orders_month", ["purchase_date", "state"], unique=False)

    op.create_index("ix_sale_orders_month", "sale_orders", ["purchase_date", "state"])


def downgrade() -> None:
    for table, index in (("sale_orders", "ix_sale_orders_month"), ("purchase_orders", "ix_purchase_orders_month")):
        op.drop_index(index, table)
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.drop_column("origin")
    with op.batch_alter_table("loaded_files", schema=None) as batch_op:
        batch_op.drop_column("as_of")
    with op.batch_alter_table("accounts", schema=None) as batch_op:
        batch_op.drop_column("statements")
    with op.batch_alter_table("deductions", schema=None) as batch_op:
        batch_op.drop_column("prenoted_on")
        batch_op.drop_column("authorised_by")
    for name in _NEW:
        op.drop_table(name)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION audit_records_guard()")
