"""How noisy the gradient of a batch is: an unbiased estimate whose error falls with the root of the batch's size."""

import math
import time
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity, cross_entropy

from inference.course.alone import alone
from inference.course.packed import figure
from inference.course.shipped import digits, floats
from inference.course.small import Steps, lenet

SIZES = (1, 4, 16, 32, 64, 128)
SINGLES, BATCHES = 100, 10  # gradients between two looks around
POPULATION, ONE_CLASS = 500, 64  # pictures that stand for all; of a batch of one class


def gradient_noise(*, draws: int = 40, seed: int = 0) -> Steps:
    """The gradient of batches beside that of all pictures, for LeNet with its first weights; "all" are 500 digits.

    Yields (share done, what there is) after each size. sizes: each {"size", "noise": the root mean square of
    |g_batch - g| by |g|, over `draws` batches drawn evenly with replacement, "cosine": mean of that between g_batch and
    g, "foretold": the noise of single pictures by the root of the size, "seconds": of the processor, for one gradient}.
    one_class: noise and cosine of ten batches of at most 64 of one class each, as sorted pictures come.
    """
    return alone(_gradient_noise(draws, seed), seed=seed)


def _gradient_noise(draws: int, seed: int) -> Steps:
    pictures = digits().training[:POPULATION]
    pixels, labels = floats(pictures.images), pictures.labels
    model, generator = lenet({}), torch.Generator().manual_seed(seed)
    found: dict[str, Any] = {"pictures": len(labels), "draws": draws, "sizes": [], "one_class": None}
    yield 0.0, found
    whole = gradient(model, pixels, labels)
    length, squares = float(whole.norm()), 0.0
    for place in range(len(labels)):
        one = slice(place, place + 1)
        squares += float((gradient(model, pixels[one], labels[one]) - whole).norm()) ** 2
        if place % SINGLES == 0:
            yield place / len(labels) / 2, found
    single = math.sqrt(squares / len(labels)) / length
    for number, size in enumerate(SIZES, start=1):
        batches = [torch.randint(len(labels), (size,), generator=generator) for _ in range(draws)]
        gradients, seconds = [], 0.0
        for chosen in batches:
            begun = time.thread_time()  # not across a yield: others have their turn there
            gradients.append(gradient(model, pixels[chosen], labels[chosen]))
            seconds += time.thread_time() - begun
            if len(gradients) % BATCHES == 0:
                yield 0.5 + (number - 1) / len(SIZES) / 2, found
        foretold = {"foretold": figure(single / math.sqrt(size)), "seconds": figure(seconds / draws)}
        found["sizes"].append({"size": size, **beside(gradients, whole), **foretold})
    ordered = [(labels == label).nonzero().flatten()[:ONE_CLASS] for label in range(10)]
    found["one_class"] = beside([gradient(model, pixels[chosen], labels[chosen]) for chosen in ordered], whole)
    return found


def gradient(model: nn.Module, pixels: Tensor, labels: Tensor) -> Tensor:
    """Of the mean cross-entropy by all weights, as one vector."""
    found = torch.autograd.grad(cross_entropy(model(pixels), labels), list(model.parameters()))
    return torch.cat([part.flatten() for part in found])


def beside(found: Sequence[Tensor], whole: Tensor) -> dict[str, float]:
    """{"noise", "cosine"} of these gradients, as `gradient_noise` has them."""
    errors = torch.stack([(one - whole).norm() for one in found]) / whole.norm()
    cosines = torch.stack([cosine_similarity(one, whole, dim=0) for one in found])
    return {"noise": figure(float(errors.square().mean().sqrt())), "cosine": figure(float(cosines.mean()))}
