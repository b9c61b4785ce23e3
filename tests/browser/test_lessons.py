"""Every lesson in a browser: its pictures are touched, its experiments done and their numbers compared, its question
answered; in both languages, at a desk and on a phone, and nothing jumps."""

import itertools
import json
import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import PATIENCE, keep_picture
from tests.browser.lab import job
from tests.browser.test_languages import CHINESE, is_chinese
from tests.support.walks import first
from webapp.learn.lessons import LESSONS
from webapp.learn.record import Experiment
from webapp.learn.words import WORDS

WAYS = [
    (slug, *way)
    for way, slug in itertools.product(
        [(1280, "light", "en"), (390, "dark", "zh"), (390, "light", "en"), (1280, "dark", "zh")], LESSONS
    )
]
SHIFTS = """() => {
  window.shifts = [];
  const say = ({ node, previousRect, currentRect }) => {
    const element = node?.nodeType === 1 ? node : node?.parentElement;
    return { part: element?.closest("[data-part]")?.dataset.part, tag: element?.tagName,
             text: element?.textContent.trim().slice(0, 30), from: previousRect, to: currentRect };
  };
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) window.shifts.push([entry.value, entry.sources.map(say)]);
  }).observe({ type: "layout-shift", buffered: true });
}"""
LONGEST = """async () => {
  const source = document.querySelector("link[href*='/learn/compute.']");
  if (!source) return [];
  const { waiting } = await import(source.href);
  const says = waiting({ status: "queued", position: 199, expected_seconds: 3600 });
  const moved = [];
  for (const part of document.querySelectorAll("[data-part]"))
    for (const line of part.querySelectorAll("[data-wait], [data-state]")) {
      const heights = [says, ""].map((text) => { line.textContent = text; return part.offsetHeight; });
      if (heights[0] !== heights[1]) moved.push([part.dataset.part, says, ...heights]);
    }
  return moved;
}"""  # parts whose height changes with the longest sentence on how long something takes
HEAVIEST = 150_000  # bytes sent for a first visit, pictures not counted


@pytest.mark.parametrize(("slug", "width", "scheme", "language"), first(WAYS))
def test_a_lesson_is_done_from_beginning_to_end(visitor, slug, width, scheme, language):
    lesson = LESSONS[slug]
    page = visitor(width, scheme, **(CHINESE if language == "zh" else {})).open(f"/learn/{slug}/")
    page.evaluate(SHIFTS)
    for widget in lesson.widgets():
        touch(page.locator(f"[data-part='{widget.name}']"))
    for number, experiment in enumerate(lesson.experiments, 1):
        do(page, number, experiment)
    for answer in page.locator("[data-question] label").all():
        answer.click()
        value = answer.locator("input").get_attribute("value")
        expect(page.locator("[data-explains]:visible")).to_have_attribute("data-explains", value)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    if language == "zh":
        is_chinese(page, width)
    shifts = page.evaluate("window.shifts")
    assert sum(value for value, _where in shifts) < 0.01, json.dumps(shifts)
    assert page.evaluate(LONGEST) == []
    if (width, language) == (1280, "en"):
        page.evaluate("document.activeElement.blur()")
        keep_picture(page, f"learn-{slug}", height=1400)


def test_what_was_done_is_kept_in_the_browser_until_it_is_forgotten(visitor):
    me = visitor()
    page = me.open("/learn/softmax/")
    do(page, 1, LESSONS["softmax"].experiments[0])
    page.locator("[data-question] input[data-right]").click()
    tasks = len(LESSONS["softmax"].experiments) + 1
    overview = me.open("/learn/")
    station = overview.locator("[data-station=softmax] [data-progress]")
    expect(station).to_have_text(re.compile(rf"\b2 of {tasks} done"))
    overview.locator("[data-station=softmax] a").first.click()
    expect(overview.locator("[data-experiment]").first).to_have_attribute("data-done", "")
    overview.go_back()
    overview.locator("[data-forget]").click()
    expect(overview.locator("h1")).to_be_focused()
    expect(station).to_have_text("")
    overview.reload()
    expect(station).to_have_text("")


@pytest.mark.walk
def test_a_training_that_is_not_prepared_waits_for_start_and_is_cancelled(visitor):
    part = visitor().open("/learn/exam/").locator("[data-part=exam]")
    choice, begin, leave = (part.locator(f"[data-{what}]") for what in ("pictures", "start", "cancel"))
    seen = part.locator("[data-row=seen] [data-count]")
    expect(seen).to_have_text("0 of 500", timeout=4 * PATIENCE)
    choice.select_option("100")
    expect(seen).to_have_text("…")
    begin.click()
    expect(seen).to_have_text("0 of 100", timeout=4 * PATIENCE)
    choice.select_option("1000")
    begin.press("Enter")
    expect(leave).to_be_focused()
    leave.press("Enter")
    expect(begin).to_be_focused()
    expect(leave).to_be_hidden()
    expect(part.locator("[data-state]")).to_have_text("")
    begin.click()  # the same once more, while the first is still being left
    expect(seen).to_have_text("0 of 1,000", timeout=4 * PATIENCE)
    choice.select_option("500")
    expect(seen).to_have_text("0 of 500", timeout=4 * PATIENCE)
    expect(begin).to_be_hidden()


