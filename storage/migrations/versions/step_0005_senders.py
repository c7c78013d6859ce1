"""Who sent a message, as far as that was proved, and what is needed to prove it; how often a letter came back."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("helo", sa.Text(), nullable=False, server_default="", comment="the name that the client gave")
        )
        batch_op.add_column(
            sa.Column("received", sa.Text(), nullable=False, server_default="", comment="our Received field")
        )
        batch_op.add_column(
            sa.Column(
                "unchecked",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="waits until it is known who sent it",
            )
        )
        batch_op.add_column(sa.Column("sender", sa.JSON(), comment="how surely the sender is known, and by what"))
        batch_op.add_column(
            sa.Column("signed_digest", sa.String(length=64), comment="of what the sender's domain signed")
        )
        batch_op.add_column(
            sa.Column(
                "sameness", sa.String(length=64), comment="of its words: equal where a machine says the same again"
            )
        )
        batch_op.create_index("ix_messages_signed_digest", ["signed_digest"], unique=False)
        batch_op.create_index("ix_messages_sameness", ["sameness"], unique=False)
    # What waits was not looked up yet.
    op.execute("UPDATE messages SET unchecked = true WHERE state IN ('RECEIVED', 'FAILED')")
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "returns",
                sa.Integer(),
                nullable=False,
                server_default="0",
                comment="returned for a passing cause, so often",
            )
        )
        batch_op.create_index("ix_outbox_created_at", ["created_at"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("outbox", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_created_at")
        batch_op.drop_column("returns")
    with op.batch_alter_table("messages", schema=None) as batch_op:
        batch_op.drop_index("ix_messages_sameness")
        batch_op.drop_index("ix_messages_signed_digest")
        batch_op.drop_column("sameness")
        batch_op.drop_column("signed_digest")
        batch_op.drop_column("sender")
        batch_op.drop_column("unchecked")
        batch_op.drop_column("received")
        batch_op.drop_column("helo")
