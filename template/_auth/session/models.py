"""The sessions of those who are signed in."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database.base import Base, Identified
from app.users.models import User


class UserSession(Identified, Base):
    """One sign-in in one browser, found by the hash of its id: whoever reads the table cannot use it."""

    __tablename__ = "user_session"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    id_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime] = mapped_column(index=True)
    device: Mapped[str] = mapped_column(String(200))
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)
