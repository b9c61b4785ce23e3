"""What comes between an order and its answer: a refusal, a cancellation, a deletion, a way back, a lost request."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.lab import (
    OF_A_SAMPLE,
    UPLOAD,
    VERDICT,
    bring,
    get,
    job,
    set_level,
    shown,
    uploads_held,
    wait_for_result,
)
from tests.support.people import wait_for

ORDERS = "**/api/v1/jobs"
UNREACHED = "The server cannot be reached. Is this device online?"
NO_PICTURE = {"name": "a.png", "mimeType": "image/png", "buffer": b"not a picture"}


@pytest.fixture
def me(visitor):
    return visitor()


@pytest.fixture
def page(me) -> Page:
    page = me.open()
    wait_for_result(page)
    return page


def aim(page: Page) -> None:
    """Another attack is ordered."""
    page.locator("[data-chips] button").nth(1).click()


def loses(page: Page, pattern: str, times: int) -> None:
    """So many requests fail."""
    page.route(pattern, lambda route: route.abort(), times=times)


def test_a_refused_file_gives_back_the_attack_that_was_under_way(me, page, settled):
    before = page.url
    with settled.standing_still("worker", lambda: True):
        aim(page)
        page.wait_for_function("(before) => location.href !== before", arg=before)
        page.set_input_files("input[name=image]", NO_PICTURE)
        expect(page.locator("[data-error]")).not_to_be_empty()
        me.forgive("422")
    expect(page.locator("[data-sub]")).to_contain_text("towards ")
    wait_for_result(page)


def test_a_refused_file_gives_back_the_attack_that_was_not_yet_answered(me, page):
    held: list[Route] = []
    page.route(ORDERS, lambda route: held.append(route), times=1)
    with page.expect_request(ORDERS):
        aim(page)
    page.set_input_files("input[name=image]", NO_PICTURE)
    expect(page.locator("[data-sub]")).to_contain_text("towards ")
    expect(page.locator("[data-error]")).not_to_be_empty()
    me.forgive("422")
    wait_for_result(page)


def test_an_upload_that_comes_to_nothing_gives_back_what_stood(me, page, photo):
    file = {"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo}
    before = shown(page, "verdict")
    with uploads_held(page):
        page.set_input_files("input[name=image]", file)
        expect(page.locator(VERDICT)).to_have_text(re.compile("Sending|Reading"))
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator(VERDICT)).to_have_text(before)
        expect(page.locator(VERDICT)).to_be_focused()
        expect(page.locator("[data-error]")).to_contain_text("Stopped")
        page.set_input_files("input[name=image]", file)
        expect(page.locator(VERDICT)).to_have_text(re.compile("Sending|Reading"))
        with page.expect_request(UPLOAD):
            page.set_input_files("input[name=image]", NO_PICTURE)
    expect(page.locator("[data-error]")).not_to_be_empty()
    me.forgive("422")
    wait_for_result(page)
    assert shown(page, "verdict") == before


def test_a_refused_order_leaves_the_result_and_what_was_typed(me, page):
    before = shown(page, "verdict")
    refusal = {"error": {"code": "too_much_work", "message": "Too much."}}
    page.route(ORDERS, lambda route: route.fulfill(status=422, json=refusal))
    page.route(ORDERS, lambda route: None, times=1)  # never answered, then overtaken by another
    with page.expect_request(ORDERS):
        aim(page)
    page.locator("#target").fill("gibbon")
    page.locator("#target").press("Enter")
    expect(page.locator("[data-error]")).to_have_text("Too much.")
    expect(page.locator(VERDICT)).to_have_text(before)
    page.locator(".attack-chooser input[name=attack][value=pgd]").check()
    page.locator("[data-attack=pgd] [data-option=steps]").fill("77")
    page.get_by_role("button", name="Attack", exact=True).press("Enter")
    expect(page.locator("[data-error]")).to_have_text("Too much.")
    me.forgive("422")
    wait_for_result(page)
    assert shown(page, "verdict") == before
    expect(page.locator("[data-attack=pgd] [data-option=steps]")).to_have_value("77")
    expect(page.get_by_role("button", name="Attack", exact=True)).to_be_focused()


def test_an_order_that_is_cancelled_before_it_was_answered_is_stopped(page, settled):
    held: list[Route] = []
    before = shown(page, "verdict")
    page.route(ORDERS, lambda route: held.append(route))
    with settled.standing_still("worker", lambda: True):
        with page.expect_request(ORDERS):
            aim(page)
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("[data-error]")).to_contain_text("Stopped")
        expect(page.locator(VERDICT)).to_have_text(before)
        with page.expect_response(ORDERS) as answer:
            held[0].continue_()
        made = answer.value.json()["id"]
        wait_for(lambda: get(page, f"/api/v1/jobs/{made}")["status"] == "cancelled", 10)


def test_the_first_attack_on_a_picture_is_stopped_and_begun_again(page, settled, photo):
    """What the network sees is told all the same."""
    before = page.url
    with settled.standing_still("worker", lambda: True):
        page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
        page.wait_for_function("(before) => location.href !== before", arg=before)
        page.get_by_role("button", name="Cancel").click()
        expect(page.locator("[data-error]")).to_contain_text("Stopped")
    expect(page.locator(VERDICT)).to_contain_text("With nothing added, the network sees")
    page.get_by_role("button", name="Try again").click()
    wait_for_result(page)
    expect(page.locator("[data-error]")).to_be_empty()


def test_what_is_ordered_during_a_deletion_that_is_refused_is_made(me, page, photo):
    bring(page, photo)
    before, held = page.url, []
    page.route(f"{UPLOAD}/*", lambda route: held.append(route))
    page.locator("[data-forget]").click()
    with page.expect_request(f"{UPLOAD}/*"):
        page.locator("dialog button[value=yes]").click()
    aim(page)
    expect(page.locator("[data-cancel]")).to_be_visible()
    held[0].fulfill(status=503, json={"error": {"code": "busy", "message": "Not now."}})
    expect(page.locator("[data-error]")).to_have_text("Not now.")
    page.wait_for_function("(before) => location.href !== before", arg=before)
    expect(page.locator("[data-sub]")).to_contain_text("towards ")
    me.forgive("503")


def test_a_skip_loads_nothing_again_and_back_finds_the_level_that_was_left(page):
    page.evaluate("window.isTheSame = true")
    page.locator("a.skip").focus()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()
    set_level(page, 20)
    page.wait_for_url(re.compile("#20$"))
    assert page.evaluate("isTheSame")
    before = page.locator(VERDICT).inner_text()
    page.locator("[data-samples] label").nth(2).click()
    page.wait_for_url(OF_A_SAMPLE)
    expect(page.locator(VERDICT)).not_to_have_text(before)
    page.go_back()
    expect(page.locator("[data-level]")).to_have_text("20/255")
    wait_for_result(page)
    assert page.evaluate("isTheSame") and page.url.endswith("#20")


def test_after_a_search_over_a_radius_one_step_is_as_strong_as_the_first_attack(me):
    page = me.open("/lab/sample/digit-3/?attack=pgd-l2&steps=5")
    page.locator("[data-search] button").click()
    expect(page.locator(VERDICT)).to_be_focused()
    smallest = page.locator("[data-tried] li button").last
    smallest.click()
    expect(smallest).to_be_focused()
    page.locator(".attack-chooser input[name=attack][value=fgsm]").check()
    page.get_by_role("button", name="Attack", exact=True).click()
    wait_for_result(page)
    usual = page.evaluate("JSON.parse(document.querySelector('#lab-state').textContent).default_params.epsilon")
    assert job(page)["about"]["params"]["epsilon"] == usual


def test_the_page_of_a_hotspot_is_no_answer(page):
    page.route("**/api/v1/**", lambda route: route.fulfill(body="<p>Log in", content_type="text/html"))
    page.set_input_files("input[name=image]", NO_PICTURE)
    expect(page.locator("[data-error]")).to_have_text(UNREACHED)
    aim(page)
    expect(page.locator("[data-error]")).to_have_text(UNREACHED)


@pytest.mark.walk
def test_what_a_page_consists_of_is_asked_for_again_and_missed_in_words(me):
    me.scripts = False  # what does not come is not waited for
    for path, module, preloads, place, whole in [
        ("/lab/sample/camera/", "**/js/lab/later.*", 0, ".notes [role=alert]", ".curves .chart canvas"),
        (
            "/learn/softmax/",
            "**/parts/scores.*",
            1,
            "[data-part] > [role=alert]",
            "[data-module*=scores][data-started]",
        ),
    ]:
        page = me.open(path)
        page.route(module, lambda route: route.abort())
        page.reload()
        expect(page.locator(place)).to_have_text("Not all of this page has arrived. Please load it again.")
        page.unroute_all()
        loses(page, module, preloads + 1)
        page.reload()
        expect(page.locator(whole)).to_be_visible()
        expect(page.locator(place)).to_have_count(0)
    me.forgive("Failed to load resource")
    me.forgive("Failed to fetch dynamically imported module")


@pytest.mark.walk
def test_a_lost_request_costs_neither_a_share_nor_who_looks_at_it(me, page, visitor):
    aim(page)
    expect(page.locator("[data-sub]")).to_contain_text("towards ")
    wait_for_result(page)
    loses(page, "**/api/v1/jobs/*/share", 1)
    page.locator("[data-share-on]").click()
    expect(page.locator("[data-error]")).to_have_text(UNREACHED)
    page.locator("[data-share-on]").click()
    expect(page.locator("#share-url")).to_be_visible()
    expect(page.locator("[data-error]")).to_be_empty()
    me.forgive("Failed to load resource")

    def not_judged_yet(route: Route) -> None:
        answer = route.fetch()
        state = re.search(r'<script id="lab-state"[^>]*>(.*?)</script>', answer.text(), re.DOTALL)[1]
        given = json.loads(state)
        given["sweep"] |= {"status": "running", "result": None}
        route.fulfill(response=answer, body=answer.text().replace(state, json.dumps(given)))

    other, link = visitor(), page.locator("#share-url").input_value()
    other.context.route(link, not_judged_yet)
    other.context.route("**/state.json", lambda route: route.abort(), times=1)
    wait_for_result(other.open(link.removeprefix(other.url)))
    other.forgive("Failed to load resource")


def test_a_sample_that_is_stopped_on_its_way_gives_back_what_stood(page):
    """Nothing is asked about the picture that stood there, and no other attack on it is offered."""
    before, ordered = shown(page, "verdict"), []
    page.route("**/api/v1/jobs/*", lambda route: None)  # never answered
    page.on("request", lambda request: ordered.append(request.url) if request.method == "POST" else None)
    page.locator("[data-samples] label").nth(2).click()
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-error]")).to_have_text("Stopped: what stood here before is back.")
    expect(page.locator("[data-retry]")).to_be_hidden()
    page.unroute_all()
    wait_for_result(page)
    assert shown(page, "verdict") == before
    assert not ordered


def test_what_the_network_sees_is_asked_again_where_a_long_attack_overtakes_the_question(page, settled, photo):
    before, ordered = page.url, []
    page.on("request", lambda request: ordered.append(request.post_data or "") if request.method == "POST" else None)
    with settled.standing_still("worker", lambda: True):
        page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
        page.wait_for_function("(before) => location.href !== before", arg=before)
        with page.expect_response(lambda answer: "predict" in (answer.request.post_data or "")):
            page.get_by_role("button", name="Cancel").click()
        page.locator(".attack-chooser input[name=attack][value=pgd]").check()
        ordered.clear()
        page.get_by_role("button", name="Attack", exact=True).click()
        wait_for(lambda: page.wait_for_timeout(50) or any('"predict"' in body for body in ordered), 10)
    expect(page.get_by_role("button", name="Cancel")).to_be_hidden()
    expect(page.locator("[data-error]")).to_be_empty()


def test_focus_is_not_lost_with_a_button_that_goes_by_itself(me, page, settled, photo):
    before = page.url
    with settled.standing_still("worker", lambda: True):
        page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
        page.wait_for_function("(before) => location.href !== before", arg=before)
        page.get_by_role("button", name="Cancel").focus()
    wait_for_result(page)
    expect(page.locator(VERDICT)).to_be_focused()
    refusal = {"error": {"code": "too_many", "message": "Too many.", "retry_after": 2}}
    page.route(ORDERS, lambda route: route.fulfill(status=429, json=refusal, headers={"Retry-After": "2"}), times=1)
    aim(page)
    page.get_by_role("button", name="Try again").focus()
    me.forgive("429")
    expect(page.locator("[data-error]")).to_be_empty()
    expect(page.locator(VERDICT)).to_be_focused()
