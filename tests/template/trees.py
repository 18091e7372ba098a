"""Resources that refer to themselves, in a generated project: changes at once, many levels, an account that leaves."""

from asyncio import gather
from uuid import UUID

from app.categories.service import LEVELS
from app.users.models import User
from httpx2 import AsyncClient

from tests.conftest import Client

URL = "/api/v1/categories"


async def create(user: AsyncClient, parent_id: str | None = None) -> str:
    created = await user.post(URL, json={"parent_id": parent_id})
    assert created.status_code == 201, created.text
    return created.json()["id"]


async def test_changes_at_once_make_no_circle(user: AsyncClient) -> None:
    for _ in range(8):
        # Of what is on the way between them, neither change touches what the other one does.
        first, third = await create(user), await create(user)
        second, fourth = await create(user, third), await create(user, first)
        moves = ((first, second), (third, fourth))
        changes = [user.patch(f"{URL}/{one}", json={"parent_id": other}) for one, other in moves]
        statuses = sorted([answer.status_code for answer in await gather(*changes)])
        assert statuses in ([200, 422], [200, 503])


async def test_levels_are_limited(user: AsyncClient) -> None:
    lowest = None
    for _ in range(LEVELS):
        lowest = await create(user, lowest)
    refused = await user.post(URL, json={"parent_id": lowest})
    assert (refused.status_code, refused.json()["code"]) == (422, "misplaced_parent")


async def test_a_tree_leaves_with_its_owner(client: Client, user: AsyncClient) -> None:
    owner_id = UUID((await user.get("/api/v1/users/me")).json()["id"])
    lowest = None
    for _ in range(20):
        lowest = await create(user, lowest)
    async with client.state["sessionmaker"].begin() as session:
        await session.delete(await session.get(User, owner_id))
    assert (await user.get(URL)).status_code == 401
