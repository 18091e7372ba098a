"""Make, list and revoke API keys.

uv run python -m app.auth.keys create billing --scopes read,write --days 90
uv run python -m app.auth.keys list
uv run python -m app.auth.keys revoke 0f8fad5bd9cb469fa16570867728950e
"""

import sys
from argparse import ArgumentParser, ArgumentTypeError, Namespace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import anyio

from app.auth.callers import Scope
from app.auth.key_format import CLIENT, MAX_DAYS
from app.auth.service import KeyService, is_expired
from app.auth.state import auth_from
from app.auth.storage import open_keys
from app.config import Settings, get_settings


async def create(settings: Settings, options: Namespace) -> None:
    """Make a key; this is the only time that it is shown."""
    last_date = datetime.now(UTC).date() + timedelta(days=options.days)
    async with open_keys(settings) as keys:
        key = await KeyService(keys).issue(auth_from(settings).prefix, options.client, options.scopes, last_date)
    sys.stderr.write(f"A key of {options.client}, valid until {last_date}; it cannot be shown again.\n")
    sys.stdout.write(f"{key}\n")


async def show(settings: Settings, _options: Namespace) -> None:
    """List the keys: id, client, scopes, last day."""
    async with open_keys(settings) as keys:
        for key in await keys.all():
            remark = "  expired" if is_expired(key) else ""
            sys.stdout.write(f"{key.id.hex}  {key.client}  {','.join(key.scopes)}  {key.last_date}{remark}\n")


async def revoke(settings: Settings, options: Namespace) -> str | None:
    """Forget a key, so that nobody can use it; returns an error message, or nothing."""
    async with open_keys(settings) as keys:
        found = await keys.remove(options.id)
    return None if found else f"There is no key {options.id.hex}."


def client_name(text: str) -> str:
    """Check the name of a client, which owns what it creates: databases differ in what they hold for the same name."""
    if not CLIENT.fullmatch(text):
        message = "a client has 1 to 100 lower-case letters, digits, dots, hyphens or underscores"
        raise ArgumentTypeError(message)
    return text


def scope_list(text: str) -> list[Scope]:
    """Read `read,write`."""
    if not set(text.split(",")) <= set(Scope):
        message = f"choose from {','.join(Scope)}, separated by commas"
        raise ArgumentTypeError(message)
    return [scope for scope in Scope if scope in text.split(",")]


def number_of_days(text: str) -> int:
    """Read the life of a key, which has to end."""
    if not (text.isdecimal() and 1 <= int(text) <= MAX_DAYS):
        message = f"a key lives 1 to {MAX_DAYS} days"
        raise ArgumentTypeError(message)
    return int(text)


def main(arguments: list[str]) -> str | None:
    """Return an error message, or nothing."""
    parser = ArgumentParser(prog="python -m app.auth.keys")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    making = commands.add_parser("create", help="make a key")
    making.set_defaults(run=create)
    making.add_argument("client", metavar="CLIENT", type=client_name, help="who gets it, and owns what it creates")
    making.add_argument("--scopes", required=True, type=scope_list, help=f"what it allows: {','.join(Scope)}")
    making.add_argument("--days", required=True, type=number_of_days, help=f"how long it lives, at most {MAX_DAYS}")
    commands.add_parser("list", help="list the keys").set_defaults(run=show)
    revoking = commands.add_parser("revoke", help="forget a key")
    revoking.set_defaults(run=revoke)
    revoking.add_argument("id", metavar="ID", type=UUID, help="as `list` shows it")
    options = parser.parse_args(arguments)
    error: str | None = anyio.run(options.run, get_settings(), options)
    return error


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
