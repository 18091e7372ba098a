"""The oldest and the newest versions that a project allows: both must prove it. The weekly workflow runs this."""

import pytest

from tests.template.combinations import APPLICATIONS, Answers, label
from tests.template.projects import render_project, succeed

pytestmark = pytest.mark.slow
