"""A toy attack, a toy dataset and a toy page, each as its one record and its one function."""

import torch
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path
from torch import Tensor, nn

from attacks.descent import input_gradient
from attacks.options import Option
from attacks.record import AttackRecord, ThreatModel
from attacks.records.common import SEED, TARGET
from inference.catalog.datasets import DatasetRecord
from inference.data.base import Data, Pictures

ATTACK = AttackRecord(
    slug="straight",
    name="Straight",
    paper="A straight line along the gradient (2026)",
    paper_url="https://example.org/straight",
    year=2026,
    threat_model=ThreatModel("l2", "White box: it asks for one gradient."),
    summary="One long step along the gradient itself.",
    options=(
        Option("radius", "number", 4.0, "Radius", "How long the step is.", minimum=0.1, maximum=20.0),
        Option("twice", "boolean", False, "Twice", "Ask for a second gradient halfway."),
        TARGET,
        SEED,
    ),
    budget="radius",
    path="rerun",
    control="gaussian",
    targeted=True,
    function="tests.support.toys:straight",
)


def straight(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    radius: float,
    twice: bool = False,
    target: Tensor | None = None,
) -> Tensor:
    """It goes twice as far as it may, and out of [0, 1]: whoever runs it brings it back."""
    attacked = images
    for _ in range(2 if twice else 1):
        gradient = input_gradient(model, attacked.clamp(0, 1), labels, target)
        attacked = attacked + 2 * radius * gradient / gradient.flatten(1).norm(dim=1).view(-1, 1, 1, 1)
    return attacked


DATASET = DatasetRecord(
    slug="stripes",
    name="Stripes",
    about="Grey pictures of two kinds of stripes, 28 × 28 pixels.",
    preparation="digit",
    labels=("lying", "standing"),
    channels=1,
    size=28,
    levels=128,
    epsilon=77,
    mean=(127.5,),
    std=(127.5,),
    augmentations=("shift",),
    network="lenet",
    licence="CC0",
    source="https://example.org/stripes",
    loader="tests.support.toys:load",
    folders=("/",),
    files=(),
)


def load() -> Data:
    lying = torch.arange(28).div(4, rounding_mode="floor").remainder(2).mul(255).byte().expand(28, 28).T
    both = torch.stack([lying, lying.T])[:, None]
    labels = torch.tensor([0, 1]).repeat(60)
    noise = torch.randint(0, 40, (120, 1, 28, 28), generator=torch.Generator().manual_seed(0), dtype=torch.uint8)
    pictures = torch.where(both[labels] > 0, both[labels] - noise, noise)
    return Data(DATASET, Pictures(pictures[:100], labels[:100]), Pictures(pictures[100:], labels[100:]))


def page(request: HttpRequest) -> HttpResponse:
    return render(request, "base.html")


urlpatterns = [path("toy/", page, name="toy"), path("", include("webapp.urls"))]
