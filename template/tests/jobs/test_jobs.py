from uuid import uuid4

from httpx2 import AsyncClient
from sqlalchemy import text

from app.jobs.queue import enqueue
from app.jobs.tasks import remove_old
from tests.conftest import Client
from tests.workers import Drain

URL = "/api/v1/jobs"
# All but one, and all that the queue did; what waits, waits a little longer.
AGED = (
    "UPDATE job SET updated_at = now() - interval '169 hours' WHERE id <> CAST(:recent AS uuid)",
    "UPDATE procrastinate_events SET at = now() - interval '169 hours'",
)
LEFT = "SELECT status::text FROM procrastinate_jobs WHERE task_name = 'items.report'"
LATER = "UPDATE procrastinate_jobs SET scheduled_at = now() + interval '1 hour' WHERE status = 'todo'"


async def test_list_and_read(user: AsyncClient) -> None:
    urls = [(await user.post("/api/v1/items/reports")).headers["Location"] for _ in range(3)]
    page = (await user.get(URL, params={"limit": 2})).json()
    assert (page["total"], [f"{URL}/{job['id']}" for job in page["items"]]) == (3, urls[:0:-1])
    assert (await user.get(urls[0])).json()["kind"] == "items.report"
    assert (await user.get(f"{URL}/{uuid4()}")).status_code == 404


async def test_what_ended_long_ago_is_removed(client: Client, user: AsyncClient, drain: Drain) -> None:
    urls = [(await user.post("/api/v1/items/reports")).headers["Location"] for _ in range(2)]
    await drain()
    urls.append((await user.post("/api/v1/items/reports")).headers["Location"])
    async with client.state["sessionmaker"].begin() as session:
        for statement in (*AGED, LATER):
            await session.execute(text(statement), {"recent": urls[1].rpartition("/")[2]})
        await enqueue(session, remove_old, timestamp="0")
    await drain()
    assert [(await user.get(url)).status_code for url in urls] == [404, 200, 200]
    async with client.state["engine"].connect() as connection:
        assert list(await connection.scalars(text(LEFT))) == ["todo"]
