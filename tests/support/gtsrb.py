"""GTSRB's folders as they are published, with few pictures in them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

CLASSES, EACH = 43, 2  # pictures to learn from


def write_gtsrb(root: Path, tests: Sequence[tuple[int, np.ndarray]], chance: np.random.Generator) -> dict[str, int]:
    """43 folders of two PPM files each, the test pictures (class, (H, W, 3)) with their list; how many there are."""
    for label in range(CLASSES):
        place = root / "GTSRB/Training" / f"{label:05}"
        place.mkdir(parents=True)
        for number in range(EACH):
            noise = chance.integers(0, 256, (30 + number, 40, 3), np.uint8)
            Image.fromarray(noise).save(place / f"00000_{number:05}.ppm")
        (place / f"GT-{label:05}.csv").write_text("Filename;ClassId\n")
    folder = root / "GTSRB/Final_Test/Images"
    folder.mkdir(parents=True)
    rows = ["Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"]
    for number, (label, picture) in enumerate(tests):
        Image.fromarray(picture).save(folder / f"{number:05}.ppm")
        height, width = picture.shape[:2]
        rows.append(f"{number:05}.ppm;{width};{height};5;5;{width - 5};{height - 5};{label}")
    (root / "GT-final_test.csv").write_text("\n".join([*rows, ""]))
    return {"train": CLASSES * EACH, "test": len(tests)}
