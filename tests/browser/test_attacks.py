"""Another attack than one step: chosen with its options, shown for what it is, left again."""

import hashlib
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import canvas_hash, pixels_hash
from tests.browser.lab import (
    OF_A_SAMPLE,
    OF_ONES_OWN,
    VERDICT,
    get,
    job,
    job_id,
    origin,
    set_level,
    shown,
    wait_for_result,
)
from tests.support.people import wait_for
from tests.support.walks import first


@pytest.mark.walk
@pytest.mark.parametrize("width", [1280, 390])
def test_many_steps_are_chosen_shown_saved_and_left(visitor, width):
    page = visitor().open("/lab/with/digits/")
    page.set_viewport_size({"width": width, "height": 844})
    wait_for_result(page)
    before, address = page.locator(VERDICT).inner_text(), page.url
    chooser = page.locator(".attack-chooser")
    options = chooser.locator("[data-attack=pgd]")
    chooser.locator("label.chip").get_by_text("PGD", exact=True).click()

    options.get_by_label("Steps").fill("0")
    chooser.get_by_role("button", name="Attack").click()
    expect(chooser.get_by_role("alert")).to_contain_text("Steps: ")
    assert page.url == address

    options.get_by_label("Strength ε").fill("60")
    options.get_by_label("Steps").fill("7")
    chooser.get_by_role("button", name="Attack").click()
    page.wait_for_url(OF_A_SAMPLE)
    expect(page.locator("[data-sub]")).to_contain_text("PGD away from what the network said")
    made = job(page)
    assert made["about"]["attack"] == "pgd" and made["about"]["params"] == {
        "epsilon": 60,
        "steps": 7,
        "restarts": 1,
        "target": None,
        "seed": 0,
    }
    expect(page.locator("[data-file]")).to_be_visible()
    for gone in (".level", ".curves", "[data-step=sign]"):
        expect(page.locator(gone)).to_be_hidden()
    png = page.request.get(origin(page) + made["result"]["adversarial"]["image_url"]).body()
    expect(page.locator("figure[data-frame=a] canvas")).to_be_visible()
    assert canvas_hash(page) == pixels_hash(png)  # drawn from the picture and its change, exactly the file
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_download() as taken:
        page.locator("[data-file]").click()
    assert hashlib.sha256(taken.value.path().read_bytes()).hexdigest() == made["result"]["adversarial"]["sha256"]

    page.reload()
    expect(page.locator("[data-sub]")).to_contain_text("PGD away")
    assert options.get_by_label("Steps").input_value() == "7"
    page.go_back()
    wait_for_result(page)
    assert page.locator(VERDICT).inner_text() == before and shown(page, "breaks")


ANNOUNCED = """
window.announced = [];
const line = document.querySelector("[data-announce]");
new MutationObserver(() => announced.push(line.textContent)).observe(line, { childList: true });
"""
COLLECTED = """() => {
  const heard = (window.heard = []);
  const node = document.querySelector("[data-trace-sentence]");
  const every = { childList: true, characterData: true, subtree: true };
  new MutationObserver(() => heard.push(node.textContent)).observe(node, every);
}"""
PAINTED = """(canvas) => new Set(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data).size"""


