"""Parts of the page without a browser: regions painted, jobs under way, curves, questions, keys."""

import io
import json
import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from impasto import recipe_files
from impasto.errors import InputError
from impasto.guides.labels import check_paired, label_map
from impasto.guides.sources import read_labels
from impasto.images import Picture
from impasto.images.codec import encode
from impasto.jobs.values import JobRequest, JobStatus
from impasto.studio.page import making
from impasto.studio.page.actions import Actions
from impasto.studio.page.choices import sample
from impasto.studio.page.compare_tab import CompareTab, keep_one, look
from impasto.studio.page.curves import POINTS, Curve, Curves
from impasto.studio.page.keyboard import KEYS, PANEL, SCRIPT, TABS
from impasto.studio.page.making import COLORS, PAIR, PROTECT, Wish
from impasto.studio.page.masks import LARGEST
from impasto.studio.page.past import Past
from impasto.studio.page.pictures import lent, small
from impasto.studio.page.regions import PALETTE, painted_maps
from impasto.studio.page.running import running
from impasto.studio.page.taste_tab import Tasting

RED, BLUE, YELLOW = PALETTE.values()


@pytest.fixture
def jobs(served):
    return served.jobs


def painted(height, width, *areas):
    """What the editor gives: areas (color, top, bottom, left, right) over nothing."""
    layer = np.zeros((height, width, 4), np.uint8)
    for color, top, bottom, left, right in areas:
        layer[top:bottom, left:right] = (*color, 178)
    return {"layers": [layer]}


def opened(path):
    with Image.open(path) as picture:
        return np.asarray(picture)


class TestRegions:
    def test_nothing_painted_is_no_region(self):
        assert painted_maps(None, None) == []
        assert painted_maps(painted(10, 10), painted(8, 8)) == []

    def test_maps_have_the_colors_and_pair_up(self, tmp_path):
        photo = painted(20, 30, (RED, 0, 10, 0, 30), (BLUE, 15, 20, 0, 5))
        style = painted(40, 24, (RED, 0, 20, 0, 24), (BLUE, 30, 40, 0, 12))
        Image.new("RGB", (9, 7)).save(tmp_path / "more.png")
        files = painted_maps(photo, style, [str(tmp_path / "more.png")])
        assert [opened(file).shape[:2] for file in files] == [(20, 30), (40, 24), (7, 9)]
        pixels = opened(files[0])
        assert tuple(pixels[0, 0]) == RED
        assert tuple(pixels[19, 0]) == BLUE
        assert tuple(pixels[12, 20]) == (0, 0, 0)
        maps = [label_map(read_labels(file, file, None)[0], file) for file in files]
        assert len(maps[0].labels) == 3
        check_paired(maps[0], maps[1:])

    def test_edges_go_to_the_nearest_color_and_slips_do_not_count(self):
        near = tuple(channel + 20 if channel < 200 else channel - 20 for channel in BLUE)
        photo = painted(50, 50, (near, 0, 25, 0, 50), (YELLOW, 49, 50, 0, 2))
        (first, _) = painted_maps(photo, painted(20, 20, (BLUE, 0, 5, 0, 20)))
        found = {tuple(color) for color in opened(first).reshape(-1, 3)}
        assert found == {BLUE, (0, 0, 0)}

    @pytest.mark.parametrize(
        ("photo", "style", "told"),
        [
            ([(RED, 0, 5, 0, 9)], [], "in red over the photograph and not over the style"),
            ([], [(BLUE, 0, 5, 0, 9)], "in blue over the style and not over the photograph"),
            ([(RED, 0, 5, 0, 9)], [(RED, 0, 9, 0, 9)], "The whole style is painted over"),
            ([(RED, 0, 9, 0, 9)], [(RED, 0, 5, 0, 9)], "The whole photograph is painted over"),
        ],
    )
    def test_what_has_no_partner_is_said(self, photo, style, told):
        with pytest.raises(InputError, match=told):
            painted_maps(painted(9, 9, *photo), painted(9, 9, *style))

    def test_a_job_takes_the_maps_in(self, jobs):
        maps = painted_maps(
            painted(30, 40, (RED, 0, 10, 0, 40)), painted(30, 30, (RED, 0, 10, 0, 30))
        )
        wish = Wish(
            content=str(sample("harbor")),
            styles=[str(sample("woodcut"))],
            look="default",
            strength=None,
            size=256,
            maps=maps,
        )
        job = making.start(jobs, wish, "")
        assert job.request.recipe["guides"]["pair"] == "labels"
        assert len(job.request.regions) == 2
        assert not any(Path(path).exists() for path in maps)


