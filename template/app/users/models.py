"""Accounts."""

from enum import StrEnum

from sqlalchemy import String
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
    role: Mapped[Role] = mapped_column(default=Role.USER)
    is_active: Mapped[bool] = mapped_column(default=True)

    @property
    def is_admin(self) -> bool:
        """Whether the account reaches what belongs to others."""
        return self.role is Role.ADMIN
