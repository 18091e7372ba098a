"""Which roles may use a route."""

from collections.abc import Awaitable, Callable

from app.auth.dependencies import CurrentCaller
from app.auth.exceptions import Forbidden
from app.users.models import Role, User


def require(*roles: Role) -> Callable[[User], Awaitable[User]]:
    """Make a dependency that lets only accounts with one of these roles pass."""

    async def check_role(user: CurrentCaller) -> User:
        if user.role not in roles:
            raise Forbidden
        return user

    return check_role