def test_pictures_are_shown_small_and_upright(jobs, tmp_path):
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (1600, 900), "red").save(tmp_path / "a.jpg", exif=turned)
    found = small(jobs, tmp_path / "a.jpg", LARGEST)
    assert found.size == (270, LARGEST)
    assert found.mode == "RGB"
    Image.new("L", (20, 10)).save(tmp_path / "b.png")
    assert small(jobs, tmp_path / "b.png", LARGEST).size == (20, 10)  # never enlarged
    (tmp_path / "c.png").write_bytes(b"nothing")
    with pytest.raises(InputError, match=r"^mine\.png"):
        small(jobs, tmp_path / "c.png", LARGEST, "mine.png")


def test_an_upload_is_lent_as_it_was_handed_in(jobs, picture, tmp_path, monkeypatch):
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "lent"))
    content = picture(1)
    id = jobs.upload(io.BytesIO(content), "../My: photo.jpg").id
    path = Path(lent(jobs, id))
    assert path.name == "My_ photo.png"  # by what it is
    assert path.read_bytes() == content
    assert path.is_relative_to(tmp_path / "lent")
    assert lent(jobs, id) == str(path)
    with pytest.raises(InputError):
        lent(jobs, "0" * 20)


def test_the_recipe_of_a_picture_is_read_and_nothing_kept(jobs, tmp_path):
    recipe = recipe_files.named("oil")
    pixels = torch.full((3, 8, 8), 0.5)
    encode(Picture(pixels, recipe=recipe_files.to_toml(recipe)), tmp_path / "made.png")
    assert making.recipe_in(jobs, str(tmp_path / "made.png")).style == recipe.style
    encode(Picture(pixels), tmp_path / "plain.png")
    with pytest.raises(InputError, match="holds no recipe"):
        making.recipe_in(jobs, str(tmp_path / "plain.png"))
    assert jobs.uploads() == []


def test_older_pictures_are_shown_on_request(jobs, picture):
    request = begin(jobs, picture)
    ids = [jobs.submit(request).id for _ in range(7)]
    for id in ids[:-1]:
        jobs.home.job(id).path.mkdir(parents=True)
        jobs.home.job(id).preview.write_bytes(picture(1))
    past = Past(jobs)
    for many, expected, more in ((4, ids[5:1:-1], True), (6, ids[5::-1], False)):
        _, listed, button = past.listed("", False, many)
        assert listed == expected
        assert button.visible is more


def test_what_was_deleted_meanwhile_is_said_where_it_is(jobs, picture):
    actions, past, gone = Actions(jobs), Past(jobs), "0" * 20
    for told in (
        actions.pause(gone),
        past.favorite(gone),
        past.repeat(gone)[-1],
        past.delete(gone)[1],
        actions.saved_look("gone")[2],
    ):
        assert "role='alert'" in told
    assert len(actions.saved_look(None)) == len(actions.saved_look("gone")) == 9
    id = jobs.submit(begin(jobs, picture)).id
    assert len(past.repeat(id)) == len(past.repeat(gone)) == 14
    with pytest.raises(InputError, match="Compare strengths first"):
        keep_one(jobs, [], 1)


