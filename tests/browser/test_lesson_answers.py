"""What a lesson's parts show where an answer is lost, comes too late, or something else is chosen before it comes."""

import pytest
from playwright.sync_api import BrowserType, Locator, Page, Route, expect

from tests.browser.conftest import PATIENCE, Visitor
from tests.browser.lab import get
from tests.browser.test_languages import CHINESE
from tests.support.people import wait_for
from tests.support.walks import first

ORDERS = "**/api/v1/computations"
UNREACHED = "The server cannot be reached. Is this device online?"
ASKING = [
    ("lenet", "shifted", "after"),
    ("noise", "crowd", "attacked"),
    ("lenet", "inside", "label"),
    ("cameras", "stop-sign", "after"),
    ("noise", "pixels", "label"),
    ("pictures", "mirrored", "mirrored"),
    ("pictures", "forgotten", "bytes"),
]  # a part that asks for little, and a number that it tells


def experiment(page: Page, number: int) -> Locator:
    return page.locator(f"[data-experiment]:has(#experiment-{number})")


@pytest.mark.parametrize(("slug", "name", "number"), first(ASKING, 2))
def test_nothing_is_found_where_the_answer_is_lost(visitor, slug, name, number):
    me = visitor()
    page = me.open(f"/learn/{slug}/")
    part, last = page.locator(f"[data-part={name}]"), page.locator(f"[data-experiment][data-of={name}]").last
    told = part.locator(f"[data-shown={number}]")
    expect(told).not_to_have_text("…", timeout=4 * PATIENCE)
    expect(part.locator("[data-wait]")).to_have_text("")
    page.route(ORDERS, lambda route: route.abort())
    last.locator("button").click()
    expect(part.locator("[data-wait] [role=alert]")).to_have_text(UNREACHED)
    expect(last.locator("[data-reading]")).to_have_text("")
    expect(told).to_have_text("…")
    expect(last).not_to_have_attribute("data-done", "")
    me.forgive("Failed to load resource")


def test_a_refusal_can_be_read_while_what_was_asked_for_with_it_goes_on(visitor):
    me, held = visitor(), []

    def lose_one(route: Route) -> None:
        asked = route.request.post_data_json
        if asked["computation"] != "linear":
            route.continue_()
        elif asked["options"]["side"] == 7:
            route.abort()
        else:
            held.append(route)

    me.context.route(ORDERS, lose_one)
    part = me.open("/learn/noise/").locator("[data-part=linear]")
    said = part.locator("[data-wait] [role=alert]")
    expect(said).to_have_text(UNREACHED)
    for route in held:
        answer = route.fetch()
        waits = {"status": "queued", "position": 3, "expected_seconds": 5, "result": None}
        route.fulfill(response=answer, json=answer.json() | waits)
    expect(part.locator("[data-shown=lead-28]")).not_to_have_text("…", timeout=4 * PATIENCE)
    expect(said).to_have_text(UNREACHED)
    me.forgive("Failed to load resource")


def test_an_answer_that_comes_too_late_is_not_drawn_on_an_empty_sheet(visitor):
    page, held = visitor().open("/learn/lenet/"), []
    part = page.locator("[data-part=inside]")
    expect(part.locator("[data-shown=field]")).to_have_text("14 × 14", timeout=4 * PATIENCE)
    page.route(ORDERS, lambda route: held.append(route))
    with page.expect_request(ORDERS):
        part.locator("[data-digit='3']").click()
    part.locator("[data-own]").click()
    route: Route = held[0]
    answer = route.fetch()
    job = f"/api/v1/jobs/{answer.json()['id']}"
    wait_for(lambda: get(page, job)["status"] == "done", 60)
    with page.expect_response(ORDERS):
        route.fulfill(response=answer, json=get(page, job))
    page.evaluate("() => new Promise((done) => setTimeout(done, 300))")
    expect(part.locator("[data-shown=label]")).to_have_text("…")
    drawn = "(sheet) => sheet.getContext('2d').getImageData(0, 0, 28, 28).data.some((value, i) => i % 4 < 3 && value)"
    assert not part.locator("[data-frame=picture] canvas").evaluate(drawn)


