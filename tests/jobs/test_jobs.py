"""The front: uploads, admission, lists, and what may be done to jobs that wait."""

import io

import pytest

from impasto import recipe_files
from impasto.errors import InputError, PictureError, RecipeError
from impasto.jobs import disk, tables
from impasto.jobs.errors import Conflict, NotFound, QueueFull, TooLarge, TooManyJobs
from impasto.jobs.jobs import Jobs
from impasto.jobs.values import JobRequest, JobStatus, Output


@pytest.fixture
def put(jobs, tools):
    """Submit a job with another title; return its id."""
    return lambda title, **fields: jobs.submit(tools.asked(jobs, title=title, **fields)).id


def test_tables_of_another_format_are_left_alone(jobs):
    with jobs._database.writing() as connection:
        connection.execute(tables.format_.update().values(number=99))
    with pytest.raises(InputError, match="are of format 99"):
        Jobs(jobs.home.path)


class TestUploads:
    def test_the_same_file_is_stored_once(self, jobs, tools):
        first = jobs.upload(io.BytesIO(tools.picture(1)), "photo.png")
        again = jobs.upload(io.BytesIO(tools.picture(1)), "other name.png")
        assert first == again
        assert (first.kind, first.width, first.height) == ("png", 64, 48)
        assert first.bytes == len(tools.picture(1))
        assert [path.name for path in jobs.home.uploads.iterdir()] == [first.id]
        assert jobs.picture(first.id).read_bytes() == tools.picture(1)

    @pytest.mark.parametrize(
        ("name", "shown"),
        [
            ("../../etc/passwd", "passwd"),
            ("C:\\pictures\\cat.png", "cat.png"),
            ("a\0b\n.png", "ab.png"),
            ("", "picture"),
            ("..", "picture"),
            ("x" * 300, "x" * 200),
        ],
    )
    def test_a_name_is_no_path(self, jobs, tools, name, shown):
        assert jobs.upload(io.BytesIO(tools.picture(3)), name).name == shown

    def test_what_is_no_picture_is_refused_by_the_users_name_for_it(self, jobs):
        with pytest.raises(PictureError, match=r"^notes\.png is not a picture") as refusal:
            jobs.upload(io.BytesIO(b"just text"), "notes.png")
        assert str(jobs.home.path) not in str(refusal.value)
        assert jobs.uploads() == []
        assert not any(jobs._incoming._folder.iterdir())

    def test_too_many_bytes_are_not_read_to_the_end(self, opened, tools):
        jobs = opened(upload_bytes=1000)
        stream = io.BytesIO(b"\x89PNG" + bytes(10 * 2**20))
        with pytest.raises(TooLarge, match="more than 1,000 bytes"):
            jobs.upload(stream, "photo.png")
        assert stream.tell() <= 2 * 2**20
        assert not any(jobs._incoming._folder.iterdir())

    def test_too_many_pixels(self, opened, tools):
        with pytest.raises(TooLarge, match="more than 3,000 pixels"):
            opened(pixels=3000).upload(io.BytesIO(tools.picture(1)), "photo.png")

    def test_ids_are_no_way_out_of_the_folder(self, jobs):
        for id in ("../jobs.sqlite", "", "0" * 40):
            with pytest.raises(InputError):
                jobs.picture(id)