@pytest.mark.parametrize(("width", "scheme"), first([(1280, "light"), (390, "dark")]))
def test_many_steps_are_watched_and_looked_through_afterwards(visitor, width, scheme):
    page = visitor(width, scheme).open()
    wait_for_result(page)
    section = page.locator(".trace")
    expect(section).to_be_hidden()
    page.evaluate(COLLECTED)
    chooser = page.locator(".attack-chooser")
    options = chooser.locator("[data-attack=pgd]")
    chooser.locator("label.chip").get_by_text("PGD", exact=True).click()
    options.get_by_label("Steps").fill("30")
    chooser.get_by_role("button", name="Attack").click()
    expect(page.locator("[data-file]")).to_be_visible()
    made = job(page)["result"]["trace"]

    expect(section.locator("[data-trace-sentence]")).to_have_text(made["sentence"])
    live = [int(found[1]) for text in page.evaluate("heard") if (found := re.fullmatch(r"Step (\d+)…", text))]
    assert len(live) >= 2 and live == sorted(live)

    slider, reading = section.get_by_label("Step", exact=True), section.locator("[data-trace-step]")
    expect(reading).to_have_text(f"Step {made['steps'][made['fooled_at']]['step']} of 30")
    slider.focus()
    page.keyboard.press("End")
    expect(reading).to_have_text("Step 30 of 30")
    page.keyboard.press("ArrowLeft")
    expect(reading).to_have_text("Step 29 of 30")
    expect(slider).to_have_attribute(
        "aria-valuetext", re.compile(rf"Step 29 of 30: {made['steps'][-2]['top']['label']}")
    )
    section.locator(".chart .u-over").click(position={"x": 1, "y": 50})
    expect(reading).to_have_text("Step 0 of 30")

    section.locator("canvas[data-trace-picture]").scroll_into_view_if_needed()
    expect(section.locator("[data-trace-preview]")).to_contain_text("preview, not the file")
    for canvas in ("picture", "change"):
        expect(section.locator(f"canvas[data-trace-{canvas}]")).not_to_have_attribute("width", "1")
        assert section.locator(f"canvas[data-trace-{canvas}]").evaluate(PAINTED) > 20
    section.get_by_text("The steps as a table").click()
    assert section.locator("[data-trace-table] tbody tr").count() == len(made["steps"]) == 31

    made_of = page.locator("[data-derivation]")
    expect(made_of.locator("[data-recipe]")).to_have_attribute("data-recipe", "pgd")
    expect(made_of.locator("math").first).to_be_visible()
    made_of.locator(".source > summary").click()
    expect(made_of.locator(".source .code").first).to_contain_text("def pgd(")
    page.locator("figure[data-frame=a] .frame").click(position={"x": 100, "y": 100})
    expect(made_of.locator("[data-step=file] td").first).to_have_text(re.compile(r"^\d+$"))
    value, change, saved = (
        [int(text.replace("−", "-")) for text in made_of.locator(f"[data-step={name}] td").all_inner_texts()]
        for name in ("value", "change", "file")
    )
    assert [one + other for one, other in zip(value, change, strict=True)] == saved and len(saved) == 3
    assert all(abs(one) <= job(page)["about"]["params"]["epsilon"] for one in change)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("width", first([1280, 390]))
def test_a_long_attack_is_foretold_shows_how_far_it_is_and_can_be_stopped(visitor, width):
    page = visitor().open()
    page.set_viewport_size({"width": width, "height": 844})
    wait_for_result(page)
    chooser = page.locator(".attack-chooser")
    options = chooser.locator("[data-attack=pgd]")
    forecast = chooser.locator("[data-forecast]")
    chooser.locator("label.chip").get_by_text("PGD", exact=True).click()
    options.get_by_label("Steps").fill("600")
    expect(forecast).to_contain_text(re.compile(r"up to \d+ s"))
    options.get_by_label("Starts").fill("20")
    expect(forecast).to_contain_text("Give smaller numbers")
    options.get_by_label("Starts").fill("1")
    expect(forecast).not_to_contain_text("Give smaller numbers")
    expect(forecast).to_contain_text(re.compile(r"up to \d+ s"))
    options.get_by_role("button", name="Quick").click()
    expect(forecast).to_be_empty()
    options.get_by_label("Steps").fill("600")
    expect(forecast).to_contain_text(re.compile(r"up to \d+ s"))

    page.evaluate(ANNOUNCED)
    chooser.get_by_role("button", name="Attack").click()
    page.wait_for_url(re.compile("attack=pgd"))
    expect(page.locator(VERDICT)).to_contain_text("done within about")
    bar = page.get_by_role("progressbar", name="Progress")
    expect(bar).to_be_visible()
    page.wait_for_function("bar => bar.value > 0", arg=bar.element_handle())
    expect(forecast).to_be_empty()
    for _ in range(2):
        expect(page.locator(VERDICT)).not_to_have_text(page.locator(VERDICT).inner_text())
        page.wait_for_timeout(700)  # an announcement is put off for less
    heard = [text for text in page.evaluate("announced") if "done within about" in text]
    assert len(heard) == 1  # not every second of the wait
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.reload()  # it goes on, and can still be aimed at something else
    aimed = page.locator("[data-chips] [aria-pressed=true]")
    expect(aimed).to_contain_text("away from")
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-error]")).to_contain_text("Stopped")
    expect(page.locator("[data-noise]")).to_be_hidden()
    wait_for(lambda: job(page)["status"] == "cancelled", 10)

    stopped = job_id(page)
    page.reload()
    expect(page.locator("[data-error]")).to_have_text("This attack was cancelled.")
    expect(page.locator(VERDICT)).to_contain_text("With nothing added, the network sees")
    expect(aimed).to_contain_text("away from")
    assert job_id(page) == stopped
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Try again").click()
    expect(page.locator(VERDICT)).to_contain_text("done within about")
    page.wait_for_function("stopped => history.state.job !== stopped", arg=stopped)
    assert job(page)["about"] == get(page, f"/api/v1/jobs/{stopped}")["about"]
    page.get_by_role("button", name="Cancel").click()
    expect(page.locator("[data-error]")).to_contain_text("Stopped")


