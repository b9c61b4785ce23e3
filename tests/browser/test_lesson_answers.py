"""What a lesson's parts show where an answer is lost, comes too late, or something else is chosen before it comes."""

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests.browser.conftest import PATIENCE
from tests.browser.lab import get
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
    expect(part.locator("[data-wait]")).to_have_text(UNREACHED)
    expect(last.locator("[data-reading]")).to_have_text("")
    expect(told).to_have_text("…")
    expect(last).not_to_have_attribute("data-done", "")
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
