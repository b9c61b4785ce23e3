"""What the first visit sends, and that the second sends next to nothing."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

from benchmarks.first_visit import visit
from tests.browser.lab import decoded, get, job, origin, shown, uploads_held, wait_for_result

PICTURE = ("/images/", "/results/")  # the example's own, and its signs


def test_a_cold_visit_is_light_and_the_next_one_costs_next_to_nothing(visitor):
    me = visitor()
    page = me.context.new_page()
    sent = visit(page, f"{me.url}/", slow=False).sent
    thumbnails = {name: length for name, length in sent.items() if "/thumbnails/" in name}
    rest = sum(length for name, length in sent.items() if not any(part in name for part in PICTURE))
    assert len(thumbnails) >= 8 and max(thumbnails.values()) <= 5_000
    assert rest <= 250_000, rest
    assert not any("adversarial" in name for name in sent)  # drawn from picture and signs
    assert len([name for name in sent if "/images/" in name]) == 1
    expect(page.locator("figure[data-frame=a] canvas")).to_be_visible()

    again = visit(me.context.new_page(), f"{me.url}/", slow=False).sent
    kept = [name for name in again if "/static/" in name or "/thumbnails/" in name or "/images/" in name]
    assert sum(again[name] for name in kept) == 0, {name: again[name] for name in kept}


def test_a_large_photo_is_painted_at_once_sent_small_and_led_to_its_result(visitor):
    """Lying in the file, upright by EXIF: as large as the server keeps it, upright, in its colours."""
    page = visitor().open()
    wait_for_result(page)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    sent, before = [], page.url
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/api/v1/images") else None)
    lying = lying_photo()
    with uploads_held(page):
        page.set_input_files("input[name=image]", {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": lying})
        expect(page.locator("figure.unjudged [data-picture]")).to_be_visible()  # while nothing was sent yet
        assert shown(page, "verdict").startswith("Sending your picture") or "Reading" in shown(page, "verdict")
        expect(page.locator("[data-verdict]")).to_be_in_viewport()
        expect(page.locator("[data-verdict]")).to_be_focused()
    page.wait_for_function("(before) => location.href !== before", arg=before)
    wait_for_result(page)

    [request] = sent
    assert len(lying) > 1_000_000 > 300_000 > len(request.post_data_buffer)
    picture = get(page, f"/api/v1/images/{job(page)['about']['image']}")
    assert (picture["width"], picture["height"]) == (576, 768)
    kept = decoded(page.request.get(origin(page) + picture["url"]).body())
    corners = [kept.getpixel((x, y)) for x, y in ((20, 20), (555, 20), (20, 747), (555, 747))]
    wanted = [(200, 30, 30), (30, 160, 40), (30, 40, 200), (230, 220, 40)]  # clockwise from the lying one's lower left
    assert all(
        abs(a - b) <= 8 for one, other in zip(corners, wanted, strict=True) for a, b in zip(one, other, strict=True)
    )
    expect(page.locator("figure.unjudged")).to_have_count(0)
    assert page.locator("figure.x [data-picture]").get_attribute("src").endswith(picture["url"])
    assert re.sub(r"\s", " ", page.title()) == f"Gibbon · {shown(page, 'verdict')}"


@pytest.mark.walk
def test_on_a_phone_too_the_photo_is_there_before_it_is_judged(visitor):
    """One frame shows one picture: until there is an attacked one it is the visitor's own, and no old sentence."""
    page = visitor(width=390).open()
    wait_for_result(page)
    photo = {"name": "p.jpg", "mimeType": "image/jpeg", "buffer": lying_photo()}
    with uploads_held(page):
        page.set_input_files("input[name=image]", photo)
        expect(page.locator("figure.previewed.unjudged [data-picture]")).to_be_visible()
        assert page.locator("figure.x [data-picture]").get_attribute("src").startswith("blob:")
        assert page.locator("figure.a .frame").is_hidden()
        assert "tripod" not in page.locator("[data-announce]").text_content()
    expect(page.locator("figure.unjudged")).to_have_count(0)
    expect(page.locator("figure.a .frame")).to_be_visible()
    assert page.locator("figure.x .frame").is_hidden()


def lying_photo() -> bytes:
    """2,400 x 1,800 JPEG whose EXIF says: turn it by a quarter; four colours in its corners, noise between."""
    noise = np.random.default_rng(0).integers(0, 256, (1800, 2400, 3), np.uint8)
    colours = {(0, 0): (30, 160, 40), (0, 1): (230, 220, 40), (1, 0): (200, 30, 30), (1, 1): (30, 40, 200)}
    for (down, right), colour in colours.items():
        noise[1400 * down : 1400 * down + 400, 1900 * right : 1900 * right + 500] = colour
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(noise).save(file, "JPEG", quality=90, exif=exif)
    return file.getvalue()
