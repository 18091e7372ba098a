"""Practices of the second factor."""

import ast

import pytest

from tests.inspection import dotted, nodes

practice = pytest.mark.practice


@practice("second-factor-enforced")
def test_nothing_else_begins_a_sign_in() -> None:
    functions = [node for _, node in nodes((ast.FunctionDef, ast.AsyncFunctionDef))]
    called = {one.name: [dotted(node) for node in ast.walk(one) if isinstance(node, ast.Call)] for one in functions}
    begun = {name: calls for name, calls in called.items() if {"RefreshToken", "UserSession"} & {*calls}}
    assert begun
    assert [name for name, calls in begun.items() if "second_factor.check" not in calls] == []
