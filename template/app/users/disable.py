"""Disable an account from the command line, and end its sign-ins; an administrator can enable it again.

uv run python -m app.users.disable ada@example.com
"""

import sys

from app.auth.events import report
from app.users.command_line import HERE, run
from app.users.models import User
from app.users.repository import UserRepository

USAGE = "usage: python -m app.users.disable EMAIL"


async def disable(user: User, users: UserRepository) -> None:
    """Let nobody sign in any more, the last administrator neither."""
    user.is_active = False
    await users.end_sign_ins(user.id)
    report("account changed", user.email, HERE, detail="is_active: False")


def main(arguments: list[str]) -> str | None:
    """Return an error message, or nothing."""
    return run(arguments[0], disable) if len(arguments) == 1 else USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
