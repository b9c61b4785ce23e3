"""Makes of any picture of a digit what MNIST's digits are: white on black, 20 × 20 within 28 × 28, centred by mass."""

from PIL import Image, ImageChops, ImageFilter, ImageOps

from inference.pictures_refusal import BadImage

SIDE = 28  # pixels
INK_SIDE = 20  # the longer side of the digit itself
PAPER_SIDE = 64  # pixels; the light across a sheet changes slowly
MIN_CONTRAST = 24  # levels between ink and paper


def as_digit(picture: Image.Image) -> Image.Image:
    """28 × 28, mode L, white on black; a picture that is 28 × 28 and grey already comes back unchanged."""
    grey = picture.convert("L")
    if picture.size == (SIDE, SIDE) and is_grey(picture):
        return grey
    ink = ink_of(grey)
    box = ink.getbbox()
    if box is None:
        raise BadImage("blank")
    return _centred(_within_twenty(ink.crop(box)))


def is_grey(picture: Image.Image) -> bool:
    """Whether all three channels of an RGB picture are the same."""
    red, green, blue = picture.split()
    return not (ImageChops.difference(red, green).getbbox() or ImageChops.difference(green, blue).getbbox())


def ink_of(grey: Image.Image) -> Image.Image:
    """Ink white, paper black, whichever of them was the brighter; paper is what the picture's rim shows."""
    if min(grey.size) >= 4 * SIDE:
        grey = grey.filter(ImageFilter.MedianFilter(5))  # the grain of paper and sensor is not ink
    if _rim_level(grey) <= otsu(grey.histogram()):
        grey = ImageOps.invert(grey)
    marks = ImageChops.subtract(_paper(grey), grey)
    counts = marks.histogram()
    cut = otsu(counts)
    blank, ink = _middle(counts, 0, cut), _middle(counts, cut + 1, 255)
    if ink - blank < MIN_CONTRAST:
        raise BadImage("blank")
    foot = blank + (ink - blank) / 4  # shades next to the paper's own are paper
    return marks.point([round(min(255, max(0, (v - foot) * 255 / (ink - foot)))) for v in range(256)])


def _paper(grey: Image.Image) -> Image.Image:
    """The bright paper without the dark strokes on it, so that a shadow across the sheet is not ink.

    A closing, on a small copy: strokes up to a quarter of the picture's long side wide are filled in.
    """
    small = grey.copy()
    small.thumbnail((PAPER_SIDE, PAPER_SIDE))
    window = (max(small.size) // 4) | 1  # filters want an odd number
    closed = small.filter(ImageFilter.MaxFilter(window)).filter(ImageFilter.MinFilter(window))
    return closed.resize(grey.size, Image.Resampling.BICUBIC)


def otsu(counts: list[int]) -> int:
    """The grey level that parts the histogram best: the lower class is 0..level (Otsu 1979)."""
    total, mass = sum(counts), sum(level * count for level, count in enumerate(counts))
    best, best_spread, below, mass_below = 0, -1.0, 0, 0
    for level, count in enumerate(counts[:-1]):
        below += count
        mass_below += level * count
        if 0 < below < total:
            spread = (mass_below * total - mass * below) ** 2 / (below * (total - below))
            if spread > best_spread:
                best, best_spread = level, spread
    return best


def _rim_level(grey: Image.Image) -> int:
    """The middle grey of the outermost pixels."""
    width, height = grey.size
    edges = [(0, 0, width, 1), (0, height - 1, width, height), (0, 0, 1, height), (width - 1, 0, width, height)]
    counts = [sum(pair) for pair in zip(*(grey.crop(edge).histogram() for edge in edges), strict=True)]
    return _middle(counts, 0, 255)


def _middle(counts: list[int], low: int, high: int) -> int:
    """The median grey among the levels low..high."""
    half, seen = sum(counts[low : high + 1]) / 2, 0
    for level in range(low, high + 1):
        seen += counts[level]
        if seen >= half and seen:
            return level
    return low


def _within_twenty(ink: Image.Image) -> Image.Image:
    scale = INK_SIDE / max(ink.size)
    size = (max(1, round(ink.width * scale)), max(1, round(ink.height * scale)))
    return ink.resize(size, Image.Resampling.LANCZOS)


def _centred(ink: Image.Image) -> Image.Image:
    """The ink on 28 × 28 of black with its centre of mass in the middle, as far as all of it stays inside."""
    left = _offset(_column_masses(ink))
    top = _offset(_column_masses(ink.transpose(Image.Transpose.TRANSPOSE)))
    field = Image.new("L", (SIDE, SIDE))
    field.paste(ink, (left, top))
    return field


def _column_masses(ink: Image.Image) -> list[int]:
    pixels = ink.tobytes()
    return [sum(pixels[column :: ink.width]) for column in range(ink.width)]


def _offset(masses: list[int]) -> int:
    centre = sum(at * mass for at, mass in enumerate(masses)) / sum(masses)
    return min(SIDE - len(masses), max(0, round(SIDE / 2 - centre)))
