"""Where a unit lies among its layer's maps, in the browser, against the layer's own activations."""

import pytest

from inference.course import layers
from inference.course.shipped import sample


def test_every_unit_is_found_where_it_is_drawn(maths):
    layout = maths("maps.js", "laidOut", [16, 5, 5], 8)
    assert (layout["width"], layout["height"]) == (47, 11)
    for unit in ((0, 0, 0), (7, 4, 4), (8, 0, 3), (15, 4, 4)):
        x, y = maths("maps.js", "cornerOf", layout, *unit)
        assert maths("maps.js", "unitAt", layout, x + 0.9, y + 0.1) == dict(
            zip(("channel", "row", "column"), unit, strict=True)
        )


@pytest.mark.parametrize("x, y", [(5.5, 2), (2, 5.5), (-1, 2), (47.5, 2), (3, 12)])
def test_on_a_line_or_beside_the_maps_there_is_no_unit(maths, x, y):
    layout = maths("maps.js", "laidOut", [16, 5, 5], 8)
    assert maths("maps.js", "unitAt", layout, x, y) is None


def test_maps_are_arranged_as_the_worker_has_them(maths):
    told = {layer["slug"]: layer["values"] for layer in layers.inside(sample("digit-8"))["layers"]}
    packed = told["pooling-2"]
    levels = maths("pixels.js", "bytesOf", packed["bytes"])
    layout = maths("maps.js", "laidOut", packed["shape"], 8)
    arranged = maths("maps.js", "arranged", layout, levels)
    assert arranged.count(None) == 47 * 11 - 16 * 25
    for channel, row, column in ((0, 0, 0), (9, 3, 1), (15, 4, 4)):
        x, y = maths("maps.js", "cornerOf", layout, channel, row, column)
        assert arranged[y * 47 + x] == levels[channel * 25 + row * 5 + column]
