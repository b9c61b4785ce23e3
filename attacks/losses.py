"""The losses that attacks climb, each (N,), and how far the wanted outcome is ahead."""

import torch
from torch import Tensor
from torch.nn import functional


def log_odds(logits: Tensor, labels: Tensor) -> Tensor:
    """(N,) log((1 - p) / p) for the softmax probability p of each label: above 0 where the others have more.

    It grows with the cross-entropy -log p, so in exact arithmetic both gradients have the same direction: the one is
    the other times 1 - p. In float32 the cross-entropy's loses its largest term as soon as p rounds to 1, which a sure
    network's does: its step then goes astray, and the network seems to hold (gradient masking, arXiv 1802.00420).
    """
    label = labels[:, None]
    others = logits.scatter(1, label, -torch.inf).logsumexp(dim=1)
    return others - logits.gather(1, label)[:, 0]


def climbed(logits: Tensor, labels: Tensor, target: Tensor | None = None) -> Tensor:
    """What gradient attacks raise: the label's log odds to be wrong, or the target's to be right."""
    return log_odds(logits, labels) if target is None else -log_odds(logits, target)


def cross_entropy(logits: Tensor, labels: Tensor, target: Tensor | None = None) -> Tensor:
    """As papers write it: of the label, which an attack raises, or of the target, which it lowers."""
    return functional.cross_entropy(logits, labels if target is None else target, reduction="none")


def targeted_dlr(logits: Tensor, labels: Tensor, target: Tensor) -> Tensor:
    """The difference of logits ratio towards a target, (z_t - z_y) / (z_1 - (z_3 + z_4) / 2), to be raised.

    Equation 7 of arXiv 2003.01690. z_1 and so on are the logits in falling order: it takes four classes at least. The
    ratio does not change when all logits are multiplied, so a network that is sure of everything hides nothing by it.
    """
    first, _, third, fourth = logits.topk(4, dim=1).values.unbind(1)
    gained = logits.gather(1, target[:, None])[:, 0] - logits.gather(1, labels[:, None])[:, 0]
    return gained / (first - (third + fourth) / 2).clamp(min=SMALL)


def margin(logits: Tensor, labels: Tensor, target: Tensor | None = None) -> Tensor:
    """The attacker's gain for each picture: how far the wanted outcome is ahead of the others, in logits.

    No loss: it is above zero exactly where the picture fools, however sure the model was.
    """
    aim = labels if target is None else target
    own = logits.gather(1, aim[:, None])[:, 0]
    others = strongest_other(logits, aim)
    return others - own if target is None else own - others


def strongest_other(logits: Tensor, labels: Tensor) -> Tensor:
    """(N,) the largest logit of all classes but each picture's own."""
    return logits.scatter(1, labels[:, None], -torch.inf).amax(dim=1)


SMALL = 1e-12  # a spread to divide by where all logits are the same
