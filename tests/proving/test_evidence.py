"""What a JUnit report says about practices."""

from pathlib import Path

import pytest

from fastapi_scaffold.proving.evidence import TestResult, judge, read_coverage, read_junit
from tests.small import practice

REPORT = """\
<testsuites><testsuite>
<testcase classname="tests.test_a" name="test_ok" file="tests/test_a.py" line="3"><properties>
  <property name="practice" value="alpha"/><property name="practice" value="beta"/><property name="other" value="x"/>
</properties></testcase>
<testcase classname="tests.test_a.TestB" name="test_bad[1]" file="tests/test_a.py" line="7"><properties>
  <property name="practice" value="beta"/></properties>
  <failure message="assert 1 == 2&#10;more">
tests/test_a.py:9:
app/main.py:12: AssertionError
.venv/lib/x.py:3: in f</failure></testcase>
<testcase classname="tests.test_a" name="test_error" file="tests/test_a.py" line="20"><error message="boom">none</error>
</testcase>
<testcase classname="tests.test_a" name="test_skip"><skipped message="why"/></testcase>
</testsuite></testsuites>
"""


# What could not be imported, as pytest reports it.
UNCOLLECTED = """\
<testsuites><testsuite>
<testcase classname="" name="tests.test_a" file="tests/test_a.py"><error message="collection failure">
tests/test_a.py:3: in &lt;module&gt;
    from app.main import app
E     File "/here/app/main.py", line 12
E       def broken(:
E                  ^
E   SyntaxError: invalid syntax</error></testcase>
<testcase classname="" name="tests.test_b" file="tests/test_b.py"><error message="collection failure">
app/settings.py:7: KeyError
E   KeyError: 'x'

During handling of the above exception, another exception occurred:
tests/test_b.py:5: in &lt;module&gt;
    load()
.venv/lib/x.py:3: in load
E   ValueError: two
E     lines</error></testcase>
<testcase classname="" name="tests.test_c" file="tests/test_c.py"><error message="collection failure">'x' is no
marker</error></testcase>
<testcase classname="" name="tests.test_d" file="tests/test_d.py"><skipped message="why"/></testcase>
</testsuite></testsuites>
"""


def result(outcome: str, *practices: str) -> TestResult:
    return TestResult(f"test_{outcome}", outcome, practices)


def test_read(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(REPORT)
    ok, bad, error, skip = read_junit(path, tmp_path)
    assert (ok.name, ok.outcome, ok.practices) == ("tests/test_a.py::test_ok", "passed", ("alpha", "beta"))
    assert (bad.name, bad.outcome) == ("tests/test_a.py::TestB::test_bad[1]", "failed")
    assert (bad.location, bad.message) == ("app/main.py:12", "assert 1 == 2")
    assert (error.outcome, error.location) == ("failed", "tests/test_a.py:21")
    assert (skip.name, skip.outcome) == ("tests/test_a.py::test_skip", "skipped")


def test_what_cannot_be_imported_is_a_file_with_the_error(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(UNCOLLECTED)
    assert [(test.name, test.outcome, test.location, test.message) for test in read_junit(path, Path("/here"))] == [
        ("tests/test_a.py", "failed", "app/main.py:12", "SyntaxError: invalid syntax"),
        ("tests/test_b.py", "failed", "tests/test_b.py:5", "ValueError: two"),
        ("tests/test_c.py", "failed", "tests/test_c.py", "'x' is no"),
        ("tests/test_d.py", "skipped", "", "why"),
    ]


@pytest.mark.parametrize("content", [None, "", "<testsuites>"])
def test_no_report_no_tests(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "junit.xml").write_text(content)
    assert read_junit(tmp_path / "junit.xml", tmp_path) == []


@pytest.mark.parametrize(
    ("content", "percent"), [('{"totals": {"percent_covered": 97.349}}', 97.3), ("{}", None), ("", None), (None, None)]
)
def test_coverage(tmp_path: Path, content: str | None, percent: float | None) -> None:
    if content is not None:
        (tmp_path / "coverage.json").write_text(content)
    assert read_coverage(tmp_path / "coverage.json") == percent


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        (["passed"], "proven"),
        (["passed", "skipped"], "proven"),
        (["passed", "failed"], "failed"),
        (["failed"], "failed"),
        (["skipped"], "unproven"),
        ([], "unproven"),
    ],
)
def test_verdicts(outcomes: list[str], verdict: str) -> None:
    verdicts = judge([result(outcome, "alpha") for outcome in outcomes], [practice("alpha")])
    found = {"proven": verdicts.proven, "failed": verdicts.failed, "unproven": verdicts.unproven}
    assert [name for name, practices in found.items() if "alpha" in practices] == [verdict]


def test_practices_of_the_project_itself_are_judged_too() -> None:
    verdicts = judge([result("passed", "own")], [])
    assert list(verdicts.proven) == ["own"]
