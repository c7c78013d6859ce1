"""What a holder knows besides the mailbox, and how surely somebody was known who confirmed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "second_factors",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column(
            "taxpayer", sa.String(length=64), nullable=False, comment="whose it is: keyed hash of the taxpayer id"
        ),
        sa.Column("kind", sa.String(length=8), nullable=False, comment="PIN or TOTP"),
        sa.Column("secret", sa.Text(), nullable=False, comment="a PIN's hash; a TOTP key, encrypted"),
        sa.Column("enrolled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("enrolled_by", sa.String(length=128), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False, comment="wrong ones since the last right one"),
        sa.Column("locked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "last_step",
            sa.BigInteger(),
            nullable=True,
            comment="the latest TOTP interval that was used; no earlier one counts",
        ),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_by", sa.String(length=128), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True, comment="why it was revoked or unlocked"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_factors")),
        comment="what a holder knows besides the mailbox",
    )
    op.create_index(
        "uq_second_factors_standing",
        "second_factors",
        ["taxpayer", "kind"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    with op.batch_alter_table("confirmations", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "assurance",
                sa.String(length=16),
                nullable=False,
                server_default="",
                comment="how surely the sender was known then",
            )
        )


def downgrade() -> None:
    with op.batch_alter_table("confirmations", schema=None) as batch_op:
        batch_op.drop_column("assurance")
    op.drop_table("second_factors")
