"""Where Chromium and Gibbon see another picture: every file of Pillow's own tests, opened in both.

    python -m benchmarks.chromium_pictures [--chromium /usr/bin/chromium] [--all]

Compared are whether the file is a picture, its shape upright, and its mean colour on white (8 levels of 255 are let
pass). Chromium's word is `createImageBitmap`, which like Gibbon takes the first frame, and the `img` element where
that refuses. Prints each difference with its kind, a count by kind, and exits with 1 if one has no kind; `--all`
prints those too that no Chromium can settle: formats that Gibbon names and refuses, and its limits of size.
"""

import argparse
import base64
import collections
import runpy
import sys
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageStat
from playwright.sync_api import Page, sync_playwright

from inference.images import BadImage, canonicalise

ROOT = Path(__file__).resolve().parent.parent
LEVELS = 8
LONG_SIDE = 768
CHOSEN = ("foreign", "unknown", "avif", "heic", "too_small", "too_narrow", "too_many_pixels")  # refused on purpose
LOOK = """async (coded) => {
  const bytes = Uint8Array.from(atob(coded), (c) => c.charCodeAt(0));
  const blob = new Blob([bytes]), url = URL.createObjectURL(blob), image = new Image();
  const shown = await new Promise((end) => { image.onload = () => end(true); image.onerror = () => end(false);
                                             image.src = url; });
  const bitmap = shown ? await createImageBitmap(blob).catch(() => null) : null;
  URL.revokeObjectURL(url);
  if (!shown || !image.naturalWidth) return null;
  const [width, height] = bitmap ? [bitmap.width, bitmap.height] : [image.naturalWidth, image.naturalHeight];
  const scale = Math.min(1, 768 / Math.max(width, height)), canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap || image, 0, 0, canvas.width, canvas.height);
  const values = context.getImageData(0, 0, canvas.width, canvas.height).data, sums = [0, 0, 0];
  for (let i = 0; i < values.length; i += 4) for (const c of [0, 1, 2]) sums[c] += values[i + c];
  return {width: canvas.width, height: canvas.height, mean: sums.map((sum) => sum / (values.length / 4))};
}"""
Seen = tuple[int, int, list[float]]  # width and height fitted into 768, mean of red, green and blue


def by_chromium(page: Page, data: bytes) -> Seen | None:
    """What Chromium shows; None where it shows nothing."""
    found = page.evaluate(LOOK, base64.b64encode(data).decode())
    return found and (found["width"], found["height"], found["mean"])


def by_gibbon(data: bytes) -> Seen | BadImage:
    """What Gibbon takes, or its refusal."""
    try:
        made = canonicalise(data, "photo")
    except BadImage as refusal:
        return refusal
    with Image.open(BytesIO(made.png)) as picture:
        return made.width, made.height, ImageStat.Stat(picture).mean


def difference(chromium: Seen | None, gibbon: Seen | BadImage) -> str:
    """In words; nothing where both agree."""
    if isinstance(gibbon, BadImage):
        return f"only Chromium shows it ({gibbon.code})" if chromium else ""
    if chromium is None:
        return "only Gibbon takes it"
    if abs(chromium[0] - gibbon[0]) > 1 or abs(chromium[1] - gibbon[1]) > 1:
        return f"shape {chromium[:2]} and {gibbon[:2]}"
    if max(abs(a - b) for a, b in zip(chromium[2], gibbon[2], strict=True)) > LEVELS:
        return f"mean {_rounded(chromium[2])} and {_rounded(gibbon[2])}"
    return ""


def _rounded(mean: list[float]) -> str:
    return "/".join(f"{value:.0f}" for value in mean)


def kind_of(name: str, differs: str) -> str:
    """The explanation in decision 1 that a difference falls under; nothing if none does."""
    if any(f"({code})" in differs for code in CHOSEN):
        return "refused on purpose"
    return next((kind for kind, starts in KINDS.items() if name.startswith(starts)), "")


KINDS: dict[str, tuple[str, ...]] = {
    "an animation's first picture": ("apng/",),
    "lacks pixels": (
        "bmp/b/shortfile.bmp",
        "broken_data_stream.png",
        "truncated_image.png",
        "truncated_jpeg.jpg",
        "ultrahdr.jpg",
    ),
    "a rare layout of BMP": (
        "bmp/b/badpalettesize.bmp",
        "bmp/g/rgb32bf.bmp",
        "bmp/q/pal2.bmp",
        "bmp/q/pal8o",
        "bmp/q/rgb",
    ),
    "run lengths that leave pixels out": ("bmp/b/badrle.bmp", "bmp/q/pal4rletrns.bmp", "bmp/q/pal8rletrns.bmp"),
    "Chromium shows less": ("issue_2811.gif", "mmap_error.bmp"),
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--all", action="store_true")
    options = parser.parse_args()
    pictures = runpy.run_path(str(ROOT / "tests/fetch_pillow_images.py"))["pictures"]
    counts: collections.Counter[str] = collections.Counter()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=["--no-sandbox"])
        page, version = browser.new_page(), browser.version
        for name, data in pictures():
            differs = difference(by_chromium(page, data), by_gibbon(data))
            kind = kind_of(name, differs) if differs else "both agree"
            counts[kind or "not explained"] += 1
            if differs and (options.all or kind != "refused on purpose"):
                print(f"{name}: {differs}: {kind or 'not explained'}")
        browser.close()
    print(f"\nChromium {version}, {counts.total()} files: {dict(counts)}")
    sys.exit(1 if counts["not explained"] else 0)


if __name__ == "__main__":
    main()
