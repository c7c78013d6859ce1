"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False, comment="who it is with; replies go here"),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "parked", sa.JSON(), nullable=True, comment="the request that waits for a missing fact, with its names"
        ),
        sa.Column("clarified", sa.Integer(), nullable=False, comment="clarifying questions asked in a row"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        comment="a thread; keyed by an unguessable id, never by a From header",
    )
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.create_index("ix_conversations_address", ["address"], unique=False)

    op.create_table(
        "installation",
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_installation")),
        comment="what this installation is known by: which secret its store was made with",
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.String(length=160), nullable=False, comment="derived from its cause"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("memo", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
        comment="double entry, append-only: the only truth about balances",
    )
    op.create_table(
        "loaded_files",
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=24), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("digest", name=op.f("pk_loaded_files")),
        sa.UniqueConstraint("kind", "sequence", name=op.f("uq_loaded_files_kind_sequence")),
        comment="files taken in; each only once",
    )
    op.create_table(
        "registrations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("account_number", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=2), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("registered_shares", sa.BigInteger(), nullable=False),
        sa.Column("taxpayer", sa.String(length=64), nullable=False, comment="keyed hash of the taxpayer id"),
        sa.Column("bank", sa.Text(), nullable=False, comment="encrypted; empty if none"),
        sa.Column("holds", sa.JSON(), nullable=False),
        sa.Column("sales_held_until", sa.Date(), nullable=True),
        sa.Column("is_current", sa.Boolean(), nullable=False, comment="in the latest holders file"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_registrations")),
        sa.UniqueConstraint("account_number", name=op.f("uq_registrations_account_number")),
        comment="holders of record, as the transfer agent's file has them",
    )
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.create_index("ix_registrations_email", ["email"], unique=False)
        batch_op.create_index("ix_registrations_taxpayer", ["taxpayer"], unique=False)

    op.create_table(
        "state_entries",
        sa.Column("code", sa.String(length=2), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("status", sa.String(length=8), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("code", "effective", name=op.f("pk_state_entries")),
        comment="where the plan may be offered, by effective date; maintained by Investor Relations",
    )
    op.create_table(
        "accounts",
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("status", sa.String(length=24), nullable=False),
        sa.Column("enrolled_on", sa.Date(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_accounts_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_accounts")),
        comment="a registration's account in the plan",
    )
    op.create_table(
        "acknowledgements",
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("version", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_acknowledgements_registration_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", "version", name=op.f("pk_acknowledgements")),
        comment="which prospectus version a holder acknowledged, when, and by what",
    )
    op.create_table(
        "deductions",
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column(
            "authorised_on", sa.Date(), nullable=True, comment="when the signed authorisation came in; empty until then"
        ),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_deductions_registration_id")),
        sa.PrimaryKeyConstraint("registration_id", name=op.f("pk_deductions")),
        comment="monthly automatic deductions",
    )
    op.create_table(
        "messages",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("channel", sa.String(length=16), nullable=False),
        sa.Column("dedupe_key", sa.String(length=512), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("mail_from", sa.Text(), nullable=False, comment="envelope sender"),
        sa.Column("recipients", sa.JSON(), nullable=False),
        sa.Column("peer", sa.String(length=128), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False, comment="why ignored, escalated or failed"),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("claims", sa.Integer(), nullable=False),
        sa.Column(
            "not_before",
            sa.DateTime(timezone=True),
            nullable=True,
            comment="when a failed try may be repeated; empty: at any time",
        ),
        sa.Column("lease_owner", sa.String(length=96), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("error", sa.Text(), nullable=False),
        sa.Column(
            "decision", sa.JSON(), nullable=True, comment="what was understood and decided, by which model and terms"
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_messages_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_messages")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_messages_dedupe_key")),
        comment="each message as it arrived, whatever became of it",
    )
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.create_index("ix_messages_conversation", ["conversation_id"], unique=False)
        batch_op.create_index("ix_messages_due", ["state", "not_before"], unique=False)

    op.create_table(
        "outbox",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column(
            "cause", sa.String(length=160), nullable=False, comment="what it answers; at most one letter a cause"
        ),
        sa.Column("kind", sa.Text(), nullable=False, comment="the letter, with every part of it"),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("rfc_message_id", sa.String(length=320), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("envelope_from", sa.String(length=320), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column(
            "next_at", sa.DateTime(timezone=True), nullable=True, comment="when the next try is due; empty: at any time"
        ),
        sa.Column("lease_owner", sa.String(length=96), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_outbox_conversation_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
        sa.UniqueConstraint("cause", name=op.f("uq_outbox_cause")),
        sa.UniqueConstraint("rfc_message_id", name=op.f("uq_outbox_rfc_message_id")),
        comment="finished letters on their way",
    )
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_conversation", ["conversation_id"], unique=False)
        batch_op.create_index("ix_outbox_due", ["state", "next_at"], unique=False)

    op.create_table(
        "postings",
        sa.Column("entry_id", sa.String(length=160), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("account", sa.String(length=96), nullable=False),
        sa.Column("unit", sa.String(length=8), nullable=False, comment="SHARE or USD"),
        sa.Column("quantity", sa.BigInteger(), nullable=False, comment="ten-thousandths of a share, or cents; signed"),
        sa.ForeignKeyConstraint(["entry_id"], ["ledger_entries.id"], name=op.f("fk_postings_entry_id")),
        sa.PrimaryKeyConstraint("entry_id", "line", name=op.f("pk_postings")),
        comment="the lines of an entry; they sum to zero in each unit",
    )
    with op.batch_alter_table("postings", schema=None) as batch_op:
        batch_op.create_index("ix_postings_account", ["account", "unit"], unique=False)

    op.create_table(
        "purchase_orders",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("payment_method", sa.String(length=24), nullable=False),
        sa.Column("purchase_date", sa.Date(), nullable=False),
        sa.Column("cut_off", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_purchase_orders_registration_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_orders")),
        sa.UniqueConstraint("cause", name=op.f("uq_purchase_orders_cause")),
        comment="orders to invest dollars",
    )
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.create_index("ix_purchase_orders_registration", ["registration_id", "received_at"], unique=False)

    op.create_table(
        "sale_orders",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=160), nullable=False),
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column("shares", sa.BigInteger(), nullable=False),
        sa.Column("portion", sa.String(length=8), nullable=True),
        sa.Column("purchase_date", sa.Date(), nullable=False),
        sa.Column("cut_off", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.String(length=24), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["registration_id"], ["registrations.id"], name=op.f("fk_sale_orders_registration_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sale_orders")),
        sa.UniqueConstraint("cause", name=op.f("uq_sale_orders_cause")),
        comment="orders to sell plan shares",
    )
    with op.batch_alter_table("sale_orders", schema=None) as batch_op:
        batch_op.create_index("ix_sale_orders_registration", ["registration_id", "received_at"], unique=False)

    op.create_table(
        "confirmations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=False),
        sa.Column("message_id", sa.String(length=26), nullable=False, comment="the message that asked"),
        sa.Column("address", sa.String(length=320), nullable=False, comment="the registered address the code went to"),
        sa.Column("requests", sa.JSON(), nullable=False),
        sa.Column("canonical", sa.Text(), nullable=False, comment="the effects read back, in canonical form"),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_confirmations_conversation_id")
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_confirmations_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confirmations")),
        comment="requests parked until their single-use code comes back; the code itself is not stored",
    )
    with op.batch_alter_table("confirmations", schema=None) as batch_op:
        batch_op.create_index("ix_confirmations_address", ["address", "state"], unique=False)
        batch_op.create_index("ix_confirmations_conversation", ["conversation_id"], unique=False)

    op.create_table(
        "reviews",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("message_id", sa.String(length=26), nullable=False),
        sa.Column("conversation_id", sa.String(length=26), nullable=True),
        sa.Column("reason", sa.String(length=48), nullable=False),
        sa.Column("understood", sa.JSON(), nullable=False),
        sa.Column("draft", sa.Text(), nullable=False),
        sa.Column("deadline_at", sa.DateTime(timezone=True), nullable=True, comment="the cut-off at risk, if any"),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.String(length=128), nullable=True),
        sa.Column("answer", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_reviews_conversation_id")),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_reviews_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        comment="messages that wait for Investor Relations",
    )
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.create_index("ix_reviews_message", ["message_id"], unique=False)
        batch_op.create_index("ix_reviews_state", ["state", "opened_at"], unique=False)
        batch_op.create_index(
            "uq_reviews_message_open",
            ["message_id"],
            unique=True,
            sqlite_where=sa.text("state = 'OPEN'"),
            postgresql_where=sa.text("state = 'OPEN'"),
        )


def downgrade() -> None:
    with op.batch_alter_table("reviews", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_reviews_message_open",
            sqlite_where=sa.text("state = 'OPEN'"),
            postgresql_where=sa.text("state = 'OPEN'"),
        )
        batch_op.drop_index("ix_reviews_state")
        batch_op.drop_index("ix_reviews_message")

    op.drop_table("reviews")
    with op.batch_alter_table("confirmations", schema=None) as batch_op:
        batch_op.drop_index("ix_confirmations_conversation")
        batch_op.drop_index("ix_confirmations_address")

    op.drop_table("confirmations")
    with op.batch_alter_table("sale_orders", schema=None) as batch_op:
        batch_op.drop_index("ix_sale_orders_registration")

    op.drop_table("sale_orders")
    with op.batch_alter_table("purchase_orders", schema=None) as batch_op:
        batch_op.drop_index("ix_purchase_orders_registration")

    op.drop_table("purchase_orders")
    with op.batch_alter_table("postings", schema=None) as batch_op:
        batch_op.drop_index("ix_postings_account")

    op.drop_table("postings")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_due")
        batch_op.drop_index("ix_outbox_conversation")

    op.drop_table("outbox")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_due")
        batch_op.drop_index("ix_messages_conversation")

    op.drop_table("messages")
    op.drop_table("deductions")
    op.drop_table("acknowledgements")
    op.drop_table("accounts")
    op.drop_table("state_entries")
    with op.batch_alter_table("registrations", schema=None) as batch_op:
        batch_op.drop_index("ix_registrations_taxpayer")
        batch_op.drop_index("ix_registrations_email")

    op.drop_table("registrations")
    op.drop_table("loaded_files")
    op.drop_table("ledger_entries")
    op.drop_table("installation")
    with op.batch_alter_table("conversations", schema=None) as batch_op:
        batch_op.drop_index("ix_conversations_address")

    op.drop_table("conversations")
