"""What the commands that change an account have in common."""

from collections.abc import Awaitable, Callable

import anyio
from pydantic import TypeAdapter, ValidationError
from sqlalchemy.exc import SQLAlchemyError

from app.config import Settings, get_settings
from app.database.engine import engine_from
from app.database.session import create_sessionmaker
from app.users.models import User
from app.users.repository import UserRepository
from app.users.schemas import Email

Change = Callable[[User, UserRepository], Awaitable[None]]
HERE = "the command line"


async def apply(settings: Settings, email: str, change: Change) -> bool:
    """Change an account in one transaction; false if nobody has this address."""
    engine = engine_from(settings)
    try:
        async with create_sessionmaker(engine).begin() as session:
            users = UserRepository(session)
            user = await users.by_email(email)
            if user:
                await change(user, users)
            return user is not None
    finally:
        await engine.dispose()


def run(email: str, change: Change) -> str | None:
    """Change an account; return an error message, or nothing."""
    try:
        address = TypeAdapter[str](Email).validate_python(email)
        return None if anyio.run(apply, get_settings(), address, change) else f"There is no account {address}."
    except ValidationError:
        return f"{email} is no e-mail address."
    except (SQLAlchemyError, OSError) as error:
        return f"The database refuses that, or does not answer: {getattr(error, 'orig', error)}"
