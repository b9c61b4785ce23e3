"""Requests that are neither answered nor refused: asked once more, then done without; a slow answer is waited for."""

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Visitor, canvas_hash, pixels_hash
from tests.browser.lab import origin

SILENCE = 10_000  # milliseconds: frames.js; twice as long for the second request
SIGNS = "**/results/**/sign*"
CHANGED = "figure[data-frame=a] canvas"


@pytest.fixture
def me(visitor) -> Visitor:
    return visitor()


def open_with_signs_held(me: Visitor, unanswered: int) -> tuple[Page, list[Route]]:
    """The example's page, whose sign map is not answered the first so many times; every request for it."""
    page, asked = me.open(), []

    def answer(route: Route) -> None:
        asked.append(route)
        if len(asked) > unanswered:
            route.continue_()

    page.clock.install()
    page.route(SIGNS, answer)
    page.reload(wait_until="commit")
    expect(page.locator("figure[data-frame=s] [data-caption]")).to_have_text(re.compile("shown × "))
    assert page.locator(CHANGED).is_hidden() and len(asked) == 1
    with page.expect_request(SIGNS):
        page.clock.fast_forward(SILENCE)
    return page, asked


def saved(page: Page) -> str:
    """The address of the attacked picture as the server keeps it."""
    return json.loads(page.locator("#lab-state").text_content())["job"]["result"]["adversarial"]["image_url"]


def test_what_is_never_answered_is_asked_again(me):
    page, asked = open_with_signs_held(me, unanswered=1)
    expect(page.locator(CHANGED)).to_be_visible()
    assert canvas_hash(page) == pixels_hash(page.request.get(origin(page) + saved(page)).body())
    assert len(asked) == 2


def test_what_is_not_answered_again_is_shown_as_the_server_has_it(me):
    page, _ = open_with_signs_held(me, unanswered=2)
    page.clock.fast_forward(2 * SILENCE)
    expect(page.locator("[data-note=lost]")).to_be_visible()
    picture = page.locator("figure[data-frame=a] [data-picture]")
    expect(picture).to_have_attribute("src", saved(page))

    page.locator("[data-samples] label").nth(2).click()
    expect(page.locator("[data-note=lost]")).to_be_hidden()
    expect(page.locator(CHANGED)).to_be_visible()


@pytest.mark.walk
@pytest.mark.parametrize(("every", "comes"), [(250, True), (2500, False)], ids=["a slow line", "a silent line"])
def test_a_line_is_given_up_for_its_silence_not_for_its_slowness(me, live, every, comes):
    """A second of silence is too much; pieces that come four times a second may take as long as they like."""
    page = me.open()
    modules = json.loads((live.data / "static" / "staticfiles.json").read_text())["paths"]
    came = page.evaluate(
        """async ([module, every]) => {
          const { received, unlessSilent } = await import(module);
          let left = 8;
          const pieces = new ReadableStream({
            async pull(line) {
              await new Promise((done) => setTimeout(done, every));
              line.enqueue(new Uint8Array(1));
              if (!--left) line.close();
            },
          });
          const response = new Response(pieces);
          return unlessSilent(1000, (signal, heard) => received(response, heard)).then(({ size }) => size, () => 0);
        }""",
        [f"/static/{modules['js/lib/patience.js']}", every],
    )
    assert came == (8 if comes else 0)