def test_one_of_three_is_kept_and_the_others_go(jobs, picture):
    ids = [jobs.submit(begin(jobs, picture)).id for _ in range(3)]
    jobs.delete(jobs.cancel(ids[2]).id)  # elsewhere, meanwhile
    keep_one(jobs, ids, 1)
    assert [job.id for job in jobs.jobs().items] == [ids[1]]
    assert jobs.job(ids[1]).favorite


def test_a_contact_sheet_is_strengths_by_strokes(jobs):
    values = [str(sample("harbor")), str(sample("woodcut")), None, "draft", 0.7, True, 256, 2.5]
    values += [next(iter(COLORS)), next(iter(PROTECT)), next(iter(PAIR)), None, None, None, None]
    ids, told, _ = Actions(jobs).sheet(None, *values)
    assert told == ""
    found = [jobs.job(id) for id in ids]
    held = [
        (job.request.recipe["content"]["strength"], job.request.recipe["style"]["scale"])
        for job in found
    ]
    assert held == [(s, b) for b in (2.5, 1.5, 3.0) for s in (0.4, 0.65, 0.9)]  # 4 is too broad
    assert found[0].title == "Strength 0.4"
    assert found[5].title == "Strength 0.9, finer strokes"
    cells, rows = list(range(9)), list(range(2))  # Gradio's parts leave loops open
    tab = CompareTab(ids=None, pictures=cells, keep=cells, rows=rows, said=None)
    for some in ([], ids[:3], ids):
        assert len(look(jobs, tab, some)) == len(tab.shown)
    assert [row.visible for row in look(jobs, tab, ids)[18:20]] == [True, True]
    assert [row.visible for row in look(jobs, tab, ids[:3])[18:20]] == [False, False]


def test_a_sheet_that_does_not_fit_leaves_nothing(serving):
    with serving(jobs_per_client=5) as served:
        values = [str(sample("harbor")), str(sample("woodcut")), None, "draft", 0.7, True, 256, 1]
        values += [next(iter(COLORS)), next(iter(PROTECT)), next(iter(PAIR)), *[None] * 4]
        _, told, _ = Actions(served.jobs).sheet(None, *values)
        assert "5 jobs that have not ended" in told
        assert served.jobs.jobs().total == 0


def test_what_was_painted_is_removed_also_where_the_wish_is_refused(jobs, tmp_path):
    paths = [tmp_path / name for name in ("mask.png", "map.png")]
    for path in paths:
        Image.new("L", (4, 4)).save(path)
    painted = {"mask": str(paths[0]), "maps": [str(paths[1])]}
    bare = Wish(content=None, styles=[], look="default", strength=None, size=256, **painted)
    with pytest.raises(InputError, match="Choose a photograph"):
        making.request_of(jobs, bare, "")
    assert not any(path.exists() for path in paths)


def begin(jobs, picture):
    content, style = (jobs.upload(io.BytesIO(picture(seed)), "a.png").id for seed in (1, 2))
    recipe = recipe_files.named("draft").changed({"schedule.size": 64}).to_dict()
    return JobRequest(recipe=recipe, content=content, styles=(style,))


def test_other_jobs_under_way_are_links(jobs, picture):
    assert running(jobs) == ""
    request = begin(jobs, picture)
    first, second = jobs.submit(request), jobs.submit(request)
    shown = running(jobs, {first.id})
    assert f"href='?job={second.id}'" in shown
    assert first.id not in shown
    assert "waiting for its turn" in shown
    jobs.cancel(second.id)
    assert running(jobs, {first.id}) == ""


