"""The page in a real browser, opened from the disk with the network off."""

import shutil

import pytest

pytestmark = pytest.mark.slow

BROWSERS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="module")
def browser():
    api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip(f"there is no browser: none of {', '.join(BROWSERS)}")
    with api.sync_playwright() as playwright:
        opened = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def address(page, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page, encoding="utf-8")
    return path.as_uri()


@pytest.fixture(params=[("light", 1440), ("dark", 390)], ids=["projector", "phone"])
def opened(browser, address, request):
    """The page, with what it said and asked for: there must be nothing at the end."""
    scheme, width = request.param
    context = browser.new_context(
        viewport={"width": width, "height": 850}, color_scheme=scheme, offline=True
    )
    tab, said, asked = context.new_page(), [], []
    tab.on("console", lambda message: said.append(message.text))
    tab.on("pageerror", lambda error: said.append(str(error)))
    tab.on("request", lambda request: asked.append(request.url))
    tab.goto(address)
    yield tab
    assert said == []
    assert [url for url in asked if not url.startswith("data:")] == [address]
    context.close()


def test_nothing_is_wider_than_the_window(opened):
    assert opened.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_the_slider_moves_the_edge(opened):
    slider = opened.locator("#before-after")
    slider.focus()
    for _ in range(10):
        slider.press("ArrowRight")
    assert opened.locator(".stack").evaluate("e => e.style.getPropertyValue('--at')") == "60%"


def test_the_scrubber_shows_other_frames(opened, report):
    last = opened.locator("#frame").get_attribute("src")
    scrub = opened.locator("#scrub")
    scrub.focus()
    scrub.press("Home")
    assert opened.locator("#frame-step").inner_text() == "the start"
    assert opened.locator("#frame").get_attribute("src") != last
    scrub.press("ArrowRight")
    step = report.recording.frames[1].step
    assert opened.locator("#frame-step").inner_text() == f"after {step} of 24 steps"


def legend(tab):
    return tab.locator("[data-chart=losses] .u-legend").inner_text()


def test_hovering_a_curve_tells_its_numbers(opened, report):
    over = opened.locator("[data-chart=losses] .u-over")
    over.scroll_into_view_if_needed()
    over.hover(position={"x": 2, "y": 40})
    assert f"{report.recording.trace.rows[0].losses['total']:.4g}" in legend(opened)


def test_the_keyboard_moves_along_a_curve(opened, report):
    plot = opened.locator("[data-chart=losses] .plot")
    plot.focus()
    plot.press("End")
    assert f"{report.recording.trace.rows[-1].losses['total']:.4g}" in legend(opened)


def test_the_quiz_knows_right_from_wrong(opened, report):
    question = report.questions[0]
    field = opened.locator(".quiz fieldset").first
    radios = field.locator("input")
    radios.nth((question.answer + 1) % len(question.options)).check()
    assert field.locator(".verdict").inner_text() == "Not this one: look again."
    radios.nth(question.answer).check()
    assert field.locator(".verdict").inner_text() == f"Right. {question.why}"
    assert opened.locator("#score").inner_text().startswith("1 of 7 right, 0 still")


def test_dark_and_light_can_be_exchanged(opened):
    color = "getComputedStyle(document.body).backgroundColor"
    before = opened.evaluate(color)
    opened.locator("#theme").click()
    assert opened.evaluate(color) != before
    opened.locator("#theme").click()
    assert opened.evaluate(color) == before
