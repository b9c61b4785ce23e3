"""Handwritten digits composed into pictures as people take them: each setting makes a file's bytes of an MNIST digit.

`SETTINGS[name](digit, draw)`: uint8 (28, 28) and a generator, from which size, place, light, blur and grain are drawn.
"""

import io
import math
from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Draw = np.random.Generator


class Sheet:
    """A picture being composed: light, float (height, width, 3), and the strokes' coverage (height, width)."""

    def __init__(self, digit: np.ndarray, draw: Draw, *, share: tuple[float, float] = (0.25, 0.6), **style: float):
        self.draw = draw
        width, height = (int(side) for side in draw.integers(500, 1000, 2))
        self.size = (width, height)
        side = int(min(width, height) * draw.uniform(*share) * 28 / 20)
        self.side = side
        self.left, self.top = (int(draw.uniform(0.08, 0.92) * max(1, edge - side)) for edge in self.size)
        self.ink = np.zeros((height, width))
        drawn = strokes(digit, side, **style)
        rows, columns = min(side, height - self.top), min(side, width - self.left)
        self.ink[self.top : self.top + rows, self.left : self.left + columns] = drawn[:rows, :columns]
        self.light = np.zeros((height, width, 3)) + draw.uniform(225, 252) + draw.uniform(-4, 4, 3)

    def layer(self, paint: Callable[[ImageDraw.ImageDraw], None]) -> np.ndarray:
        """What `paint` draws, as coverage (height, width) with soft edges."""
        picture = Image.new("L", (2 * self.size[0], 2 * self.size[1]))
        paint(ImageDraw.Draw(picture))
        return np.asarray(picture.resize(self.size, Image.Resampling.BOX)) / 255

    def cover(self, coverage: np.ndarray, colour: object) -> None:
        """Lay a colour (one level or three) over the picture where there is coverage."""
        self.light += coverage[..., None] * (np.zeros(3) + colour - self.light)


def strokes(digit: np.ndarray, side: int, *, widen: float = 0.0) -> np.ndarray:
    """The digit enlarged to side × side with smooth, sharp strokes; `widen` lowers the level at which ink begins."""
    large = Image.fromarray(digit).resize((side, side), Image.Resampling.BICUBIC)
    unit = side / 28
    smooth = np.asarray(large.filter(ImageFilter.GaussianBlur(unit * 0.35))).astype(float) / 255
    level = 0.42 - 0.17 * widen
    return ((smooth - level) * unit * 0.8 + 0.5).clip(0, 1)


def finished(sheet: Sheet, *, blur: float = 0.8, grain: float = 2.0, quality: int = 92) -> bytes:
    """Through a lens and a sensor into a JPEG."""
    picture = Image.fromarray(sheet.light.clip(0, 255).astype(np.uint8)).filter(ImageFilter.GaussianBlur(blur))
    noisy = np.asarray(picture) + sheet.draw.normal(0, grain, (*sheet.light.shape[:2], 1))
    return encoded(Image.fromarray(noisy.clip(0, 255).astype(np.uint8)), "JPEG", quality=quality)


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def pen(sheet: Sheet) -> None:
    sheet.cover(sheet.ink, sheet.draw.uniform(15, 70) + sheet.draw.uniform(0, 25, 3))


