"""Makes of any picture of a digit what MNIST's digits are: white on black, 20 × 20 within 28 × 28, centred by mass."""

import numpy as np
from PIL import Image, ImageChops, ImageOps
from scipy import ndimage

from inference.images.decode import decode_with_alpha
from inference.images.refusal import BadImage
from inference.images.strokes import Ink, find_ink

SIDE = 28  # pixels
INK_SIDE = 20  # the longer side of the digit itself
DRAWN_SIDE = 120  # pixels; enough to widen strokes finely
PAPER_LEVEL = 160  # a 28 × 28 picture whose rim is lighter is paper; no attack of up to 128 levels makes it so
STROKE = (1.9, 4.4)  # pixels of the 20; MNIST's own strokes, thinnest to thickest


def as_digit(picture: Image.Image, alpha: Image.Image | None = None) -> Image.Image:
    """28 × 28, mode L, white on black, of a picture (RGB) and its alpha (L) if any; BadImage if not one digit is seen.

    A picture that is 28 × 28, grey and opaque already comes back unchanged, or inverted where it is ink on paper.
    """
    if alpha is None and picture.size == (SIDE, SIDE) and is_grey(picture):
        return _white_on_black(picture.convert("L"))
    ink = find_ink(np.asarray(picture.convert("RGB")), None if alpha is None else np.asarray(alpha))
    if ink.others:
        raise BadImage("two_digits")
    return _centred(_within_twenty(ink))


def digit(data: bytes) -> Image.Image:
    """`as_digit` of a file's bytes."""
    return as_digit(*decode_with_alpha(data))


def rim(pixels: np.ndarray) -> np.ndarray:
    """The outermost pixels of (height, width), in one row."""
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def is_grey(picture: Image.Image) -> bool:
    """Whether all three channels of an RGB picture are the same."""
    red, green, blue = picture.convert("RGB").split()
    return not (ImageChops.difference(red, green).getbbox() or ImageChops.difference(green, blue).getbbox())


def _white_on_black(grey: Image.Image) -> Image.Image:
    return ImageOps.invert(grey) if np.median(rim(np.asarray(grey))) > PAPER_LEVEL else grey


def _within_twenty(ink: Ink) -> np.ndarray:
    """The ink, float (height, width) of 0 to 1, with its longer side 20 pixels and strokes as wide as MNIST's."""
    shrunk = min(1.0, DRAWN_SIDE / max(ink.strength.shape))
    drawn = _stroked(_resized(ink.strength, shrunk), ink.stroke * shrunk)
    rows, columns = (np.flatnonzero((drawn > 0.3).any(axis=axis)) for axis in (1, 0))
    drawn = drawn[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return _resized(drawn, INK_SIDE / max(drawn.shape))


def _resized(strength: np.ndarray, scale: float) -> np.ndarray:
    height, width = (max(1, round(side * scale)) for side in strength.shape)
    picture = Image.fromarray(strength.astype(np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.LANCZOS)).clip(0, 1)


def _stroked(strength: np.ndarray, stroke: float) -> np.ndarray:
    """Strokes too thin or too thick for a picture of 20 pixels are widened or narrowed (a grey dilation or erosion)."""
    unit = max(strength.shape) / INK_SIDE
    grown = (np.clip(stroke, STROKE[0] * unit, STROKE[1] * unit) - stroke) / 2
    radius = round(abs(grown))
    if not radius:
        return strength
    disc = np.hypot(*np.ogrid[-radius : radius + 1, -radius : radius + 1]) <= radius + 0.3
    padded = np.pad(strength, radius)
    return (ndimage.grey_dilation if grown > 0 else ndimage.grey_erosion)(padded, footprint=disc)


def _centred(ink: np.ndarray) -> Image.Image:
    """The ink on 28 × 28 of black with its centre of mass in the middle, as far as all of it stays inside."""
    top, left = (_offset(ink.sum(axis=axis)) for axis in (1, 0))
    field = np.zeros((SIDE, SIDE), np.uint8)
    field[top : top + ink.shape[0], left : left + ink.shape[1]] = (ink * 255).round()
    return Image.fromarray(field)


def _offset(masses: np.ndarray) -> int:
    centre = float((np.arange(len(masses)) * masses).sum() / masses.sum())
    return min(SIDE - len(masses), max(0, round(SIDE / 2 - centre)))
