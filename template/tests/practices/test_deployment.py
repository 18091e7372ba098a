"""Practices of whatever the application is deployed with."""

import re

import pytest

from tests.inspection import ROOT, text_of

FILES = [path for pattern in ("*file", "compose.yaml", "deploy/**/*.*") for path in ROOT.glob(pattern)]
WRITTEN = r"(SECRET|PASSWORD|_KEY)\w*[\"']?\s*[:=]\s*(?!(Fn::Sub:\s*)?[\"']?(\$\{|\{\{resolve:))\S{6,}"


@pytest.mark.practice("secrets-by-reference")
@pytest.mark.parametrize("name", [path.relative_to(ROOT).as_posix() for path in FILES])
def test_no_file_holds_a_secret(name: str) -> None:
    assert not re.search(rf"{WRITTEN}|secretGenerator|kind: Secret\b", text_of(name))
