"""What a client owns, whichever key it uses."""

from uuid import UUID

from app.auth.callers import Scope
from app.auth.dependencies import HEADER
from tests.api_key import add_key, stored_keys
from tests.conftest import Client
from tests.items.test_items import URL


async def test_what_a_client_owns_stays_when_its_key_is_replaced(client: Client) -> None:
    old, new = [await add_key(client.state, "billing", Scope.READ, Scope.WRITE) for _ in range(2)]
    answer = await client.post(URL, json={"name": "Bicycle", "price": 1}, headers={HEADER: old})
    async with stored_keys(client.state) as repository:
        assert await repository.remove(UUID(old.split("_")[1]))
    url = answer.headers["Location"]
    assert [(await client.get(url, headers={HEADER: key})).status_code for key in (old, new)] == [401, 200]
