"""Parameters of a query, each of which is said once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError


def is_list(annotation: Any) -> bool:  # noqa: ANN401 - of any type
    """Tell whether a parameter may have several values."""
    return get_origin(annotation) in {list, tuple, set} or any(map(is_list, get_args(annotation)))


def single(request: Request) -> Iterator[str]:
    """Yield the parameters of the operation that have one value, also those that are fields of a model."""
    asking = [request.scope["route"].dependant]
    for one in asking:
        asking += one.dependencies  # which are visited in their turn
        for part in one.query_params:
            fields = getattr(part.field_info.annotation, "model_fields", {part.alias: part.field_info})
            yield from (name for name, field in fields.items() if not is_list(field.annotation))


async def refuse_repeated(request: Request) -> None:
    """Refuse a second value for what has one: the first would be dropped unseen."""
    counted = Counter(name for name, _ in request.query_params.multi_items())
    if counted.total() == len(counted):
        return
    error = {"type": "repeated", "msg": "It has one value, and was sent with several.", "input": None}
    errors = [{**error, "loc": ("query", name)} for name in sorted({*single(request)}) if counted[name] > 1]
    if errors:
        raise RequestValidationError(errors)
