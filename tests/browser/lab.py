"""What a visitor does in the lab, as steps that tests put together."""

import io
import re
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Page, Route, expect

UPLOAD = "**/api/v1/images"
VERDICT = "[data-verdict]"
OF_A_SAMPLE = re.compile(r"/lab/sample/[\w-]+/")
OF_ONES_OWN = re.compile(r"/lab/picture/[0-9a-f-]{36}/")
OF_A_JOB = re.compile(r"/lab/([0-9a-f-]{36})/")  # where a form without scripts leads


def wait_for_result(page: Page) -> None:
    """Until every level is judged and drawn."""
    expect(page.locator("[data-breaks]")).not_to_have_attribute("data-outcome", "pending")
    expect(page.locator(".curves .chart canvas")).to_be_visible()
    expect(page.locator("figure[data-frame=a] canvas")).to_be_visible()


def bring(page: Page, photo: bytes, name: str = "photo.jpg") -> None:
    """Choose a file and see it through to its curves, on a page of its own address."""
    before = page.url
    kind = "image/png" if name.endswith("png") else "image/jpeg"
    page.set_input_files("input[name=image]", {"name": name, "mimeType": kind, "buffer": photo})
    page.wait_for_function("(before) => location.href !== before", arg=before)
    wait_for_result(page)


@contextmanager
def uploads_held(page: Page) -> Iterator[None]:
    """Pictures on their way arrive when the block has ended."""
    held: list[Route] = []
    page.route(UPLOAD, lambda route: held.append(route))
    yield
    for route in held:
        route.continue_()
    page.unroute(UPLOAD)


def job_id(page: Page) -> str:
    """Of the attack that the page shows."""
    named = OF_A_JOB.search(page.url)
    return named[1] if named else page.evaluate("history.state.job")


def get(page: Page, path: str) -> dict:
    """What the API says to this visitor."""
    answer = page.request.get(f"{origin(page)}{path}")
    assert answer.ok, f"{path}: {answer.status}"
    return answer.json()


def job(page: Page) -> dict:
    return get(page, f"/api/v1/jobs/{job_id(page)}")


def sweep(page: Page) -> dict:
    return get(page, f"/api/v1/jobs/{job(page)['result']['sweep_job']}")["result"]


def set_level(page: Page, k: int) -> None:
    page.locator("[data-slider]").fill(str(k))
    expect(page.locator("[data-level]")).to_have_text(f"{k}/255")


def download(page: Page) -> tuple[str, bytes]:
    """Have the slider's level saved and judged, and take the file: its name and bytes."""
    with page.expect_download() as taken:
        page.locator("[data-save]").click()
    expect(page.locator("[data-file]")).to_be_visible()
    return taken.value.suggested_filename, taken.value.path().read_bytes()


def shown(page: Page, name: str) -> str:
    """Text of a [data-NAME], its spaces made plain."""
    return re.sub(r"\s+", " ", page.locator(f"[data-{name}]").first.inner_text()).strip()


def origin(page: Page) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}"


def decoded(png: bytes) -> Image.Image:
    return Image.open(io.BytesIO(png)).convert("RGB")
