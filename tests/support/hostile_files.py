"""Files that a hostile, careless or merely old-fashioned visitor might send."""

import io
import random
import struct
import zipfile
import zlib

from PIL import Image, ImageCms

SIDE = 256


def scene() -> Image.Image:
    """A picture that tells up from down and left from right."""
    picture = Image.radial_gradient("L").resize((SIDE, SIDE)).convert("RGB")
    picture.paste((200, 40, 40), (0, 0, SIDE // 2, SIDE // 4))
    picture.paste((40, 40, 200), (SIDE // 2, 3 * SIDE // 4, SIDE, SIDE))
    return picture


def saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def bomb(side: int = 10_000) -> bytes:
    """A PNG of 100 megapixels in about 12 kB: one bit each, all alike."""
    lines = zlib.compress(bytes((side // 8 + 1) * side), 9)
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        for kind, body in ((b"IHDR", header), (b"IDAT", lines), (b"IEND", b""))
    )


def truncated() -> list[bytes]:
    """Each format, cut at several places."""
    whole = [saved(scene(), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]
    whole.append(saved(scene(), "JPEG", progressive=True))
    return [data[: int(len(data) * share)] for data in whole for share in (0.02, 0.3, 0.6, 0.95)]


def foreign() -> dict[str, bytes]:
    """Formats that are no pictures for us, whatever they are called."""
    return {
        "TIFF": saved(scene(), "TIFF"),
        "JPEG 2000": saved(scene(), "JPEG2000"),
        "EPS": saved(scene(), "EPS"),
        "PSD": b"8BPS\x00\x01" + bytes(6) + struct.pack(">HIIHH", 3, 8, 8, 8, 3) + bytes(400),
        "SVG": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
        "FITS": (b"SIMPLE  =                    T".ljust(80) + b"END".ljust(80)).ljust(2880),
        "PDF": saved(scene(), "PDF"),
        "HEIC": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + bytes(200),
        "HTML": b"<!doctype html><script>alert(1)</script>",
    }


def mutated(count: int) -> list[bytes]:
    """Good files with bytes changed, lengths and dimensions included."""
    draw = random.Random(0)
    whole = [saved(scene(), kind) for kind in ("PNG", "JPEG", "GIF", "WEBP", "BMP")]
    return [_mutate(bytearray(draw.choice(whole)), draw) for _ in range(count)]


def _mutate(data: bytearray, draw: random.Random) -> bytes:
    for _ in range(draw.randint(1, 12)):
        data[draw.randrange(min(len(data), draw.choice((64, 600, len(data)))))] = draw.randrange(256)
    return bytes(data)


def phone() -> bytes:
    """What Pillow calls MPO: a JPEG with a second picture behind it."""
    return saved(scene(), "MPO", save_all=True, append_images=[scene().resize((64, 64))])


def turned(orientation: int) -> bytes:
    """The scene stored as a camera held that way stores it, with the EXIF note that sets it right."""
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = scene().crop((0, 0, SIDE, SIDE - 40))
    stored = stored.transpose(undo[orientation]) if orientation in undo else stored
    exif = Image.Exif()
    exif[0x0112] = orientation
    return saved(stored, "PNG", exif=exif)


def odd_modes() -> dict[str, tuple[bytes, tuple[int, int, int]]]:
    """Files in unusual modes, and the colour that their middle shows on white."""
    grey16 = Image.new("I;16", (64, 64), 32896)
    cmyk = Image.new("CMYK", (64, 64), (0, 255, 255, 0))
    half = Image.new("LA", (64, 64), (0, 128))
    palette = Image.new("P", (64, 64), 1)
    palette.putpalette([0, 0, 0, 10, 200, 30])
    clear = Image.new("P", (64, 64), 0)
    clear.putpalette([10, 20, 30])
    return {
        "16-bit grey": (saved(grey16, "PNG"), (128, 128, 128)),
        "CMYK": (saved(cmyk, "JPEG", quality=95), (254, 0, 0)),
        "LA": (saved(half, "PNG"), (127, 127, 127)),
        "palette": (saved(palette, "PNG"), (10, 200, 30)),
        "palette, transparent": (saved(clear, "PNG", transparency=0), (255, 255, 255)),
        "1-bit": (saved(Image.new("1", (64, 64), 1), "PNG"), (255, 255, 255)),
    }


def gossip() -> bytes:
    """A JPEG that tells where it was taken, by whom and with what, in every way a JPEG can."""
    exif = Image.Exif()
    exif[0x010F], exif[0x9286] = "SECRETCAM", "SECRETNOTE"
    exif.get_ifd(0x8825).update({1: "N", 2: (48.0, 8.0, 0.0), 3: "E", 4: (11.0, 34.0, 0.0)})
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    xmp = b"<x:xmpmeta>SECRETXMP</x:xmpmeta>"
    return saved(scene(), "JPEG", exif=exif, comment="SECRETCOMMENT", icc_profile=profile, xmp=xmp)


def polyglots() -> dict[str, bytes]:
    """Pictures that are something else as well."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("a.html", "<script>alert(1)</script>")
    page = b"<html><script>alert(1)</script></html>"
    return {
        "image + ZIP": saved(scene(), "JPEG") + archive.getvalue(),
        "GIF + archive": saved(scene().convert("P"), "GIF") + archive.getvalue(),
        "image + HTML behind": saved(scene(), "PNG") + page,
        "HTML in a comment": saved(scene(), "JPEG", comment=page),
    }


def chunks(png: bytes) -> list[str]:
    """The kinds of a PNG's chunks, in order."""
    kinds, position = [], 8
    while position < len(png):
        (length,) = struct.unpack(">I", png[position : position + 4])
        kinds.append(png[position + 4 : position + 8].decode("latin-1"))
        position += 12 + length
    return kinds
