"""${message}."""

${"import sqlalchemy as sa" if "sa." in f"{upgrades or ''}{downgrades or ''}" else ""}
${"from alembic import op" if "op." in f"{upgrades or ''}{downgrades or ''}" else ""}
% if imports:
${imports}
% endif

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
