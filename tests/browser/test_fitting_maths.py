"""The course's least squares against numpy's, its points' statistics, and what the lesson says of them."""

import numpy as np
import pytest
from numpy.polynomial import legendre


def test_the_basis_is_legendres(maths):
    for x in (-1, -0.3, 0, 0.77, 1):
        expected = [legendre.legval(x, [0] * n + [1]) for n in range(13)]
        assert maths("fitting.js", "legendre", x, 12) == pytest.approx(expected, abs=1e-14)
    assert maths("fitting.js", "legendre", 0.5, 0) == [1]


@pytest.mark.parametrize("count", [13, 50, 200])
@pytest.mark.parametrize("degree", [0, 1, 2, 9, 12])
def test_coefficients_and_errors_are_numpys(maths, degree, count):
    drawn = maths("fitting.js", "points", count, 0.3, 5)
    xs, ys = np.array(drawn["xs"]), np.array(drawn["ys"])
    found = maths("fitting.js", "fit", drawn["xs"], drawn["ys"], degree)
    expected = legendre.legfit(xs, ys, degree)
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-9)
    missed = np.sqrt(np.mean((legendre.legval(xs, expected) - ys) ** 2))
    assert maths("fitting.js", "error", found, drawn["xs"], drawn["ys"]) == pytest.approx(missed, abs=1e-9)
    assert maths("fitting.js", "value", found, 0.4) == pytest.approx(legendre.legval(0.4, expected), rel=1e-7)


def test_with_as_many_numbers_as_points_nothing_is_missed_whatever_the_degree(maths):
    for degree in (9, 12):
        drawn = maths("fitting.js", "points", 10, 0.2, 8)
        found = maths("fitting.js", "fit", drawn["xs"], drawn["ys"], degree)
        assert len(found) == 10
        assert maths("fitting.js", "error", found, drawn["xs"], drawn["ys"]) < 1e-12


def test_points_are_even_and_their_noise_is_normal(maths):
    drawn = maths("fitting.js", "points", 20_000, 0.2, 3)
    xs, ys = np.array(drawn["xs"]), np.array(drawn["ys"])
    noise = (ys - (2 * xs**2 - 0.5)) / 0.2
    assert np.histogram(xs, 10, (-1, 1))[0] / 20_000 == pytest.approx([0.1] * 10, abs=0.01)
    assert [noise.mean(), noise.std(), (noise**3).mean(), (noise**4).mean()] == pytest.approx([0, 1, 0, 3], abs=0.15)
    assert abs(np.corrcoef(xs, noise)[0, 1]) < 0.03
    few = maths("fitting.js", "points", 10, 0.2, 3)
    assert few["xs"] == drawn["xs"][:10] and few["ys"] == drawn["ys"][:10]


def test_what_the_lesson_says_of_ten_points_and_a_line_is_so(maths):
    """2.4 with degree 9, thousands with other points; a line misses three times the noise however many points."""

    def missed(degree: int, count: int, seed: int) -> float:
        learnt, kept = (maths("fitting.js", "points", n, 0.2, s) for n, s in ((count, seed), (100, seed + 1000)))
        found = maths("fitting.js", "fit", learnt["xs"], learnt["ys"], degree)
        return maths("fitting.js", "error", found, kept["xs"], kept["ys"])

    assert missed(9, 10, 8) == pytest.approx(2.436, abs=0.001)
    assert max(missed(9, 10, seed) for seed in range(8, 12)) > 1000
    assert [missed(1, count, 8) / 0.2 for count in (10, 200)] == pytest.approx([3, 3], abs=0.3)
