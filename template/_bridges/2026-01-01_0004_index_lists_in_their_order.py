"""index lists in their order."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

TABLES = ["item"]


def exchange(old: list[str], new: list[str]) -> None:
    """Index `new` behind the owner, if there is one, instead of `old`: where the table is, and that is not so already."""
    inspector = sa.inspect(op.get_bind())
    for table in filter(inspector.has_table, TABLES):
        owner = [column["name"] for column in inspector.get_columns(table) if column["name"] == "owner_id"]
        found = {tuple(one["column_names"]): one["name"] for one in inspector.get_indexes(table) if not one["unique"]}
        wanted, unwanted = [*owner, *new], found.get((*owner, *old))
        if wanted and tuple(wanted) not in found:
            op.create_index(None, table, wanted, unique=False)
        # Not before: MySQL keeps one for the foreign key.
        if unwanted:
            op.drop_index(unwanted, table)


def upgrade() -> None:
    exchange([], ["created_at", "id"])


def downgrade() -> None:
    exchange(["created_at", "id"], [])
