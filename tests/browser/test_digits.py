"""The lab for handwritten digits: chosen, drawn, photographed, broken, and compared with another network."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from inference.catalog.classifiers import card
from tests.browser import digits
from tests.browser.conftest import canvas_hash, keep_picture, pixels_hash
from tests.browser.lab import (
    OF_A_SAMPLE,
    OF_ONES_OWN,
    bring,
    download,
    get,
    job,
    job_id,
    origin,
    set_level,
    shown,
    sweep,
    wait_for_result,
)
from tests.support.identities import shipped_identity
from tests.support.walks import first

LAB = "/lab/with/digits/"
NETWORK = card("digits")["name"]
WAYS = {390: digits.draw_with_a_finger, 1280: digits.draw_with_the_mouse}


@pytest.fixture(scope="session")
def candidate(settled) -> str:
    return digits.register_candidate(settled)


@pytest.mark.parametrize("width", first(WAYS))
def test_a_digit_is_drawn_and_broken(visitor, width):
    page = visitor(width, "dark" if width < 500 else "light").open(LAB)
    wait_for_result(page)
    ask = page.get_by_role("button", name="Ask the network")
    expect(ask).to_be_disabled()
    before = page.evaluate("scrollY")
    WAYS[width](page)
    assert page.evaluate("scrollY") == before  # a finger on the pad draws and does not scroll
    assert digits.ink(page) > 2000
    ask.click()
    it_is_read_and_breaks(page, "9")
    keep_picture(page, f"drawn-{width}")
    levels_and_file_are_exact(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_digit_is_drawn_by_keyboard(visitor):
    page = visitor().open(LAB)
    wait_for_result(page)
    digits.draw_with_the_keyboard(page)
    assert shown(page, "pad-status") == "pen down, column 11, row 21"
    page.keyboard.press("Enter")
    it_is_read_and_breaks(page, "7")
    expect(page.locator(digits.PAD)).to_be_focused()
    page.keyboard.press("Backspace")
    expect(page.get_by_role("button", name="Undo")).to_be_disabled()


def test_strokes_are_taken_back_and_cleared(visitor):
    page = visitor().open(LAB)
    wait_for_result(page)
    digits.draw_with_the_mouse(page)
    one_stroke = digits.ink(page)
    page.locator(digits.PAD).click(position={"x": 20, "y": 180})
    assert digits.ink(page) > one_stroke  # a touch leaves a dot
    page.get_by_role("button", name="Undo").click()
    assert digits.ink(page) == one_stroke
    page.get_by_role("button", name="Clear").click()
    assert digits.ink(page) == 0
    expect(page.get_by_role("button", name="Clear")).to_be_disabled()


@pytest.mark.parametrize("width", first([1280, 390]))
def test_a_photo_of_handwriting_is_read_and_attacked(visitor, width):
    page = visitor(width).open(LAB)
    bring(page, digits.photo_of_handwriting(3))
    assert job(page)["result"]["label_from"]["label"] == "3"
    picture = get(page, f"/api/v1/images/{job(page)['about']['image']}")
    assert (picture["preparation"], picture["width"], picture["height"]) == ("digit", 28, 28)


def test_a_sample_digit_is_shown_sharp_and_followed_pixel_by_pixel(visitor):
    page = visitor().open(LAB)
    wait_for_result(page)
    assert page.locator("[data-samples] label").all_inner_texts() == [str(digit) for digit in range(10)]
    page.locator("[data-samples] input[value=digit-3]").click()
    page.wait_for_url(OF_A_SAMPLE)
    wait_for_result(page)
    assert shown(page, "verdict").startswith("A change of at most 77/255 in every value makes the network say ")
    assert shown(page, "breaks").startswith(f"One step changes it at {sweep(page)['breaks_at']}/255")
    expect(page.locator("[data-noise]")).to_contain_text("of 20 draws")
    assert page.locator("[data-number=l2]").inner_text().startswith(f"{job(page)['result']['distances']['l2']:.2f} ")
    expect(page.locator("[data-note=flat]")).to_be_hidden()
    set_level(page, 128)
    expect(page.locator("[data-note=flat]")).to_contain_text("From 127/255 on, every value")
    set_level(page, 77)
    expect(page.locator("figure[data-frame=a] canvas")).to_have_css("image-rendering", "pixelated")
    page.locator("figure[data-frame=x] .frame").click(position={"x": 180, "y": 130})
    names = page.locator("[data-step=value] th").all_text_contents()
    value, sign, step, result = (
        int(page.locator(f"[data-step={name}] td").text_content().replace("−", "-"))
        for name in ("value", "sign", "step", "result")
    )
    assert names == ["grey"] and step == 77 * sign and result == min(255, max(0, value + step))


def test_the_chooser_leads_from_network_to_network(visitor):
    page = visitor().open()
    wait_for_result(page)
    networks = page.get_by_role("navigation", name="Network")
    expect(networks.locator("[aria-current]")).to_contain_text("EfficientNet-Lite0")
    expect(page.locator("[data-draw]")).to_have_count(0)
    networks.get_by_role("link", name=NETWORK).first.click()
    page.wait_for_url(f"**{LAB}")
    wait_for_result(page)
    expect(networks.locator("[aria-current]")).to_contain_text(NETWORK)
    state = json.loads(page.locator("#lab-state").text_content())
    assert state["classifier"]["labels"] == list("0123456789")
    assert "goldfish" not in page.content()  # no other network's thousand names
    networks.get_by_role("link", name="EfficientNet-Lite0").click()
    expect(page.locator("[data-says=after] b")).to_have_text("gibbon")
    expect(page.locator("#classes option")).to_have_count(1000)


@pytest.mark.walk
@pytest.mark.parametrize("width", [1280, 390])
def test_a_version_that_is_not_live_says_so_and_is_compared_with_the_live_one(visitor, candidate, width):
    page = visitor(width).open(f"/lab/version/{candidate}/")
    banner = page.locator("[data-not-live]")
    expect(banner).to_have_text(f"You are breaking version {candidate[:8]} of {NETWORK}, which is not live.")
    page.wait_for_url(OF_A_SAMPLE)  # nobody had attacked a sample with it
    wait_for_result(page)
    expect(banner).to_be_visible()
    assert job(page)["version"]["identity"] == candidate
    both_sweeps_stand_in_one_chart(page, NETWORK)
    page.reload()
    wait_for_result(page)
    expect(page.locator("[data-comparison-sentence]")).not_to_be_empty()  # without asking again
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", first([1280, 390]))
def test_a_sample_digit_is_compared_with_the_hardened_network_without_asking(visitor, width):
    page = visitor(width).open(LAB)
    wait_for_result(page)
    beside = page.locator("[data-comparison]")
    expect(beside.locator("[data-comparison-sentence]")).not_to_be_empty()
    other = get(page, beside_address(page))[shipped_identity("digits-hardened")]["sweep"]["result"]
    standard = json.loads(page.locator("#lab-state").text_content())["sweep"]["result"]
    assert (standard["breaks_at"] or 999) < (other["breaks_at"] or 999)
    told = beside.locator("[data-comparison-sentence]").inner_text()
    later = f"not before {other['breaks_at']}/255" if other["breaks_at"] else "at no level up to 128/255"
    assert told.startswith(f"One step changes the answer of {NETWORK} at {standard['breaks_at']}/255")
    assert told.endswith(f"{later}.")
    assert beside.locator("[data-comparison-sentence] .standard").inner_text() == NETWORK
    assert beside.locator("[data-comparison-sentence] .hardened").inner_text() == card("digits-hardened")["name"]
    assert beside.locator("[data-legend] li").evaluate_all("(all) => all.map((li) => li.className)") == [
        "standard",
        "hardened",
    ]
    cost = beside.locator(".fair").inner_text()
    assert "Being hardened has its price" in cost and "5 restarts" in cost
    if width == 1280:
        beside.scroll_into_view_if_needed()
        keep_picture(page, "side-by-side")


def test_what_one_step_says_of_a_hardened_network_is_told_with_its_limits(visitor):
    """Zero gradients, noise that does more, an answer wrong to begin with, and how often noise alone changes it."""
    page = visitor().open("/lab/with/digits-hardened/")
    wait_for_result(page)
    found = json.loads(page.locator("#lab-state").text_content())["samples"]
    sample = {one["slug"]: f"{origin(page)}/lab/{one['job']}/" for one in found}
    page.goto(sample["digit-7"])
    wait_for_result(page)
    note = page.locator("[data-note=gradient]")
    set_level(page, 0)
    expect(note).to_be_hidden()
    set_level(page, 20)
    expect(note).to_have_text(re.compile(r"The gradient is exactly zero at 5\d.% of the pixels: one step leaves them"))
    set_level(page, 128)  # where noise is judged, too, and the step changes nothing
    expect(note).to_contain_text("Random noise lowers the answer more than this step")
    expect(note).to_contain_text("FGSM says nothing about this network at 128/255")
    expect(page.locator("[data-noise]").first).to_contain_text(re.compile(r"(None|\d+) of 20 draws change"))
    page.goto(sample["digit-4"])
    wait_for_result(page)
    set_level(page, 128)  # here it changes the answer, so it says something
    expect(note).to_have_text(re.compile(r"The gradient is exactly zero at 4\d.% of the pixels: one step leaves them"))
    page.goto(sample["digit-3"])
    wait_for_result(page)
    assert shown(page, "breaks").endswith("It is right from 30 to 53/255.")
    assert "The picture shows a 3: the answer was wrong before anything was changed." in shown(page, "verdict")
    set_level(page, 40)
    expect(page.locator("[data-verdict]")).to_contain_text("which is right; before, it said an")


def test_what_was_asked_of_a_version_is_found_again(visitor, candidate):
    me = visitor()
    page = me.open(f"/lab/version/{candidate}/")
    page.wait_for_url(OF_A_SAMPLE)
    wait_for_result(page)
    again = me.open(f"/lab/version/{candidate}/")
    wait_for_result(again)
    state = json.loads(again.locator("#lab-state").text_content())
    assert state["job"]["id"] == job_id(page)


@pytest.mark.walk
def test_without_scripts_a_digit_is_sent_and_a_sample_of_a_version_attacked(visitor, candidate):
    me = visitor(java_script_enabled=False)
    page = me.open(LAB)
    handwriting = {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": digits.photo_of_handwriting(5)}
    page.set_input_files("input[name=image]", handwriting)
    page.get_by_role("button", name="Send it").click()
    expect(page.locator("[data-says=before] b")).to_have_text("5")
    other = me.open(f"/lab/version/{candidate}/")
    other.get_by_role("button", name="A handwritten 4").click()
    expect(other.locator("[data-says=before] b")).to_have_text("4")
    expect(other.locator("[data-not-live]")).to_be_visible()


def beside_address(page: Page) -> str:
    return f"/lab/{json.loads(page.locator('#lab-state').text_content())['job']['id']}/beside.json"


# --- The chapters -------------------------------------------------------------------------------------------------


def it_is_read_and_breaks(page: Page, digit: str) -> None:
    page.wait_for_url(OF_ONES_OWN)
    wait_for_result(page)
    found = job(page)
    picture = get(page, f"/api/v1/images/{found['about']['image']}")
    assert (picture["preparation"], picture["width"], picture["height"]) == ("digit", 28, 28)
    assert found["result"]["label_from"]["label"] == digit
    assert found["about"]["params"]["epsilon"] == card("digits")["epsilon"]
    assert sweep(page)["breaks_at"] is not None
    assert page.locator("[data-chart-table]").first.locator("tbody tr").count() == 129


def levels_and_file_are_exact(page: Page) -> None:
    points = sweep(page)["points"]
    for k in (0, 40, 128):
        set_level(page, k)
        assert page.locator("[data-says=after] b").text_content() == points[k]["top"]["label"]
    name, png = download(page)
    assert name == f"gibbon-{points[128]['top']['label']}-128.png"
    assert pixels_hash(png) == canvas_hash(page)


def both_sweeps_stand_in_one_chart(page: Page, rival: str) -> None:
    beside = page.locator("[data-comparison]")
    beside.get_by_role("button", name=rival, exact=True).click()
    told = beside.locator("[data-comparison-sentence]")
    expect(told).not_to_be_empty()
    expect(beside.locator(".chart canvas")).to_be_visible()
    rows = beside.locator("[data-chart-table] tbody tr")
    assert rows.count() == 129
    said = [rows.nth(k).locator("td").all_text_contents() for k in range(129)]
    firsts = [next((k for k, row in enumerate(said) if row[column] != said[0][column]), None) for column in (0, 2)]
    assert firsts[0] == sweep(page)["breaks_at"]
    for level in firsts:
        assert f"{128 if level is None else level}/255" in told.inner_text()
    figures = beside.locator(".fair tbody")
    test = card("digits")["test"]
    assert f"{test['right']:,} of {test['of']:,}" in figures.inner_text()
    assert re.search(r"PGD-\d+ \(eps 77/255", beside.inner_text())
