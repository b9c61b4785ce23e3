"""A real browser at the running site. Every page fails its test on a console error, a script error or a CSP report."""

import hashlib
import io
import json
import os
import re
import urllib.request
from collections.abc import Callable, Iterator
from shutil import which
from typing import Any

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect
from skimage import data

from tests.support.live import wait_until
from tests.support.paths import ROOT

PATIENCE = 60_000  # milliseconds: two shared cores may be busy with something else
expect.set_options(timeout=PATIENCE)
PICTURES = ROOT / "docs" / "pictures"
WATCH = (
    "addEventListener('securitypolicyviolation', (e) => console.error(`CSP: ${e.violatedDirective} ${e.blockedURI}`))"
)


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    """The browser that `./test` found, or PATH has, else Playwright's own; as root it runs without its sandbox."""
    path = os.environ.get("GIBBON_CHROMIUM") or which("chromium-headless-shell") or which("chromium")
    return ({"executable_path": path} if path else {}) | {"args": ["--no-sandbox"] if os.geteuid() == 0 else []}


@pytest.fixture(scope="session")
def whole_browser(browser_type_launch_args) -> dict:
    """How to launch one with a profile and its settings: the light one without windows has none."""
    path = which("chromium")
    return {**browser_type_launch_args, **({"executable_path": path} if path else {"channel": "chromium"})}


class Visitor:
    """One browser with cookies of its own, and what went wrong in its pages."""

    def __init__(self, context: BrowserContext, url: str, *, scripts: bool = True) -> None:
        self.context, self.url, self.scripts = context, url, scripts
        self.wrong: list[str] = []
        context.add_init_script(WATCH)

    def open(self, path: str = "/lab/sample/camera/") -> Page:
        """A page in a tab of its own, once it can be touched; without a path a photograph that one step breaks."""
        page = self.context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("console", lambda message: self.wrong.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.wrong.append(f"{error.message}\n{error.stack}"))
        page.goto(self.url + path)
        if self.scripts:
            page.wait_for_function("() => !document.querySelector('[data-part] [inert]')")
        return page

    def forgive(self, words: str) -> None:
        """An error that the test provoked: at least one was seen, and it is not held against the page."""
        kept = [text for text in self.wrong if words not in text]
        assert len(kept) < len(self.wrong), f"expected an error with {words!r}, saw {self.wrong}"
        self.wrong = kept


@pytest.fixture(scope="session")
def settled(live):
    """The site once its samples are broken and judged at every level, as visitors find it."""

    def read(path: str) -> str:
        with urllib.request.urlopen(live.url + path, timeout=30) as answer:
            return answer.read().decode()

    def finished(job: str) -> bool:
        result = json.loads(read(f"/api/v1/jobs/{job}"))["result"]
        sweep = result and result["sweep_job"]
        return bool(result) and (not sweep or bool(json.loads(read(f"/api/v1/jobs/{sweep}"))["result"]))

    def state_of(path: str) -> dict:
        return json.loads(re.search(r'<script id="lab-state"[^>]*>(.*?)</script>', read(path), re.DOTALL)[1])

    def samples_are_judged() -> bool:
        opening = state_of("/")
        pages = [state_of(choice["url"]) for choice in opening["classifiers"]]
        example = (opening["job"] or {}).get("result") or {}
        shown = [sample["job"] for page in pages for sample in page["samples"]]
        return bool(example.get("trace")) and all(job and finished(job) for job in shown)

    wait_until(samples_are_judged, "the samples are not judged", within=300, site=live)
    return live


@pytest.fixture
def visitor(browser: Browser, settled) -> Iterator[Callable[..., Visitor]]:
    """visitor(width=1280, scheme="light", **options) -> a Visitor; checked at the end of the test."""
    visitors: list[Visitor] = []

    def make(width: int = 1280, scheme: str = "light", **options: object) -> Visitor:
        phone = {"has_touch": True, "is_mobile": True} if width < 500 else {}
        size = {"width": width, "height": 844 if width < 500 else 900}
        context = browser.new_context(viewport=size, color_scheme=scheme, **phone, **options)
        visitors.append(Visitor(context, settled.url, scripts=options.get("java_script_enabled", True)))
        return visitors[-1]

    yield make
    for made in visitors:
        made.context.close()
    assert [text for made in visitors for text in made.wrong] == []


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A photograph as a phone would send it: a JPEG, wider than high."""
    buffer = io.BytesIO()
    Image.fromarray(data.coffee()).save(buffer, "JPEG", quality=92)
    return buffer.getvalue()


def pixels_hash(png: bytes) -> str:
    """SHA-256 of a PNG's pixels as RGBA, the way a canvas gives them."""
    return hashlib.sha256(Image.open(io.BytesIO(png)).convert("RGBA").tobytes()).hexdigest()


def canvas_hash(page: Page, frame: str = "a") -> str:
    """The same of what a frame's canvas holds."""
    return page.evaluate(
        """async (frame) => {
          const canvas = document.querySelector(`figure[data-frame=${frame}] canvas`);
          const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height);
          const digest = await crypto.subtle.digest("SHA-256", data);
          return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
        }""",
        frame,
    )


def keep_picture(page: Page, name: str, height: int | None = None) -> None:
    """A screenshot for the README, in 256 colours so that it stays small."""
    if height is not None:
        page.evaluate("scrollTo(0, 0)")  # what sticks to the window is where it belongs
    shot = Image.open(io.BytesIO(page.screenshot(full_page=height is not None)))
    if height is not None:
        shot = shot.crop((0, 0, shot.width, min(height, shot.height)))
    PICTURES.mkdir(parents=True, exist_ok=True)
    shot.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(PICTURES / f"{name}.png", optimize=True)


ORIGIN = "http://modules.test"
CALL = """async ([module, name, given]) => {
  const answer = (await import(module))[name](...given);
  return answer instanceof Float64Array ? [...answer] : answer;
}"""


@pytest.fixture(scope="module")
def maths(browser: Browser) -> Iterator[Callable[..., Any]]:
    """The course's mathematics without a site, for tests that compare it with Python's answers.

    maths("softmax.js", "softmax", [1, 2], {...}) -> what that function of static/js/learn/maths answers.
    """

    def serve(route: Route) -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path == "/":
            route.fulfill(body="<!doctype html><title>Modules</title>", content_type="text/html")
        else:
            route.fulfill(path=ROOT / "static" / path.lstrip("/"), content_type="text/javascript")

    page = browser.new_page()
    page.route("**/*", serve)
    page.goto(f"{ORIGIN}/")
    yield lambda module, name, *given: page.evaluate(CALL, [f"/js/learn/maths/{module}", name, list(given)])
    page.close()
