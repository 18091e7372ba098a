"""How keys are written into the settings: `client:scope+scope:last day:id:hash`, separated by commas."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator
from pydantic_settings import NoDecode

from app.auth.key_format import CLIENT, MAX_DAYS
from app.auth.models import ApiKey
from app.core.settings import split_commas

ENTRY = re.compile(
    rf"(?P<client>{CLIENT.pattern})"
    r":(?P<scopes>[^:]+):(?P<last_date>\d{4}-\d\d-\d\d):(?P<id>[0-9a-f]{32}):(?P<key_hash>[0-9a-f]{64})"
)


def read_entry(text: object) -> object:
    """Take an entry apart."""
    match = ENTRY.fullmatch(text) if isinstance(text, str) else None
    if not match:
        message = "an entry is client:scope+scope:YYYY-MM-DD:id:hash, as `python -m app.auth.keys create` prints it"
        raise ValueError(message)
    return match.groupdict() | {"scopes": match["scopes"].split("+")}


def write_entry(key: ApiKey) -> str:
    """Write an entry that `read_entry` reads."""
    return f"{key.client}:{'+'.join(key.scopes)}:{key.last_date}:{key.id.hex}:{key.key_hash}"


def check_entries(keys: tuple[ApiKey, ...]) -> tuple[ApiKey, ...]:
    """Refuse what the command line would not have written."""
    if len({key.id for key in keys}) < len(keys):
        message = "two entries have the same id"
        raise ValueError(message)
    latest = datetime.now(UTC).date() + timedelta(days=MAX_DAYS)
    if any(key.last_date > latest for key in keys):
        message = "the last day of a key is at most a year away"
        raise ValueError(message)
    return keys


Keys = Annotated[
    tuple[Annotated[ApiKey, BeforeValidator(read_entry)], ...],
    NoDecode,
    BeforeValidator(split_commas),
    AfterValidator(check_entries),
]
