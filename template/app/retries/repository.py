"""The queries on answers that are kept."""

from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from app.core.exceptions import Unavailable
from app.retries.models import KeptAnswer


@dataclass(frozen=True)
class KeptAnswers:
    """Answers in the database, which come and go with what the request did."""

    session: AsyncSession

    async def begin(self, row: KeptAnswer) -> KeptAnswer | None:
        """Store it, and return nothing; or wait for the request that has this id, and return its answer."""
        await self.session.execute(delete(KeptAnswer).where(KeptAnswer.expires_at <= datetime.now(UTC)))
        try:
            async with self.session.begin_nested():
                self.session.add(row)
        except IntegrityError as error:
            # Locked, to see what was committed a moment ago.
            known = await self.session.get(KeptAnswer, row.id, with_for_update=True)
            if known is None:
                raise Unavailable from error
            return known
        return None