class TestAdmission:
    def test_an_accepted_job_is_there_for_others(self, opened, tools):
        jobs = opened()
        job = jobs.submit(tools.asked(jobs, client="ann"))
        assert (job.status, job.title, job.steps) == (JobStatus.QUEUED, "photo as painting", 24)
        assert opened().job(job.id) == job

    def test_the_request_comes_back_whole(self, jobs, tools):
        asked = tools.asked(
            jobs, title="mine", output=Output(depth=16, dpi=300.0), parent="ab" * 10
        )
        assert jobs.submit(asked).request == asked
        assert JobRequest.from_dict(asked.to_dict()) == asked

    def test_a_recipe_that_cannot_be_run_is_refused(self, jobs, tools):
        asked = tools.asked(jobs).to_dict()
        asked["recipe"]["style"]["weight"] = -1.0
        with pytest.raises(RecipeError):
            jobs.submit(JobRequest.from_dict(asked))
        assert jobs.jobs().total == 0

    def test_pictures_must_be_there(self, jobs, tools):
        with pytest.raises(NotFound, match="hand the picture in again"):
            jobs.submit(tools.asked(jobs, content="ab" * 20))
        with pytest.raises(InputError, match="one or more styles"):
            jobs.submit(tools.asked(jobs, styles=()))

    def test_plain_values_are_checked(self):
        whole = {"recipe": {}, "content": "a", "styles": []}
        wrong = ({"path": "/etc/passwd"}, {"output": {"format": "exe"}}, {"styles": 3})
        for values in ({}, *(whole | more for more in wrong)):
            with pytest.raises(InputError):
                JobRequest.from_dict(values)
        with pytest.raises(InputError, match="8 or 16"):
            Output(depth=12)

    def test_a_full_queue_says_when_to_come_again(self, opened, tools):
        jobs = opened(queue=2)
        first = jobs.submit(tools.asked(jobs)).id
        jobs.submit(tools.asked(jobs))
        with pytest.raises(QueueFull) as refusal:
            jobs.submit(tools.asked(jobs))
        assert refusal.value.retry_after > 0
        jobs.cancel(first)
        jobs.submit(tools.asked(jobs))

    def test_a_client_with_many_jobs_leaves_room_for_others(self, opened, tools):
        jobs = opened(jobs_per_client=1)
        jobs.submit(tools.asked(jobs, client="ann"))
        with pytest.raises(TooManyJobs) as refusal:
            jobs.submit(tools.asked(jobs, client="ann"))
        assert refusal.value.retry_after > 0
        jobs.submit(tools.asked(jobs, client="bob"))

    def test_results_have_limits_too(self, opened, tools):
        jobs = opened(result_pixels=4000, steps=30)
        with pytest.raises(TooLarge, match="4,096 pixels"):
            jobs.submit(tools.asked(jobs))
        small = tools.RECIPE.changed({"schedule.size": 32, "schedule.steps": 31})
        with pytest.raises(TooLarge, match="31 steps"):
            jobs.submit(tools.asked(jobs, small))

    def test_texts_that_no_database_keeps(self, jobs, tools):
        asked = tools.asked(jobs, title="a\0b\ud800", client="x" * 300)
        assert jobs.submit(asked).title == "ab"
        assert jobs.jobs(search="a\0b").total == 1
        for of in (jobs.job, jobs.picture, jobs.delete_recipe, jobs.remove_from_gallery):
            with pytest.raises(NotFound):
                of("\0")
        with pytest.raises(InputError, match="the parent"):
            jobs.submit(tools.asked(jobs, parent="../x"))

    def test_an_upload_that_went_meanwhile_is_missed_in_the_end(self, jobs, tools, monkeypatch):
        asked = tools.asked(jobs)

        def room(self, needed):
            with self.database.writing() as connection:
                connection.execute(tables.uploads.delete())

        monkeypatch.setattr(disk.Disk, "make_room", room)
        with pytest.raises(NotFound, match="any more"):
            jobs.submit(asked)


class TestLists:
    def test_pages_tell_of_every_job_once_the_newest_first(self, jobs, put):
        ids = [put(f"job {number}") for number in range(5)]
        first = jobs.jobs(limit=2)
        put("another")  # which belongs before what was seen, and moves nothing
        second = jobs.jobs(limit=2, before=first.before)
        third = jobs.jobs(limit=2, before=second.before)
        seen = [job.id for page in (first, second, third) for job in page.items]
        assert seen == ids[::-1]
        assert (first.total, third.before) == (5, None)

    def test_every_word_of_a_search_must_be_there(self, jobs, put):
        cats, dogs = put("Two Cats"), put("a 100% dog")
        found = lambda search: [job.id for job in jobs.jobs(search=search).items]  # noqa: E731
        assert found("cats two") == [cats]
        assert found("cats dog") == []
        assert found("100%") == [dogs]
        assert found("1%0") == []
        assert found("PAINTING default") == [dogs, cats]  # a style's name, the recipe's

    def test_a_new_title_is_found_and_the_old_one_is_not(self, jobs, put):
        id = put("before")
        assert jobs.rename(id, " after ").title == "after"
        assert [jobs.jobs(search=s).total for s in ("before", "after", "photo")] == [0, 1, 1]
        with pytest.raises(InputError, match="1 to 200"):
            jobs.rename(id, "  ")

    def test_by_status_favorite_and_client(self, jobs, put):
        one, two = put("one", client="ann"), put("two", client="bob")
        jobs.cancel(one)
        jobs.favorite(two)
        ids = lambda **asked: [job.id for job in jobs.jobs(**asked).items]  # noqa: E731
        assert ids(status=JobStatus.CANCELLED) == [one]
        assert ids(status=[JobStatus.CANCELLED, JobStatus.QUEUED]) == [two, one]
        assert ids(favorite=True) == [two]
        assert ids(favorite=False) == ids(client="ann") == [one]
        jobs.favorite(two, False)
        assert ids(favorite=True) == []

    def test_pages_have_limits(self, jobs):
        for limit in (0, 201):
            with pytest.raises(InputError, match="1 to 200"):
                jobs.jobs(limit=limit)

    def test_counts(self, jobs, put, tools):
        jobs.cancel(put("one"))
        put("two")
        counts = jobs.counts()
        assert counts.jobs[JobStatus.QUEUED] == counts.jobs[JobStatus.CANCELLED] == 1
        assert counts.uploads == 2
        assert counts.disk_bytes == len(tools.picture(1)) + len(tools.picture(2))
        assert 0 < counts.seconds_waiting < 60
        assert counts.workers == ()


