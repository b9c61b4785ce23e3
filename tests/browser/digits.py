"""Drawing in the lab for digits, as a hand, a finger and a keyboard do it; and a second version to compare with."""

import hashlib
import io
import json
import textwrap
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter
from playwright.sync_api import Page
from safetensors.torch import load, save

from inference.catalog.classifiers import CARDS, card
from inference.catalog.identity import identity_of

PAD = "[data-draw] canvas"
# In shares of the pad's sides.
NINE = ((0.62, 0.35), (0.5, 0.22), (0.38, 0.33), (0.47, 0.47), (0.62, 0.36), (0.6, 0.55), (0.55, 0.8))
SAMPLES = CARDS.parent / "samples"


def draw_with_the_mouse(page: Page) -> None:
    (x, y), *rest = _places(page)
    page.mouse.move(x, y)
    page.mouse.down()
    for x, y in rest:
        page.mouse.move(x, y, steps=5)
    page.mouse.up()


def draw_with_a_finger(page: Page) -> None:
    """Real touches, which would scroll the page where the pad did not keep them."""
    session = page.context.new_cdp_session(page)
    (first, *rest) = [{"x": x, "y": y} for x, y in _places(page)]
    session.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [first]})
    for place in rest:
        session.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [place]})
    session.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def draw_with_the_keyboard(page: Page) -> None:
    """A seven: from the middle up and left, pen down, right, and down in steps."""
    keys = ["ArrowUp"] * 7 + ["ArrowLeft"] * 4 + ["Space"] + ["ArrowRight"] * 8
    page.locator(PAD).focus()
    for key in keys + ["ArrowDown", "ArrowDown", "ArrowLeft"] * 7:
        page.keyboard.press(key)


def ink(page: Page) -> int:
    """How many of the pad's pixels are inked."""
    return page.locator(PAD).evaluate(
        """(pad) => pad.getContext("2d").getImageData(0, 0, pad.width, pad.height).data
          .filter((value, i) => i % 4 === 3 && value > 128).length"""
    )


def photo_of_handwriting(digit: int) -> bytes:
    """A sample digit as if written in blue on lined, unevenly lit paper and taken with a phone."""
    stroke = Image.open(SAMPLES / f"digit-{digit}.png").resize((420, 420), Image.Resampling.BICUBIC)
    paper = np.full((900, 700, 3), (238, 234, 222), np.float64) * np.linspace(1, 0.78, 700)[None, :, None]
    covered = np.zeros((900, 700))
    covered[220:640, 140:560] = np.asarray(stroke.filter(ImageFilter.GaussianBlur(3)), np.float64) / 255
    picture = paper * (1 - covered[..., None]) + np.array((38, 48, 110)) * covered[..., None]
    grain = np.random.default_rng(0).normal(0, 3, picture.shape)
    file = io.BytesIO()
    Image.fromarray((picture + grain).clip(0, 255).astype(np.uint8)).save(file, "JPEG", quality=88)
    return file.getvalue()


def register_candidate(site) -> str:
    """A version of `digits` that is not live, its weights a little smaller; its identity."""
    tensors = load((CARDS / "digits.safetensors").read_bytes())
    weights = save({name: 0.9 * tensor for name, tensor in tensors.items()})
    sha256 = hashlib.sha256(weights).hexdigest()
    folder = Path(site.data) / "media" / "candidates" / sha256
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "weights.safetensors").write_bytes(weights)
    facts = card("digits") | {"name": "A candidate", "weights": {"file": "weights.safetensors", "sha256": sha256}}
    (folder / "card.json").write_text(json.dumps(facts))
    site.manage("shell", "-c", _registering(sha256, folder / "card.json"))
    return identity_of(sha256, facts)


def _registering(sha256: str, written: Path) -> str:
    return textwrap.dedent(f"""
        import json
        from pathlib import Path
        from webapp.registry.models import Classifier, ModelVersion
        facts = json.loads(Path({str(written)!r}).read_text())
        ModelVersion.objects.get_or_create(
            classifier=Classifier.objects.get(slug="digits"), sha256={sha256!r},
            defaults=dict(name=facts["name"], source="candidates/{sha256}", card=facts),
        )
    """)


def _places(page: Page) -> list[tuple[float, float]]:
    """The stroke of a nine, in pixels of the window."""
    pad = page.locator(PAD)
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in NINE]
