"""Picture files made for the tests: a scene whose every side can be told apart, and the same file in many dresses."""

import struct
import zlib
from io import BytesIO

import numpy as np
from PIL import Image, ImageCms


def scene(width: int = 96, height: int = 64) -> Image.Image:
    """Smooth colours without any symmetry, so that lossy formats keep them and no turn goes unnoticed."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    red, green = 40 + 180 * x / width, 30 + 200 * y / height
    blue = 128 + 90 * np.sin(5 * x / width) * np.cos(3 * y / height)
    return Image.fromarray(np.stack([red, green, blue], axis=-1).round().astype(np.uint8))


def marked(picture: Image.Image) -> Image.Image:
    """The picture with a stroke of ink on it, for those who look for a digit."""
    width, height = picture.size
    picture.paste("black", (width // 2, height // 4, width // 2 + width // 12, 3 * height // 4))
    return picture


def encoded(picture: Image.Image, kind: str = "PNG", **options) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def pixels(png: bytes) -> np.ndarray:
    """The pixels of a prepared picture, int16 so that differences have a sign."""
    with Image.open(BytesIO(png)) as picture:
        return np.asarray(picture).astype(np.int16)


def furthest(png: bytes, wanted: Image.Image) -> float:
    """The mean difference in grey levels of the channel that differs most."""
    return float(np.abs(pixels(png) - np.asarray(wanted).astype(np.int16)).mean(axis=(0, 1)).max())


def chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def chunk_names(png: bytes) -> list[bytes]:
    at, names = 8, []
    while at < len(png):
        names.append(png[at + 4 : at + 8])
        at += 12 + struct.unpack_from(">I", png, at)[0]
    return names


def png_of(width: int, height: int, depth: int, colour: int, rows: list[bytes], *extra: bytes) -> bytes:
    """A PNG from its raw rows: for the kinds that no library writes."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    body = chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + body + chunk(b"IEND", b"")


def packed_zeros(count: int) -> bytes:
    """What zlib makes of so many zeros, at once: it packs one megabyte, which is then repeated."""
    megabyte, rest = _deflated(2**20, zlib.Z_FULL_FLUSH), _deflated(count % 2**20, zlib.Z_FINISH)
    adler32 = count % 65521 << 16 | 1
    return b"\x78\xda" + megabyte * (count // 2**20) + rest + struct.pack(">I", adler32)


def _deflated(zeros: int, end: int) -> bytes:
    packer = zlib.compressobj(9, wbits=-15)
    return packer.compress(bytes(zeros)) + packer.flush(end)


def png_bomb(width: int, height: int, colour: int = 0, depth: int = 8) -> bytes:
    """All zeros: a few kilobytes of file for any number of pixels."""
    channels = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    body = packed_zeros(height * (1 + -(-width * channels * depth // 8)))
    palette = chunk(b"PLTE", b"\0\0\0") if colour == 3 else b""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + palette + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def endless_bmp() -> bytes:
    """Ten megapixels, each a run of its own: within every limit of size, and many seconds of work."""
    runs = b"\x01\x00" * 9_900_000 + b"\0\1"
    header = struct.pack("<IiiHHIIiiII", 40, 5000, 2000, 1, 8, 1, len(runs), 0, 0, 256, 0)
    palette = b"".join(bytes([grey, grey, grey, 0]) for grey in range(256))
    start = 14 + len(header) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(runs), 0, 0, start) + header + palette + runs


def jpeg_header(width: int, height: int, frame: int = 0xC0, components: int = 3, in_first_scan: int = 3) -> bytes:
    """A JPEG up to its first scan, claiming a size."""
    parts = b"".join(bytes([number, 0x11, 0]) for number in range(1, components + 1))
    body = struct.pack(">BHHB", 8, height, width, components) + parts
    scan = bytes([in_first_scan]) + b"\1\0" * in_first_scan + b"\0\x3f\0"
    segments = ((frame, body), (0xDA, scan))
    coded = [b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body for marker, body in segments]
    return b"\xff\xd8" + b"".join(coded)


def with_chunk(png: bytes, extra: bytes) -> bytes:
    """The PNG with one more chunk right after its header."""
    return png[:33] + extra + png[33:]


def gamma(value: float) -> bytes:
    """PNG's gAMA chunk: 1.0 says that the numbers are light itself."""
    return chunk(b"gAMA", struct.pack(">I", round(value * 100_000)))


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(jpeg: bytes, extra: bytes) -> bytes:
    """The JPEG with more segments right after its start."""
    return jpeg[:2] + extra + jpeg[2:]


def up_to_pixels_end(data: bytes) -> bytes:
    """The file without what follows the coded pixels of its first frame (in a PNG zlib's checksum, too)."""
    for mark, before in ((b"\0\0\0\0IEND", 8), (b"EXIF", 0)):
        if mark in data and data[:3] != b"\xff\xd8\xff":
            return data[: data.rindex(mark) - before]
    frames = data.split(b"ANMF")
    return b"ANMF".join(frames[:2]) if len(frames) > 2 else data


def resized_header(data: bytes, kind: str, width: int, height: int) -> bytes:
    """The file claiming another size than it has."""
    at, form = {"GIF": (6, "<HH"), "BMP": (18, "<ii"), "PNG": (16, ">II")}[kind]
    changed = bytearray(data)
    struct.pack_into(form, changed, at, width, height)
    if kind == "PNG":
        struct.pack_into(">I", changed, 29, zlib.crc32(changed[12:29]))
    return bytes(changed)


def exif(orientation: int) -> bytes:
    block = Image.Exif()
    block[0x0112] = orientation
    block[0x010E] = "a secret description"
    block.get_ifd(0x8825)[2] = (51.0, 30.0, 26.0)  # GPS latitude
    return block.tobytes()


def swapped_profile() -> bytes:
    """A colour profile in which red and blue have changed places: whoever ignores it is found out."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    (count,) = struct.unpack_from(">I", profile, 128)
    for tag in range(132, 132 + 12 * count, 12):
        name = bytes(profile[tag : tag + 4])
        if name in (b"rXYZ", b"bXYZ"):
            profile[tag : tag + 4] = b"bXYZ" if name == b"rXYZ" else b"rXYZ"
    return bytes(profile)
