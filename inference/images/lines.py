"""Takes straight lines off a mask of ink: the rules of paper, squares, margins, frames. A Hough transform."""

import numpy as np
from scipy import ndimage

TILT = 12  # degrees; paper lies no more askew
STEP = 0.5  # degrees
LONG = 0.45  # of the picture's side; a line is at least so long
THIN = 0.035  # of a line's length; a stroke is wider


def without_lines(mask: np.ndarray) -> np.ndarray:
    """The mask (height, width) without lines that are long and thin; where a stroke crosses one, the stroke stays."""
    for transposed in (False, True):
        view = mask.T if transposed else mask
        cleared = _without_rows(view)
        mask = cleared.T if transposed else cleared
    return mask


def _without_rows(mask: np.ndarray) -> np.ndarray:
    """Without the lines that run from left to right, more or less level."""
    lines = np.zeros_like(mask)
    thick = max(2, int(THIN * LONG * max(mask.shape)))
    thin = mask & ~ndimage.binary_opening(mask, np.ones((thick + 1, 1)))  # what is taller than a line is none
    for slope, offset in _straight(thin):
        lines |= _along(thin, slope, offset, thick)
    if not lines.any():
        return mask
    return _mended(mask, lines, thick)


def _straight(thin: np.ndarray) -> list[tuple[float, float]]:
    """(slope, row at the left edge) of every line; the slope is that of most, as the lines of a sheet are parallel."""
    height, width = thin.shape
    rows, columns = np.nonzero(thin)
    if len(rows) < LONG * width:
        return []
    votes_of = {}
    for angle in np.arange(-TILT, TILT + STEP, STEP):
        slope = float(np.tan(np.radians(angle)))
        at = np.rint(rows - slope * columns).astype(int) + width
        votes_of[slope] = np.bincount(at, minlength=height + 2 * width)
    best = max(votes_of, key=lambda slope: int((votes_of[slope].astype(np.int64) ** 2).sum()))
    near = np.convolve(votes_of[best], np.ones(3), "same")
    peaks = np.flatnonzero((near >= LONG * width) & (near == ndimage.maximum_filter1d(near, 5)))
    return [(best, float(peak - width)) for peak in peaks]


def _along(thin: np.ndarray, slope: float, offset: float, thick: int) -> np.ndarray:
    """The mask's pixels on this line, give or take its thickness and a little bend."""
    rows = np.arange(thin.shape[0])[:, None]
    middle = offset + slope * np.arange(thin.shape[1])
    return thin & (np.abs(rows - middle) <= max(3, thick))


def _mended(mask: np.ndarray, lines: np.ndarray, thick: int) -> np.ndarray:
    """Without the lines, but with the pixels of each that have ink right above and right below."""
    rest = mask & ~lines
    reach = thick + 2
    above = ndimage.binary_dilation(rest, np.ones((2 * reach + 1, 1)), origin=(reach, 0))
    below = ndimage.binary_dilation(rest, np.ones((2 * reach + 1, 1)), origin=(-reach, 0))
    return rest | (lines & above & below)
