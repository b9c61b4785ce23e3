"""The fair control: random signs of the same budget, as coarse as the network sees.

Noise drawn for each pixel of a large photograph would be averaged away by the resize before the network, and lose for
the wrong reason. So it is drawn once for each pixel of the network's input and enlarged without smoothing.
"""

import numpy as np


def noise_signs(seed: int, *, channels: int, size: int, side: int) -> np.ndarray:
    """Signs -1 or 1, int8, (side, side, channels): one draw of (channels, size, size), enlarged to `side`.

    The same seed gives the same signs on every machine (PCG64), for every level.
    """
    generator = np.random.Generator(np.random.PCG64(seed))
    drawn = generator.integers(0, 2, size=(channels, size, size), dtype=np.int8) * 2 - 1
    nearest = np.arange(side) * size // side
    return drawn[:, nearest[:, None], nearest].transpose(1, 2, 0)
