"""Nudged weights against backpropagation."""

import pytest
import torch

from inference.course import weights


@pytest.fixture(scope="module")
def told():
    return weights.nudged(pictures=10)


def of(weight, way, dtype):
    return next(one for one in weight["quotients"] if (one["way"], one["dtype"]) == (way, dtype))


def test_there_is_one_weight_of_each_layer(told):
    assert [one["layer"] for one in told["weights"]] == [
        "convolution-1", "convolution-2", "connected-1", "connected-2", "connected-3",
    ]  # fmt: skip


def test_the_best_step_is_neither_large_nor_tiny(told):
    for weight in told["weights"]:
        for way, dtype, best in [
            ("central", "float32", 1e-2),
            ("central", "float64", 1e-7),
            ("one-sided", "float64", 1e-5),
        ]:
            errors = of(weight, way, dtype)["errors"]
            assert min(errors) < best
            assert min(errors) < errors[0] / 5
            assert way == "one-sided" or min(errors) < errors[-1] / 5  # in float64 one side has not turned yet


def test_the_network_stays_as_it_was(told):
    from inference.course.shipped import network

    assert weights.nudged(pictures=10) == told
    assert not any(tensor.requires_grad for tensor in network("digits").parameters())


@pytest.mark.parametrize("way, order", [("central", 2), ("one-sided", 1)])
def test_quotients_of_a_cubic_err_as_taylor_says(way, order):
    """f(w) = w³ at 2: h² for both sides, 6 h + h² for one."""
    weight = torch.tensor([0.0, 2.0], dtype=torch.float64)
    for h in (1e-1, 1e-2, 1e-3):
        found = weights.quotients(lambda: float(weight[1] ** 3), weight, (1,), h, 8.0)
        error = h**2 if order == 2 else 6 * h + h**2
        assert found[way] - 12 == pytest.approx(error, rel=1e-6)
        assert weight.tolist() == [0.0, 2.0]


def test_a_step_below_the_weights_last_digit_says_nothing():
    weight = torch.tensor([1.0])
    assert weights.quotients(lambda: float(weight[0]), weight, (0,), 1e-9, 1.0) == {"central": 0.0, "one-sided": 0.0}


def test_slopes_are_torchs():
    from torch.autograd.functional import jacobian
    from torch.func import functional_call

    loss = weights._loss_of(weights.digits().test[:5])
    model = weights._copied("float64")
    name = "13.bias"

    def of_bias(bias):
        class Called(torch.nn.Module):
            def parameters(self, recurse=True):
                return model.parameters(recurse)

            def forward(self, pixels):
                return functional_call(model, {name: bias}, (pixels,))

        return loss(Called())

    torch.testing.assert_close(
        weights.slopes(loss, "float64")[name], jacobian(of_bias, model.get_parameter(name).detach())
    )


def test_what_all_slopes_cost():
    told = weights.costs(pictures=5)
    assert (told["parameters"], told["passes"]) == (61706, 123412)
    assert told["seconds"]["nudging"] == pytest.approx(123412 * told["seconds"]["forward"])
    assert told["seconds"]["nudging"] > 1000 * told["seconds"]["backpropagation"]
