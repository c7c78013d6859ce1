"""Holds of our own, from what was written to us."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reported_holds",
        sa.Column("registration_id", sa.String(length=26), nullable=False),
        sa.Column(
            "cause",
            sa.String(length=160),
            nullable=False,
            comment="the message that reported it, and which part of it",
        ),
        sa.Column("hold", sa.String(length=16), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True), nullable=True, comment="empty: the hold stands"),
        sa.Column("released_by", sa.String(length=128), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it was released"),
        sa.ForeignKeyConstraint(
            ["registration_id"], ["registrations.id"], name=op.f("fk_reported_holds_registration_id")
        ),
        sa.PrimaryKeyConstraint("registration_id", "cause", name=op.f("pk_reported_holds")),
        comment="holds of our own, from what was written to us; no holders file sets or lifts them",
    )


def downgrade() -> None:
    op.drop_table("reported_holds")
