"""What several tests failed of, told once."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi_scaffold.proving.evidence import TestResult
from fastapi_scaffold.proving.proof import Proof
from fastapi_scaffold.proving.steps import FAILED

# How many practices are named that fail for one reason.
_NAMED = 5


@dataclass(frozen=True)
class Cause:
    """What several tests failed of, in the same words: a fixture that all use, a module that none can import."""

    tests: Sequence[TestResult]
    practices: Sequence[str]
    """Those that failed of nothing else."""

    @property
    def many(self) -> bool:
        """Whether its practices are counted, and not named."""
        return len(self.practices) > _NAMED


def find_causes(proof: Proof) -> list[Cause]:
    """Return what more than one test failed of, unless all of them prove the same practice."""
    words: dict[tuple[str, ...], list[TestResult]] = {}
    for test in proof.tests:
        if test.outcome == FAILED:
            words.setdefault(_words(test), []).append(test)
    several = [tests for tests in words.values() if len(tests) > 1 and len({test.practices for test in tests}) > 1]
    several += [tests for tests in words.values() if len(tests) > 1 and not any(test.practices for test in tests)]
    told = {id(test): number for number, tests in enumerate(several) for test in tests}
    only: dict[int, list[str]] = {}
    for name, tests in proof.verdicts.failed.items():
        if all(id(test) in told for test in tests):
            only.setdefault(told[id(tests[0])], []).append(name)
    return [Cause(tests, only.get(number, [])) for number, tests in enumerate(several)]


def _words(test: TestResult) -> tuple[str, ...]:
    """Return what tells one cause from another: two tests come to the same `assert 404 == 200` by different ways."""
    message = re.sub(r'^failed on \w+ with "(.*)"$', r"\1", re.sub(r"0x[0-9a-f]+", "", test.message))
    return (message, test.location) if message.startswith(("assert", "AssertionError", "Failed: ")) else (message,)