class TestJobsThatWait:
    def test_pause_and_resume(self, jobs, put):
        id = put("one")
        assert jobs.control(id, "pause").status is JobStatus.PAUSED
        assert jobs.control(id, "pause").status is JobStatus.PAUSED
        assert jobs.control(id, "resume").status is JobStatus.QUEUED

    def test_there_is_nothing_to_keep_of_a_job_that_has_not_begun(self, jobs, put):
        with pytest.raises(Conflict, match="cancel it"):
            jobs.control(put("one"), "stop")

    def test_what_has_ended_is_not_steered(self, jobs, put):
        id = put("one")
        jobs.cancel(id)
        assert jobs.cancel(id).status is JobStatus.CANCELLED
        with pytest.raises(Conflict, match="is cancelled"):
            jobs.control(id, "resume")

    def test_deleting_needs_an_end(self, jobs, put):
        id = put("one")
        with pytest.raises(Conflict, match="cancel it first"):
            jobs.delete(id)
        jobs.cancel(id)
        jobs.delete(id)
        with pytest.raises(NotFound):
            jobs.job(id)

    @pytest.mark.parametrize(
        ("action", "values"),
        [
            ("halt", {}),
            ("pause", {"value": 1}),
            ("weight", {"term": "style"}),
            ("weight", {"term": "style", "value": -1}),
            ("weight", {"term": "style", "value": float("nan")}),
            ("weight", {"term": 3, "value": 1.0}),
            ("strength", {"value": 1.5}),
            ("strength", {"value": True}),
        ],
    )
    def test_actions_are_checked(self, jobs, put, action, values):
        with pytest.raises(InputError):
            jobs.control(put("one"), action, **values)

    def test_there_is_no_result_yet(self, jobs, put):
        id = put("one")
        assert jobs.preview(id) is None
        assert jobs.events(id) == []
        for of in (jobs.result, jobs.trace):
            with pytest.raises(Conflict, match="is queued and has no picture"):
                of(id)


class TestLibrary:
    def test_recipes_of_the_users_own(self, opened):
        jobs, draft = opened(), recipe_files.named("draft").to_dict()
        jobs.save_recipe("B", draft)
        jobs.save_recipe(" A ", recipe_files.named("oil").to_dict())
        jobs.save_recipe("A", draft)
        assert [(r.name, r.recipe) for r in opened().saved_recipes()] == [
            ("A", draft),
            ("B", draft),
        ]
        jobs.delete_recipe("B")
        with pytest.raises(NotFound):
            jobs.delete_recipe("B")
        with pytest.raises(RecipeError):
            jobs.save_recipe("C", {"seed": 1})
        with pytest.raises(InputError, match="1 to 100"):
            jobs.save_recipe("", draft)
        assert [r.name for r in jobs.saved_recipes()] == ["A"]

    def test_a_gallery_of_styles(self, jobs, tools):
        one, two = tools.uploaded(jobs, 1), tools.uploaded(jobs, 2)
        for id in (one, two, one):
            jobs.add_to_gallery(id)
        assert [style.id for style in jobs.gallery()] == [one, two]
        jobs.remove_from_gallery(one)
        assert [style.id for style in jobs.gallery()] == [two]
        for of in (jobs.remove_from_gallery, jobs.add_to_gallery):
            with pytest.raises(NotFound):
                of("ab" * 20)
