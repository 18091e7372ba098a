"""Remove the second factor of an account from the command line, when its app and its codes are lost.

uv run python -m app.second_factor.remove ada@example.com
"""

import sys
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from app.auth.events import report
from app.second_factor.repository import SecondFactorRepository
from app.users.command_line import HERE, run
from app.users.models import User

USAGE = "usage: python -m app.second_factor.remove EMAIL"


class InTransaction(Protocol):
    """What takes part in the transaction of the command."""

    session: AsyncSession


async def remove(user: User, users: InTransaction) -> None:
    """Let the password suffice to sign in."""
    await SecondFactorRepository(users.session).remove(user.id)
    report("second factor removed", user.email, HERE)


def main(arguments: list[str]) -> str | None:
    """Return an error message, or nothing."""
    return run(arguments[0], remove) if len(arguments) == 1 else USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