def white_paper(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    pen(sheet)
    return finished(sheet)


def tiny(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw, share=(0.09, 0.16))
    pen(sheet)
    return finished(sheet)


def filling(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw, share=(0.66, 0.7))
    pen(sheet)
    return finished(sheet)


def dark_desk(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw, share=(0.2, 0.42))
    pen(sheet)
    laid_on_desk(sheet, draw.uniform(20, 110) + draw.uniform(-10, 20, 3))
    return finished(sheet)


def laid_on_desk(sheet: Sheet, desk: object) -> np.ndarray:
    """Cut the paper around the digit and lay it on a desk of that colour; the paper's coverage (height, width)."""
    middle = np.array([sheet.left + sheet.side / 2, sheet.top + sheet.side / 2])
    half = sheet.side * sheet.draw.uniform(0.62, 0.95, 2)
    turn = math.radians(sheet.draw.uniform(-8, 8))
    spin = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    corners = [tuple(2 * (middle + spin @ (half * sign))) for sign in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
    paper = sheet.layer(lambda canvas: canvas.polygon(corners, fill=255))
    sheet.cover(1 - paper, desk)
    return paper


def pen_beside(digit: np.ndarray, draw: Draw) -> bytes:
    """A desk, dark or of wood, with something long on it beside the sheet, dark or white."""
    sheet = Sheet(digit, draw, share=(0.2, 0.35))
    pen(sheet)
    desk = draw.uniform(20, 110) if draw.random() < 0.5 else np.array([190.0, 150.0, 110.0]) * draw.uniform(0.7, 1)
    paper = laid_on_desk(sheet, desk)
    for _ in range(40):
        thing = long_thing(sheet)
        if not (thing * paper).any():
            sheet.cover(thing, draw.choice([draw.uniform(5, 40), draw.uniform(225, 250)]))
            break
    return finished(sheet)


def long_thing(sheet: Sheet) -> np.ndarray:
    """The coverage (height, width) of a pen that lies anywhere in the picture."""
    half, turn = max(sheet.size) * sheet.draw.uniform(0.12, 0.25), sheet.draw.uniform(0, math.pi)
    along = half * np.array([math.cos(turn), math.sin(turn)])
    middle = sheet.draw.uniform(0.1, 0.9, 2) * sheet.size
    ends = [tuple(2 * (middle + sign * along)) for sign in (-1, 1)]
    thick = round(2 * sheet.draw.uniform(8, 22))
    return sheet.layer(lambda canvas: canvas.line(ends, fill=255, width=thick))


def rules(sheet: Sheet, *, upright: bool, gap: float, thick: float, shade: object) -> None:
    tilt = math.tan(math.radians(sheet.draw.uniform(-2, 2)))
    width, height = sheet.size
    along, across = (height, width) if upright else (width, height)
    start = sheet.draw.uniform(0, gap)

    def paint(canvas: ImageDraw.ImageDraw) -> None:
        for place in np.arange(start - 0.1 * along, across + 0.1 * along, gap):
            line = [(0, place), (along, place + tilt * along)]
            points = [(b, a) if upright else (a, b) for a, b in line]
            canvas.line([(2 * x, 2 * y) for x, y in points], fill=255, width=max(1, round(2 * thick)))

    sheet.cover(sheet.layer(paint), shade)


def rule_shade(draw: Draw) -> np.ndarray:
    return draw.uniform(50, 190) + np.array([0.0, 5.0, draw.uniform(0, 50)])


def ruled(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    gap, thick = sheet.side * draw.uniform(0.25, 0.9), draw.uniform(1, 2.5)
    rules(sheet, upright=False, gap=gap, thick=thick, shade=rule_shade(draw))
    pen(sheet)
    return finished(sheet)


def squared(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    gap, thick, shade = sheet.side * draw.uniform(0.2, 0.5), draw.uniform(1, 2), rule_shade(draw)
    for upright in (False, True):
        rules(sheet, upright=upright, gap=gap, thick=thick, shade=shade)
    pen(sheet)
    return finished(sheet)


def margin_line(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    x = sheet.left + sheet.side * draw.uniform(-0.1, 0.25)
    line = [(2 * x, 0), (2 * x + draw.uniform(-20, 20), 2 * sheet.size[1])]
    red = np.array([210.0, 70.0, 80.0])
    sheet.cover(sheet.layer(lambda canvas: canvas.line(line, fill=255, width=round(draw.uniform(3, 7)))), red)
    rules(sheet, upright=False, gap=sheet.side * 0.5, thick=1.5, shade=rule_shade(draw))
    pen(sheet)
    return finished(sheet)


def frame(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw, share=(0.3, 0.55))
    inset, (width, height) = draw.choice([0, draw.uniform(0.01, 0.06)]) * min(sheet.size), sheet.size
    box = [2 * inset, 2 * inset, 2 * (width - 1 - inset), 2 * (height - 1 - inset)]
    thick = round(draw.uniform(4, 16))
    sheet.cover(sheet.layer(lambda canvas: canvas.rectangle(box, outline=255, width=thick)), draw.uniform(0, 90))
    pen(sheet)
    return finished(sheet)


def shaded(sheet: Sheet, depth: float) -> None:
    """Light that falls off across the sheet, and the soft shadow of a hand."""
    height, width = sheet.light.shape[:2]
    y, x = np.mgrid[0:height, 0:width]
    angle = sheet.draw.uniform(0, 2 * math.pi)
    along = (x / width - 0.5) * math.cos(angle) + (y / height - 0.5) * math.sin(angle)
    edge = sheet.draw.uniform(-0.3, 0.3)
    shadow = 1 / (1 + np.exp((edge - along) / sheet.draw.uniform(0.02, 0.08)))
    sheet.light *= (1 - 0.3 * (along + 0.5) - depth * shadow)[..., None]


def shadow_gradient(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    pen(sheet)
    shaded(sheet, draw.uniform(0.2, 0.4))
    return finished(sheet)


def pencil(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw, widen=-0.9)
    texture = paper_grain(draw, sheet.ink.shape)
    sheet.cover(sheet.ink * (0.75 + 0.25 * texture), draw.uniform(105, 150))
    return finished(sheet, grain=3)


def paper_grain(draw: Draw, shape: tuple[int, int]) -> np.ndarray:
    """Grain of paper, 0 to 1, a few pixels wide."""
    coarse = Image.fromarray(draw.integers(0, 256, (shape[0] // 3 + 1, shape[1] // 3 + 1), dtype=np.uint8))
    return np.asarray(coarse.resize(shape[::-1], Image.Resampling.BICUBIC)) / 255


def thick_marker(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw, widen=1.1)
    sheet.cover(sheet.ink, np.array(draw.choice([[20, 20, 25], [190, 30, 40], [30, 60, 170], [20, 110, 60]])))
    return finished(sheet)


def ink_in_alpha(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    colour = draw.choice([0, 60, 255]) + np.zeros(3)
    pixels = np.dstack([np.zeros_like(sheet.light) + colour, 255 * sheet.ink]).round().astype(np.uint8)
    return encoded(Image.fromarray(pixels), "PNG", compress_level=1)


def equal_luminance(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    green, red = np.array([60.0, 150.0, 60.0]), np.array([244.0, 56.0, 60.0])
    pair = [green, red] if draw.random() < 0.5 else [red, green]
    sheet.light[:] = pair[0]
    sheet.cover(sheet.ink, pair[1])
    return finished(sheet)


def low_contrast(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    sheet.cover(sheet.ink, sheet.light[0, 0] - draw.uniform(14, 28))
    return finished(sheet, grain=1.5)


def noisy_phone(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    pen(sheet)
    shaded(sheet, 0.15)
    sheet.light *= draw.uniform(0.5, 0.9)
    return finished(sheet, blur=draw.uniform(1, 2.5), grain=draw.uniform(8, 14), quality=int(draw.integers(35, 65)))


def perspective(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw, share=(0.3, 0.5))
    rules(sheet, upright=False, gap=sheet.side * 0.5, thick=1.5, shade=rule_shade(draw))
    pen(sheet)
    width, height = sheet.size
    shift = draw.uniform(-0.06, 0.06, 8) * np.tile(sheet.size, 4)
    corners = np.add([0, 0, 0, height, width, height, width, 0], shift)
    picture = Image.fromarray(sheet.light.clip(0, 255).astype(np.uint8))
    warped = picture.transform(sheet.size, Image.Transform.QUAD, corners, Image.Resampling.BICUBIC, fillcolor=(60,) * 3)
    sheet.light = np.asarray(warped).astype(float)
    return finished(sheet)


def blackboard(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    sheet.light[:] = draw.uniform(30, 70) + np.array([0, 15, 5])
    sheet.light += 20 * paper_grain(draw, sheet.ink.shape)[..., None]
    sheet.cover(sheet.ink * (0.7 + 0.3 * paper_grain(draw, sheet.ink.shape)), 225)
    return finished(sheet, grain=4)


def coloured_paper(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    sheet.light[:] = np.array(draw.choice([[250, 220, 90], [240, 150, 170], [140, 200, 240], [150, 215, 140]]))
    pen(sheet)
    shaded(sheet, 0.1)
    return finished(sheet)


def dust(digit: np.ndarray, draw: Draw) -> bytes:
    sheet = Sheet(digit, draw)
    specks = [(*(2 * draw.uniform(0, edge) for edge in sheet.size), draw.uniform(1, 7)) for _ in range(25)]

    def paint(canvas: ImageDraw.ImageDraw) -> None:
        for x, y, radius in specks:
            canvas.ellipse([x - radius, y - radius, x + radius, y + radius], fill=255)

    sheet.cover(sheet.layer(paint), draw.uniform(20, 120))
    pen(sheet)
    return finished(sheet)


def small_black_on_white(digit: np.ndarray, draw: Draw) -> bytes:
    return encoded(Image.fromarray(255 - digit), "PNG")


SETTINGS: dict[str, Callable[[np.ndarray, Draw], bytes]] = {
    "white paper": white_paper,
    "tiny on a large sheet": tiny,
    "filling the picture": filling,
    "dark desk around": dark_desk,
    "pen beside the sheet": pen_beside,
    "ruled": ruled,
    "squared": squared,
    "margin line": margin_line,
    "frame": frame,
    "shadow and gradient": shadow_gradient,
    "pencil": pencil,
    "thick marker": thick_marker,
    "ink in alpha": ink_in_alpha,
    "equal luminance": equal_luminance,
    "low contrast": low_contrast,
    "phone noise and JPEG": noisy_phone,
    "perspective, ruled": perspective,
    "28 × 28, black on white": small_black_on_white,
    "chalk on a blackboard": blackboard,
    "coloured paper": coloured_paper,
    "dust": dust,
}
UNSEEN = {"chalk on a blackboard", "coloured paper", "dust"}  # the preparation was not adjusted to these
