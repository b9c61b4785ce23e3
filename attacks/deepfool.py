"""DeepFool: again and again to the nearest boundary of the network made linear (arXiv 1511.04599)."""

import torch
from torch import Tensor, nn

from attacks.frozen import frozen
from attacks.losses import margin
from attacks.nearest import Nearest, lengths
from attacks.projections import TINY
from attacks.rows import per_picture
from attacks.shapes import OnStep, Seen, Watch

BEYOND = 1e-4  # added to each distance, as the authors' code does: exactly on the boundary nothing has changed


def deepfool(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int = 50,
    overshoot: float = 0.02,
    candidates: int = 10,
    on_step: OnStep | None = None,
    watch: Watch | None = None,
) -> Tensor:
    """The first picture on the way that gets another class than its label; untargeted, as the paper is.

    Algorithm 2: where the network is linear, class k's boundary is |f_k| / |w_k| away, with f_k the difference of the
    logits of k and the label, and w_k its gradient; each step goes to the nearest of the `candidates` likeliest other
    classes. The sum of all steps is lengthened by `overshoot`, once; as in the authors' code, what that comes to is
    judged, and the next gradient taken there. Within [0, 1] all the way: steps kept beyond would have to be undone.
    model: logits from pixels. images: float [0, 1], (N, C, H, W). labels: (N,) the class to leave. ValueError without
    a step or a candidate.
    """
    if steps < 1 or candidates < 1:
        raise ValueError("DeepFool needs at least one step and one candidate.")
    with frozen(model), torch.inference_mode(False), torch.enable_grad():
        nearest, others = Nearest(images), None
        tried, rows = images.detach().clone(), torch.arange(len(images), device=images.device)
        for step in range(steps + 1):
            tried.requires_grad_(step < steps)
            logits = model(tried)
            ahead = margin(logits.detach(), labels[rows])
            if watch:
                watch(Seen(rows, tried.detach(), logits.detach(), -ahead))
            if others is None:
                others = _likeliest_others(logits.detach(), labels, candidates)
            left = ~nearest.offer(rows, tried.detach(), ahead)
            if on_step:
                on_step(step + 1, steps + 1)
            if step == steps or not left.any():
                break
            further = _to_nearest_boundary(logits, tried, labels[rows], others[rows])
            tried, rows = (tried.detach() + (1 + overshoot) * further).clamp(0, 1)[left], rows[left]
    return nearest.images


def _likeliest_others(logits: Tensor, labels: Tensor, count: int) -> Tensor:
    """(N, k) the likeliest classes but the label's, at most `count`."""
    without = logits.scatter(1, labels[:, None], -torch.inf)
    return without.topk(min(count, logits.shape[1] - 1), dim=1).indices


def _to_nearest_boundary(logits: Tensor, tried: Tensor, labels: Tensor, others: Tensor) -> Tensor:
    """(n, C, H, W): the shortest step to where one of the `others` (n, k) is level with the label, were all linear."""
    ahead = logits.gather(1, others) - logits.gather(1, labels[:, None])  # (n, k): f_k
    shortest = torch.full((len(tried),), torch.inf, device=tried.device)
    step = torch.zeros_like(tried)
    for column in range(others.shape[1]):
        last = column + 1 == others.shape[1]
        (gradient,) = torch.autograd.grad(ahead[:, column].sum(), tried, retain_graph=not last)
        slope = lengths(gradient).clamp(min=TINY)
        distance = ahead[:, column].detach().abs() / slope + BEYOND
        nearer = distance < shortest
        shortest = torch.where(nearer, distance, shortest)
        step = torch.where(per_picture(nearer), gradient * per_picture(distance / slope), step)
    return step
