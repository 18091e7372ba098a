"""Accounts and the refresh tokens that were issued to them."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import Enum, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified


class Role(StrEnum):
    """What an account may do."""

    USER = "user"
    ADMIN = "admin"


class User(Identified, Base):
    """Somebody who can sign in."""

    __tablename__ = "user_account"

    email: Mapped[str] = mapped_column(String(254), unique=True)
    password_hash: Mapped[str] = mapped_column(String(255))
    role: Mapped[Role] = mapped_column(
        Enum(Role, native_enum=False, length=20, values_callable=list), default=Role.USER
    )
    is_active: Mapped[bool] = mapped_column(default=True)


class RefreshToken(Identified, Base):
    """One link in a chain of refresh tokens: each is used once, and replaced by the next of its family."""

    __tablename__ = "refresh_token"

    user_id: Mapped[UUID] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    family_id: Mapped[UUID] = mapped_column(index=True)
    token_hash: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
