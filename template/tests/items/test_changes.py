"""Changes that meet on a database server."""

from asyncio import gather

import pytest
from httpx2 import AsyncClient

from tests.items.test_items import BICYCLE, URL

practice = pytest.mark.practice


@practice("db-read-committed")
async def test_changes_of_one_thing_wait_for_each_other(user: AsyncClient) -> None:
    for _ in range(5):
        url = (await user.post(URL, json=BICYCLE)).headers["Location"]
        late, early = {"starts_at": "2026-03-20T00:00:00Z"}, {"ends_at": "2026-03-10T00:00:00Z"}
        answers = await gather(*(user.patch(url, json=change) for change in (late, early)))
        assert sorted(answer.status_code for answer in answers) == [200, 422]
        codes = [one.status_code for one in await gather(user.delete(url), user.patch(url, json={}), user.delete(url))]
        assert codes.count(204) == 1
        assert {*codes} <= {200, 204, 404}
