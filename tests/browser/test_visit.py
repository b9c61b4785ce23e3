"""A visitor's whole visit, at a desk and on a phone, in the light and in the dark, by keyboard, without sockets."""

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import canvas_hash, keep_picture, pixels_hash
from tests.browser.lab import VERDICT, bring, download, job, job_id, set_level, shown, sweep, wait_for_result
from tests.support.walks import first

LEVELS = (1, 2, 5, 16, 32)


@pytest.mark.parametrize(
    ("width", "scheme", "levels"),
    first([(1280, "light", LEVELS[:2]), (390, "dark", LEVELS[1:3]), (1280, "dark", LEVELS), (390, "light", LEVELS)]),
    ids=lambda value: "" if isinstance(value, tuple) else str(value),
)
def test_a_visitor_breaks_a_photo_and_leaves_nothing_behind(visitor, photo, width, scheme, levels):
    me = visitor(width, scheme)
    page = me.open()
    a_sample_is_already_broken(page)
    keep_picture(page, f"lab-{width}-{scheme}", height=None if width == 390 else 1330)
    bring(page, photo)
    every_level_says_what_the_sweep_says(page)
    what_is_downloaded_is_what_was_shown(page, levels)
    a_target_is_chosen(page)
    link = it_is_shared(page)
    others_can_look_until_it_is_not(visitor, width, page, link)
    it_is_deleted(page)


