"""From lifting the pen to the last activation: somebody draws in the lesson on LeNet, and nobody else is there.

    python -m benchmarks.drawing [--strokes 30] [--data FOLDER]

A whole site with one worker, idle once its samples are judged, and a real Chromium. Time runs from the event that
lifts the pen (its own time stamp): until the site has answered the request, until all layers are on their canvases,
and until the frame that shows them. Every stroke is another one, on an empty sheet.
"""

import argparse
import os
import random
import statistics
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.story import a_site
from benchmarks.timing import circumstances, table

PATIENCE = 30_000  # ms
PAUSE = 400  # ms between strokes: what one sets off has ended
WARM_UPS = 3
WATCH = """() => {
  const part = document.querySelector("[data-part=inside]");
  const label = part.querySelector("[data-shown=label]");
  window.strokes = [];
  let lifted = null;
  const answered = () =>
    performance.getEntriesByType("resource").filter(({ name, startTime, responseEnd }) =>
      name.endsWith("/computations") && startTime >= lifted && responseEnd)[0]?.responseEnd;
  part.addEventListener("pointerup", (event) => {
    performance.clearResourceTimings();
    lifted = event.timeStamp;
  }, true);
  new MutationObserver(() => {
    if (lifted === null || label.textContent === "…") return;
    const [begun, computed, request] = [lifted, performance.now(), answered()];
    lifted = null;
    requestAnimationFrame(() => setTimeout(() =>
      window.strokes.push([request - begun, computed - begun, performance.now() - begun])));
  }).observe(label, { childList: true });
}"""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--strokes", type=int, default=30)
    parser.add_argument("--data", type=Path, help="a folder for the site's data, which stays")
    chosen = parser.parse_args()
    with a_site(chosen.data) as (site, _client), sync_playwright() as playwright:
        path = os.environ.get("GIBBON_CHROMIUM") or None
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.set_default_timeout(PATIENCE)
        page.goto(f"{site.url}/learn/lenet/")
        found = draw_all(page, WARM_UPS + chosen.strokes)[WARM_UPS:]
        browser.close()
    print(f"\nMilliseconds from lifting the pen, {chosen.strokes} strokes\n")
    names = ("the request is answered", "all layers are drawn", "the frame that shows them")
    rows = [row(name, list(times)) for name, times in zip(names, zip(*found, strict=True), strict=True)]
    print(table(["until", "median", "p95", "longest"], rows))
    print(f"\n{circumstances('playwright')}")


def draw_all(page: Page, count: int) -> list[list[float]]:
    """What each stroke took, as WATCH notes it."""
    chance = random.Random(0)
    own = page.locator("[data-part=inside] [data-own]:not(:disabled)")
    own.wait_for()
    page.evaluate(WATCH)
    for done in range(count):
        own.click()
        stroke(page, chance)
        page.wait_for_function("(done) => window.strokes.length > done", arg=done)
        page.wait_for_timeout(PAUSE)
    return page.evaluate("window.strokes")


def stroke(page: Page, chance: random.Random) -> None:
    """Three straight lines without lifting the pen, in the middle of the sheet."""
    sheet = page.locator("[data-part=inside] [data-frame=picture] canvas")
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    assert box
    points = [(box["x"] + box["width"] * chance.uniform(0.2, 0.8), box["y"] + box["height"] * chance.uniform(0.2, 0.8))
              for _ in range(4)]  # fmt: skip
    page.mouse.move(*points[0])
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*point, steps=8)
    page.mouse.up()


def row(name: str, times: list[float]) -> list[str]:
    ordered = sorted(times)
    figures = (statistics.median(ordered), ordered[int(0.95 * len(ordered))], ordered[-1])
    return [name, *(f"{one:.0f}" for one in figures)]


if __name__ == "__main__":
    main()
