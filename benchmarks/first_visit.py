"""The first visit on a slow line: until when the slider answers, and what was sent.

    base=http://127.0.0.1:8000; python -m benchmarks.first_visit $base/ $base/lab/sample/camera/ $base/lab/with/digits/

asks a running site, with a fresh Chromium for each address, its line limited to 1 Mbit/s each way and 400 ms a round
trip. The slider answers when moving it changes the level, the sentence and the picture drawn; a page without one, when
its scripts have begun and its attacked picture is drawn.
"""

import argparse
import os
import time
from dataclasses import dataclass, field

from playwright.sync_api import Page, sync_playwright

LATENCY, RATE = 400, 125_000  # ms; bytes a second
PATIENCE = 60  # seconds for the slider to answer
SETTLED = 20.0  # seconds after which everything has come
MOVE = """(k) => {
  const slider = document.querySelector("[data-slider]");
  if (!slider || slider.disabled) return "";
  const isDrawn = () => !document.querySelector("figure[data-frame=a] canvas").hidden;
  if (slider.closest(".level").hidden) return isDrawn() ? "picture" : "sentence";
  slider.value = k;
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  return new Promise((done) => requestAnimationFrame(() => {
    const level = document.querySelector("[data-level]").textContent;
    const drawn = isDrawn();
    done(level === `${k}/255` ? (drawn ? "picture" : "sentence") : "");
  }));
}"""


@dataclass
class Visit:
    sentence: float | None = None  # seconds until the sentence follows the slider,
    picture: float | None = None  # and until the picture does
    sent: dict[str, float] = field(default_factory=dict)  # address -> bytes on the wire

    @property
    def requests(self) -> int:
        return len(self.sent)


def visit(page: Page, address: str, *, slow: bool) -> Visit:
    """Open the page with an empty cache and move the slider until it answers."""
    seen, names = Visit(), {}
    line = page.context.new_cdp_session(page)
    line.send("Network.enable")
    line.on("Network.requestWillBeSent", lambda event: names.setdefault(event["requestId"], event["request"]["url"]))
    line.on("Network.loadingFinished", lambda event: _add(seen, names[event["requestId"]], event["encodedDataLength"]))
    if slow:
        limits = {"latency": LATENCY, "downloadThroughput": RATE, "uploadThroughput": RATE}
        line.send("Network.emulateNetworkConditions", {"offline": False, **limits})
    begun = time.monotonic()
    page.goto(address, wait_until="commit")
    k = 3
    while seen.picture is None and time.monotonic() - begun < PATIENCE:
        k = 7 - k
        answer = page.evaluate(MOVE, k)
        if answer and seen.sentence is None:
            seen.sentence = time.monotonic() - begun
        if answer == "picture":
            seen.picture = time.monotonic() - begun
        page.wait_for_timeout(50)
    page.wait_for_timeout(1000 * (SETTLED if slow else 2))
    return seen


def _add(seen: Visit, address: str, length: float) -> None:
    seen.sent[address] = seen.sent.get(address, 0) + length


def _in_seconds(seconds: float | None) -> str:
    return f"not within {PATIENCE} s" if seconds is None else f"{seconds:.1f} s"


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("addresses", nargs="+")
    given = options.parse_args()
    print("| page | sentence answers | picture answers | requests | kB in all | kB without picture and signs |")
    print("|---|---|---|---|---|---|")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("GIBBON_CHROMIUM") or None, args=["--no-sandbox"]
        )
        for address in given.addresses:
            page = browser.new_page(viewport={"width": 1280, "height": 900})
            seen = visit(page, address, slow=True)
            rest = sum(
                length for name, length in seen.sent.items() if "/images/" not in name and "/results/" not in name
            )
            figures = (_in_seconds(seen.sentence), _in_seconds(seen.picture), seen.requests)
            print(
                "|",
                " | ".join(map(str, (address, *figures))),
                f"| {sum(seen.sent.values()) / 1e3:.0f} | {rest / 1e3:.0f} |",
            )
            page.close()
        browser.close()


if __name__ == "__main__":
    main()
