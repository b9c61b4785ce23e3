"""Colours as browsers show them: what a file says its numbers mean, brought to sRGB by LittleCMS."""

import struct
from functools import cached_property
from io import BytesIO

from PIL import Image, ImageCms

from inference.images.bare import Bare

SRGB = ImageCms.createProfile("sRGB")
PROFILE_MODES = {"RGB": "RGB", "GRAY": "L", "CMYK": "CMYK"}  # a profile's colour space -> the mode it applies to
BROKEN = (ImageCms.PyCMSError, OSError, ValueError, TypeError, KeyError, AttributeError)
Matrix = tuple[tuple[float, ...], ...]  # three by three
D50 = (0.9642, 1.0, 0.8249)  # the white of profiles, XYZ
BRADFORD: Matrix = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))
D65_WHITE = (0.3127, 0.3290)
REC709 = (*D65_WHITE, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)  # x, y of white, red, green, blue; sRGB's too
PRIMARIES = {1: REC709, 9: (*D65_WHITE, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046)}  # ITU-T H.273, table 2
PRIMARIES |= {12: (*D65_WHITE, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)}
SRGB_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)  # g, a, b, c, d of ICC's parametric type 3
VIDEO_CURVE = (2.4,)  # what a screen makes of BT.709's signal (BT.1886), which is what Chromium shows
CURVES: dict[int, tuple[float, ...]] = {1: VIDEO_CURVE, 6: VIDEO_CURVE, 14: VIDEO_CURVE, 15: VIDEO_CURVE}
CURVES |= {4: (2.2,), 5: (2.8,), 8: (1.0,), 13: SRGB_CURVE}  # H.273, table 3
SCREEN = 2.2  # the exponent of sRGB, roughly: a gamma within a tenth of it, alone, is taken for sRGB itself


class Colours:
    """What the numbers of one file mean."""

    def __init__(self, bare: Bare) -> None:
        self._bare = bare

    @cached_property
    def _profile(self) -> ImageCms.ImageCmsProfile | None:
        """By PNG's order of precedence: cICP, iCCP, sRGB, gAMA with cHRM. Other kinds have a profile or nothing."""
        said = self._bare.said
        if coded := _coded(said.get(b"cICP", b"")):
            return _opened(coded)
        if profile := _opened(self._bare.profile):
            return profile
        return None if b"sRGB" in said else _opened(_measured(said))

    def in_srgb(self, picture: Image.Image) -> Image.Image:
        """RGB of an opaque picture (RGB, L, CMYK), RGBA of one with alpha; a broken or unfitting profile is as none."""
        plain = "RGBA" if picture.mode in ("RGBA", "LA") else "RGB"
        try:
            return self._converted(picture, plain) or picture.convert(plain)
        except BROKEN:
            return picture.convert(plain)

    @property
    def defined(self) -> bool:
        """Whether the file gives its numbers a meaning of their own."""
        return self._profile is not None

    def _converted(self, picture: Image.Image, plain: str) -> Image.Image | None:
        if self._profile is None:
            return None
        mode = PROFILE_MODES[self._profile.profile.xcolor_space.strip()]
        alpha = picture.getchannel("A") if plain == "RGBA" else None
        opaque = picture.convert("L" if picture.mode == "LA" else "RGB") if alpha else picture
        if mode == "RGB" and opaque.mode == "L":
            opaque = opaque.convert("RGB")
        if opaque.mode != mode:  # the profile speaks of other colours than the picture has
            return None
        transform = ImageCms.buildTransform(self._profile, SRGB, mode, "RGB")
        if mode == "RGB" and _is_srgb(transform):
            return None
        converted = ImageCms.applyTransform(opaque, transform)
        if converted and alpha:
            converted.putalpha(alpha)
        return converted


def _opened(profile: bytes) -> ImageCms.ImageCmsProfile | None:
    try:
        return ImageCms.ImageCmsProfile(BytesIO(profile)) if profile else None
    except BROKEN:
        return None


def _is_srgb(transform: ImageCms.ImageCmsTransform) -> bool:
    """Whether the profile moves no colour by more than one level: then pixels stay as they are, to the bit."""
    before = Image.merge("RGB", _COLOURS)
    after = ImageCms.applyTransform(before, transform)
    pairs = zip(before.tobytes(), after.tobytes(), strict=True) if after else ()
    return all(abs(a - b) <= 1 for a, b in pairs)


