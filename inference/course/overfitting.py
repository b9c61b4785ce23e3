"""What is said to help against overfitting, each switched on and off in a LeNet that overfits on few pictures.

Dropout: arXiv 1207.0580; half of the activations, not of the weights. 1×1 convolutions: Lin, Chen, Yan (arXiv
1312.4400).
"""

from typing import Any

import torch

from attacks.frozen import frozen
from inference.course.alone import alone
from inference.course.layers import layers_of, multiplications
from inference.course.packed import figure
from inference.course.shipped import SIDE
from inference.course.small import Steps, error, lenet, parts, taught
from inference.networks.build import parameters


def variant(
    *,
    dropout: float = 0.0,
    pooling: str = "max",
    one_by_one: bool = False,
    pictures: int = 200,
    epochs: int = 60,
    seed: int = 0,
) -> Steps:
    """A LeNet with these settings, taught on so many pictures; yields (share done, what there is) after each epoch.

    dropout: the share of connected values that is left out in each step; pooling: "max" or "average"; one_by_one: a
    1×1 convolution after each pooling. parameters, multiplications: of the network, for one picture. epochs: each
    {"epoch", "loss", "learning": error while learning, with dropout on, "training": error on the same pictures with
    dropout off, "validation": error on 1,000 others}, shares from 0 to 1.
    """
    return alone(_variant(dropout, pooling, one_by_one, pictures, epochs, seed), seed=seed)


def _variant(dropout: float, pooling: str, one_by_one: bool, pictures: int, epochs: int, seed: int) -> Steps:
    options = {"dropout": dropout, "pooling": pooling, "one_by_one": one_by_one}
    training, held_out = parts(pictures)
    model = lenet(options)
    facts = {
        **options,
        "pictures": len(training),
        "held_out": len(held_out),
        "parameters": parameters(model),
        "multiplications": multiplied(model),
        "of": epochs,
    }
    told: list[dict[str, Any]] = []
    for learning in taught(model, training, epochs=epochs):
        told.append(
            {
                "epoch": learning["epoch"],
                "loss": figure(learning["loss"]),
                "learning": learning["error"],
                "training": error(model, training),
                "validation": error(model, held_out),
            }
        )
        yield learning["epoch"] / epochs, facts | {"epochs": told}
    return facts | {"epochs": told}


def convolutions(*, before: int = 16, after: int = 16, side: int = 10) -> dict[str, Any]:
    """What a convolution costs, by the side of its kernel: 1, 3, 5. Closed form, the output is side × side.

    costs: each {"kernel", "parameters": after (before k² + 1), "multiplications": after before k² side²}.
    """
    return {
        "before": before,
        "after": after,
        "side": side,
        "costs": [
            {
                "kernel": kernel,
                "parameters": after * (before * kernel**2 + 1),
                "multiplications": after * before * kernel**2 * side**2,
            }
            for kernel in (1, 3, 5)
        ],
    }


def multiplied(model: torch.nn.Module) -> int:
    """Multiplications of a network made by `small.lenet`, for one picture."""
    values, total = torch.zeros(1, 1, SIDE, SIDE), 0
    with frozen(model), torch.inference_mode():  # dropout would draw
        for layer in layers_of(model.get_submodule("1")):
            for module in layer.modules:
                values = module(values)
                total += multiplications(module, values)
    return total
