"""What is to be mailed, and what the mail may be used for."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified
from app.users.models import User


class Purpose(StrEnum):
    """What somebody asked for, or what their account has to tell."""

    REGISTRATION = "registration"
    RESET = "reset"
    CHANGE = "change"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105
    EMAIL_CHANGED = "email_changed"


# What is only told, without a token.
TELLING = (Purpose.PASSWORD_CHANGED, Purpose.EMAIL_CHANGED)


class AccountToken(Identified, Base):
    """One mail. It is asked for without a token, which is made when it is sent, and of which only the hash is kept.

    A hash says that it was sent, also where the mail has no token in it.
    """

    __tablename__ = "account_token"

    purpose: Mapped[Purpose]
    email: Mapped[str] = mapped_column(String(254), index=True)
    user_id: Mapped[UUID | None] = mapped_column(ForeignKey(User.id, ondelete="CASCADE"), index=True)
    password_hash: Mapped[str | None] = mapped_column(String(255))
    token_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime] = mapped_column(index=True)
