"""The keys that were issued."""

from datetime import date

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from app.database.base import Base, Identified


class ApiKey(Identified, Base):
    """A key of a client, without what makes it a secret. A revoked key is gone."""

    __tablename__ = "api_key"

    client: Mapped[str] = mapped_column(String(100))
    scopes: Mapped[list[str]] = mapped_column(JSON)
    last_date: Mapped[date]
    key_hash: Mapped[str] = mapped_column(String(64))
