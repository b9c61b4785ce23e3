"""The libraries we are compared with, each called the way its own documentation calls its FGSM."""

from collections.abc import Callable

import timm
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, interpolate

from inference.catalog.classifiers import card
from inference.networks.build import load_tensors
from inference.networks.classifier import package_folder

EPSILON = 8 / 255
Attack = Callable[[float], object]  # epsilon -> attacked pictures


class AsLoaded(nn.Module):
    """timm's network as it is loaded, behind the same resize and normalisation as ours, written the plain way."""

    def __init__(self) -> None:
        super().__init__()
        weights = card("imagenet-lite0")["weights"]
        self.network = timm.create_model("tf_efficientnet_lite0")
        path = package_folder(weights["package"]) / weights["file"]
        load_tensors(self.network, torch.load(path, map_location="cpu", weights_only=True), in_order=True)

    def forward(self, pixels: Tensor) -> Tensor:
        if pixels.shape[-1] != 224:
            pixels = interpolate(pixels, size=(224, 224), mode="bicubic", antialias=True)
        return self.network((pixels * 255 - 127) / 128)


def bare_gradient(model: nn.Module, images: Tensor, labels: Tensor) -> Attack:
    """One forward, one backward, nothing else: what no FGSM can do without."""

    def attack(epsilon: float) -> Tensor:
        pixels = images.clone().requires_grad_(True)
        return torch.autograd.grad(cross_entropy(model(pixels), labels), pixels)[0]

    return attack


def torchattacks_fgsm(model: nn.Module, images: Tensor, labels: Tensor) -> Attack:
    import torchattacks

    return lambda epsilon: torchattacks.FGSM(model, eps=epsilon)(images, labels)


def foolbox_fgsm(model: nn.Module, images: Tensor, labels: Tensor) -> Attack:
    import foolbox

    wrapped = foolbox.PyTorchModel(model, bounds=(0, 1), device=images.device)
    attack = foolbox.attacks.LinfFastGradientAttack(random_start=False)
    criterion = foolbox.criteria.Misclassification(labels)
    # run() is the attack alone; calling the object would add a verdict that the others do not give.
    return lambda epsilon: attack.run(wrapped, images, criterion, epsilon=epsilon)


def art_fgsm(model: nn.Module, images: Tensor, labels: Tensor) -> Attack:
    from art.attacks.evasion import FastGradientMethod
    from art.estimators.classification import PyTorchClassifier

    wrapped = PyTorchClassifier(
        model,
        loss=nn.CrossEntropyLoss(),
        input_shape=tuple(images.shape[1:]),
        nb_classes=1000,
        clip_values=(0, 1),
        device_type="cpu" if images.device.type == "cpu" else "gpu",
    )
    arrays, classes = images.cpu().numpy(), labels.cpu().numpy()
    attack = FastGradientMethod(wrapped, eps=EPSILON, batch_size=len(arrays))

    def run(epsilon: float) -> object:
        attack.set_params(eps=epsilon, eps_step=epsilon)
        return attack.generate(arrays, y=classes)

    return run


PEERS = {"torchattacks": torchattacks_fgsm, "foolbox": foolbox_fgsm, "ART": art_fgsm}
PACKAGES = ("torchattacks", "foolbox", "adversarial-robustness-toolbox")