@pytest.mark.parametrize(
    ("slug", "name", "says"),
    first([("lenet", "inside", "shown=label"), ("noise", "pixels", "of=picture] [data-label")]),
)
def test_a_digit_is_drawn_by_keyboard_and_read(visitor, slug, name, says):
    page = visitor().open(f"/learn/{slug}/")
    part = page.locator(f"[data-part={name}]")
    own, sheet, says = (part.locator(what) for what in ("[data-own]", "[data-frame=picture] canvas", f"[data-{says}]"))
    expect(own).to_be_enabled(timeout=4 * PATIENCE)
    expect(sheet).not_to_have_attribute("tabindex", "0")
    own.press("Enter")
    expect(sheet).to_be_focused()
    expect(says).to_have_text("…")
    for key in ("Shift+ArrowUp", "Shift+ArrowUp", "Space", *4 * ["Shift+ArrowDown"]):
        page.keyboard.press(key)
    expect(part.locator("[data-pen]")).to_have_text("pen down, column 14, row 22")
    page.keyboard.press("Space")
    expect(says).to_have_text("1")


@pytest.mark.walk
def test_a_digit_that_is_drawn_by_keyboard_is_changed_eight_times(visitor):
    part = visitor().open("/learn/pictures/").locator("[data-part=augmented]")
    expect(part.locator("[data-own]")).to_be_enabled(timeout=4 * PATIENCE)
    part.locator("[data-own]").press("Enter")
    expect(part.locator("[data-sheet]")).to_be_focused()
    for key in ("Space", *3 * ["Shift+ArrowRight"], "Space"):
        part.page.keyboard.press(key)
    for place in range(1, 9):
        expect(part.locator("img[data-place]").nth(place)).to_be_visible()


@pytest.mark.walk
def test_the_stop_sign_breaks_in_the_lab_as_in_its_lesson(visitor):
    page = visitor().open("/learn/cameras/")
    row = page.locator("[data-part=stop-sign] [data-of=after]")
    expect(row.locator("[data-shown=after]")).to_have_attribute("data-value", "12", timeout=4 * PATIENCE)
    name, probability = row.locator("td").all_text_contents()
    page.get_by_role("link", name="Attack the stop sign in the lab").click()
    expect(page.locator("[data-says=after] b")).to_contain_text(name)
    made = job(page)
    assert (made["about"]["attack"], made["about"]["params"]["epsilon"]) == ("pgd", 3)
    assert (made["version"]["classifier"], made["result"]["state"]) == ("signs", "success")
    assert made["result"]["distances"]["linf_levels"] <= 3
    after = made["result"]["adversarial"]["top"][0]
    assert after["name"] == name and f"{100 * after['probability']:.1f}" in probability


def touch(part: Locator) -> None:
    """The first thing in it that can be moved, or pressed and is not yet, by the keyboard: the picture follows."""
    part.scroll_into_view_if_needed()
    control = part.locator("input[type=range], button:not([aria-pressed=true]), select, input:not([type=hidden])").first
    expect(control).to_be_enabled(timeout=4 * PATIENCE)  # some wait for a computation
    before = part.inner_html()
    control.focus()
    kind = control.evaluate("(node) => node.type")
    control.press({"range": "ArrowLeft", "select-one": "ArrowDown"}.get(kind, "Space"))
    part.page.wait_for_function("([node, before]) => node.innerHTML !== before", arg=[part.element_handle(), before])


def do(page: Page, number: int, experiment: Experiment) -> None:
    """By its button: the number that the part shows lies where it is expected, and is told beside the button."""
    item = page.locator(f"[data-experiment]:has(#experiment-{number})")
    item.locator("button").click()
    expect(item).to_have_attribute("data-done", "", timeout=4 * PATIENCE)  # several trainings, where none is known yet
    shown = page.locator(f"[data-part='{experiment.part}'] [data-shown='{experiment.shown}']")
    low, high = experiment.expected
    assert low <= float(shown.get_attribute("data-value")) <= high, (number, shown.get_attribute("data-value"))
    expect(item.locator("[data-reading]")).to_have_text(shown.text_content())
    assert re.search(r"\S", shown.text_content())


@pytest.mark.parametrize("slug", first(LESSONS))
def test_a_lesson_is_light(visitor, slug):
    me = visitor()
    page = me.context.new_page()
    sent = []
    page.on("requestfinished", lambda request: sent.append(request))
    page.goto(f"{me.url}/learn/{slug}/", wait_until="networkidle")
    words = {one.url: one.sizes()["responseBodySize"] for one in sent if one.resource_type != "image"}
    assert any(url.endswith(".js") for url in words)
    assert sum(words.values()) <= HEAVIEST, words


def test_where_lessons_and_words_lead_to_is_there(visitor):
    me = visitor()
    links = [lesson.real.link for lesson in LESSONS.values()] + [
        word.place.link for word in WORDS.values() if word.place
    ]
    for address in sorted({link.url().partition("#")[0] for link in links}):
        assert me.context.request.get(me.url + address).status == 200, address