@pytest.mark.parametrize(("width", "scheme"), first([(1280, "light"), (390, "dark")]))
def test_the_site_opens_with_a_panda_that_is_a_gibbon_and_so_is_its_file(visitor, width, scheme):
    page = visitor(width, scheme).open("/")
    expect(page.locator(VERDICT)).to_have_text(re.compile(r"One grey level turns a.giant panda into a.gibbon"))
    expect(page.locator("[data-says=after] b")).to_have_text("gibbon")
    expect(page.locator("[data-badge]")).to_contain_text("saved, read again, still gibbon")
    with page.expect_download() as taken:
        page.locator("[data-file]").click()
    saved = taken.value.path().read_bytes()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")

    page.get_by_role("button", name="One step").click()
    page.wait_for_url(re.compile(r"/lab/sample/panda/\?epsilon=1&target=gibbon$"))
    wait_for_result(page)
    assert shown(page, "breaks").startswith("Never reaches gibbon in one step.")
    set_level(page, 2)
    page.get_by_role("button", name="Many steps").click()
    page.wait_for_url(re.compile(r"\?attack=pgd&epsilon=2&target=gibbon$"))
    expect(page.locator("[data-says=after] b")).to_have_text("gibbon")

    page.set_input_files("input[name=image]", {"name": "a.png", "mimeType": "image/png", "buffer": saved})
    page.wait_for_url(OF_ONES_OWN)
    expect(page.locator("[data-says=before] b")).to_have_text("gibbon")


def test_what_the_address_asks_for_is_begun_kept_and_refused(visitor):
    me = visitor()
    page = me.open("/lab/sample/digit-3/?attack=pgd&steps=7#60")
    expect(page.locator("[data-sub]")).to_contain_text("PGD away from what the network said")
    assert job(page)["about"]["params"] == {"epsilon": 60, "steps": 7, "restarts": 1, "target": None, "seed": 0}
    page.wait_for_url(re.compile(r"/lab/sample/digit-3/\?attack=pgd&epsilon=60&steps=7$"))
    first = job_id(page)
    page.reload()
    expect(page.locator("[data-sub]")).to_contain_text("PGD away from what the network said")
    assert job_id(page) == first  # it is shown, not begun again
    page.goto(f"{me.url}/lab/sample/digit-3/?attack=pgd&steps=0")
    expect(page.locator("h1")).to_have_text("steps must be a whole number from 1 to 1000.")
    me.forgive("422")


def test_where_one_step_fails_many_are_a_button_away_and_what_they_found_is_told(visitor):
    page = visitor().open("/lab/sample/panda/?target=toaster")
    wait_for_result(page)
    line = page.locator("[data-breaks]")
    assert shown(page, "breaks").startswith("Never reaches toaster in one step.")
    expect(line).to_contain_text("Many steps may find what one step misses.")
    line.get_by_role("button", name="Take many steps").click()
    page.wait_for_url(re.compile(r"\?attack=pgd&epsilon=2&target=toaster$"))
    expect(page.locator("[data-says=after] b")).to_have_text("toaster")

    page.go_back()
    expect(line).to_contain_text("20 steps (PGD) reach toaster, at 2/255.")
    expect(page.locator(VERDICT)).to_contain_text("20 steps (PGD) reach toaster, at 2/255.")
    expect(line.get_by_role("button", name="Take many steps")).to_be_hidden()
    set_level(page, 0)
    expect(page.locator(VERDICT)).not_to_contain_text("PGD")
    line.get_by_role("link", name="See it").click()
    expect(page.locator("[data-says=after] b")).to_have_text("toaster")
    expect(page.locator("[data-sub]")).to_contain_text("PGD towards toaster")
