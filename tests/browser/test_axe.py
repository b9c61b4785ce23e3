"""No page has what axe-core calls a violation, in the light and in the dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.lab import wait_for_result
from tests.support.walks import first
from webapp.learn.lessons import LESSONS

PATHS = (
    "/",
    "/lab/sample/camera/",
    "/about/",
    "/learn/",
    "/learn/words/",
    "/learn/summary/",
    "/learn/race/",
    *(f"/learn/{slug}/" for slug in LESSONS),
    "/lab/with/digits/",
    "/lab/with/digits-hardened/",
    "/pictures/",
    "/training/",
    "/datasets/",
    "/datasets/mnist/",
    "/admin/login/",
    "/nothing/",
)


@pytest.mark.parametrize("path", first(PATHS))
def test_a_page_has_nothing_that_axe_objects_to(visitor, path):
    for scheme, width in (("light", 1280), ("dark", 390)):
        me = visitor(width, scheme)
        page = me.open(path)
        if path == "/nothing/":
            me.forgive("404")
        if path == "/":
            expect(page.locator("[data-file]")).to_be_visible()
        if "/lab/" in path:
            wait_for_result(page)
        found = Axe().run(page).response["violations"]
        told = [(rule["id"], *(node["html"][:200] for node in rule["nodes"][:3])) for rule in found]
        assert told == [], (scheme, told)
