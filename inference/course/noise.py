"""From the slope by a weight to the slope by a pixel: one picture's numbers, many pictures, and a linear model.

Goodfellow, Shlens, Szegedy 2014 (arXiv 1412.6572): of all changes that move no pixel by more than ε, the one along the
gradient's sign moves a linear model's answer most, by ε Σ|w|.
"""

from typing import Any

import numpy as np
import torch
from torch import Generator, Tensor, nn
from torch.nn.functional import adaptive_avg_pool2d, cross_entropy

from attacks.descent import input_gradient
from attacks.losses import log_odds
from inference.catalog.protocols import Protocol
from inference.course.layers import DIGITS
from inference.course.packed import packed, rounded
from inference.course.shipped import SIDE, digits, floats, network, pixels_of
from inference.data.base import Pictures
from inference.evaluation.accuracy import evaluate
from inference.networks.classifier import Classifier
from inference.networks.threads import one_thread

LEVELS = 255
DRAWS = 20  # of noise


@one_thread()
def pixels(picture: np.ndarray, *, epsilon: int = 25, row: int = 14, column: int = 14, seed: int = 0) -> dict[str, Any]:
    """One step along the sign, for a digit (uint8, 28 × 28), with the numbers of one pixel.

    epsilon: grey levels. The slopes are of the log odds that the answer is wrong, log((1 - p) / p), by a pixel whose
    range is [0, 1]: their signs are those of the cross-entropy's. pixel: {"row", "column", "level", "slope", "sign",
    "step": sign × ε, "sum": before it is clamped, "result"}, all but the slope in grey levels. slopes: of every pixel,
    in rows, three significant digits. maps: "attacked" and "noise" (random signs of the same size), (28, 28), packed.
    foretold: ε Σ|slope|, how far the log odds would rise if they were linear and nothing was clamped; clamped: what
    the clamping leaves of it; rise: how far they do rise. said: what the network says of "picture", "attacked" and
    "noise", each {"label", "probability", "log_odds": of the picture's own label}. draws: of how many draws of noise
    the answer changes; the first is shown.
    """
    classifier = network(DIGITS)
    before = pixels_of(picture, classifier)
    label = _named(classifier, before)
    slopes = input_gradient(classifier, before, label)[0, 0]
    level = before[0, 0].mul(LEVELS).round().int()
    signs = slopes.sign().int()
    draws = torch.randint(0, 2, (DRAWS, SIDE, SIDE), generator=Generator().manual_seed(seed), dtype=torch.int32) * 2 - 1
    attacked, noisy = ((level + epsilon * moves).clamp(0, LEVELS) for moves in (signs, draws))
    pictures = {"picture": level, "attacked": attacked, "noise": noisy[0]}
    said = {name: _said(classifier, levels, label) for name, levels in pictures.items()}
    return {
        "epsilon": epsilon,
        "pixel": {
            "row": row,
            "column": column,
            "level": int(level[row, column]),
            "slope": rounded(slopes[row, column]),
            "sign": int(signs[row, column]),
            "step": epsilon * int(signs[row, column]),
            "sum": int(level[row, column]) + epsilon * int(signs[row, column]),
            "result": int(attacked[row, column]),
        },
        "slopes": rounded(slopes, 3),
        "maps": {
            "attacked": packed(attacked.float(), low=0.0, high=255.0),
            "noise": packed(noisy[0].float(), low=0.0, high=255.0),
        },
        "foretold": rounded(epsilon / LEVELS * slopes.abs().sum()),
        "clamped": rounded((slopes * (attacked - level)).sum() / LEVELS),
        "rise": round(said["attacked"]["log_odds"] - said["picture"]["log_odds"], 4),
        "said": said,
        "draws": {"changed": int((_named(classifier, noisy[:, None] / LEVELS) != label).sum()), "of": DRAWS},
    }


@one_thread()
def crowd(*, epsilon: int = 25, pictures: int = 500, seed: int = 0) -> dict[str, Any]:
    """How often LeNet is right on the first test pictures: as they are, with random signs of that size, under FGSM.

    epsilon: grey levels. Each {"right", "of", "accuracy", "interval": Wilson's, at 95 %}.
    """
    classifier, judged = network(DIGITS), digits().test[:pictures]
    protocols = {
        "clean": None,
        "noise": Protocol("noise", epsilon, pictures, seed=seed),
        "attacked": Protocol("fgsm", epsilon, pictures),
    }
    found = {}
    for name, protocol in protocols.items():
        told = evaluate(classifier, judged, protocol).as_json()
        found[name] = {key: told[key] for key in ("right", "of", "accuracy", "interval")}
    return {"epsilon": epsilon, **found}


