"""The queries on second factors."""

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import CursorResult, Executable, delete, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from app.second_factor.models import RecoveryCode, SecondFactor


class SecondFactorRepository:
    """Second factors in the database."""

    def __init__(self, session: AsyncSession) -> None:
        self.session = session

    async def of(self, user_id: UUID) -> SecondFactor | None:
        """Find what an account has, confirmed or not."""
        return await self.session.get(SecondFactor, user_id)

    async def replace(self, user_id: UUID, secret: str) -> None:
        """Store a secret that is to be confirmed, in place of all there was."""
        await self.remove(user_id)
        self.session.add(SecondFactor(user_id=user_id, secret=secret, last_step=0))

    async def use_step(self, user_id: UUID, step: int) -> bool:
        """Note that the code of a step was used; false if this one was, or a later one, also by a parallel request."""
        mine = (SecondFactor.user_id == user_id, SecondFactor.last_step < step)
        return await self.changes(update(SecondFactor).where(*mine).values(last_step=step))

    async def use_recovery_code(self, user_id: UUID, code_hash: str) -> bool:
        """Remove a code; false if there is none, or no more."""
        mine = (RecoveryCode.user_id == user_id, RecoveryCode.code_hash == code_hash)
        return await self.changes(delete(RecoveryCode).where(*mine))

    async def changes(self, statement: Executable) -> bool:
        """Execute a statement, and tell whether it changed a row."""
        done = await self.session.execute(statement)
        return isinstance(done, CursorResult) and done.rowcount == 1

    async def count_recovery_codes(self, user_id: UUID) -> int:
        query = select(func.count()).select_from(RecoveryCode).where(RecoveryCode.user_id == user_id)
        return await self.session.scalar(query) or 0

    async def replace_recovery_codes(self, user_id: UUID, hashes: Iterable[str]) -> None:
        await self.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        self.session.add_all(RecoveryCode(user_id=user_id, code_hash=one) for one in hashes)

    async def remove(self, user_id: UUID) -> bool:
        """Remove all that an account has; false if that is nothing."""
        await self.session.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user_id))
        return await self.changes(delete(SecondFactor).where(SecondFactor.user_id == user_id))
