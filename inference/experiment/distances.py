"""How far an attacked picture is from the original, and how strong the noise beside it is; 8-bit pictures (H, W, C).

All of the square that the network sees; L2 and the like are of pixel values in [0, 1].
"""

import math
from collections.abc import Callable, Mapping

import numpy as np
from skimage.metrics import structural_similarity

from inference.catalog.results import Distances, FloatDistances

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601
SSIM_WINDOW = 7  # pixels


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
    return int(np.abs(attacked.astype(np.int16) - original).max())


def l2(original: np.ndarray, attacked: np.ndarray) -> float:
    """Euclidean length of the change, pixels in [0, 1]."""
    return math.sqrt(int(np.square(attacked.astype(np.int32) - original).sum())) / 255


def l0(original: np.ndarray, attacked: np.ndarray) -> int:
    """How many pixels are changed."""
    return int((attacked != original).any(axis=2).sum())


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
    """Of the luminance alone and with a uniform window: all three colours take five times as long (72 ms at 512)."""
    return float(structural_similarity(_luminance(one), _luminance(other), data_range=255, win_size=SSIM_WINDOW))


def _luminance(picture: np.ndarray) -> np.ndarray:
    return picture @ LUMINANCE if picture.shape[2] == 3 else picture[..., 0].astype(np.float32)
