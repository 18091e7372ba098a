"""A browser with two tabs on a slow network, which loses answers: run in a generated project, beside its server.

Every round, both tabs refresh with the token that they share, at nearly the same moment; each answer that gets lost is
asked for again. No tab may be signed out, and all that it gets must work. The last line is what the browser has then.
"""

import asyncio
import json
import random
import sys

from httpx2 import AsyncClient, Response

LOST = 0.2  # of all answers
SLOWEST = 0.01  # seconds


async def refresh(client: AsyncClient, token: str) -> Response:
    """Refresh as a tab does: slowly, and again when the answer is lost."""
    await asyncio.sleep(random.uniform(0, SLOWEST))
    answer = await client.post("/api/v1/auth/refresh", json={"refresh_token": token})
    await asyncio.sleep(random.uniform(0, SLOWEST))
    return await refresh(client, token) if random.random() < LOST else answer


async def main(url: str, token: str, rounds: int) -> None:
    """Refresh in both tabs, as many times as there are rounds."""
    replaced = token
    async with AsyncClient(base_url=url, timeout=60) as client:
        for number in range(rounds):
            answers = await asyncio.gather(refresh(client, token), refresh(client, token))
            assert [answer.status_code for answer in answers] == [200, 200], (number, answers)
            [new] = {answer.json()["refresh_token"] for answer in answers}
            replaced, token = token, new
            headers = [{"Authorization": f"Bearer {answer.json()['access_token']}"} for answer in answers]
            if number % 10 == 0:
                seen = [await client.get("/api/v1/users/me", headers=one) for one in headers]
                assert [answer.status_code for answer in seen] == [200, 200], number
    sys.stdout.write(json.dumps({"replaced": replaced, "token": token}))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
