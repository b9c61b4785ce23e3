"""Lesson 3's pictures by hand: a digit that is dragged, a picture of one's own, a drawing."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.test_bringing import KEEP_SENT, photographed

pytestmark = pytest.mark.walk


def dragged(locator: Locator, way: tuple[tuple[float, float], ...]) -> None:
    """With the mouse, along places given as shares of its box."""
    locator.scroll_into_view_if_needed()
    box, mouse = locator.bounding_box(), locator.page.mouse
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in way]
    mouse.move(*places[0])
    mouse.down()
    for place in places[1:]:
        mouse.move(*place, steps=5)
    mouse.up()


def test_a_digit_is_dragged_by_whole_pixels_and_its_sliders_follow(visitor):
    part = visitor().open("/learn/pictures/").locator("[data-part=moving]")
    right, down = (part.locator(f"[data-change={way}]") for way in ("right", "down"))
    expect(part.locator("[data-shown=apart]")).to_have_text("0.0")
    dragged(part.locator("[data-picture=after]"), ((0.5, 0.5), (0.5 + 2 / 28, 0.5)))
    expect(right).to_have_value("2")
    expect(down).to_have_value("0")
    expect(part.locator("[data-shown=apart]")).to_have_text("83.4")
    expect(part.locator("[data-shown=nearest]")).to_have_text("the 9: 76.4")
    part.locator("[data-reset]").click()
    expect(right).to_have_value("0")
    expect(part.locator("[data-shown=changed]")).to_have_text("0 of 784")


def test_ones_own_picture_and_drawing_are_changed_eight_times(visitor):
    me, photo = visitor(), photographed()
    me.context.add_init_script(KEEP_SENT)
    page = me.open("/learn/pictures/")
    part = page.locator("[data-part=augmented]")
    pictures, mine = part.locator("img[data-place]"), part.locator("[data-brought] button")
    expect(pictures.first).to_have_attribute("src", re.compile("^data:image/png"))
    expect(mine).to_have_count(0)

    part.locator("[data-file]").set_input_files({"name": "mine.jpg", "mimeType": "image/jpeg", "buffer": photo})
    expect(mine).to_have_attribute("aria-pressed", "true")
    expect(pictures.first).to_have_attribute("src", re.compile("^data:image/jpeg"))
    assert len({picture.get_attribute("src") for picture in pictures.all()}) == 9
    assert page.evaluate("sent[0].size") < len(photo) / 6
    [kept] = me.context.request.get(f"{me.url}/api/v1/images").json()
    assert kept["id"] == mine.get_attribute("data-picture")

    part.locator("[data-own]").click()
    expect(pictures.nth(1)).to_be_hidden()
    dragged(part.locator("[data-sheet]"), ((0.3, 0.2), (0.7, 0.2), (0.4, 0.8)))
    expect(pictures.nth(1)).to_have_attribute("src", re.compile("^data:image/png"))
    expect(pictures.nth(8)).to_be_visible()

    part.locator("[data-own]").press("Enter")
    expect(pictures.nth(8)).to_be_hidden()
    for key in ("Space", "Shift+ArrowDown", "Shift+ArrowDown", "Space"):
        page.keyboard.press(key)
    expect(part.locator("[data-pen]")).to_have_text("pen up, column 14, row 22")
    expect(pictures.nth(8)).to_be_visible()

    page.reload()
    expect(mine).to_have_count(1)
    mine.click()
    expect(pictures.first).to_have_attribute("src", re.compile("^data:image/jpeg"))


def test_each_photograph_is_told_beside_its_count(visitor):
    part = visitor().open("/learn/pictures/").locator("[data-part=mirrored]")
    each = part.locator("[data-each=photos]")
    expect(part.locator("[data-shown=class-2]")).to_have_text("2 of 116")
    expect(each).to_be_hidden()
    part.locator("[data-subject=photos]").click()
    expect(each).to_be_visible()
    expect(part.locator("[data-each=digits]")).to_be_hidden()
    for way in ("plain", "mirrored"):
        cells = each.locator(f"[data-way={way}]")
        expect(cells).to_have_count(8)
        expect(cells.filter(has_text=re.compile(r"^right, \d"))).to_have_count(7)
        expect(cells.filter(has_text=re.compile(r"^wrong, \d"))).to_have_count(1)


def test_a_file_that_is_no_picture_is_refused_in_words(visitor):
    me = visitor()
    part = me.open("/learn/pictures/").locator("[data-part=augmented]")
    expect(part.locator("[data-again]")).to_be_enabled()
    part.locator("[data-file]").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": b"no picture"})
    expect(part.locator("[data-wait]")).to_have_text(re.compile(r"\w{4,}.*\."))
    expect(part.locator("img[data-place]").first).to_be_visible()
    me.forgive("422")
