from httpx2 import AsyncClient


async def test_jobs_of_others_do_not_exist(user: AsyncClient, other_user: AsyncClient, admin: AsyncClient) -> None:
    key = {"Idempotency-Key": "one"}
    urls = [(await one.post("/api/v1/items/reports", headers=key)).headers["Location"] for one in (user, other_user)]
    assert urls[0] != urls[1], "a key is its owner's"
    assert [(await other_user.get(url)).status_code for url in urls] == [404, 200]
    assert (await other_user.get("/api/v1/jobs")).json()["total"] == 1
    assert [(await admin.get(url)).status_code for url in urls] == [200, 200]
    assert (await admin.get("/api/v1/jobs")).json()["total"] == 2