def test_of_two_experiments_at_once_the_first_does_not_tell_the_number_of_the_second(visitor):
    me, held = visitor(), []
    me.context.route(ORDERS, lambda route: held.append(route))
    page = me.open("/learn/slope/")
    for number in (4, 5):
        experiment(page, number).locator("button").click()
    wait_for(lambda: page.evaluate("1") and held, 10)
    held[0].continue_()
    expect(experiment(page, 5).locator("[data-reading]")).to_have_text("1", timeout=4 * PATIENCE)
    expect(experiment(page, 4).locator("[data-reading]")).to_have_text("")
    expect(experiment(page, 4)).not_to_have_attribute("data-done", "")


def test_the_point_in_the_valley_is_dragged_and_no_arrow_stands_at_its_lowest_place(visitor):
    part = visitor().open("/learn/slope/").locator("[data-part=slope-surface]")
    valley, arrow = part.locator("svg"), part.locator("[data-arrow]")
    valley.scroll_into_view_if_needed()
    box, mouse = valley.bounding_box(), part.page.mouse
    middle = box["y"] + box["height"] / 2
    mouse.move(box["x"] + box["width"] / 2, middle)
    mouse.down()
    expect(part.locator("[data-shown=height]")).to_have_text("0.00")
    expect(arrow).to_have_attribute("d", "")
    mouse.move(box["x"] + box["width"] * 0.9, middle, steps=5)
    mouse.up()
    expect(part.locator("[data-axis=x]")).to_have_value("3.5")
    expect(arrow).not_to_have_attribute("d", "")


def test_the_dearest_convolution_has_the_longest_bar(visitor):
    part = visitor().open("/learn/overfitting/").locator("[data-part=kernels]")
    for name, channels in {"before": "512", "after": "6"}.items():
        part.locator(f"[data-dial={name}]").select_option(channels)
    measure = """(part) => [...part.querySelectorAll("[data-kernel]")].map((row) => [
      Number(row.querySelector("[data-shown^=multiplications]").dataset.value),
      Number.parseFloat(row.querySelector("rect").getAttribute("width")),
    ])"""
    costs = part.evaluate(measure)
    most = max(cost for cost, _width in costs)
    assert [width for _cost, width in costs] == pytest.approx([100 * cost / most for cost, _width in costs])


def test_what_was_counted_as_none_or_all_is_said_so(visitor):
    page = visitor().open("/learn/race/")
    said = page.evaluate("""async () => {
      const { MEASURES } = await import(document.querySelector("link[href*='/learn/race-words.']").href);
      return [0, 0.0005, 1].map(MEASURES.training_error.say);
    }""")
    assert said == ["0\u202f%", "<\u202f0.1\u202f%", "100\u202f%"]


def test_where_the_system_chooses_the_colours_dashes_tell_all_curves_apart(visitor):
    page = visitor(forced_colors="active").open("/learn/race/")
    dashes = page.evaluate("""async () => {
      const { MOST, swatch } = await import(document.querySelector("link[href*='/learn/curves.']").href);
      const styles = Array.from({ length: MOST }, (_, place) => swatch(place).firstChild);
      return styles.map((line) => line.getAttribute("stroke-dasharray") ?? "");
    }""")
    assert len(set(dashes)) == len(dashes) == 5


def test_layers_have_names_in_the_readers_language(visitor):
    part = visitor(**CHINESE).open("/learn/slope/").locator("[data-part=nudged]")
    expect(part.locator("option")).to_have_count(5, timeout=4 * PATIENCE)
    assert [text.partition(" [")[0] for text in part.locator("option").all_text_contents()] == [
        "第一个卷积层",
        "第二个卷积层",
        "第一个全连接层",
        "第二个全连接层",
        "最后一个全连接层",
    ]


def test_who_comes_back_to_the_map_sees_what_was_done_since(browser_type: BrowserType, whole_browser, settled):
    kept = ["--disable-back-forward-cache"]  # Playwright's own wish; browsers that people use keep pages for their Back
    with browser_type.launch(**whole_browser, ignore_default_args=kept) as browser:
        page = Visitor(browser.new_context(), settled.url).open("/learn/")
        page.evaluate("window.isTheSame = true")
        page.locator("[data-station=softmax] a").first.click()
        page.locator("[data-question] input[data-right]").check()
        page.evaluate("history.back()")
        expect(page.locator("[data-station=softmax] [data-progress]")).to_contain_text("1 of")
        assert page.evaluate("isTheSame")
