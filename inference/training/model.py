"""What is trained: a network, the model around it that takes pixels, and the part of it that learns."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import torch
from torch import Tensor, nn

from inference.catalog.classifiers import card
from inference.catalog.configuration import TrainingConfig
from inference.catalog.datasets import DatasetRecord
from inference.catalog.networks import NETWORKS, input_size
from inference.data.base import Pictures
from inference.networks.build import Shape, build, load_tensors
from inference.networks.classifier import read_weights
from inference.networks.normalise import Normalise
from inference.networks.resize import resize

BATCH = 64  # pictures whose features are computed at once


@dataclass(frozen=True)
class Trainee:
    """`learner` turns what `pixels` gives into logits; with `whole` it is the model itself, else its last layer."""

    network: nn.Module  # what is saved: normalised pixels of the network's own size to logits
    model: nn.Module  # pixels in [0, 1] of any size to logits
    learner: nn.Module
    whole: bool
    body: nn.Module | None  # before the last layer; None with `whole`
    epsilon: int  # grey levels
    pretrained: bool

    def inputs(self, pictures: Pictures) -> Pictures:
        """What the learner learns from: the pictures as bytes, or their features, computed once."""
        if self.body is None:
            return pictures
        self.model.eval()
        with torch.inference_mode():
            features = [self.body(self._floats(images)) for images in pictures.images.split(BATCH)]
        return Pictures(torch.cat(features), pictures.labels)  # outside, so that gradients may flow through it

    def pixels(self, chosen: Tensor) -> Tensor:
        """A batch of inputs as the learner takes them."""
        return self._floats(chosen) if chosen.dtype == torch.uint8 else chosen

    def learn_mode(self) -> None:
        """Dropout on; batch norms that were trained before keep what they know of a million pictures."""
        self.learner.train()
        if self.pretrained:
            for module in self.network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.eval()

    @staticmethod
    def _floats(images: Tensor) -> Tensor:
        return images.float().div_(255)


class Fitted(nn.Module):
    """Resized, where the pictures have another size than the network wants: differentiable, so attacks go through."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, pixels: Tensor) -> Tensor:
        return resize(pixels, self.size)


def build_trainee(config: TrainingConfig, record: DatasetRecord, device: torch.device) -> Trainee:
    """The network of the configuration with its first weights, drawn from torch's global generator."""
    facts = NETWORKS[config.network]
    shape = Shape(record.channels, input_size(facts, record.size), len(record.labels))
    network = build(config.network, shape, asdict(config))
    if facts.pretrained:
        _fill(network, facts.pretrained)
    network = network.to(device)
    if facts.channels_last:
        network = network.to(memory_format=torch.channels_last)
    model = nn.Sequential(Fitted(shape.size), Normalise(**normalisation(config, record)), network).to(device)
    epsilon = config.epsilon or record.epsilon
    if not facts.pretrained or config.transfer == "whole":
        return Trainee(network, model, model, True, None, epsilon, bool(facts.pretrained))
    for parameter in network.parameters():
        parameter.requires_grad_(False)
    timm_network: Any = network  # its methods are not nn.Module's
    head: nn.Module = timm_network.get_classifier().requires_grad_(True)
    body = nn.Sequential(*list(model.children())[:2], _Features(network))
    return Trainee(network, model, head, False, body, epsilon, True)


class _Features(nn.Module):
    """A timm network up to its last layer."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network: Any = network  # timm's methods are not nn.Module's

    def forward(self, pixels: Tensor) -> Tensor:
        return self.network.forward_head(self.network.forward_features(pixels), pre_logits=True)


def normalisation(config: TrainingConfig, record: DatasetRecord) -> dict[str, Sequence[float]]:
    """Mean and deviation, in 0..255, for the model's first layer: a network trained before keeps its own."""
    pretrained = NETWORKS[config.network].pretrained
    if pretrained:
        return card(pretrained)["normalisation"]
    plain = {"unit": ([0.0], [255.0]), "symmetric": ([127.5], [127.5])}
    mean, std = plain.get(config.normalisation, (list(record.mean), list(record.std)))
    return {"mean": mean, "std": std}


def _fill(network: nn.Module, slug: str) -> None:
    """Everything but the last layer from a classifier that comes with Gibbon; the last layer stays as it was drawn."""
    own = network.state_dict()
    trained = dict(zip(own, read_weights(slug).values(), strict=True))
    last = {name: tensor for name, tensor in own.items() if name.startswith("classifier.")}
    load_tensors(network, trained | last)
