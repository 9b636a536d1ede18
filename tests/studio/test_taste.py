"""Choices between two pictures that end in a recipe."""

import io
import json
import shutil

import pytest

from impasto import recipe_files
from impasto.errors import InputError
from impasto.jobs.errors import LimitError
from impasto.jobs.jobs import Jobs
from impasto.jobs.limits import Limits
from impasto.jobs.values import JobRequest, JobStatus
from impasto.studio import taste as tasting
from impasto.studio.taste import Taste, hand_in, keep


@pytest.fixture
def taste():
    return Taste.of(recipe_files.named("draft"))


@pytest.fixture
def opened(new_home, tmp_path, decoding_here):
    home, every = shutil.copytree(new_home, tmp_path / "home"), []

    def open_(**limits):
        every.append(Jobs(home, limits=Limits(**limits)))
        return every[-1]

    yield open_
    for jobs in every:
        jobs.close()


def request_of(jobs, picture):
    content, style = (jobs.upload(io.BytesIO(picture(seed)), "a.png").id for seed in (1, 2))
    return JobRequest(recipe={}, content=content, styles=(style,))


def answered(taste, *answers):
    for answer in answers:
        taste = taste.chosen(answer)
    return taste


def test_strength_is_asked_twice_the_second_time_closer(taste):
    assert [r.content.strength for r in taste.trials()] == [0.4, 0.8]
    assert [r.content.strength for r in taste.chosen("b").trials()] == [0.7, 0.9]
    assert [r.content.strength for r in taste.chosen("a").trials()] == [0.3, 0.5]
    assert [r.content.strength for r in taste.chosen("neither").trials()] == [0.5, 0.7]


def test_what_is_chosen_stays_and_the_rest_is_as_it_was(taste):
    known = answered(taste, "b", "a", "b", "b")
    assert known.is_known
    assert known.recipe == taste.recipe.changed(
        {
            "content.hold": "strength",
            "content.strength": 0.7,
            "style.scale": 1.4,
            "color.mode": "content",
        }
    )


def test_neither_changes_nothing(taste):
    assert answered(taste, *["neither"] * 4).recipe == taste.recipe


def test_the_two_pictures_differ_in_what_is_asked_alone(taste):
    for _ in range(4):
        one, other = taste.trials()
        ways = taste.ways()
        assert one != other
        assert ways[0].words != ways[1].words
        assert one.changed(ways[1].changes) == other
        taste = taste.chosen("neither")


def test_pictures_to_choose_from_are_small_and_the_recipe_is_not(taste):
    large = Taste.of(taste.recipe.changed({"schedule.size": 2000}))
    assert {r.schedule.size for r in large.trials()} == {tasting.TRIAL}
    assert answered(large, "a", "a", "a", "a").recipe.schedule.size == 2000
    small = Taste.of(taste.recipe.changed({"schedule.size": 200}))
    assert {r.schedule.size for r in small.trials()} == {200}


@pytest.mark.parametrize("name", recipe_files.names())
def test_every_recipe_can_be_begun_with(name):
    taste = Taste.of(recipe_files.named(name))
    holds = recipe_files.named(name).content.weight > 0
    assert ("strength" in taste.questions) == holds
    while not taste.is_known:
        taste.trials()
        taste = taste.chosen("b")


@pytest.mark.parametrize(("scale", "answer"), [(0.05, "a"), (20.0, "b")])
def test_scales_stay_within_what_recipes_allow(taste, scale, answer):
    edge = Taste.of(taste.recipe.changed({"style.scale": scale}))
    assert answered(edge, "neither", "neither", answer).recipe.style.scale == scale


def test_a_recipe_without_strokes_has_nothing_to_choose(taste):
    with pytest.raises(InputError, match="nothing to choose"):
        Taste.of(taste.recipe.changed({"color.mode": "palette"}))


def test_there_is_an_end_to_questions_and_to_answers(taste):
    with pytest.raises(InputError, match="a, b or neither, got 'c'"):
        taste.chosen("c")
    known = answered(taste, "a", "a", "a", "a")
    for ask in (known.ways, known.trials, lambda: known.chosen("a")):
        with pytest.raises(InputError, match="every question has been asked"):
            ask()


def test_it_goes_to_the_browser_and_back(taste):
    begun = answered(taste, "b", "a")
    assert Taste.from_dict(json.loads(json.dumps(begun.to_dict()))) == begun


@pytest.mark.parametrize("change", [{"questions": ["mood"]}, {"more": 1}])
def test_what_is_not_ours_is_refused(taste, change):
    with pytest.raises(InputError, match="begin anew"):
        Taste.from_dict(taste.to_dict() | change)


def test_both_pictures_are_handed_in(opened, picture, taste):
    jobs = opened()
    one, other = hand_in(jobs, request_of(jobs, picture), taste)
    assert [one.title, other.title] == ["Closer to the photograph", "Closer to the style"]
    assert [job.request.recipe["content"]["strength"] for job in (one, other)] == [0.4, 0.8]


def test_where_one_is_refused_there_is_neither(opened, picture, taste):
    jobs = opened(jobs_per_client=1)
    with pytest.raises(LimitError):
        hand_in(jobs, request_of(jobs, picture), taste)
    assert [job.status for job in jobs.jobs().items] == [JobStatus.CANCELLED]


def test_it_ends_in_a_recipe_of_the_users_own(opened, taste):
    jobs = opened()
    keep(jobs, "mine", answered(taste, "b", "a", "b", "b"))
    (saved,) = jobs.saved_recipes()
    assert (saved.name, saved.recipe["content"]["strength"]) == ("mine", 0.7)
    with pytest.raises(InputError, match="a name of 1 to 100 letters"):
        keep(jobs, " ", taste)