# --- A linear model -----------------------------------------------------------------------------------------------

RATE, BATCH = 0.01, 500
LEARNT, JUDGED = 10_000, 2_000  # pictures


@one_thread()
def linear(*, side: int = SIDE, epsilon: int = 25, steps: int = 400, seed: int = 0) -> dict[str, Any]:
    """Softmax regression on MNIST, averaged down to side × side pixels, and how far its answer can be moved.

    Of each test picture the lead of its own score over the strongest other one is w·x + b, with w the difference of
    two rows of weights: by ε a pixel it moves by ε Σ|w| and no further, and under random signs by ε |w|₂ on average (as
    a root of the mean square). All three are means over the test pictures, in logits; ratio: the first by the second,
    at most the root of the number of pixels. clean, attacked: shares of right answers as they are, and where no such
    change (not even beyond [0, 1]) makes another class of any of the nine lead.
    """
    training, test = (averaged(part, side) for part in (digits().training[:LEARNT], digits().test[:JUDGED]))
    weights, bias = regression(training, digits().training.labels[:LEARNT], steps=steps, seed=seed)
    scores, labels = test @ weights.T + bias, digits().test.labels[:JUDGED]
    own = scores.gather(1, labels[:, None])
    rival = scores.scatter(1, labels[:, None], -torch.inf).argmax(1)
    difference = weights[labels] - weights[rival]
    share = epsilon / LEVELS
    worst, random = share * difference.abs().sum(1), share * difference.norm(dim=1)
    leads = own - scores  # (N, 10), over each class; its own is 0
    reach = share * (weights[labels][:, None] - weights).abs().sum(2)
    others = torch.ones_like(leads, dtype=torch.bool).scatter(1, labels[:, None], False)
    return {
        "side": side,
        "pixels": side * side,
        "epsilon": epsilon,
        "lead": rounded((own[:, 0] - scores.gather(1, rival[:, None])[:, 0]).mean()),
        "worst": rounded(worst.mean()),
        "random": rounded(random.mean()),
        "ratio": rounded(difference.abs().sum(1).mean() / difference.norm(dim=1).mean()),  # also where ε is 0
        "clean": rounded(((leads > 0) | ~others).all(1).double().mean()),
        "attacked": rounded(((leads > reach) | ~others).all(1).double().mean()),
        "of": JUDGED,
    }


def averaged(pictures: Pictures, side: int) -> Tensor:
    """(N, side²) pixels in [0, 1], each the mean of those that it stands for."""
    return adaptive_avg_pool2d(floats(pictures.images), side).flatten(1)


def regression(pixels: Tensor, labels: Tensor, *, steps: int, seed: int) -> tuple[Tensor, Tensor]:
    """(weights (10, pixels), bias (10,)) of softmax regression after so many steps of Adam, from zero."""
    model = nn.Linear(pixels.shape[1], 10)
    nn.init.zeros_(model.weight)
    nn.init.zeros_(model.bias)
    optimiser = torch.optim.Adam(model.parameters(), lr=RATE)
    generator = Generator().manual_seed(seed)
    for _ in range(steps):
        chosen = torch.randint(len(pixels), (BATCH,), generator=generator)
        optimiser.zero_grad()
        cross_entropy(model(pixels[chosen]), labels[chosen]).backward()
        optimiser.step()
    return model.weight.detach(), model.bias.detach()


# --- Helpers ------------------------------------------------------------------------------------------------------


def _named(classifier: Classifier, pixels: Tensor) -> Tensor:
    with torch.inference_mode():
        label = classifier(pixels).argmax(1)
    return label.clone()


def _said(classifier: Classifier, levels: Tensor, label: Tensor) -> dict[str, Any]:
    with torch.inference_mode():
        logits = classifier(levels.float().div(LEVELS)[None, None])
        probability, named = logits.softmax(1)[0].max(0)
    return {
        "label": int(named),
        "probability": rounded(probability, 6),
        "log_odds": round(float(log_odds(logits, label)), 4),
    }
