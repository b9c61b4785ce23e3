"""What the largest pictures cost: seconds and memory of the decoder child, one table. Linux (reads /proc).

    python -m benchmarks.pictures [--repeat 3]

Each file is made afresh (seed 0) and opened in a new child. Memory is the child's peak RSS (VmHWM): what it has before
the picture ("at rest") and the growth over that. "Total" adds the file, which the web process holds once more. The
limit of 2 s by the clock is lifted here, so that a busy machine shows its memory too.
"""

import argparse
import functools
import statistics
import struct
import time
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import psutil
from PIL import Image

from inference import images
from inference.images import pool

MEGABYTE = 1_000_000


def soft(mode: str, width: int, height: int, grain: int = 0) -> Image.Image:
    """Smooth colours, with grain (levels) where the file should be heavy."""
    generator = np.random.default_rng(0)
    channels = len(mode) if mode != "L" else 1
    shape = (height // 16 + 1, width // 16 + 1, channels)
    coarse = [Image.fromarray(layer) for layer in np.moveaxis(generator.integers(0, 256, shape, dtype=np.uint8), 2, 0)]
    layers = [layer.resize((width, height), Image.Resampling.BILINEAR) for layer in coarse]
    if grain:
        layers = [grained(layer, grain, generator) for layer in layers]
    return Image.merge(mode, layers) if channels > 1 else layers[0]


def grained(layer: Image.Image, grain: int, generator: np.random.Generator) -> Image.Image:
    noise = generator.integers(-grain, grain + 1, (layer.height, layer.width), dtype=np.int16)
    return Image.fromarray((np.asarray(layer) + noise).clip(0, 255).astype(np.uint8))


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def blocky_png(mode: str) -> bytes:
    """25 megapixels whose file stays below 20 MB: each colour is a block of two by two."""
    return encoded(soft(mode, 2500, 2500).resize((5000, 5000), Image.Resampling.NEAREST), "PNG", compress_level=9)


def png16() -> bytes:
    """25 megapixels of 16-bit colour."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    row = b"\0" + (np.arange(15_000) % 60_000).astype(">u2").tobytes()
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 5000, 5000, 16, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(row * 5000)) + chunk(b"IEND", b"")


JPEG50 = (8164, 6123)
FILES: dict[str, Callable[[], bytes]] = {
    "JPEG 12 MP, as from a phone": lambda: encoded(soft("RGB", 4032, 3024, 6), "JPEG", quality=85),
    "JPEG 50 MP": lambda: encoded(soft("RGB", *JPEG50), "JPEG", quality=90),
    "JPEG 50 MP, grain": lambda: encoded(soft("RGB", *JPEG50, 12), "JPEG", quality=72),
    "JPEG 50 MP, 4:4:4": lambda: encoded(soft("RGB", *JPEG50), "JPEG", quality=90, subsampling=0),
    "JPEG 50 MP, CMYK": lambda: encoded(soft("CMYK", *JPEG50), "JPEG", quality=60),
    "JPEG 25 MP progressive": lambda: encoded(soft("RGB", 5000, 5000), "JPEG", quality=90, progressive=True),
    "JPEG 25 MP progressive, 4:4:4": lambda: encoded(
        soft("RGB", 5000, 5000, 12), "JPEG", quality=82, progressive=True, subsampling=0
    ),
    "JPEG 18 MP progressive, CMYK": lambda: encoded(soft("CMYK", 4240, 4240), "JPEG", quality=80, progressive=True),
    "PNG 25 MP, RGBA": functools.partial(blocky_png, "RGBA"),
    "PNG 25 MP, RGB": functools.partial(blocky_png, "RGB"),
    "PNG 25 MP, 16-bit RGB": png16,
    "GIF 25 MP": lambda: encoded(soft("L", 5000, 5000).point(lambda grey: grey // 4 * 4).convert("P"), "GIF"),
    "BMP 19.5 MP, palette": lambda: encoded(soft("L", 5000, 3900).convert("P"), "BMP"),
    "WebP 12 MP": lambda: encoded(soft("RGB", 4000, 3000), "WEBP", quality=90, method=0),
    "WebP 12 MP, grain": lambda: encoded(soft("RGB", 4000, 3000, 100), "WEBP", quality=97, method=0),
    "WebP 12 MP, alpha, lossless": lambda: encoded(
        soft("RGBA", 4000, 3000).point(lambda level: level // 16 * 16), "WEBP", lossless=True, quality=0, method=0
    ),
}


def measured(data: bytes) -> tuple[float, float, float, float, str]:
    """(seconds by the clock, processor seconds, MB at rest, MB of growth, what came out) in a fresh child."""
    images.shutdown()
    images.prepare(encoded(Image.new("RGB", (64, 64)), "PNG"), "photo")
    (child,) = psutil.Process().children()
    rest, worked = high_water(child.pid), sum(child.cpu_times()[:2])
    started = time.perf_counter()
    try:
        made = images.prepare(data, "photo")
        outcome = f"{made.width} × {made.height}"
    except images.BadImage as refusal:
        outcome = refusal.code
    seconds = time.perf_counter() - started
    return seconds, sum(child.cpu_times()[:2]) - worked, rest, high_water(child.pid) - rest, outcome


def high_water(process: int) -> float:
    """The process's peak RSS in MB."""
    status = Path(f"/proc/{process}/status").read_text()
    (line,) = [line for line in status.splitlines() if line.startswith("VmHWM")]
    return int(line.split()[1]) * 1024 / MEGABYTE


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeat", type=int, default=3)
    repeat = parser.parse_args().repeat
    pool.WORK_SECONDS = pool.ANSWER_SECONDS = 60
    print("| file | MB | processor s, median (min to max) | clock s | at rest, MB | growth, MB | total, MB | result |")
    print("|---|---|---|---|---|---|---|---|")
    for name, make in FILES.items():
        data = make()
        runs = [measured(data) for _ in range(repeat)]
        clock, worked, rest, growth = ([run[column] for run in runs] for column in range(4))
        weight = len(data) / MEGABYTE
        total = max(rest) + max(growth) + weight
        memory = f"{max(rest):.0f} | {max(growth):.0f} | {total:.0f}"
        print(f"| {name} | {weight:.1f} | {spread(worked)} | {spread(clock)} | {memory} | {runs[0][4]} |", flush=True)


if __name__ == "__main__":
    main()
