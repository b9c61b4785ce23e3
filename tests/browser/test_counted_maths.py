"""The course's intervals against those of the site's evaluations."""

import pytest

from inference.catalog.comparison import Measured


@pytest.mark.parametrize(("count", "n"), [(0, 1), (1, 1), (0, 500), (1, 500), (104, 1000), (899, 1000), (1000, 1000)])
def test_an_interval_is_the_one_that_evaluations_tell(maths, count, n):
    low, high = maths("counted.js", "wilson", count, n)
    assert (low, high) == pytest.approx(Measured(count, n).interval(), abs=1e-12)
    assert 0 <= low <= count / n <= high <= 1


def test_a_mean_is_of_the_last_ones(maths):
    assert maths("counted.js", "meanOfLast", [9, 1, 2, 6], 3) == 3
    assert maths("counted.js", "meanOfLast", [1, 2], 10) == 1.5
