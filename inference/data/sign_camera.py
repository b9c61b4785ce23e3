"""A program's camera: drawn signs seen at an angle, in some light, weathered, out of focus and with a sensor's noise.

Only additions, products and quotients of float32 and drawn integers: no sine, no sum over an axis, no matrix product,
whose last bits depend on the processor. So the pictures have the same bits wherever the same NumPy draws them.
"""

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.random import Generator

from inference.data.sign_scenes import Array, patches, uniform

TEXTURE = 128  # pixels of a side at which a sign is sampled
FINER = 3  # samples of a pixel, across and down
GREYS = np.asarray([0.299, 0.587, 0.114], np.float32)  # BT.601
DIRT = np.asarray([96, 82, 60], np.float32)[:, None, None]
TWIG = np.asarray([42, 44, 34], np.float32)[:, None, None]


class Plates:
    """The drawn signs, from uint8 RGBA pictures of one size, at least TEXTURE pixels a side and a multiple of it."""

    def __init__(self, pictures: Sequence[Array]) -> None:
        self.pictures = pictures

    def __len__(self) -> int:
        return len(self.pictures)

    @cached_property
    def texels(self) -> Array:
        """uint32, flat: TEXTURE + 2 texels a side for each sign, its rim clear; colours times alpha, then alpha."""
        pixels = np.stack(self.pictures).astype(np.uint32)
        count, side = pixels.shape[:2]
        pixels[..., :3] = pixels[..., :3] * pixels[..., 3:] // 255
        fold = side // TEXTURE
        sums = sum(pixels[:, down::fold, across::fold] for down in range(fold) for across in range(fold))
        rimmed = np.zeros((count, TEXTURE + 2, TEXTURE + 2, 4), np.uint8)
        rimmed[:, 1:-1, 1:-1] = np.asarray(sums) // fold**2
        return rimmed.view(np.uint32).reshape(-1)


def photograph(plates: Plates, classes: Array, scene: Array, chance: Generator) -> Array:
    """uint8 (n, 3, H, W): a sign of each class, (n,), before the scene, float32 (n, 3, H, W), which is used up."""
    count, size = len(classes), scene.shape[-1]
    centre = uniform(chance, -0.14, 0.14, (2, count, 1, 1))
    sign, cover = _seen(plates, classes, centre, size, chance)
    scene *= uniform(chance, 0.45, 1.1, (count, 1, 1, 1))
    _pole(scene, centre, chance)
    sign = _weathered(sign, cover, chance)
    picture = sign + scene * (1 - cover)
    return _exposed(_crossed(picture, chance), chance)


# --- Where the sign is --------------------------------------------------------------------------------------------


