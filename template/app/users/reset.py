"""Give an account a password for a day from the command line, which is printed once, and end its sign-ins.

uv run python -m app.users.reset ada@example.com
"""

import secrets
import sys

from app.auth.events import report
from app.users.command_line import HERE, run
from app.users.models import User
from app.users.passwords import Passwords
from app.users.repository import UserRepository

USAGE = "usage: python -m app.users.reset EMAIL"


def main(arguments: list[str]) -> str | None:
    """Return an error message, or nothing."""
    if len(arguments) != 1:
        return USAGE
    password = secrets.token_urlsafe(24)
    password_hash = Passwords().temporary(password)

    async def reset(user: User, users: UserRepository) -> None:
        user.password_hash = password_hash
        await users.end_sign_ins(user.id)
        report("password reset", user.email, HERE)

    error = run(arguments[0], reset)
    if not error:
        sys.stdout.write(f"{password}\n")
    return error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
