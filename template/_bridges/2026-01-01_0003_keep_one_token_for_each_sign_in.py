"""keep one token for each sign-in."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    # The tokens of before name no sign-in: everybody signs in once more.
    op.execute("DELETE FROM refresh_token")
    with op.batch_alter_table("refresh_token") as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_token_family_id"))
        batch_op.drop_constraint(batch_op.f("uq_refresh_token_token_hash"), type_="unique")
        batch_op.drop_column("family_id")
        batch_op.alter_column("used_at", existing_type=sa.DateTime(timezone=True), nullable=False)
        batch_op.add_column(sa.Column("previous_hash", sa.String(length=64), nullable=True))
        batch_op.add_column(sa.Column("device", sa.String(length=200), nullable=False))
        batch_op.create_index(batch_op.f("ix_refresh_token_expires_at"), ["expires_at"], unique=False)


def downgrade() -> None:
    op.execute("DELETE FROM refresh_token")
    with op.batch_alter_table("refresh_token") as batch_op:
        batch_op.drop_index(batch_op.f("ix_refresh_token_expires_at"))
        batch_op.drop_column("device")
        batch_op.drop_column("previous_hash")
        batch_op.alter_column("used_at", existing_type=sa.DateTime(timezone=True), nullable=True)
        batch_op.add_column(sa.Column("family_id", sa.Uuid(), nullable=False))
        batch_op.create_unique_constraint(batch_op.f("uq_refresh_token_token_hash"), ["token_hash"])
        batch_op.create_index(batch_op.f("ix_refresh_token_family_id"), ["family_id"], unique=False)
