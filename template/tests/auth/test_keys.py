"""API keys: what is stored of them, what they allow, and how they end."""

import hashlib
from contextlib import AsyncExitStack
from hmac import compare_digest

import pytest
from anyio import to_thread
from fastapi import FastAPI
from httpx2 import AsyncClient

from app.auth import keys
from app.auth.callers import Scope
from app.auth.dependencies import HEADER
from tests.api_key import add_key, stored_keys
from tests.conftest import CLOSED, Client, CreateApp, MakeSettings, Run
from tests.inspection import operations, url_of

practice = pytest.mark.practice
NOBODYS_ID = "0" * 32
CREATE = ["create", "billing", "--scopes", "read,write", "--days", "366"]


async def get(client: AsyncClient, key: str) -> int:
    return (await client.get(CLOSED, headers={HEADER: key})).status_code


@practice("api-key-hashed")
async def test_only_a_hash_is_stored(client: Client) -> None:
    key = await add_key(client.state, "billing", Scope.READ)
    _prefix, key_id, secret = key.split("_")
    assert len(bytes.fromhex(secret)) == 32
    async with stored_keys(client.state) as repository:
        [stored] = await repository.all()
    assert (stored.id.hex, stored.key_hash) == (key_id, hashlib.sha256(key.encode()).hexdigest())
    assert secret not in str(vars(stored))
    assert stored.key_hash not in f"{stored!r} {client.state['auth']!r}"


@practice("api-key-hashed")
async def test_the_work_is_the_same_whether_there_is_such_a_key(
    client: Client, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    compared: list[str] = []

    def compare(one: str, other: str) -> bool:
        compared.extend((one, other))
        return compare_digest(one, other)

    monkeypatch.setattr("app.auth.service.compare_digest", compare)
    key = await add_key(client.state, "billing", Scope.READ)
    prefix, key_id, secret = key.split("_")
    refused = [f"{prefix}_{key_id}_{secret[::-1]}", f"{prefix}_{NOBODYS_ID}_{secret}", f"another_{key_id}_{secret}"]
    refused.append(await add_key(client.state, "billing", Scope.READ, days=-1))
    answers = [await client.get(CLOSED, headers={HEADER: one}) for one in refused]
    assert {answer.status_code for answer in answers} == {401}
    assert len({answer.json()["detail"] for answer in answers}) == 1
    assert {answer.headers["WWW-Authenticate"] for answer in answers} == {f'APIKey in="header", name="{HEADER}"'}
    assert await get(client, key) == 200
    assert [len(digest) for digest in compared] == [64] * 10
    assert [reason in caplog.text for reason in ("secret is wrong", "unknown", "expired", "by 127.0.0.1")] == [True] * 4
    assert [one for one in refused if one.split("_")[2] in caplog.text] == []


async def test_what_only_resembles_a_key_is_refused(client: Client) -> None:
    key = await add_key(client.state, "billing", Scope.READ)
    spoilt = ["", key[:-1], f"{key}0", key.upper(), key.partition("_")[2], f"Bearer {key}", key.replace("_", "-")]
    spoilt += [f"{key[:-1]}é", f"{key[:-1]}٣", f"{key}_" * 300, "a" * 60_000 + key]
    answers = [await client.get(CLOSED, headers={HEADER.encode(): one.encode()}) for one in spoilt]
    assert [answer.status_code for answer in answers] == [401] * len(spoilt)


async def test_a_key_counts_only_in_its_header_and_only_once(client: Client) -> None:
    key = await add_key(client.state, "billing", Scope.READ)
    answers = [
        await client.get(CLOSED, headers=[(HEADER, key), (HEADER, key)]),
        await client.get(CLOSED, headers={"Authorization": f"Bearer {key}"}),
        await client.get(CLOSED, headers={"Cookie": f"{HEADER}={key}"}),
        await client.get(CLOSED, params={HEADER: key, "api_key": key}),
    ]
    assert [answer.status_code for answer in answers] == [401] * 4


@practice("api-key-scoped")
@pytest.mark.parametrize("scopes", [["read"], ["write"], ["admin"], ["read", "write", "admin"]], ids=",".join)
async def test_each_method_needs_its_scope(api: FastAPI, client: Client, scopes: list[Scope]) -> None:
    headers = {HEADER: await add_key(client.state, "billing", *scopes)}
    for path, method, _ in operations(api):
        answer = await client.request(method, url_of(path), headers=headers)
        needed = "read" if method in {"get", "head"} else "write"
        assert (answer.status_code == 403) is (needed not in scopes), path


@practice("api-key-expiry")
async def test_a_key_ends_with_its_last_day(client: Client) -> None:
    lives = [await add_key(client.state, "billing", Scope.READ, days=days) for days in (1, 0, -1)]
    assert [await get(client, key) for key in lives] == [200, 200, 401]


@practice("api-key-expiry")
@pytest.mark.parametrize(
    "arguments",
    [
        CREATE[:4],
        *([*CREATE[:5], days] for days in ("0", "367", "-1", "1.5", "forever")),
        ["create", "billing", "--days", "1"],
        *(["create", "billing", "--days", "1", "--scopes", scopes] for scopes in ("", "root", "read,")),
        *(["create", client, *CREATE[2:]] for client in ("", "Billing", "a:b", "a" * 101, "naïve")),
        ["revoke", "all"],
        [],
    ],
    ids=" ".join,
)
def test_the_command_line_refuses(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as refusal:
        keys.main(arguments)
    assert refusal.value.code == 2


@practice("api-key-expiry")
async def test_keys_are_made_listed_and_revoked(
    create_app: CreateApp,
    make_settings: MakeSettings,
    run: Run,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: dict[str, str] = {}
    monkeypatch.setattr(keys, "get_settings", lambda: make_settings(auth=given))

    async def command(*arguments: str) -> list[str]:
        """Return what is printed, without the line that is meant for the settings, which goes there."""
        capsys.readouterr()
        assert await to_thread.run_sync(keys.main, list(arguments)) is None
        lines = capsys.readouterr().out.splitlines()
        for line in lines:
            if "=" in line:
                given["keys"] = line.partition("=")[2]
        return [line for line in lines if "=" not in line]

    async with AsyncExitStack() as opened:

        async def status(key: str) -> int:
            """Ask an application that starts now."""
            return await get(await opened.enter_async_context(run(create_app(make_settings(auth=given)))), key)

        [old], [new] = await command(*CREATE), await command(*CREATE)
        ids = [key.split("_")[-2] for key in (old, new)]
        assert [await status(old), await status(new)] == [200, 200]
        assert {line.split()[0] for line in await command("list")} == set(ids)
        assert await command("revoke", ids[0]) == []
        assert [await status(old), await status(new)] == [401, 200]
        assert ids[0] in str(await to_thread.run_sync(keys.main, ["revoke", ids[0]]))