class TestCurves:
    @pytest.fixture
    def log(self, tmp_path):
        path = tmp_path / "events.jsonl"
        path.touch()

        def add(*steps):
            with path.open("a") as file:
                for step in steps:
                    line = {"number": step, "time": 0.0, "event": "step", "step": step}
                    file.write(json.dumps(line) + "\n")

        return path, add

    def test_each_line_is_read_once_and_many_are_thinned(self, log):
        from impasto.jobs.log import Tail

        path, add = log
        curve = Curve(Tail(path))
        assert curve.steps() == []
        add(*range(1, 11))
        assert [event.values["step"] for event in curve.steps()] == list(range(1, 11))
        add(*range(11, 5001))
        shown = [event.values["step"] for event in curve.steps()]
        assert POINTS / 2 <= len(shown) <= POINTS + 1
        assert (shown[0], shown[-1]) == (1, 5000)
        gaps = {after - before for before, after in pairwise(shown[:-1])}
        assert len(gaps) == 1

    def test_a_job_that_is_not_there_is_refused(self, jobs):
        with pytest.raises(InputError):
            Curves(jobs).steps("0" * 20)


class TestTasting:
    def test_questions_are_asked_one_after_another_and_end_in_a_look(self, jobs, picture):
        tasting = Tasting(jobs)
        kept, ids, question, *_ = tasting.begin(begin(jobs, picture))
        assert "1 of 4: closer to the photograph, or closer to the style?" in question
        assert len(ids) == 2
        assert "waiting for its turn" in tasting.pictures(ids)[0]
        assert tasting.again(kept)[1:3] == (ids, question)
        for number, choice in enumerate(("b", "neither", "a"), start=2):
            before = ids
            kept, ids, question, *_ = tasting.answer(kept, choice, "me")
            assert f"{number} of 4" in question
            assert all(jobs.job(id).request.client == "me" for id in ids)
            for id in before:  # the trials that were answered are not worked on any more
                with pytest.raises(InputError):
                    jobs.job(id)
        kept, ids, question, *_ = tasting.answer(kept, "b", "me")
        assert ids == []
        assert "your look" in question
        assert tasting.keep(kept, " ")[0] is None
        name, told = tasting.keep(kept, "my look")
        assert name == "my look"
        assert "Kept: 'my look'" in told
        look = making.look_of(jobs, "my look")
        assert look.content.strength == 0.8
        assert look.color.mode == "content"
        assert look.schedule.size == 64

    def test_what_is_not_known_any_more_is_forgotten(self, jobs, picture):
        tasting = Tasting(jobs)
        kept, ids, *_ = tasting.begin(begin(jobs, picture))
        jobs.cancel(ids[0])
        jobs.delete(ids[0])
        other = {"ids": [], "taste": {"recipe": {}, "questions": ["x"]}}
        for stale in (kept, "{}", "[1]", "nonsense", json.dumps(other)):
            assert tasting.again(stale)[0] == ""
        *_, told = tasting.answer('{"taste": 3}', "a", "")
        assert "role='alert'" in told

    def test_beginning_anew_ends_the_questions_before(self, jobs, picture):
        tasting = Tasting(jobs)
        kept, before, *_ = tasting.begin(begin(jobs, picture))
        _, ids, question, *_ = tasting.begin(begin(jobs, picture), kept)
        assert "1 of 4" in question
        assert {job.id for job in jobs.jobs().items} == set(ids)
        assert not set(ids) & set(before)
        tasting.begin(begin(jobs, picture), "nonsense")

    def test_a_look_before_the_first_question_is_none(self, jobs):
        assert "Begin first" in Tasting(jobs).keep("", "x")[1]

    def test_a_refused_job_leaves_the_question_as_it_was(self, jobs, picture):
        tasting = Tasting(jobs)
        kept, ids, *_ = tasting.begin(begin(jobs, picture))
        values = json.loads(kept)
        values["request"]["content"] = "0" * 20
        *_, told = tasting.answer(json.dumps(values), "a", "")
        assert "role='alert'" in told
        assert [jobs.job(id).status for id in ids] == [JobStatus.QUEUED] * 2


def test_the_panel_tells_of_every_key_the_script_knows():
    told = re.findall(r"<kbd>(.)</kbd>", PANEL)
    assert told == [*KEYS, *(str(n) for n in range(1, len(TABS) + 1)), "?"]
    assert all(json.dumps(part) in SCRIPT for _, part in KEYS.values())
    assert all(json.dumps(name) in SCRIPT for name in TABS)