def test_with_the_keyboard_alone(visitor, photo):
    page = visitor().open()
    page.on("filechooser", lambda chooser: None)  # from now on choosers are ours: asking later can come too late
    wait_for_result(page)
    tab_to(page, "input[name=image]")
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")
    before = page.url
    chooser.value.set_files({"name": "photo.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.wait_for_function("(before) => location.href !== before", arg=before)
    wait_for_result(page)
    tab_to(page, "[data-slider]")
    page.keyboard.press("Home")
    assert shown(page, "verdict").startswith("With nothing added")
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    expect(page.locator("[data-level]")).to_have_text("3/255")
    tab_to(page, "[data-chips] li:nth-child(2) button")
    before = page.url
    page.keyboard.press("Enter")
    page.wait_for_function("(before) => location.href !== before", arg=before)
    wait_for_result(page)
    expect(page.locator("[data-chips] li:nth-child(2) button")).to_be_focused()
    assert job(page)["about"]["params"]["epsilon"] == 3
    tab_to(page, "[data-save]")
    page.keyboard.press("Enter")
    expect(page.locator("[data-file]")).to_be_focused()
    tab_to(page, "[data-pixel-keys]")
    row = int(page.locator("[name=y]").input_value())
    page.keyboard.press("ArrowDown")
    expect(page.locator("[name=y]")).to_have_value(str(row + 1))
    tab_to(page, "[data-forget]", back=True)
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url(page.url.split("/lab/")[0] + "/")


def test_samples_are_a_radio_group_for_the_arrow_keys(visitor):
    page = visitor().open()
    wait_for_result(page)
    first = shown(page, "verdict")
    page.locator("[data-samples] input:checked").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(VERDICT)).not_to_have_text(first)
    wait_for_result(page)
    page.go_back()
    expect(page.locator(VERDICT)).to_have_text(first)


@pytest.mark.walk
def test_without_websockets_the_page_asks_again_and_again(visitor, photo):
    me = visitor()
    me.context.route_web_socket("**", lambda socket: socket.close())
    page = me.open()
    bring(page, photo)
    assert shown(page, "verdict")
    assert page.locator("[data-chart-table] tbody tr").count() == 33


# --- The chapters -------------------------------------------------------------------------------------------------


def a_sample_is_already_broken(page: Page) -> None:
    wait_for_result(page)
    assert page.locator("[data-samples] input").count() >= 6
    assert page.locator(f"{VERDICT} .before").count() and page.locator(f"{VERDICT} .after").count()
    assert shown(page, "breaks").startswith("One step changes it at ")
    assert shown(page, "noise").startswith("Random noise at 2/255: ")


def every_level_says_what_the_sweep_says(page: Page) -> None:
    result, judged = job(page)["result"], sweep(page)
    original = result["label_from"]
    for k in (0, *LEVELS):
        set_level(page, k)
        point = judged["points"][k]
        label = point["top"]["label"] if k else original["label"]
        assert label in shown(page, "verdict")
        assert page.locator("[data-says=after] b").text_content() == point["top"]["label"]
        if k and point["control"]:
            still = point["control"]["top"]["index"] == original["index"]
            assert ("still" in shown(page, "noise")) == still
    at = judged["breaks_at"]
    assert shown(page, "breaks").startswith(f"One step changes it at {at or 'no level up to 32'}/255")
    rows = page.locator("[data-chart-table] tbody tr")
    assert rows.count() == 33


def what_is_downloaded_is_what_was_shown(page: Page, levels: tuple[int, ...]) -> None:
    original = job(page)["result"]["label_from"]["label"]
    for k in levels:
        set_level(page, k)
        name, png = download(page)
        assert name.startswith("gibbon-") and name.endswith(f"-{k}.png")
        assert pixels_hash(png) == canvas_hash(page), f"level {k}"
        top = sweep(page)["points"][k]["top"]["label"]
        badge = page.locator("[data-badge]").text_content()
        assert top in badge
        assert ("✓" in badge) == (top != original)
    # the last one, uploaded again, gives the same answer before any attack
    bring(page, png, name)
    assert job(page)["result"]["label_from"]["label"] == top
    page.go_back()
    wait_for_result(page)


def a_target_is_chosen(page: Page) -> None:
    chips = page.locator("[data-chips] button")
    wanted = chips.nth(1).text_content()
    chips.nth(1).click()
    expect(page.locator("[data-chips] [aria-pressed=true]")).to_have_text(wanted)
    wait_for_result(page)
    page.locator("#target").fill("gibbon")
    page.locator("#target").press("Enter")
    expect(page.locator("[data-sub]")).to_contain_text("towards gibbon")
    wait_for_result(page)
    judged = sweep(page)
    if judged["reached_at"] is None:
        assert shown(page, "verdict").startswith("One step does not reach gibbon; closest: ")
    else:
        assert f"{judged['reached_at']}/255" in shown(page, "breaks")


def it_is_shared(page: Page) -> str:
    page.locator("[data-share-on]").click()
    expect(page.locator("#share-url")).to_be_focused()
    copy = page.locator("[data-copy]")
    copy.press("Enter")
    expect(copy).to_have_text("Copied")
    expect(copy).to_be_focused()
    return page.locator("#share-url").input_value()


def others_can_look_until_it_is_not(visitor, width: int, page: Page, link: str) -> None:
    other = visitor(width)
    path = link.removeprefix(other.url)
    theirs = other.open(path)
    wait_for_result(theirs)
    assert shown(theirs, "verdict") == shown(page, "verdict")
    assert theirs.locator("[data-drop], [data-save], [data-target-chooser], [data-forget]").count() == 0
    assert theirs.goto(f"{other.url}/lab/{job_id(page)}/").status == 404
    page.locator("[data-share-off]").click()
    expect(page.locator("[data-share-on]")).to_be_visible()
    assert theirs.goto(link).status == 404
    other.forgive("404")


def it_is_deleted(page: Page) -> None:
    def deleted_but_not_told_yet(route: Route) -> None:
        answer = route.fetch()
        page.wait_for_timeout(1500)  # for more draws of the noise the page asks within half of that
        route.fulfill(response=answer)

    page.route("**/api/v1/images/*", deleted_but_not_told_yet)
    set_level(page, 7)
    page.locator("[data-forget]").click()
    page.locator("dialog button[value=yes]").click()
    page.wait_for_url(lambda url: "/lab/" not in url)
    page.goto(page.url.rstrip("/") + "/pictures/")
    page.locator("form[data-ask] button").first.click()  # delete everything: the picture that was uploaded again
    page.locator("dialog button[value=yes]").click()
    expect(page.locator(".nothing")).to_be_visible()


def tab_to(page: Page, selector: str, *, back: bool = False) -> None:
    """Press Tab until the element has the focus; it must be within reach."""
    target = page.locator(selector)
    for _ in range(80):
        if target.evaluate("(node) => node === document.activeElement"):
            return
        page.keyboard.press("Shift+Tab" if back else "Tab")
    raise AssertionError(f"{selector} cannot be reached with Tab")
