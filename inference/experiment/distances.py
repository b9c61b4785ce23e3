"""How far an attacked picture is from the original, and how strong the noise beside it is; 8-bit pictures (H, W, C).

All of the square that the network sees; L2 and the like are of pixel values in [0, 1].
"""

import math
from typing import Any

import numpy as np
from skimage.metrics import structural_similarity

LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # Rec. 601
SSIM_WINDOW = 7  # pixels


def distances(original: np.ndarray, attacked: np.ndarray) -> dict[str, Any]:
    """l2; ssim (of luminance, uniform window of 7 x 7; 1 is identical); changed_pixels; attacked_pixels, _values."""
    change = attacked.astype(np.int32) - original
    return {
        "l2": l2(original, attacked),
        "ssim": _ssim(original, attacked),
        "changed_pixels": int(change.any(axis=2).sum()),
        "attacked_pixels": original.shape[0] * original.shape[1],
        "attacked_values": original.size,
    }


def l2(original: np.ndarray, attacked: np.ndarray) -> float:
    """Euclidean length of the change, pixels in [0, 1]."""
    return math.sqrt(int(np.square(attacked.astype(np.int32) - original).sum())) / 255


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
