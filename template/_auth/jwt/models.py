"""Who is signed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified
from app.users.models import User


class RefreshToken(Identified, Base):
    """One sign-in, with the hash of the one token that continues it, and of the one that it has replaced."""

    __tablename__ = "refresh_token"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    token_hash: Mapped[str] = mapped_column(String(64))
    previous_hash: Mapped[str | None] = mapped_column(String(64))
    expires_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime]
    device: Mapped[str] = mapped_column(String(200))
