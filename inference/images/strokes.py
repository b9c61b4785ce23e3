"""Finds the ink of one digit in a photograph: not the desk, not the rules of the paper, not a frame, not the shadow.

Ink is a stroke: narrower than a quarter of the picture and unlike what surrounds it. A grey closing takes strokes off
a picture and leaves everything wider (sheet, desk, shadow) as it is; the difference of both is ink, lines and noise.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from inference.images.lines import without_lines
from inference.images.refusal import BadImage
from inference.images.sheet import sheet_alone
from inference.images.threshold import otsu

STROKE_SHARE = 4  # strokes are narrower than this part of the picture's long side
MIN_CONTRAST = 7  # levels of 255 between ink and ground
NOISE_TIMES = 5  # and so many standard deviations of the ground
MIN_EXTENT = 0.03  # of the picture's long side; smaller marks are dust
NEAR = 0.12  # of the digit's size; parts no farther apart are one digit
RIM = 2  # pixels
WIDEST = 0.2  # of the digit's size; wider strokes are less likely strokes
BLOT = 0.55  # of its size; what is so wide is no stroke at all
SHEET = 0.6  # of its box is what the widest strokes cover; a sheet covers more
EVEN = 0.35  # of 255; opaque pixels of which nothing differs more from their middle are one ink
FULL = 0.5  # of its box is what a sheet with transparency around covers


@dataclass(frozen=True)
class Ink:
    """The digit cut out: strength 0 to 1, float (height, width); the width of its strokes, in pixels; other digits."""

    strength: np.ndarray
    stroke: float
    others: int


@dataclass(frozen=True)
class Marks:
    """What may be a digit: difference to the ground in levels, (height, width), and the pieces that make it up."""

    depth: np.ndarray
    mask: np.ndarray
    box: tuple[slice, ...]
    others: int  # pieces besides that could be digits themselves
    likeness: float  # to a digit; for comparing marks lighter and darker than their ground


def find_ink(picture: np.ndarray, alpha: np.ndarray | None = None) -> Ink:
    """The largest digit in a picture, uint8 (height, width, 3) laid on white, and its alpha (height, width) if any.

    BadImage ("blank") if there is none.
    """
    whole = picture.astype(np.float32)
    sheet = sheet_alone(whole) if alpha is None else None
    for part in (
        (whole,) if sheet is None else (sheet, whole)
    ):  # a bright bar may be taken for a sheet, and hold nothing
        for planes in _readings(part, alpha):
            smooth = [_smooth(plane) for plane in planes]
            found = [marks for one in smooth for marks in (_marks(one, True), _marks(255 - one)) if marks is not None]
            if found:
                return _cut_out(max(found, key=lambda marks: marks.likeness))
    raise BadImage("blank")


def _readings(picture: np.ndarray, alpha: np.ndarray | None) -> Iterator[list[np.ndarray]]:
    """Where ink may show, likeliest first: the alpha of a drawing on nothing; brightness; colour."""
    if alpha is not None and _is_drawing(picture, alpha):
        yield [255 - alpha.astype(np.float32)]
    red, green, blue = np.moveaxis(picture, 2, 0)
    yield [0.299 * red + 0.587 * green + 0.114 * blue]
    yield [128 + (red - green) / 2, 128 + (blue - (red + green) / 2) / 2]


def _is_drawing(picture: np.ndarray, alpha: np.ndarray) -> bool:
    """Whether the opaque pixels are strokes, and not a sheet with strokes on it."""
    opaque = alpha > 127
    if not opaque.any() or opaque.mean() > 0.9:
        return False
    rows, columns = (np.flatnonzero(opaque.any(axis=axis)) for axis in (1, 0))
    box = (rows[-1] - rows[0] + 1) * (columns[-1] - columns[0] + 1)
    core = ndimage.binary_erosion(opaque)
    grey = picture.mean(axis=2)[core if core.any() else opaque]
    even = np.mean(np.abs(grey - np.median(grey)) > EVEN * 255) < 0.02
    return bool(even or opaque.sum() / box < FULL)


def _marks(plane: np.ndarray, lit: bool = False) -> Marks | None:
    """The marks darker than their ground that look like a digit; None if there are none.

    `lit`: the plane is brightness; ink in a shadow is as many times darker than its paper as ink in the light.
    """
    ground = _ground(plane)
    depth = ground - plane
    depth -= np.median(depth)
    floor = max(MIN_CONTRAST * 0.6, NOISE_TIMES * _noise(plane))
    mask = without_lines(depth > floor)
    if lit:
        depth *= np.median(ground) / np.maximum(ground, 40)
    kept = _inside(mask)
    if not kept.any():
        return None
    cut = max(floor, otsu(depth[kept]) * 0.9)
    parts, count = ndimage.label(kept & (depth > cut), np.ones((3, 3)))
    return _chosen(plane, depth, parts, count, max(MIN_CONTRAST, 1.5 * floor)) if count else None


def _smooth(plane: np.ndarray) -> np.ndarray:
    """The noise of single pixels taken off; a picture too small to spare it stays as it is."""
    side = max(plane.shape)
    return ndimage.gaussian_filter(plane, 0.8 if side < 300 else 1.2) if side > 60 else plane


def _ground(plane: np.ndarray) -> np.ndarray:
    """The picture without its dark strokes: a grey closing, whose square window is wider than they are."""
    window = (max(plane.shape) // STROKE_SHARE) | 1
    padded = np.pad(plane, window, mode="edge")  # what is cut by the picture's edge goes on beyond it
    return ndimage.grey_closing(padded, size=(window, window))[window:-window, window:-window]


def _noise(plane: np.ndarray) -> float:
    """Standard deviation of the smoothed ground, in levels: from second differences, blind to shadows."""
    rough = plane[:, 2:] - 2 * plane[:, 1:-1] + plane[:, :-2]
    return float(np.median(np.abs(rough))) * 1.4826 * 1.2


def _inside(mask: np.ndarray) -> np.ndarray:
    """The pieces that neither run out of the picture nor lie around another; all if nothing else is left."""
    parts, _count = ndimage.label(mask, np.ones((3, 3)))
    boxes = ndimage.find_objects(parts)
    height, width = mask.shape
    least = MIN_EXTENT * max(mask.shape)
    large = [
        (number, box)
        for number, box in enumerate(boxes, 1)
        if max(box[0].stop - box[0].start, box[1].stop - box[1].start) >= least
    ]
    inner = [
        (number, box)
        for number, box in large
        if box[0].start >= RIM and box[1].start >= RIM and box[0].stop <= height - RIM and box[1].stop <= width - RIM
    ]
    numbers = [number for number, box in inner if not _surrounds(number, box, inner, parts)]
    return np.isin(parts, numbers or [number for number, _box in large])


def _surrounds(number: int, box: tuple[slice, ...], others: list, parts: np.ndarray) -> bool:
    """Whether this piece is a frame: thin for its size, with a piece in its middle that is no speck."""
    size = [side.stop - side.start for side in box]
    within = [
        other
        for other, inner in others
        if other != number
        and all(a.start < b.start and b.stop < a.stop for a, b in zip(box, inner, strict=True))
        and max(b.stop - b.start for b in inner) > 0.2 * max(size)
    ]
    return bool(within) and (parts[box] == number).sum() < 0.25 * size[0] * size[1]


def _chosen(plane: np.ndarray, depth: np.ndarray, parts: np.ndarray, count: int, least: float) -> Marks | None:
    boxes = ndimage.find_objects(parts)
    areas = ndimage.sum_labels(np.ones_like(parts), parts, range(1, count + 1))
    extents = [max(side.stop - side.start for side in box) for box in boxes]
    contrasts = ndimage.mean(depth, parts, range(1, count + 1))
    masses = [area**0.5 * extent * min(c, 60.0) for area, extent, c in zip(areas, extents, contrasts, strict=True)]
    first = int(np.argmax(masses))
    if extents[first] < max(6, MIN_EXTENT * max(depth.shape)) or contrasts[first] < least:
        return None
    group = _grouped(first, boxes, extents, areas)
    others = _others(group, boxes, areas, contrasts, first)
    box = _union([boxes[index] for index in group])
    mask = np.isin(parts, [index + 1 for index in group])
    likeness = _likeness(plane, mask, box, float(contrasts[first]))
    return Marks(depth, mask, box, others, likeness) if likeness else None


def _likeness(plane: np.ndarray, mask: np.ndarray, box: tuple[slice, ...], contrast: float) -> float:
    """Large, clear, drawn in strokes, and unlike the picture all around it, as a digit is.

    The paper between strokes and a sheet on a desk are large and clear too, but blots, and some go on past their edge.
    """
    extent = max(side.stop - side.start for side in box)
    around = tuple(slice(max(0, side.start - 6), side.stop + 6) for side in box)
    ink, levels = mask[around], plane[around]
    widest = 2 * float(ndimage.distance_transform_edt(np.pad(ink, 1)).max()) / extent
    if widest > BLOT:
        return 0.0
    ring = ndimage.binary_dilation(ink, iterations=5) & ~ndimage.binary_dilation(ink, iterations=3)
    apart = float(np.mean(levels[ring] - np.median(levels[ink]) > contrast / 2)) if ring.any() else 1.0
    full = ink.sum() / ((box[0].stop - box[0].start) * (box[1].stop - box[1].start))
    drawn = (WIDEST / max(WIDEST, widest)) ** 4 * (1.0 if widest < WIDEST else min(1.0, SHEET / full) ** 6)
    return extent * min(contrast, 60.0) ** 0.5 * drawn * apart**3


def _grouped(first: int, boxes: list, extents: list[int], areas: np.ndarray) -> list[int]:
    """The piece and those near it, until nothing is near: a five whose bar was drawn apart is one digit."""
    group, size = [first], extents[first]
    waiting = [i for i in range(len(boxes)) if i != first and areas[i] >= 0.004 * areas[first]]
    while True:
        box = _union([boxes[index] for index in group])
        near = [i for i in waiting if _gap(box, boxes[i]) <= _reach(extents[i], size)]
        if not near:
            return group
        group += near
        waiting = [i for i in waiting if i not in near]


def _reach(extent: int, size: int) -> float:
    """How far apart a piece may lie: as large as the digit itself it is more likely another one."""
    return NEAR * size * (0.4 if extent > 0.75 * size else 1 if extent > 0.2 * size else 0.5)


def _others(group: list[int], boxes: list, areas: np.ndarray, contrasts: np.ndarray, first: int) -> int:
    """How many pieces besides could be digits themselves: as tall as half of this one, and about as dark."""
    box = _union([boxes[index] for index in group])
    tall, area = box[0].stop - box[0].start, sum(areas[index] for index in group)
    return sum(
        boxes[i][0].stop - boxes[i][0].start > 0.5 * tall
        and areas[i] > 0.2 * area
        and contrasts[i] > 0.5 * contrasts[first]
        for i in range(len(boxes))
        if i not in group
    )


def _gap(one: tuple[slice, ...], other: tuple[slice, ...]) -> float:
    """The distance between two boxes; 0 where they overlap."""
    apart = [max(a.start - b.stop, b.start - a.stop, 0) for a, b in zip(one, other, strict=True)]
    return float(np.hypot(*apart))


def _union(boxes: list[tuple[slice, ...]]) -> tuple[slice, ...]:
    return tuple(slice(min(box[axis].start for box in boxes), max(box[axis].stop for box in boxes)) for axis in (0, 1))


def _cut_out(marks: Marks) -> Ink:
    """The digit's ink alone, faded in over its blurred edge."""
    rows, columns = marks.box
    edge = max(2, round(0.03 * max(rows.stop - rows.start, columns.stop - columns.start)))
    box = (
        slice(max(0, rows.start - edge), rows.stop + edge),
        slice(max(0, columns.start - edge), columns.stop + edge),
    )
    mask, depth = marks.mask[box], marks.depth[box]
    level = float(np.percentile(depth[mask], 60))
    soft = ndimage.binary_dilation(mask, iterations=edge // 2 + 1) | mask
    strength = ((depth / level - 0.2) / 0.7).clip(0, 1) * soft
    return Ink(strength, _stroke(strength > 0.5), marks.others)


def _stroke(mask: np.ndarray) -> float:
    """The strokes' typical width: along their middle twice the distance to the ground."""
    distance = ndimage.distance_transform_edt(np.pad(mask, 1))
    ridge = (distance == ndimage.maximum_filter(distance, 3)) & (distance > 0)
    return 2 * float(np.median(distance[ridge])) - 1 if ridge.any() else 1.0
