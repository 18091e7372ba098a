"""Give an account a role from the command line: the way to the first administrator.

uv run python -m app.users.grant ada@example.com admin
"""

import sys

import anyio

from app.auth.events import report
from app.config import Settings, get_settings
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from app.users.models import Role
from app.users.repository import UserRepository

USAGE = f"usage: python -m app.users.grant EMAIL {'|'.join(Role)}"


async def grant(settings: Settings, email: str, role: Role) -> bool:
    """Change the role; false if nobody has this address."""
    engine = engine_from(settings)
    try:
        async with create_sessionmaker(engine).begin() as session:
            user = await UserRepository(session).by_email(email.lower())
            if user:
                user.role = role
                report(f"role {role} granted", user.email, "the command line")
            return user is not None
    finally:
        await engine.dispose()


def main(arguments: list[str]) -> str | None:
    """Return an error message, or nothing."""
    match arguments:
        case [email, role] if role in list(Role):
            found = anyio.run(grant, get_settings(), email, Role(role))
            return None if found else f"There is no account {email}."
        case _:
            return USAGE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
