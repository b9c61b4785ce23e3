"""A digit from paper, screen or blackboard becomes what MNIST's digits are; one that is so already stays as it is."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from benchmarks.digit_settings import SETTINGS
from inference.images import BadImage, canonicalise, prepare
from inference.networks.classifier import load
from tests.support.paths import CASES, DATA
from tests.support.picture_files import encoded, pixels
from tests.support.walks import first

DATA = DATA / "pictures/mnist_digits.png"
with Image.open(DATA) as strip:
    MNIST = np.hsplit(np.asarray(strip), 10)


def digit(picture: Image.Image, kind: str = "PNG") -> np.ndarray:
    made = canonicalise(encoded(picture, kind), "digit")
    assert (made.width, made.height) == (28, 28)
    return pixels(made.png)


def on_paper(number: int, scale: int = 9, margin: tuple[int, int] = (90, 30)) -> np.ndarray:
    """The digit in dark grey, enlarged, somewhere on a white sheet; float (height, width)."""
    large = Image.fromarray(MNIST[number]).resize((28 * scale, 28 * scale), Image.Resampling.BICUBIC)
    ink = np.asarray(large).astype(float) * 0.75
    sheet = np.full((28 * scale + sum(margin), 28 * scale + 3 * margin[0]), 250.0)
    sheet[margin[1] : margin[1] + 28 * scale, margin[0] : margin[0] + 28 * scale] -= ink
    return sheet


def grey(values: np.ndarray) -> Image.Image:
    return Image.fromarray(values.clip(0, 255).round().astype(np.uint8))


def recognised(made: np.ndarray) -> int:
    """The number of the MNIST digit that it resembles most."""
    return int(np.argmin([np.abs(made - original).mean() for original in MNIST]))


@pytest.mark.parametrize("number", range(10))
def test_a_28_by_28_grey_picture_stays_as_it_is(number):
    original = Image.fromarray(MNIST[number])
    for same in (original, original.convert("RGB")):
        assert (digit(same) == MNIST[number]).all()


@pytest.mark.parametrize("number", range(10))
def test_a_28_by_28_picture_of_ink_on_paper_is_inverted_and_an_attacked_one_is_not(number):
    assert (digit(Image.fromarray(255 - MNIST[number])) == MNIST[number]).all()
    attacked = np.minimum(MNIST[number].astype(int) + 128, 255)  # the largest step there is
    assert (digit(grey(attacked)) == attacked).all()


def test_a_canonical_digit_is_its_own_canonical_digit():
    first = canonicalise(encoded(grey(on_paper(5))), "digit")
    assert canonicalise(first.png, "digit").png == first.png
    with Image.open(DATA) as strip:
        assert strip.mode == "L"


@pytest.mark.parametrize("number", range(10))
def test_a_digit_on_paper_becomes_the_mnist_digit_it_was(number):
    made = digit(grey(on_paper(number)))
    assert recognised(made) == number
    assert np.abs(made - MNIST[number]).mean() < 16  # one pixel aside costs as much


@pytest.mark.parametrize("number", range(10))
def test_a_blackboard_gives_the_same(number):
    assert np.abs(digit(grey(255 - on_paper(number))) - digit(grey(on_paper(number)))).mean() < 1


@pytest.mark.parametrize("number", range(10))
def test_a_shadow_across_the_sheet_and_grain_do_not_matter(number):
    sheet = on_paper(number)
    height, width = sheet.shape
    light = np.linspace(0.7, 1, width) * np.linspace(0.9, 1, height)[:, None]
    grain = np.random.default_rng(number).normal(0, 5, sheet.shape)
    assert recognised(digit(grey(sheet * light + grain), "JPEG")) == number


@pytest.mark.parametrize("scale", [1, 2, 5, 20])
def test_its_size_does_not_matter(scale):
    made = digit(grey(on_paper(3, scale, (4 * scale, 2 * scale))))
    assert recognised(made) == 3


@pytest.mark.parametrize("number", range(10))
def test_the_ink_fills_twenty_pixels_and_is_centred_by_mass(number):
    made = digit(grey(on_paper(number)))
    rows, columns = np.nonzero(made)
    assert max(np.ptp(rows), np.ptp(columns)) + 1 == 20
    for axis in (0, 1):
        masses = made.sum(axis=1 - axis)
        assert abs((masses * np.arange(28)).sum() / masses.sum() - 14) <= 0.5


def test_a_drawing_on_nothing_lies_on_white_paper():
    ink = Image.fromarray(MNIST[2]).resize((280, 280))
    drawing = Image.merge("RGBA", (*Image.new("RGB", (280, 280), (20, 30, 120)).split(), ink))
    assert recognised(digit(drawing)) == 2


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_an_empty_sheet_is_refused_with_a_sentence(shade):
    with pytest.raises(BadImage, match="No digit was found"):
        canonicalise(encoded(Image.new("L", (200, 200), shade)), "digit")


def test_grain_alone_is_no_digit():
    noise = np.random.default_rng(0).normal(240, 4, (400, 300))
    with pytest.raises(BadImage, match="No digit was found"):
        canonicalise(encoded(grey(noise)), "digit")


@pytest.fixture(scope="module")
def names():
    """What the shipped network calls a prepared digit."""
    network = load("digits", "cpu")
    return lambda made: int(network.probabilities(made.astype(np.uint8)[None, ..., None]).argmax())


@pytest.mark.parametrize("case", ["digit_desk_3", "digit_ruled_7", "digit_border_3", "digit_white_transp_3"])
def test_desk_rules_frame_and_alpha_do_not_hide_the_digit(case, names):
    with Image.open(CASES / f"{case}.png") as picture:
        assert names(digit(picture)) == int(case[-1])


@pytest.mark.parametrize("setting", first(SETTINGS, 4))
def test_a_photograph_in_every_setting_is_named(setting, names):
    """Two digits; the benchmark has the rates."""
    for number in (2, 9):
        data = SETTINGS[setting](MNIST[number], np.random.default_rng(number))
        with Image.open(BytesIO(canonicalise(data, "digit").png)) as made:
            assert names(np.asarray(made)) == number


def test_two_digits_are_refused_with_a_sentence():
    with pytest.raises(BadImage, match="two digits or more"):
        prepare((CASES / "digit_two_3.png").read_bytes(), "digit")  # in a decoder process, as the site does it
    for picture in ((CASES / "digit_two_3.png").read_bytes(), encoded(grey(np.hstack([on_paper(3), on_paper(5)])))):
        with pytest.raises(BadImage, match="two digits or more"):
            canonicalise(picture, "digit")


def test_a_digit_drawn_in_two_parts_is_one():
    sheet = on_paper(4)
    sheet[145:153] = 250  # nine pixels to each of MNIST's: a gap of less than one
    assert recognised(digit(grey(sheet))) == 4


def test_a_sheet_with_a_digit_on_nothing_is_read_as_a_sheet():
    sheet = Image.fromarray(on_paper(5).round().astype(np.uint8)).convert("RGBA")
    ground = Image.new("RGBA", (sheet.width + 200, sheet.height + 200), (0, 0, 0, 0))
    ground.paste(sheet, (100, 100))
    assert recognised(digit(ground)) == 5


def test_an_empty_sheet_on_a_desk_is_no_digit():
    desk = np.full((400, 500), 60.0)
    desk[80:300, 120:380] = 245
    with pytest.raises(BadImage, match="No digit was found"):
        canonicalise(encoded(grey(desk)), "digit")


def test_a_bright_bar_on_a_board_is_a_one_and_no_sheet():
    board = np.full((500, 400), 40.0)
    board[80:420, 170:230] = 230
    made = digit(grey(board))
    rows, columns = np.nonzero(made > 127)
    assert np.ptp(rows) > 15 and np.ptp(columns) < 6


def test_half_of_a_sheet_in_a_soft_shadow_is_no_sheet_of_its_own():
    sheet = on_paper(5, margin=(200, 200))
    light = 1 - 0.5 / (1 + np.exp((np.arange(sheet.shape[1]) - 330) / 25))
    assert recognised(digit(grey(sheet * light))) == 5
