"""The loss that attacks climb: cross-entropy's direction, without its rounding."""

import torch
from torch import Tensor
from torch.nn import functional


def log_odds(logits: Tensor, labels: Tensor) -> Tensor:
    """(N,) log((1 - p) / p) for the softmax probability p of each label: above 0 where the others have more.

    It grows with the cross-entropy -log p, so in exact arithmetic both gradients have the same signs: the one is the
    other times 1 - p. In float32 the cross-entropy's loses its largest term as soon as p rounds to 1, which a sure
    network's does: its step then goes astray, and the network seems to hold (gradient masking, arXiv 1802.00420).
    """
    label = labels[:, None]
    others = logits.scatter(1, label, -torch.inf).logsumexp(dim=1)
    return others - logits.gather(1, label)[:, 0]


def cross_entropy(logits: Tensor, labels: Tensor, target: Tensor | None = None) -> Tensor:
    """(N,) -log p of each label, to be raised; of each target, to be lowered, where there are targets."""
    return functional.cross_entropy(logits, labels if target is None else target, reduction="none")
