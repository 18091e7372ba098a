"""Give an account a role from the command line: the way to the first administrator.

uv run python -m app.users.grant ada@example.com admin
"""

import sys

from app.auth.events import report
from app.users.command_line import HERE, run
from app.users.models import Role, User
from app.users.repository import UserRepository

USAGE = f"usage: python -m app.users.grant EMAIL {'|'.join(Role)}"


def main(arguments: list[str]) -> str | None:
    """Return an error message, or nothing."""

    async def grant(user: User, _users: UserRepository) -> None:
        user.role = Role(arguments[1])
        report("account changed", user.email, HERE, detail=f"role: {user.role}")

    return run(arguments[0], grant) if len(arguments) == 2 and arguments[1] in list(Role) else USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
