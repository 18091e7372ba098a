"""What people ask for by mail, and what becomes of their accounts when they use what they were sent.

To ask is the same work for everybody: whether there is an account is looked up later, by whoever sends the mail.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from pydantic import Secret

from app.auth.events import report
from app.mail.exceptions import TokenRefused
from app.mail.models import AccountToken, Purpose
from app.mail.outbox import Outbox
from app.mail.repository import AccountTokenRepository
from app.users.exceptions import CommonPassword, EmailTaken, WrongPassword
from app.users.models import User
from app.users.schemas import is_common
from app.users.service import UserService


@dataclass(frozen=True)
class MailService:
    """What can be done with accounts by mail."""

    accounts: UserService
    tokens: AccountTokenRepository
    outbox: Outbox
    lifetime: timedelta

    async def post(self, row: AccountToken) -> None:
        """Have this mailed, if the transaction ends well."""
        row.expires_at = datetime.now(UTC) + self.lifetime
        await self.tokens.add(row)
        await self.outbox.post(self.tokens.session, row)

    async def register(self, email: str, password: str) -> None:
        """Ask whoever has the address whether there shall be an account."""
        # Before the first query, with which the transaction begins.
        password_hash = await self.accounts.passwords.hash(password)
        await self.post(AccountToken(purpose=Purpose.REGISTRATION, email=email, password_hash=password_hash))

    async def forget(self, email: str) -> None:
        """Mail what allows a new password, if there is an account."""
        await self.post(AccountToken(purpose=Purpose.RESET, email=email))

    async def move(self, user: User, email: str) -> None:
        """Ask whoever has the address whether the account shall have it."""
        await self.post(AccountToken(purpose=Purpose.CHANGE, email=email, user_id=user.id))

    async def verify(self, token: str, password: str) -> None:
        """Create the account, or change its address; raises `TokenRefused`, or `EmailTaken` by somebody meanwhile.

        Raises `WrongPassword` where somebody else has asked for the account: they would go on knowing its password.
        """
        # Nobody should wait for a connection, or to write, while the password is checked.
        async with self.accounts.readers() as session:
            row = await AccountTokenRepository(session).find(token, Purpose.REGISTRATION, Purpose.CHANGE)
        if row.password_hash and not (await self.accounts.passwords.verify(password, row.password_hash))[0]:
            raise WrongPassword
        user = await self.owner(row)
        await self.tokens.use(token, Purpose.REGISTRATION, Purpose.CHANGE)
        if await self.accounts.users.by_email(row.email):
            raise EmailTaken
        if user:
            await self.change_email(user, row.email)
        else:
            await self.accounts.users.add(row.email, row.password_hash or "")
            report("account created", row.email, self.accounts.client)

    async def owner(self, row: AccountToken) -> User | None:
        """Lock the account that a token is for, if that is there yet; raises `TokenRefused` if it is disabled."""
        user = await self.accounts.users.get(row.user_id, to_change=True) if row.user_id else None
        if row.user_id and not (user and user.is_active):
            raise TokenRefused
        return user

    async def change_email(self, user: User, email: str) -> None:
        """Give an account another address, and tell the one before."""
        before, user.email = user.email, email
        await self.accounts.users.end_sign_ins(user.id)
        await self.post(AccountToken(purpose=Purpose.EMAIL_CHANGED, email=before))
        report("address changed", before, self.accounts.client, detail=email)

    async def reset(self, token: str, password: Secret[str]) -> None:
        """Replace a forgotten password, and end all sign-ins; raises `TokenRefused` or `CommonPassword`."""
        # Nobody should wait for a connection, or to write, while the password is hashed.
        async with self.accounts.readers() as session:
            found = await AccountTokenRepository(session).find(token, Purpose.RESET)
        if is_common(password, found.email):
            raise CommonPassword
        password_hash = await self.accounts.passwords.hash(password.get_secret_value())
        user = await self.owner(found)
        await self.tokens.use(token, Purpose.RESET)
        if user:
            user.password_hash = password_hash
            await self.accounts.users.end_sign_ins(user.id)
            await self.tell(user, Purpose.PASSWORD_CHANGED)
            report("password reset", user.email, self.accounts.client)

    async def tell(self, user: User, change: str) -> None:
        """Tell an account what has changed, as one of the purposes that only tell."""
        await self.post(AccountToken(purpose=Purpose(change), email=user.email))
