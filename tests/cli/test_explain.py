"""`impasto explain`, `features`, `gram` and `reconstruct`: what they write, say and refuse."""

import pytest

from impasto.explain.sections import SECTIONS
from impasto.images import decode

SMALL = ("--size", "64", "--steps", "2", "--threads", "1")


@pytest.fixture
def explain(run, folder):
    def invoke(*arguments):
        return run("explain", "photo.png", "painting.png", *SMALL, *arguments)

    return invoke


def test_a_page_is_written_and_says_how_to_make_it_again(explain, folder):
    result = explain(
        "--sections", "pictures,papers", "--set", "content.weight=2", "-o", "page.html"
    )
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("saved page.html (")
    page = (folder / "page.html").read_text(encoding="utf-8")
    assert (
        "impasto explain photo.png painting.png --size 64 --steps 2 --set content.weight=2 "
        "--threads 1 --output page.html --sections pictures,papers"
    ) in page
    assert page.count("This section was not run") == len(SECTIONS) - 2
    assert "section 1 of 2: the three pictures" in result.stderr


def test_the_terminal_shows_trace_table_and_chart(explain, folder):
    result = explain("--terminal")
    assert result.exit_code == 0, result.output
    assert "relu4_2 content" in result.stdout
    assert "what happened" in result.stdout
    assert "c content, s style" in result.stdout
    assert not (folder / "report.html").exists()


def test_quiet_prints_nothing(explain, folder):
    result = explain("--sections", "papers", "--quiet")
    assert (result.exit_code, result.stdout, result.stderr) == (0, "", "")
    assert (folder / "report.html").exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--sections", "grams"), "unknown section 'grams': did you mean gram?"),
        (("-o", "page.pdf"), "a report is written as .html or .htm, got 'page.pdf'"),
        (("-o", "none/page.html"), "there is no folder"),
        (("--set", "style.weight=0"), "style.weight is 0"),
        (("--recipe", "leson"), "did you mean lesson"),
        (("--network", "vgg91"), "unknown network"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(explain, folder, arguments, message):
    before = sorted(folder.iterdir())
    result = explain(*arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert len(result.stderr.splitlines()) == 1
    assert sorted(folder.iterdir()) == before


def test_a_page_is_never_written_over_an_input(run, folder):
    (folder / "photo.html").write_bytes((folder / "photo.png").read_bytes())
    result = run("explain", "photo.html", "painting.png", *SMALL, "-o", "photo.html")
    assert result.exit_code == 2
    assert "is an input and would be overwritten" in result.stderr


def test_features_writes_the_most_active_channels(run, folder):
    result = run("features", "photo.png", "--layer", "relu1_1", "--channels", "5", "-o", "maps.png")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("relu1_1: 16 maps of 32 x 48\n")
    sheet = decode(folder / "maps.png")
    # Each map is enlarged 4 times to 128 x 192; 4 in a row, 4 px between.
    assert (sheet.height, sheet.width) == (2 * 128 + 4, 4 * 192 + 3 * 4)


def test_gram_writes_the_matrix_and_tells_of_the_shuffle(run, folder):
    result = run("gram", "photo.png", "--layer", "relu2_1", "-o", "gram.png")
    assert result.exit_code == 0, result.output
    assert "relu2_1: 32 x 32, over 384 positions" in result.stdout
    assert "features by 0." in result.stdout
    picture = decode(folder / "gram.png")
    assert (picture.height, picture.width) == (512, 512)
    assert (picture.pixels - picture.pixels.transpose(1, 2)).abs().max() == 0  # it is symmetric


@pytest.mark.parametrize(
    ("option", "layers"), [((), "relu2_2"), (("--style",), "relu1_1, relu2_1, relu2_2")]
)
def test_reconstruct_writes_a_picture(run, folder, option, layers):
    result = run(
        "reconstruct", "photo.png", "--layer", "relu2_2", "--steps", "4", *option, "-o", "out.png"
    )
    assert result.exit_code == 0, result.output
    first, saved = result.stdout.splitlines()
    assert first.startswith(f"{layers}: from ")
    before, after = (float(word) for word in first.split()[-6:-2:2])
    assert after < before
    assert saved == "saved out.png"
    assert (decode(folder / "out.png").height, decode(folder / "out.png").width) == (32, 48)


@pytest.mark.parametrize("command", ["features", "gram", "reconstruct"])
def test_looking_refuses_what_is_not_there(run, folder, command):
    for arguments, message in (
        (("none.png",), "there is no file none.png"),
        (("photo.png", "--layer", "relu9_9"), "unknown layer of pocket 'relu9_9'"),
        (("photo.png", "-o", "photo.png"), "is an input and would be overwritten"),
        (("photo.png", "-o", "out.gif"), "cannot write out.gif"),
    ):
        result = run(command, *arguments)
        assert result.exit_code == 2, result.output
        assert message in result.stderr