def _seen(plates: Plates, classes: Array, centre: Array, size: int, chance: Generator) -> tuple[Array, Array]:
    """(colours times cover, cover): float32 (n, 3, H, W) in 0..255 and (n, 1, H, W) in 0..1, by the mean of samples."""
    rays = _camera(centre, len(classes), chance)
    base = (classes * (TEXTURE + 2) ** 2).astype(np.int32)[:, None, None]
    sums = np.zeros((len(classes), size, size, 4), np.uint16)
    for down in range(FINER):
        for across in range(FINER):
            x, y = (_places(size, part) for part in (across, down))
            places = _texels(rays, x[None, None, :], y[None, :, None]) + base
            sums += plates.texels.take(places)[..., None].view(np.uint8)
    found = np.ascontiguousarray(sums.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(FINER**2)
    return found[:, :3], found[:, 3:] / np.float32(255)


def _places(size: int, part: int) -> Array:
    """Of each pixel one of its FINER samples, where the picture goes from -1 to 1."""
    step = np.float32(2) / np.float32(size)
    return (np.arange(size, dtype=np.float32) + np.float32((part + 0.5) / FINER)) * step - 1


def _camera(centre: Array, count: int, chance: Generator) -> list[tuple[Array, Array, Array]]:
    """Three forms a·x + b·y + c, (n, 1, 1) each: of a place on the sign, the first and the second over the last.

    The sign is turned by up to 40° sideways, 25° up or down and 10° upright, 2.5 to 6 of its half sizes away.
    """
    half = uniform(chance, 0.6, 0.95, (count, 1, 1))  # of the sign, where the picture's is 1
    away = uniform(chance, 2.5, 6.0, (count, 1, 1))
    turns = [_turned(uniform(chance, -most, most, (count, 1, 1))) for most in (0.364, 0.222, 0.087)]  # tan of half
    (cos_a, sin_a), (cos_b, sin_b), (cos_c, sin_c) = turns
    # The sign's axes and its normal, turned upright, then up or down, then sideways.
    right = (cos_a * cos_c + sin_a * sin_b * sin_c, cos_b * sin_c, -sin_a * cos_c + cos_a * sin_b * sin_c)
    down = (-cos_a * sin_c + sin_a * sin_b * cos_c, cos_b * cos_c, sin_a * sin_c + cos_a * sin_b * cos_c)
    normal = (sin_a * cos_b, -sin_b, cos_a * cos_b)
    focal = half * away
    middle = (centre[0] / half, centre[1] / half, away)  # of the sign, in space

    def along(axis: tuple[Array, Array, Array]) -> Array:
        return middle[0] * axis[0] + middle[1] * axis[1] + middle[2] * axis[2]

    def form(axis: tuple[Array, Array, Array]) -> tuple[Array, Array, Array]:
        return axis[0] / focal, axis[1] / focal, axis[2]

    depth, facing = along(normal), form(normal)
    forms = []
    for axis in (right, down):
        shift, seen = along(axis), form(axis)
        forms.append(tuple(depth * one - shift * other for one, other in zip(seen, facing, strict=True)))
    return [*forms, facing]


def _turned(half_tangent: Array) -> tuple[Array, Array]:
    """(cosine, sine) of an angle from the tangent of its half."""
    square = half_tangent * half_tangent
    return (1 - square) / (1 + square), 2 * half_tangent / (1 + square)


def _texels(rays: list[tuple[Array, Array, Array]], x: Array, y: Array) -> Array:
    """int32 (n, H, W): which texel of a sign each sample hits; one of the rim where it hits none."""
    across, down, scale = (a * x + (b * y + c) for a, b, c in rays)
    places = []
    for form in (across, down):
        form /= scale
        form += np.float32(1)
        form *= np.float32(TEXTURE / 2)
        form += np.float32(1)
        np.clip(form, 0, TEXTURE + 1, out=form)
        places.append(form.astype(np.int32))
    return places[1] * np.int32(TEXTURE + 2) + places[0]


# --- What happens to it -------------------------------------------------------------------------------------------


def _weathered(sign: Array, cover: Array, chance: Generator) -> Array:
    """Pale, unevenly lit, dirty; in two of five pictures a shadow's edge runs across."""
    count, size = len(sign), sign.shape[-1]
    one = (count, 1, 1, 1)
    grey = sign[:, :1] * GREYS[0] + sign[:, 1:2] * GREYS[1] + sign[:, 2:] * GREYS[2]
    pale = uniform(chance, 0, 0.45, one)
    sign = sign + (grey - sign) * pale
    light = uniform(chance, 0.5, 1.1, one) + _slope(count, size, 0.3, chance)
    shade = np.clip((_slope(count, size, 1.0, chance) + uniform(chance, -0.5, 0.5, one)) * np.float32(5), 0, 1)
    light *= 1 - shade * _sometimes(chance, 0.4, uniform(chance, 0.2, 0.6, one))
    sign *= np.maximum(light, np.float32(0.2))
    mud = patches(chance, (count, 1), cells=5, size=size) - uniform(chance, 0.5, 1.0, one)
    mud = np.clip(mud * np.float32(4), 0, 1) * uniform(chance, 0, 0.7, one)
    return sign + (DIRT * cover - sign) * mud


def _slope(count: int, size: int, most: float, chance: Generator) -> Array:
    """float32 (n, 1, H, W): a plane through nought at the middle, up to `most` high at the middle of a side."""
    x, y = uniform(chance, -most, most, (2, count, 1, 1, 1))
    place = _places(size, FINER // 2)
    return x * place + y * place[:, None]


def _sometimes(chance: Generator, share: float, strength: Array) -> Array:
    """The strength in this share of pictures, nought in the others."""
    return strength * (chance.random(strength.shape, dtype=np.float32) < np.float32(share))


def _pole(scene: Array, centre: Array, chance: Generator) -> None:
    """A grey post from the sign's middle down."""
    count, size = len(scene), scene.shape[-1]
    place = _places(size, FINER // 2)
    x, y = centre[:, :, None]
    beside = np.abs(place - x) < uniform(chance, 0.03, 0.09, (count, 1, 1, 1))
    post = beside & (place[:, None] > y)
    np.copyto(scene, uniform(chance, 60, 190, (count, 1, 1, 1)), where=post)


def _crossed(picture: Array, chance: Generator) -> Array:
    """In one of five pictures a twig or wire before everything."""
    count, size = len(picture), picture.shape[-1]
    line = _slope(count, size, 1.0, chance) + uniform(chance, -0.4, 0.4, (count, 1, 1, 1))
    width = _sometimes(chance, 0.2, uniform(chance, 0.02, 0.07, (count, 1, 1, 1)))
    cover = np.clip((width - np.abs(line)) * np.float32(25), 0, 1)
    return picture + (TWIG - picture) * cover


def _exposed(picture: Array, chance: Generator) -> Array:
    """Blurred, brightened or darkened, hazy, tinted, with noise; as bytes."""
    count = len(picture)
    one = (count, 1, 1, 1)
    for across in (False, True, False, True):
        _blur(picture.swapaxes(2, 3) if across else picture, uniform(chance, 0, 0.3, one))
    picture *= uniform(chance, 0.6, 1.3, one) * uniform(chance, 0.88, 1.12, (count, 3, 1, 1))
    picture += (uniform(chance, 120, 220, one) - picture) * uniform(chance, 0, 0.35, one)
    grain = chance.integers(0, 256, (2, *picture.shape), dtype=np.uint8).astype(np.float32)
    picture += (grain[0] - grain[1]) * uniform(chance, 0, 0.09, one)  # a triangle: deviation up to 9.4 levels
    return np.clip(picture + np.float32(0.5), 0, 255).astype(np.uint8)


def _blur(picture: Array, share: Array) -> None:
    """Each row gives this share to each of its two neighbours; outside the rim the picture goes on."""
    given = (picture[:, :, 1:] - picture[:, :, :-1]) * share
    picture[:, :, :-1] += given
    picture[:, :, 1:] -= given
