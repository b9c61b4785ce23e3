"""Photographs as visitors bring them, made from the samples so that no two are alike."""

import io
import random

import numpy as np
from PIL import Image

from inference.assets import ASSETS

SAMPLES = ASSETS / "samples"
SCREEN, PHONE = (512, 512), (4032, 3024)  # the second: 12 megapixels
QUALITY = {SCREEN: 90, PHONE: 85}
ORIENTATION, UPRIGHT_IF_TURNED = 0x0112, 6


def photographs(count: int, *, phones: bool = True, seed: int = 0) -> list[bytes]:
    """JPEGs of 512 x 512; with `phones` every tenth has 12 megapixels and lies on its side with an EXIF note."""
    draw = random.Random(seed)
    originals = [Image.open(path).convert("RGB") for path in sorted(SAMPLES.glob("*.jpg"))]
    return [photograph(draw, originals, PHONE if phones and number % 10 == 9 else SCREEN) for number in range(count)]


def photograph(draw: random.Random, originals: list[Image.Image], size: tuple[int, int]) -> bytes:
    """A random part of a random original, with a little sensor noise."""
    original = draw.choice(originals)
    side = int(min(original.size) * draw.uniform(0.7, 1))
    left, top = (draw.randint(0, length - side) for length in original.size)
    part = original.crop((left, top, left + side, top + side)).resize(size, Image.Resampling.BICUBIC)
    noise = np.random.default_rng(draw.randrange(2**32)).integers(-6, 7, (size[1], size[0], 1), dtype=np.int16)
    noisy = Image.fromarray((np.asarray(part, np.int16) + noise).clip(0, 255).astype(np.uint8))
    exif = Image.Exif()
    if size == PHONE:
        exif[ORIENTATION] = UPRIGHT_IF_TURNED
    file = io.BytesIO()
    noisy.save(file, "JPEG", quality=QUALITY[size], exif=exif)
    return file.getvalue()
