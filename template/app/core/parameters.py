"""What an operation takes in its query and its body, and that each parameter with one value is sent once."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_origin

from fastapi import Request
from fastapi.exceptions import RequestValidationError
from pydantic.fields import FieldInfo


def is_list(annotation: Any) -> bool:  # noqa: ANN401 - of any type
    """Tell whether a parameter may have several values."""
    return get_origin(annotation) in {list, tuple, set} or any(map(is_list, get_args(annotation)))


def taken(request: Request, place: str) -> Iterator[tuple[str, FieldInfo]]:
    """Yield by name what the operation takes in its `query`, or in its `body`: what is a model, field by field."""
    asking = [request.scope["route"].dependant]
    for one in asking:
        asking += one.dependencies  # which are visited in their turn
        for part in one.query_params if place == "query" else one.body_params:
            yield from getattr(part.field_info.annotation, "model_fields", {part.alias: part.field_info}).items()


async def refuse_repeated(request: Request) -> None:
    """Refuse a second value for what has one: the first would be dropped unseen."""
    counted = Counter(name for name, _ in request.query_params.multi_items())
    if counted.total() == len(counted):
        return
    error = {"type": "repeated", "msg": "It has one value, and was sent with several.", "input": None}
    single = {name for name, field in taken(request, "query") if not is_list(field.annotation)}
    errors = [{**error, "loc": ("query", name)} for name in sorted(single) if counted[name] > 1]
    if errors:
        raise RequestValidationError(errors)
