"""The life of a second factor, and whether a code is right."""

from base64 import b32encode
from dataclasses import dataclass
from datetime import UTC, datetime
from uuid import UUID

from cryptography.fernet import InvalidToken
from pydantic import Secret

from app.auth.events import report
from app.auth.exceptions import Forbidden
from app.second_factor.codes import authenticator, hash_code, is_of_app, new_recovery_codes, new_secret, plain, step_of
from app.second_factor.exceptions import (
    SecondFactorActive,
    SecondFactorNotFound,
    SecondFactorRefused,
    SecondFactorRequired,
    WrongCode,
)
from app.second_factor.limit import CodeLimit
from app.second_factor.models import SecondFactor
from app.second_factor.repository import SecondFactorRepository
from app.second_factor.schemas import Enrolment, SecondFactorRead
from app.second_factor.state import SecondFactorState
from app.users.models import User
from app.users.service import UserService


@dataclass(frozen=True)
class SecondFactorService:
    """What can be done with second factors."""

    factors: SecondFactorRepository
    users: UserService
    state: SecondFactorState
    limit: CodeLimit

    async def check(self, user: User, code: Secret[str] | None) -> None:
        """Let a sign-in pass whose password is right, and that has locked the account."""
        factor = await self.factors.of(user.id)
        if not factor or not factor.confirmed_at:
            return
        if not code or not code.get_secret_value():
            raise SecondFactorRequired
        if not await self.uses(user, factor, code):
            raise SecondFactorRefused

    async def uses(self, user: User, factor: SecondFactor, code: Secret[str]) -> bool:
        """Use a code up; false if it is wrong, or was used."""
        given = plain(code.get_secret_value())
        if is_of_app(given):
            used = await self.uses_step(user, factor, given)
        elif used := await self.factors.use_recovery_code(user.id, hash_code(given)):
            report("recovery code used", user.email, self.users.client)
        if not used:
            report("second factor refused", user.email, self.users.client)
        return used

    async def uses_step(self, user: User, factor: SecondFactor, code: str) -> bool:
        """Do so with a code of the app; raises `TooManyRequests` after many wrong ones."""
        await self.limit.check(user, self.users.client)
        step = step_of(self.secret_of(user, factor), code)
        if step is None:
            await self.limit.count(user)
        if step is None or not await self.factors.use_step(user.id, step):
            return False
        # By the present key: the one before it is dropped one day.
        factor.secret = self.state.cipher.rotate(factor.secret).decode()
        return True

    def secret_of(self, user: User, factor: SecondFactor) -> bytes:
        """Return what the app knows; where the key is lost, what nobody knows."""
        try:
            return self.state.cipher.decrypt(factor.secret)
        except InvalidToken:
            report("second factor unreadable", user.email, self.users.client)
            return new_secret()

    async def read(self, user: User) -> SecondFactorRead:
        factor = await self.factors.of(user.id)
        since = factor.confirmed_at if factor else None
        left = await self.factors.count_recovery_codes(user.id)
        return SecondFactorRead(is_active=since is not None, active_since=since, recovery_codes=left)

    async def find(self, user: User, *, active: bool) -> SecondFactor:
        """Return what a locked account has, if it is active, or if it is not."""
        await self.users.lock(user)
        factor = await self.factors.of(user.id)
        if factor and factor.confirmed_at and not active:
            raise SecondFactorActive
        if not factor or (active and not factor.confirmed_at):
            raise SecondFactorNotFound
        return factor

    async def enrol(self, user: User) -> Enrolment:
        """Give an account a secret, which counts nothing before it is confirmed."""
        await self.users.lock(user)
        factor = await self.factors.of(user.id)
        if factor and factor.confirmed_at:
            raise SecondFactorActive
        secret = new_secret()
        await self.factors.replace(user.id, self.state.cipher.encrypt(secret).decode())
        # Not every app takes a plus for a space, as forms do.
        uri = authenticator(secret).get_provisioning_uri(user.email, self.state.issuer).replace("+", "%20")
        return Enrolment(setup_key=b32encode(secret).decode(), uri=uri)

    async def confirm(self, user: User, code: Secret[str], sign_in_id: UUID) -> list[str]:
        """Ask for codes from now on; other sign-ins, which nobody was asked for one, end."""
        factor = await self.find(user, active=False)
        if not await self.uses(user, factor, code):
            raise WrongCode
        factor.confirmed_at = datetime.now(UTC)
        await self.users.users.end_sign_ins(user.id, but=sign_in_id)
        report("second factor added", user.email, self.users.client)
        return await self.renew(user)

    async def recover(self, user: User, code: Secret[str]) -> list[str]:
        """Replace the codes to recover with."""
        await self.prove(user, code)
        report("recovery codes replaced", user.email, self.users.client)
        return await self.renew(user)

    async def remove(self, user: User, code: Secret[str]) -> None:
        """Ask for no codes any more."""
        await self.prove(user, code)
        await self.factors.remove(user.id)
        await self.limit.forget(user)
        report("second factor removed", user.email, self.users.client)

    async def remove_of(self, user: User, administrator: User) -> None:
        """Do so for somebody else, who has neither the app nor a code."""
        if user.id == administrator.id:
            raise Forbidden
        if not await self.factors.remove(user.id):
            raise SecondFactorNotFound
        await self.limit.forget(user)
        report("second factor removed", user.email, self.users.client, administrator=administrator.email)

    async def prove(self, user: User, code: Secret[str]) -> None:
        """Raise unless the account has a second factor, and this is a code of it."""
        if not await self.uses(user, await self.find(user, active=True), code):
            raise WrongCode

    async def renew(self, user: User) -> list[str]:
        """Make new codes to recover with, of which only the hashes stay."""
        codes = new_recovery_codes()
        await self.factors.replace_recovery_codes(user.id, map(hash_code, codes))
        return codes
