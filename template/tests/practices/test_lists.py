"""Practices of lists: what all of them are filtered by."""

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.core.filters import Contained, Search, Whole

practice = pytest.mark.practice


@practice("field-constraints")
@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        (Contained, ("x", "x" * 100), ("", "x" * 101)),
        (Search, ("x", "x" * 200), ("", "x" * 201)),
        (Whole, ("-2147483648", "2147483647"), ("-2147483649", "2147483648", "1_0", "1.0", "\u0663")),
    ],
)
def test_what_many_lists_share_has_an_end(kind: Any, right: tuple[str, ...], wrong: tuple[str, ...]) -> None:
    assert [str(TypeAdapter(kind).validate_python(value)) for value in right] == [*right]
    for value in wrong:
        with pytest.raises(ValidationError):
            TypeAdapter(kind).validate_python(value)
