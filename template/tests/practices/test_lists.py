"""Practices of lists: what all of them are filtered by."""

from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from app.core.cursors import check
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


@practice("pages-by-key")
def test_what_is_stored_nowhere_is_no_place_in_a_list() -> None:
    for value in ("x", -(2**31), 2**31 - 1, Decimal("-9999999999.99"), Decimal("9999999999.99")):
        check(value)
    for value in ("\0", -(2**31) - 1, 2**31, Decimal(-(10**10)), Decimal(10**10)):
        with pytest.raises(ValueError, match=r"^$"):
            check(value)
