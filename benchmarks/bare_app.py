"""The least FastAPI application that does the work of the generated one: same tables, same queries, same token check.

It has no middleware, no access log, no problem documents, no readiness; it is the limit, not an example.
"""

import os
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from decimal import Decimal
from typing import Annotated
from uuid import UUID, uuid4

import jwt
from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.security import OAuth2PasswordBearer
from pydantic import BaseModel, ConfigDict
from sqlalchemy import ForeignKey, func, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

KEY = os.environ["BARE_KEY"]


class Base(DeclarativeBase):
    pass


class User(Base):
    __tablename__ = "user_account"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    email: Mapped[str]
    password_hash: Mapped[str]
    role: Mapped[str]
    is_active: Mapped[bool]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Item(Base):
    __tablename__ = "item"
    __mapper_args__ = {"eager_defaults": True}  # noqa: RUF012 - SQLAlchemy's own attribute
    id: Mapped[UUID] = mapped_column(primary_key=True, default=uuid4)
    owner_id: Mapped[UUID] = mapped_column(ForeignKey("user_account.id"))
    name: Mapped[str]
    description: Mapped[str | None]
    price: Mapped[Decimal]
    status: Mapped[str]
    starts_at: Mapped[datetime | None]
    ends_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())


class ItemCreate(BaseModel):
    name: str
    description: str | None = None
    price: Decimal
    status: str = "draft"
    starts_at: datetime | None = None
    ends_at: datetime | None = None


class ItemRead(ItemCreate):
    model_config = ConfigDict(from_attributes=True)
    id: UUID
    created_at: datetime
    updated_at: datetime


class ItemPage(BaseModel):
    total: int
    items: list[ItemRead]


@asynccontextmanager
async def lifespan(_app: FastAPI) -> AsyncGenerator[dict[str, async_sessionmaker[AsyncSession]]]:
    engine = create_async_engine(os.environ["BARE_DATABASE"])
    yield {"sessionmaker": async_sessionmaker(engine, expire_on_commit=False)}
    await engine.dispose()


app = FastAPI(lifespan=lifespan)
oauth2 = OAuth2PasswordBearer(tokenUrl="/token")


async def get_session(request: Request) -> AsyncIterator[AsyncSession]:
    async with request.state.sessionmaker.begin() as session:
        yield session


Session = Annotated[AsyncSession, Depends(get_session, scope="function")]


async def get_user(token: Annotated[str, Depends(oauth2)], session: Session) -> User:
    claims = jwt.decode(token, KEY, algorithms=["HS256"], audience=os.environ["BARE_AUDIENCE"])
    user = await session.get(User, UUID(claims["sub"]))
    if user is None or not user.is_active:
        raise HTTPException(401)
    return user


CurrentUser = Annotated[User, Depends(get_user)]


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@app.post("/api/v1/items", status_code=201, response_model=ItemRead)
async def create_item(new: ItemCreate, session: Session, user: CurrentUser) -> Item:
    item = Item(**new.model_dump(), owner_id=user.id)
    session.add(item)
    await session.flush()
    return item


@app.get("/api/v1/items")
async def list_items(session: Session, user: CurrentUser, limit: int = 20, offset: int = 0) -> ItemPage:
    query = select(Item).where(Item.owner_id == user.id).order_by(Item.created_at, Item.id)
    items = (await session.scalars(query.limit(limit).offset(offset))).all()
    total = await session.scalar(select(func.count()).select_from(Item).where(Item.owner_id == user.id))
    return ItemPage(items=[ItemRead.model_validate(item) for item in items], total=total or 0)


@app.get("/api/v1/items/{item_id}", response_model=ItemRead)
async def read_item(item_id: UUID, session: Session, user: CurrentUser) -> Item:
    item = await session.scalar(select(Item).where(Item.id == item_id, Item.owner_id == user.id))
    if item is None:
        raise HTTPException(404)
    return item
