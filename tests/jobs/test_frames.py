"""Frames of a run: which are kept, and the animation that is made of them."""

import pytest
import torch
from PIL import Image, ImageSequence

from impasto.errors import InternalError, PictureError
from impasto.images import Picture, encode
from impasto.images.codec import decode
from impasto.jobs import exports, frames
from impasto.jobs.aside import Aside
from impasto.jobs.errors import Conflict, NotFound
from impasto.jobs.limits import Limits


@pytest.fixture
def done(jobs, tools):
    id = jobs.submit(tools.asked(jobs)).id
    tools.Performer(jobs, id).run()
    return id


def seen(path):
    """Sizes and times of what an animation shows."""
    with Image.open(path) as film:
        shown = [(frame.size, frame.info["duration"]) for frame in ImageSequence.Iterator(film)]
    return [size for size, _ in shown], [time for _, time in shown]


@pytest.mark.parametrize("steps", [1, 39, 40, 41, 120, 5000])
def test_frames_lie_evenly_and_end_with_the_last_step(steps):
    kept = [step for step in range(1, steps + 1) if frames.wanted(step, steps)]
    assert len(kept) == min(steps, 40)
    assert kept[-1] == steps
    gaps = [after - before for before, after in zip([0, *kept], kept, strict=False)]
    assert max(gaps) - min(gaps) <= 1


def test_a_run_is_animated_at_the_size_of_its_result(jobs, tools, done):
    path = jobs.export(done, "gif")
    sizes, times = seen(path)
    # GIF joins frames that are alike; what they take together stays
    assert set(sizes) == {(64, 48)}
    assert sum(times) == tools.STEPS * frames.MILLISECONDS + frames.HOLD
    assert times[-1] >= frames.HOLD
    made = path.stat().st_mtime_ns
    assert jobs.export(done, "gif").stat().st_mtime_ns == made
    strays = {str(made.relative_to(jobs.home.path)) for made in (path, path.parent)}
    assert set(tools.strays(jobs)) == strays  # nothing but the export itself


def brightness(picture):
    return torch.tensor(list(picture.convert("L").get_flattened_data()), dtype=torch.float64)


def test_the_animation_ends_with_the_result(jobs, done):
    with (
        Image.open(jobs.export(done, "animated-webp")) as film,
        Image.open(jobs.result(done)) as result,
    ):
        off = []
        for number in (0, film.n_frames - 1):
            film.seek(number)
            off.append(float((brightness(film) - brightness(result)).abs().mean()))
    assert off[1] < 5  # of 255: WebP at a quality of 90
    assert off[1] < off[0] / 2


def test_it_is_written_aside(tmp_path):
    pixels = torch.tensor([0.9, 0.1, 0.1]).view(3, 1, 1).expand(3, 48, 64).contiguous()
    result = tmp_path / "result.png"
    encode(Picture(pixels), result)
    kept = frames.Frames(tmp_path / "frames")
    kept.keep(1, Picture(1 - pixels[:, ::2, ::2]))
    aside = Aside(Limits())
    try:
        aside.animate([kept.folder / "000001.jpg"], result, tmp_path / "run.gif")
        with pytest.raises(InternalError, match="could not be written"):
            aside.animate([tmp_path / "missing.jpg"], result, tmp_path / "none.gif")
    finally:
        aside.close()
    assert seen(tmp_path / "run.gif") == ([(64, 48)] * 2, [frames.MILLISECONDS, frames.HOLD])
    assert not (tmp_path / "none.gif").exists()


def test_steps_done_again_after_a_break_are_kept_once(jobs, tools):
    id = jobs.submit(tools.asked(jobs)).id
    folder = jobs.home.job(id).frames
    kept = frames.Frames(folder)
    folder.parent.mkdir()
    for _ in range(2):
        kept.keep(3, Picture(decode(jobs.picture(jobs.job(id).request.content)).pixels))
    (folder / ".impasto-torn.jpg").write_bytes(b"half")
    tools.Performer(jobs, id).run()
    assert [path.name for path in sorted(folder.iterdir())] == [
        f"{step:06d}.jpg" for step in range(1, tools.STEPS + 1)
    ]


def test_without_frames_there_is_nothing_to_animate(jobs, done):
    for path in jobs.home.job(done).frames.iterdir():
        path.unlink()
    with pytest.raises(Conflict, match="make the picture again"):
        jobs.export(done, "gif")


def test_formats_are_names_and_never_paths(jobs, done):
    with pytest.raises(NotFound, match="unknown format"):
        jobs.export(done, "../gif")


def test_a_film_without_pyav_is_refused_without_telling_our_folders(jobs, done, monkeypatch):
    monkeypatch.setattr("impasto.files.find_spec", lambda name: None)
    with pytest.raises(PictureError, match="needs PyAV") as error:
        jobs.export(done, "mp4")
    assert str(jobs.home.path) not in str(error.value)
    assert not (jobs.home.job(done).exports / f"mp4{exports.ANIMATIONS['mp4']}").exists()


def test_a_film_is_written_where_pyav_is(jobs, done):
    av = pytest.importorskip("av")
    with av.open(str(jobs.export(done, "mp4"))) as film:
        stream = film.streams.video[0]
        assert (stream.width, stream.height) == (64, 48)
