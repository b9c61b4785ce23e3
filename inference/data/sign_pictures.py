"""The pictures that the dataset `signs` is made of: rendered once, from an npm package, by whoever maintains Gibbon.

    npm pack mapillary_sprite_source@1.8.0 && tar xzf mapillary_sprite_source-1.8.0.tgz
    python -m inference.data.sign_pictures package

writes inference/assets/signs/*.png, 256 x 256 pixels, RGBA. It wants Chromium (GIBBON_CHROMIUM, else what PATH has);
nothing else does, and Gibbon as it runs needs neither of them.
"""

import argparse
import hashlib
import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from inference.data.signs import FOLDER, Sign, declared

SIDE = 256  # pixels
ACROSS = 4  # signs in a row of the sheet that is photographed


def main() -> None:
    """Write every picture that signs.json declares."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("package", type=Path, help="the unpacked package")
    render(declared(), options.parse_args().package / "package_signs", FOLDER)


def render(signs: Sequence[Sign], icons: Path, folder: Path) -> None:
    """One sheet of all icons, photographed on nothing and cut; a ValueError where an icon is not the one declared."""
    drawings = [(icons / f"{sign.icon}.svg").read_bytes() for sign in signs]
    for sign, drawing in zip(signs, drawings, strict=True):
        if hashlib.sha256(drawing).hexdigest() != sign.sha256:
            raise ValueError(f"{sign.icon}.svg is not the one that signs.json names")
    with _photographed(drawings) as sheet:
        for place, sign in enumerate(signs):
            left, top = place % ACROSS * SIDE, place // ACROSS * SIDE
            sheet.crop((left, top, left + SIDE, top + SIDE)).save(folder / sign.file, optimize=True)


def _photographed(drawings: Sequence[bytes]) -> Image.Image:
    """The sheet, RGBA."""
    width, height = ACROSS * SIDE, -(-len(drawings) // ACROSS) * SIDE
    with tempfile.TemporaryDirectory() as home:
        for place, drawing in enumerate(drawings):
            (Path(home) / f"{place}.svg").write_bytes(drawing)
        icons = "".join(f'<img src="{place}.svg" width="{SIDE}" height="{SIDE}">' for place in range(len(drawings)))
        page = f'<body style="margin:0;font-size:0;width:{width}px">{icons}</body>'
        (Path(home) / "sheet.html").write_text(page, encoding="utf-8")
        command = [
            os.environ.get("GIBBON_CHROMIUM", "chromium"),
            *("--headless", "--no-sandbox", "--default-background-color=00000000", "--force-device-scale-factor=1"),
            *(f"--window-size={width},{height}", f"--screenshot={home}/sheet.png", f"file://{home}/sheet.html"),
        ]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        return Image.open(Path(home) / "sheet.png").convert("RGBA")


if __name__ == "__main__":
    main()
