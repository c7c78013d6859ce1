"""What staff say that messages asked, where they were read otherwise."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "corrections",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column("message_id", sa.String(length=26), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("corrected_by", sa.String(length=128), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False, comment="only where the sender wrote it"),
        sa.Column("live", sa.Text(), nullable=False, comment="the sender's own words, codes taken out"),
        sa.Column("intents", sa.JSON(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("slots", sa.JSON(), nullable=False),
        sa.Column("was_read", sa.JSON(), nullable=False, comment="what the model had read, request by request"),
        sa.Column("model", sa.String(length=64), nullable=False, comment="digest of that model; empty if none read it"),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "decided_by",
            sa.String(length=128),
            nullable=True,
            comment="who accepted or rejected it, or corrected it anew",
        ),
        sa.ForeignKeyConstraint(["message_id"], ["messages.id"], name=op.f("fk_corrections_message_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_corrections")),
        comment="messages that staff reclassified; the accepted ones are trained on",
    )
    with op.batch_alter_table("corrections", schema=None) as batch_op:
        batch_op.create_index("ix_corrections_message", ["message_id"], unique=False)
        batch_op.create_index("ix_corrections_state", ["state", "corrected_at"], unique=False)
        batch_op.create_index(
            "uq_corrections_message_pending",
            ["message_id"],
            unique=True,
            sqlite_where=sa.text("state = 'PENDING'"),
            postgresql_where=sa.text("state = 'PENDING'"),
        )


def downgrade() -> None:
    op.drop_table("corrections")
