"""One step along the signs, in the browser, against the course's own computation of a real digit."""

import base64

import pytest

from inference.course import noise
from inference.course.packed import unpacked
from inference.course.shipped import sample


@pytest.fixture(scope="module")
def told():
    return noise.pixels(sample("digit-8"), epsilon=25, row=21, column=14)


def test_every_pixel_ends_where_the_worker_says(maths, told):
    levels, slopes = sample("digit-8").flatten().tolist(), [slope for row in told["slopes"] for slope in row]
    expected = unpacked(told["maps"]["attacked"]).round().int().flatten().tolist()
    assert maths("pixels.js", "attacked", levels, slopes, 25) == expected
    assert maths("pixels.js", "unpacked", told["maps"]["attacked"]) == pytest.approx(expected)


def test_one_pixels_numbers_are_the_workers(maths, told):
    pixel = told["pixel"]
    found = maths("pixels.js", "stepped", pixel["level"], pixel["slope"], 25)
    assert found == {name: pixel[name] for name in ("sign", "step", "sum", "result")}


@pytest.mark.parametrize("level, slope, result", [(0, -1e-9, 0), (250, 3.0, 255), (7, 0, 7), (7, -0.0, 7)])
def test_no_pixel_leaves_its_range(maths, level, slope, result):
    assert maths("pixels.js", "stepped", level, slope, 25)["result"] == result


def test_bytes_go_there_and_back(maths):
    given = list(range(256))
    text = base64.b64encode(bytes(given)).decode()
    assert maths("pixels.js", "base64Of", given) == text
    assert maths("pixels.js", "bytesOf", text) == given


def test_a_brush_lights_where_it_is_and_never_darkens(maths):
    before = [9] * 784
    after = maths("pixels.js", "brushed", before, 10.5, 20.5)
    assert after[20 * 28 + 10] == 255
    assert all(new >= old for new, old in zip(after, before, strict=True))
    changed = [place for place, level in enumerate(after) if level != 9]
    assert {abs(place // 28 - 20) <= 1 and abs(place % 28 - 10) <= 1 for place in changed} == {True}
    assert len(changed) == 9