def _coded(body: bytes) -> bytes:
    """A profile for cICP's code points, full range RGB; nothing for others, PQ and HLG among them."""
    if len(body) != 4 or body[2:] != b"\0\1" or body[0] not in PRIMARIES or body[1] not in CURVES:
        return b""
    return rgb_profile(PRIMARIES[body[0]], CURVES[body[1]])


def _measured(said: dict[bytes, bytes]) -> bytes:
    """A profile for gAMA, and cHRM where there is one; nothing if either makes no sense. cHRM alone says nothing."""
    gamma = int.from_bytes(said.get(b"gAMA", b"")[:4], "big")
    chromaticities = said.get(b"cHRM")
    if not gamma or (chromaticities is None and abs(100_000 / gamma - SCREEN) < 0.1):
        return b""
    try:
        places = tuple(v / 100_000 for v in struct.unpack(">8I", chromaticities)) if chromaticities else REC709
        return rgb_profile(places, (min(100_000 / gamma, 1000.0),))
    except (struct.error, ZeroDivisionError):
        return b""


def rgb_profile(places: tuple[float, ...], curve: tuple[float, ...]) -> bytes:
    """An ICC profile (version 4, matrix and curve) for RGB.

    `places`: x and y of white, red, green, blue; ZeroDivisionError if they span no colours. `curve`: an exponent, or
    g, a, b, c, d of ICC.1:2010, 10.16, type 3. Primaries are adapted to D50 by Bradford's transform, as ICC asks.
    """
    columns = zip(*_to_d50(places), strict=True)
    numbers = b"".join(struct.pack(">i", round(value * 65536)) for value in curve)
    parametric = b"para\0\0\0\0" + struct.pack(">HH", 0 if len(curve) == 1 else 3, 0) + numbers
    tags = dict(zip((b"rXYZ", b"gXYZ", b"bXYZ"), (_xyz(column) for column in columns), strict=True))
    tags |= {b"wtpt": _xyz(D50), b"rTRC": parametric, b"gTRC": parametric, b"bTRC": parametric}
    table, body, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        table += name + struct.pack(">II", at + len(body), len(value))
        body += value
    head = struct.pack(">I4xI4s4s4s12x4s28x", at + len(body), 0x04200000, b"mntr", b"RGB ", b"XYZ ", b"acsp")
    return (head + _xyz(D50)[8:]).ljust(128, b"\0") + table + body


def _xyz(values: tuple[float, ...]) -> bytes:
    return b"XYZ \0\0\0\0" + struct.pack(">3i", *(round(value * 65536) for value in values))


def _to_d50(places: tuple[float, ...]) -> Matrix:
    """The matrix from linear RGB to XYZ under D50."""
    white, *primaries = ((x / y, 1.0, (1 - x - y) / y) for x, y in zip(places[::2], places[1::2], strict=True))
    unscaled: Matrix = tuple(zip(*primaries, strict=True))
    scales = _times(_inverse(unscaled), white)
    to_xyz = tuple(tuple(v * s for v, s in zip(row, scales, strict=True)) for row in unscaled)
    ours, wanted = _times(BRADFORD, white), _times(BRADFORD, D50)
    coned = tuple(
        tuple(v * w / o for v in row) for row, w, o in zip(_product(BRADFORD, to_xyz), wanted, ours, strict=True)
    )
    return _product(_inverse(BRADFORD), coned)


def _times(matrix: Matrix, vector: tuple[float, ...]) -> tuple[float, ...]:
    return tuple(sum(m * v for m, v in zip(row, vector, strict=True)) for row in matrix)


def _product(left: Matrix, right: Matrix) -> Matrix:
    return tuple(zip(*(_times(left, column) for column in zip(*right, strict=True)), strict=True))


def _inverse(matrix: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = matrix
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    rows: Matrix = ((e * i - f * h, c * h - b * i, b * f - c * e), (f * g - d * i, a * i - c * g, c * d - a * f))
    rows += ((d * h - e * g, b * g - a * h, a * e - b * d),)
    return tuple(tuple(value / determinant for value in row) for row in rows)


def _colour_cube() -> tuple[Image.Image, ...]:
    """9 × 9 × 9 colours, one image (729, 1) per channel."""
    steps = [min(255, 32 * i) for i in range(9)]
    cube = [(r, g, b) for r in steps for g in steps for b in steps]
    return tuple(Image.frombytes("L", (len(cube), 1), bytes(channel)) for channel in zip(*cube, strict=True))


_COLOURS = _colour_cube()
