"""The lab's promises one by one: exactness, honesty, patience, and a page that works without scripts."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect
from skimage import data

from tests.browser.conftest import canvas_hash, pixels_hash
from tests.browser.lab import (
    OF_A_JOB,
    OF_ONES_OWN,
    VERDICT,
    bring,
    get,
    job,
    job_id,
    origin,
    set_level,
    shown,
    wait_for_result,
)
from tests.support.walks import first

PATHS = ("/", "/lab/with/digits/", "/pictures/", "/about/", "/there-is-no-such-page/")
PERTURBING = """
const read = CanvasRenderingContext2D.prototype.getImageData;
CanvasRenderingContext2D.prototype.getImageData = function (...where) {
  const image = read.apply(this, where);
  for (let i = 0; i < image.data.length; i += 97) image.data[i] ^= 1;
  return image;
};
"""


def test_where_the_browser_changes_what_is_read_the_servers_pictures_are_shown(visitor, photo):
    me = visitor()
    me.context.add_init_script(PERTURBING)
    page = me.open()
    page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.wait_for_url(OF_ONES_OWN)
    expect(page.locator("[data-note=canvas]")).to_be_visible()
    picture = page.locator("figure[data-frame=a] [data-picture]")
    expect(picture).to_have_attribute("src", f"/results/{job_id(page)}/adversarial.png")
    page.locator("[data-slider]").fill("5")
    expect(picture).to_have_attribute("src", re.compile(r"^/results/.+/point\.png$"))
    assert page.locator("figure[data-frame=a] canvas").is_hidden()


def test_without_scripts_the_form_and_the_result_work(visitor, photo):
    page = visitor(java_script_enabled=False).open()
    page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.get_by_role("button", name="Send it").click()
    page.wait_for_url(OF_A_JOB)
    expect(page.locator("[data-says=after] b")).not_to_have_text("…")  # the page refreshes itself
    result = job(page)["result"]
    assert result["adversarial"]["top"][0]["label"] in page.locator("[data-says=after]").text_content()
    assert page.locator("figure.a .bars tbody tr").count() >= 6
    assert result["label_from"]["label"] in shown(page, "verdict")
    assert page.locator("a[download]").first.is_visible()

    page.locator(".attack-form select").select_option("PGD")
    page.get_by_label("towards the class").fill("gibbon")
    page.get_by_role("button", name="Show it").click()
    page.wait_for_url(OF_ONES_OWN)
    expect(page.locator(VERDICT)).to_have_text("Nobody has run this attack yet.")
    page.get_by_role("button", name="Run it").click()
    page.wait_for_url(OF_A_JOB)
    expect(page.locator("[data-says=after] b")).to_have_text("gibbon")
    expect(page.locator("[data-sub]")).to_contain_text("PGD towards gibbon")


@pytest.mark.walk
def test_the_address_of_ones_own_picture_tells_the_attack_and_is_kept(visitor, photo):
    me = visitor()
    page = me.open()
    bring(page, photo)
    own = OF_ONES_OWN.search(page.url)[0]
    page.get_by_role("button", name="Many steps").click()
    page.wait_for_url(re.compile(rf"{own}\?attack=pgd&epsilon=2$"))
    expect(page.locator("[data-sub]")).to_contain_text("PGD away from what the network said")
    first = job_id(page)
    page.reload()
    expect(page.locator("[data-sub]")).to_contain_text("PGD away from what the network said")
    assert job_id(page) == first  # it is shown, not begun again
    page.goto(f"{me.url}{own}?attack=bim&steps=4#3")
    page.wait_for_url(re.compile(rf"{own}\?attack=bim&epsilon=3&steps=4$"))
    expect(page.locator("[data-sub]")).to_contain_text("BIM away from what the network said")
    assert page.locator("[data-forget]").is_visible()  # it is one's own still
    assert visitor().open("/").request.get(f"{me.url}{own}").status == 404


@pytest.mark.parametrize("path", ["/", "/lab/with/digits/", "/training/"])
def test_without_scripts_nothing_is_shown_that_needs_them(visitor, path):
    page = visitor(java_script_enabled=False).open(path)
    scripted = page.locator(".scripted")
    assert path == "/training/" or scripted.count() > 5
    assert [part.get_attribute("class") for part in scripted.all() if part.is_visible()] == []


def test_with_forced_colours_the_legend_has_the_marks_of_its_curves(visitor):
    page = visitor(forced_colors="active").open()
    wait_for_result(page)
    style = "(node) => getComputedStyle(node).borderTopStyle"
    keys = {role: page.locator(f".legend .{role} i").evaluate(style) for role in ("original", "adversarial", "control")}
    assert keys == {"original": "solid", "adversarial": "dotted", "control": "solid"}
    ring = page.locator(".legend .control i").evaluate("(node) => getComputedStyle(node).borderRadius")
    assert ring == "50%"  # noise is judged at some levels, each a ring
    fill = page.locator(".outcomes rect").first.evaluate("(node) => getComputedStyle(node).fill")
    assert fill == page.evaluate("getComputedStyle(document.body).color")


def test_a_reload_at_any_moment_ends_in_the_same_result(visitor, photo):
    page = visitor().open()
    page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    page.wait_for_url(OF_ONES_OWN)
    page.reload()
    wait_for_result(page)
    first = shown(page, "verdict")
    page.reload()
    wait_for_result(page)
    assert shown(page, "verdict") == first


def test_nothing_jumps_while_results_arrive(visitor):
    """From a square sample to a square photo: what moves then, results moved."""
    page = visitor().open()
    wait_for_result(page)
    page.evaluate(
        """() => {
          window.jumped = 0;
          const add = (list) => list.getEntries().forEach((e) => { if (!e.hadRecentInput) window.jumped += e.value; });
          new PerformanceObserver(add).observe({ type: "layout-shift" });
        }"""
    )
    square = io.BytesIO()
    Image.fromarray(data.coffee()[:, 100:500]).save(square, "PNG")
    bring(page, square.getvalue(), "square.png")
    for k in (0, 1, 8, 32):
        set_level(page, k)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    assert page.evaluate("window.jumped") < 0.02


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(visitor, tmp_path):
    page = visitor().open()
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(28_000_000)
    page.set_input_files("input[name=image]", large)
    expect(page.locator("[data-error]")).to_have_text("Your picture is too large (28\u202fMB; up to 20\u202fMB).")
    expect(page.locator("[data-retry]")).to_be_hidden()
    assert sent == []


def test_a_cameras_photo_that_is_larger_than_may_be_sent_is_made_smaller(visitor, tmp_path):
    page, large = visitor().open(), tmp_path / "large.jpg"
    noise = np.random.default_rng(0).integers(0, 256, (3000, 3000, 3), dtype=np.uint8)
    Image.fromarray(noise).save(large, quality=100, subsampling=0)
    assert large.stat().st_size > 20_000_000
    before = page.url
    page.set_input_files("input[name=image]", large)
    page.wait_for_function("(before) => location.href !== before", arg=before)
    wait_for_result(page)
    expect(page.locator("[data-error]")).to_be_empty()


def test_what_is_no_picture_is_refused_in_words_and_the_last_result_stays(visitor):
    me = visitor()
    page = me.open()
    wait_for_result(page)
    before = shown(page, "verdict")
    page.set_input_files("input[name=image]", {"name": "a.png", "mimeType": "image/png", "buffer": b"not a picture"})
    expect(page.locator("[data-error]")).not_to_be_empty()
    assert shown(page, "verdict") == before
    me.forgive("422")


def test_a_busy_server_is_asked_again_when_it_said(visitor, photo):
    me = visitor()
    page = me.open()
    busy = json.dumps({"error": {"code": "full", "message": "Many people are here; your picture was not taken."}})
    answers = [busy]

    def answer(route):
        if answers:
            route.fulfill(
                status=503, body=answers.pop(), headers={"Retry-After": "1", "Content-Type": "application/json"}
            )
        else:
            route.continue_()

    page.route("**/api/v1/images", answer)
    page.set_input_files("input[name=image]", {"name": "a.jpg", "mimeType": "image/jpeg", "buffer": photo})
    expect(page.locator("[data-error]")).to_have_text("Many people are here; your picture was not taken.")
    page.wait_for_url(OF_ONES_OWN)
    wait_for_result(page)
    me.forgive("503")


@pytest.mark.parametrize(
    ("event", "holder"), first([("paste", "clipboardData"), ("drop", "dataTransfer")]), ids=["pasted", "dropped"]
)
def test_a_photo_can_be_brought_by_other_ways_than_the_form(visitor, photo, event, holder):
    page = visitor().open()
    before = page.url
    page.evaluate(
        """async ([name, holder, bytes]) => {
          const carried = new DataTransfer();
          carried.items.add(new File([new Uint8Array(bytes)], "photo.jpg", { type: "image/jpeg" }));
          const Kind = name === "drop" ? DragEvent : ClipboardEvent;
          document.body.dispatchEvent(new Kind(name, { [holder]: carried, bubbles: true, cancelable: true }));
        }""",
        [event, holder, list(photo)],
    )
    page.wait_for_function("(before) => location.href !== before", arg=before)
    wait_for_result(page)


def test_a_clicked_pixel_is_followed_through_the_four_steps(visitor):
    page = visitor().open()
    wait_for_result(page)
    set_level(page, 3)
    page.locator("figure[data-frame=x] .frame").click(position={"x": 120, "y": 90})
    steps = {
        name: [int(text.replace("−", "-")) for text in page.locator(f"[data-step={name}] td").all_text_contents()]
        for name in ("value", "sign", "step", "result")
    }
    for value, sign, step, result in zip(*steps.values(), strict=True):
        assert step == 3 * sign and result == min(255, max(0, value + step))
    expect(page.locator("figure[data-frame=x] [data-pixel]")).not_to_have_attribute("r", "0")


def test_the_theme_is_chosen_and_kept(visitor):
    page = visitor().open()
    paper = "getComputedStyle(document.body).backgroundColor"
    light = page.evaluate(paper)
    expect(page.get_by_text("Dark", exact=True)).to_be_visible()
    page.locator("[data-theme-button]").click()
    expect(page.get_by_text("Light", exact=True)).to_be_visible()
    expect(page.get_by_text("Dark", exact=True)).to_be_hidden()
    assert page.evaluate(paper) != light
    dark = page.evaluate(paper)
    page.reload()
    assert page.evaluate(paper) == dark


@pytest.mark.parametrize(("width", "path"), first([(width, path) for width in (390, 1280) for path in PATHS], 5))
def test_no_page_is_wider_than_the_window_and_every_control_has_a_name(visitor, path, width):
    me = visitor(width)
    page = me.open(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate("((nav) => nav.scrollWidth - nav.clientWidth)(document.querySelector('header.site nav'))")
    assert cut == 0
    assert page.locator("main h1").count() == 1
    nameless = page.evaluate(
        """() => [...document.querySelectorAll("a, button, input:not([type=hidden]), img")]
          .filter((node) => node.checkVisibility() && !node.matches("img[alt='']"))
          .filter((node) => !(node.textContent.trim() || node.alt || node.labels?.length || node.ariaLabel))
          .map((node) => node.outerHTML)"""
    )
    assert nameless == []
    if "no-such" in path:
        me.forgive("404")


def test_the_equation_fits_a_phone_and_holding_shows_the_original(visitor):
    page = visitor(390).open()
    wait_for_result(page)
    frame = page.locator("figure[data-frame=a] .frame")
    assert frame.is_visible() and page.locator("figure[data-frame=x] .frame").is_hidden()
    page.get_by_role("button", name="original", exact=True).click()
    assert frame.is_hidden() and page.locator("figure[data-frame=x] .frame").is_visible()
    page.get_by_role("button", name="attacked", exact=True).click()
    frame.dispatch_event("pointerdown")
    expect(page.locator("figure[data-frame=a] .held-original")).to_have_css("visibility", "visible")
    page.evaluate("dispatchEvent(new Event('pointerup'))")
    expect(page.locator("figure[data-frame=a] .held-original")).to_have_css("visibility", "hidden")
    slider = page.locator("[data-slider]").bounding_box()
    assert slider["y"] + slider["height"] <= 844  # under the thumb, wherever the page is


def test_the_pictures_shown_are_the_servers_to_the_byte(visitor):
    page = visitor().open()
    wait_for_result(page)
    sample = page.locator("[data-samples] input:checked").get_attribute("value")
    state = json.loads(page.locator("#lab-state").text_content())
    assert state["picture"]["sample"] == sample
    result = state["job"]["result"]
    png = page.request.get(origin(page) + result["adversarial"]["image_url"]).body()
    assert canvas_hash(page) == pixels_hash(png)
    assert get(page, f"/api/v1/jobs/{state['job']['id']}")["result"]["verified"] is True
    assert page.locator(VERDICT).is_visible()
