"""How far an attacked picture is from the original, and how strong the noise beside it is; 8-bit pictures (H, W, C).

All of the square that the network sees; L2 and the like are of pixel values in [0, 1].
"""

import math
from collections.abc import Callable, Mapping
from functools import reduce

import numpy as np

from inference.catalog.results import Distances, FloatDistances

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601
SSIM_WINDOW = 7  # pixels
SSIM_STEADY = (0.01 * 255) ** 2, (0.03 * 255) ** 2  # the paper's C1 and C2
STRIP = 64  # rows of windows
MIDDLE = 128  # of which values are counted: the squares stay small, and float32 exact enough


def distances(original: np.ndarray, attacked: np.ndarray) -> Distances:
    """All that is told of the change."""
    length = l2(original, attacked)
    return Distances(
        linf_levels=linf(original, attacked),
        l2=length,
        rms_levels=length * 255 / math.sqrt(original.size),
        ssim=_ssim(original, attacked),
        changed_pixels=l0(original, attacked),
        attacked_pixels=original.shape[0] * original.shape[1],
        attacked_values=original.size,
    )


def float_distances(original: np.ndarray, attacked: np.ndarray) -> FloatDistances:
    """Of floats in [0, 1] that no file holds."""
    change = np.abs(attacked - original / 255.0)
    return FloatDistances(linf_levels=float(change.max() * 255), l2=float(np.linalg.norm(change)))


def linf(original: np.ndarray, attacked: np.ndarray) -> int:
    """The largest change of a value, in grey levels."""
    return int(_moved(original, attacked).max())


def l2(original: np.ndarray, attacked: np.ndarray) -> float:
    """Euclidean length of the change, pixels in [0, 1]."""
    moved = _moved(original, attacked).ravel().astype(np.float64)  # whole numbers, so their sum is exact
    return math.sqrt(np.einsum("i,i->", moved, moved)) / 255  # not by BLAS, which wakes threads for it


def l0(original: np.ndarray, attacked: np.ndarray) -> int:
    """How many pixels are changed."""
    return int(np.count_nonzero(any_colour(_moved(original, attacked))))


def any_colour(picture: np.ndarray) -> np.ndarray:
    """(H, W), not zero where a colour of (H, W, C), whole numbers, is not; numpy's `any` takes twenty times as long."""
    return reduce(np.bitwise_or, (picture[..., colour] for colour in range(picture.shape[2])))


def _moved(original: np.ndarray, attacked: np.ndarray) -> np.ndarray:
    """By how many levels each value was moved, uint8."""
    moved: np.ndarray = np.maximum(original, attacked) - np.minimum(original, attacked)
    return moved


IN_NORM: Mapping[str, Callable[[np.ndarray, np.ndarray], float]] = {"linf": linf, "l2": l2, "l0": l0}


def within(norm: str, budget: float | None, original: np.ndarray, attacked: np.ndarray) -> bool:
    """Whether the saved picture keeps the budget (levels for "linf"); without one every picture does."""
    return budget is None or IN_NORM[norm](original, attacked) <= budget


def flat_from(picture: np.ndarray) -> int:
    """The level from which every value can be moved to within one level of a common grey.

    From there on all such pictures can be made the same, so that no classifier can tell them apart: a success there
    says nothing about the network. 127 for a digit that uses the whole range.
    """
    return (int(picture.max()) - int(picture.min())) // 2


def _ssim(one: np.ndarray, other: np.ndarray) -> float:
    """Of the luminance, with a uniform window and unbiased variances (Wang et al. 2004), as scikit-image computes it.

    In a fraction of its time: sums over windows are added up from smaller ones, strip by strip, within a processor's
    cache. In three colours it would take three times as long.
    """
    height, width = one.shape[:2]
    rows, columns = height - SSIM_WINDOW + 1, width - SSIM_WINDOW + 1
    strips = (slice(top, top + STRIP + SSIM_WINDOW - 1) for top in range(0, rows, STRIP))
    return sum(_similarities(_luminance(one[strip]), _luminance(other[strip])) for strip in strips) / (rows * columns)


def _similarities(x: np.ndarray, y: np.ndarray) -> float:
    """The sum of the similarities of all windows."""
    values = SSIM_WINDOW**2
    mean_x, mean_y = _in_windows(x) / values, _in_windows(y) / values
    both, products = mean_x * mean_x + mean_y * mean_y, mean_x * mean_y
    variances = (_in_windows(x * x + y * y) - values * both) / (values - 1)
    covariance = (_in_windows(x * y) - values * products) / (values - 1)
    mean_x, mean_y = mean_x + MIDDLE, mean_y + MIDDLE
    c1, c2 = SSIM_STEADY
    above = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    below = (mean_x * mean_x + mean_y * mean_y + c1) * (variances + c2)
    return float((above / below).sum(dtype=np.float64))


def _in_windows(values: np.ndarray) -> np.ndarray:
    """Sums over all windows of 7 x 7 that lie inside: of two rows, of four, of seven, and then of columns."""
    twos = values[:-1] + values[1:]
    sevens = twos[:-5] + twos[2:-3]
    sevens += twos[4:-1]
    sevens += values[6:]
    twos = sevens[:, :-1] + sevens[:, 1:]
    sums: np.ndarray = twos[:, :-5] + twos[:, 2:-3]
    sums += twos[:, 4:-1]
    sums += sevens[:, 6:]
    return sums


def _luminance(picture: np.ndarray) -> np.ndarray:
    """Counted from the middle."""
    if picture.shape[2] == 1:
        return picture[..., 0].astype(np.float32) - MIDDLE
    red, green, blue = (picture[..., colour] * LUMINANCE[colour] for colour in range(3))
    luminance: np.ndarray = red + green + blue - np.float32(MIDDLE)
    return luminance
