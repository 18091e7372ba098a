"""The benchmarks that need no network run, although nobody looks at their figures here."""

from benchmarks.command_line import help_page, rendering


def test_they_run() -> None:
    assert all(cost > 0 for cost in {**help_page(1), **rendering(1)}.values())
