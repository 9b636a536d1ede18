"""The explain report of a job: made once, by the command, and refused in a sentence."""

import pytest

from impasto import recipe_files
from impasto.errors import InternalError
from impasto.jobs import reports
from impasto.jobs.errors import Conflict
from impasto.jobs.home import Home
from impasto.jobs.values import Job, JobRequest, JobStatus
from impasto.studio.page.choices import sample

NAMES = {"a" * 20: "My photo: the harbor.jpg", "b" * 20: "a<b>.jpg"}
CONTENT, STYLE, ID = "a" * 20, "b" * 20, "c" * 20


@pytest.fixture
def home(tmp_path):
    found = Home(tmp_path / "home")
    found.create()
    for id, name in ((CONTENT, "harbor"), (STYLE, "woodcut")):
        found.upload(id).write_bytes(sample(name).read_bytes())
    found.job(ID).path.mkdir()
    return found


def job(**settings):
    recipe = recipe_files.named("default").changed({"schedule.size": 256} | settings)
    request = JobRequest(recipe=recipe.to_dict(), content=CONTENT, styles=(STYLE,))
    return Job(id=ID, status=JobStatus.COMPLETED, request=request, title="x", created=0.0)


@pytest.mark.slow
def test_a_report_is_a_page_made_once(home):
    made = reports.report(job(**{"guides.protect": "mask"}), home, NAMES)
    assert made == home.job(ID).exports / "report.html"
    text = made.read_text(encoding="utf-8")
    assert "Gram" in text
    assert "My photo_ the harbor.jpg" in text
    assert CONTENT not in text
    assert list(made.parent.iterdir()) == [made]
    before = made.stat().st_mtime_ns
    assert reports.report(job(), home, NAMES) == made
    assert made.stat().st_mtime_ns == before


def test_a_recipe_that_cannot_be_explained_is_a_conflict(home):
    with pytest.raises(Conflict, match=r"no report of this job: .*style\.weight is 0"):
        reports.report(job(**{"style.weight": 0.0}), home, NAMES)
    assert list(home.job(ID).exports.iterdir()) == []


def test_a_report_that_takes_too_long_is_ended(home):
    with pytest.raises(InternalError, match="not done after"):
        reports.report(job(), home, NAMES, seconds=0.05)
    assert list(home.job(ID).exports.iterdir()) == []
