"""Finds the sheet of paper in a photograph that also shows what it lies on, and leaves the sheet alone."""

import numpy as np
from scipy import ndimage

from inference.images.threshold import otsu

SMALLEST = 120  # pixels of the long side; smaller pictures show no desk
LEAST, MOST = 0.06, 0.9  # of the picture's area are the sheet's
FINE = 0.025  # of the long side; darker marks narrower than that do not part a sheet
STRAIGHT = 0.85  # of the smallest rectangle around it is what a sheet covers
PLAIN = 0.6  # of a sheet is paper; the rest may be ink
SHARP = 0.6  # of the step from desk to paper is made within a few pixels; at a shadow's edge it is not
APART = 25  # levels of 255 between paper and desk
TURNS = np.radians(np.arange(0, 90, 3))


def sheet_alone(picture: np.ndarray) -> np.ndarray | None:
    """The part of a picture that shows the sheet, float (height, width, 3), paper all over; None if there is no sheet.

    A sheet is one bright piece with straight sides and a sharp edge, beside something darker.
    """
    grey = ndimage.gaussian_filter(picture.mean(axis=2), 1)
    side = max(grey.shape)
    if side < SMALLEST:
        return None
    edge = max(4, round(0.008 * side))
    window = round(FINE * side) | 1
    bright = _without_marks(grey, window)
    paper = _largest(bright > otsu(bright))
    sheet = ndimage.binary_fill_holes(paper)
    if not (LEAST < sheet.mean() < MOST and paper.sum() > PLAIN * sheet.sum() and _is_straight(sheet)):
        return None
    if not _is_sharp(bright, sheet, edge):
        return None
    return _spread(picture, ndimage.binary_erosion(sheet, iterations=edge, border_value=1), window)


def _largest(mask: np.ndarray) -> np.ndarray:
    parts, count = ndimage.label(mask)
    return parts == 1 + int(np.argmax(np.bincount(parts.ravel(), minlength=count + 1)[1:])) if count else mask


def _is_straight(sheet: np.ndarray) -> bool:
    """Whether the piece fills the smallest rectangle around it, however that is turned."""
    outline = np.argwhere(sheet & ~ndimage.binary_erosion(sheet, border_value=0))
    rows, columns = outline.T
    sizes = [
        (np.ptp(rows * np.cos(turn) + columns * np.sin(turn)) + 1)
        * (np.ptp(columns * np.cos(turn) - rows * np.sin(turn)) + 1)
        for turn in TURNS
    ]
    return bool(sheet.sum() > STRAIGHT * min(sizes))


def _is_sharp(bright: np.ndarray, sheet: np.ndarray, edge: int) -> bool:
    """Whether paper and desk are apart, and as far apart right beside the sheet's edge as elsewhere."""
    inside = sheet & ~ndimage.binary_erosion(sheet, iterations=edge, border_value=1)
    outside = ndimage.binary_dilation(sheet, iterations=edge) & ~sheet
    near = ndimage.binary_erosion(sheet, iterations=edge // 2, border_value=1) & inside
    far = outside & ~ndimage.binary_dilation(sheet, iterations=edge // 2)
    if not near.any() or not far.any():
        return False
    whole = np.median(bright[sheet]) - np.median(bright[~sheet])
    step = np.median(bright[near]) - np.median(bright[far])
    return bool(whole > APART and step > SHARP * whole)


def _spread(picture: np.ndarray, sheet: np.ndarray, window: int) -> np.ndarray | None:
    """The box around the sheet; beyond its edge the paper goes on, without what is written or ruled on it."""
    if not sheet.any():
        return None
    rows, columns = (np.flatnonzero(sheet.any(axis=axis)) for axis in (1, 0))
    box = slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1)
    inside, part = sheet[box], picture[box]
    plain = np.stack([_without_marks(plane, window) for plane in np.moveaxis(part, 2, 0)], axis=2)
    nearest = ndimage.distance_transform_edt(~inside, return_distances=False, return_indices=True)
    return np.where(inside[..., None], part, plain[tuple(nearest)])


def _without_marks(plane: np.ndarray, window: int) -> np.ndarray:
    """The plane without dark marks narrower than the window."""
    padded = np.pad(plane, window, mode="edge")
    return ndimage.grey_closing(padded, size=(window, window))[window:-window, window:-window]
