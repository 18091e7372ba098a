"""The second factor of accounts, as it is stored."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified
from app.users.models import User


class SecondFactor(Base):
    """What an account shares with an authenticator app, encrypted; it is asked for once it was confirmed."""

    __tablename__ = "second_factor"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), primary_key=True)
    secret: Mapped[str] = mapped_column(String(255))
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int]
    """The step whose code was used last: no code counts that is not later."""


class RecoveryCode(Identified, Base):
    """The hash of a code that lets the owner in once, without the app."""

    __tablename__ = "recovery_code"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    code_hash: Mapped[str] = mapped_column(String(64))
