"""A file on its way: sent as it is or made small, painted as the server keeps it, never under another's sentence."""

import base64
import io
import re

import numpy as np
from PIL import Image
from playwright.sync_api import Page, expect
from skimage import data

from tests.browser.lab import OF_ONES_OWN, decoded, download, get, origin, shown, uploads_held, wait_for_result

KEEP_SENT = """
window.sent = [];
const send = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (form) {
  window.sent.push(form.get("image"));
  send.call(this, form);
};
"""
SENT = """() => new Promise((done) => {
  const reader = Object.assign(new FileReader(), { onload: () => done(reader.result.split(",")[1]) });
  reader.readAsDataURL(window.sent.at(-1));
})"""
PAINTED = """async () => {
  const image = document.querySelector("figure[data-frame=x] [data-picture]");
  await image.decode();
  const size = { width: image.naturalWidth, height: image.naturalHeight };
  const canvas = Object.assign(document.createElement("canvas"), size);
  canvas.getContext("2d").drawImage(image, 0, 0);
  return canvas.toDataURL().split(",")[1];
}"""


def photographed() -> bytes:
    """Six megapixels with a sensor's grain, three megabytes."""
    grain = np.random.default_rng(0).normal(0, 6, (2000, 3000, 1))
    photo = np.asarray(Image.fromarray(data.coffee()).resize((3000, 2000))) + grain
    buffer = io.BytesIO()
    Image.fromarray(photo.clip(0, 255).astype(np.uint8)).save(buffer, "JPEG", quality=95)
    return buffer.getvalue()


def choose(page: Page, name: str, content: bytes) -> None:
    kind = "image/png" if name.endswith("png") else "image/jpeg"
    page.set_input_files("input[name=image]", {"name": name, "mimeType": kind, "buffer": content})


def test_a_file_is_sent_small_or_as_it_is_and_the_last_one_chosen_alone(visitor, photo):
    me = visitor()
    me.context.add_init_script(KEEP_SENT)
    page = me.open()
    large = photographed()
    with uploads_held(page):
        choose(page, "large.jpg", large)
        expect(page.locator("figure.unjudged [data-picture]")).to_have_attribute("src", re.compile("^blob:"))
        painted = decoded(base64.b64decode(page.evaluate(PAINTED)))
    page.wait_for_url(OF_ONES_OWN)
    wait_for_result(page)
    assert page.evaluate("sent.at(-1).size") < min(375_000, len(large) / 6)  # three seconds at 1 Mbit/s
    kept = decoded(page.request.get(origin(page) + get(page, "/api/v1/images")[0]["url"]).body())
    assert painted.size == kept.size == (768, 512)
    assert np.abs(np.subtract(painted, kept, dtype=float)).mean() < 2  # grey levels

    name, saved = download(page)
    before = page.url
    with uploads_held(page):
        choose(page, "large.jpg", large)
        choose(page, name, saved)
        page.wait_for_function("(size) => sent.at(-1).size === size", arg=len(saved))
    page.wait_for_function("(before) => location.href !== before", arg=before)
    wait_for_result(page)
    assert base64.b64decode(page.evaluate(SENT)) == saved
    assert page.evaluate("sent.length") <= 3  # the large one was given up, before or while it was sent
    assert len(get(page, "/api/v1/images")) == 2


def test_another_sample_is_never_told_over_the_picture_before(visitor):
    page = visitor().open()
    wait_for_result(page)
    before = shown(page, "verdict")
    waiting = []
    page.route("**/images/**", lambda route: waiting.append(route))
    sample = page.locator("[data-samples] label").nth(2)
    sample.click()
    expect(page.locator("[data-verdict]")).not_to_have_text(before)
    expect(page.locator("figure.x .placeholder")).to_have_attribute("src", sample.locator("img").get_attribute("src"))
    expect(page.locator("figure.x [data-picture]")).to_be_hidden()
    expect(page.locator("figure.a canvas")).to_be_hidden()
    for route in waiting:
        route.continue_()
    page.unroute("**/images/**")
    expect(page.locator("figure.x [data-picture]")).to_be_visible()
    expect(page.locator("figure.a canvas")).to_be_visible()
