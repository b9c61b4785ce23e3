"""Three ways to train a network on the same digits on a CPU: Gibbon's, its network by a DataLoader, the public recipe.

Each takes every picture of the training part, so many epochs and a seed, and returns what turns pixels into logits.
"""

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from PIL import Image
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, nll_loss
from torch.optim import SGD, Adadelta
from torch.optim.lr_scheduler import StepLR
from torch.utils.data import DataLoader, Dataset
from torchvision import transforms

from inference.catalog.configuration import TrainingConfig
from inference.data.base import Data, Pictures, split_places
from inference.networks import checkpoints
from inference.networks.build import Shape, build, load_tensors
from inference.networks.normalise import Normalise
from inference.training.loop import LAST, train
from inference.training.model import build_trainee, normalisation
from inference.training.schedule import rate_at

CPU = torch.device("cpu")
BATCH = 64  # everybody's
Learn = Callable[[Data, int, int], nn.Module]


@dataclass(frozen=True)
class Learner:
    """One contender. `epochs`: the fewest that reach 99.0 % on the validation split, as `--choose` prints them.

    The public recipe gets fewer than that, in its favour: five, with 98.89 %.
    """

    name: str
    learn: Learn  # (data, epochs, seed)
    epochs: int


# --- Gibbon -------------------------------------------------------------------------------------------------------


def gibbon(data: Data, epochs: int, seed: int) -> nn.Module:
    """As in a training of the site, with a checkpoint after each epoch; nothing is attacked or judged in between."""
    config = lenet_config(epochs, seed)
    with tempfile.TemporaryDirectory(prefix="gibbon-") as name:
        for _epoch in train(config, with_a_rest(data, seed), folder=Path(name), device=CPU):
            pass
        tensors, _facts = checkpoints.load(Path(name) / LAST)
    trainee = build_trainee(config, data.record, CPU)
    load_tensors(trainee.network, checkpoints.network_of(tensors))
    return trainee.model


def lenet_config(epochs: int, seed: int) -> TrainingConfig:
    """The defaults of the site but for the epochs: SGD, momentum 0.9, one cycle up to 0.05, batches of 64."""
    return TrainingConfig(epochs=epochs, seed=seed, robust_pictures=0, validation_share=0.0, batch_size=BATCH)


def with_a_rest(data: Data, seed: int) -> Data:
    """The same pictures to learn from, in places where `train`, which always puts one of each class aside, leaves them.

    What it puts aside are ten black pictures more, so that every contender learns from the same ones.
    """
    own, classes = data.training, len(data.record.labels)
    labels = torch.cat([own.labels, torch.arange(classes)])
    kept, _aside = split_places(labels, share=0.0, seed=seed)
    images = torch.zeros(len(labels), *own.images.shape[1:], dtype=torch.uint8)
    images[kept[labels[kept].argsort(stable=True)]] = own.images[own.labels.argsort(stable=True)]
    return Data(data.record, Pictures(images, labels), data.test)


# --- The same network, picture by picture -------------------------------------------------------------------------


class Files(Dataset):
    """Pictures as torchvision's datasets give them: one PIL image at a time, through the transforms."""

    def __init__(self, pictures: Pictures, transform: Callable[[Image.Image], Tensor]) -> None:
        self.images, self.labels, self.transform = pictures.images[:, 0], pictures.labels, transform

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        return self.transform(Image.fromarray(self.images[index].numpy())), int(self.labels[index])


def loader(data: Data, mean: float, std: float) -> DataLoader:
    """Shuffled batches, loaded in the process itself: what PyTorch does unless told otherwise."""
    transform = transforms.Compose([transforms.ToTensor(), transforms.Normalize((mean,), (std,))])
    return DataLoader(Files(data.training, transform), batch_size=BATCH, shuffle=True)


def by_loader(data: Data, epochs: int, seed: int) -> nn.Module:
    """Gibbon's network, optimiser and schedule in the loop that tutorials show."""
    torch.manual_seed(seed)
    config = lenet_config(epochs, seed)
    network = build(config.network, Shape(1, 28, 10), asdict(config))
    optimiser = SGD(
        network.parameters(), lr=config.learning_rate, momentum=config.momentum, weight_decay=config.weight_decay
    )
    scale = normalisation(config, data.record)
    batches = loader(data, scale["mean"][0] / 255, scale["std"][0] / 255)
    network.train()
    for step in range(epochs * len(batches)):
        if step % len(batches) == 0:
            drawn = iter(batches)
        images, labels = next(drawn)
        for group in optimiser.param_groups:
            group["lr"] = rate_at(config, step / (epochs * len(batches)))
        optimiser.zero_grad()
        cross_entropy(network(images), labels).backward()
        optimiser.step()
    return nn.Sequential(Normalise(**scale), network)


# --- The public example -------------------------------------------------------------------------------------------

MEAN, STD = 0.1307, 0.3081  # the example's


class PublicNetwork(nn.Module):
    """The network of PyTorch's public MNIST example: 1.2 million weights."""

    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Sequential(
            *(nn.Conv2d(1, 32, 3), nn.ReLU(), nn.Conv2d(32, 64, 3), nn.ReLU()),
            *(nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()),
        )
        self.scores = nn.Sequential(nn.Linear(9216, 128), nn.ReLU(), nn.Dropout(0.5), nn.Linear(128, 10))

    def forward(self, images: Tensor) -> Tensor:
        return self.scores(self.features(images)).log_softmax(1)


def public_recipe(data: Data, epochs: int, seed: int) -> nn.Module:
    """The example's recipe (github.com/pytorch/examples, mnist): Adadelta from 1.0, 0.7 of it after each epoch."""
    torch.manual_seed(seed)
    network = PublicNetwork()
    optimiser = Adadelta(network.parameters(), lr=1.0)
    schedule = StepLR(optimiser, step_size=1, gamma=0.7)
    batches = loader(data, MEAN, STD)
    network.train()
    for _epoch in range(epochs):
        for images, labels in batches:
            optimiser.zero_grad()
            nll_loss(network(images), labels).backward()
            optimiser.step()
        schedule.step()
    return nn.Sequential(Normalise(mean=[MEAN * 255], std=[STD * 255]), network)


LEARNERS: Mapping[str, Learner] = {
    "gibbon": Learner("Gibbon's LeNet", gibbon, epochs=7),
    "loader": Learner("the same LeNet, DataLoader", by_loader, epochs=8),
    "public": Learner("public MNIST example's recipe", public_recipe, epochs=5),
}
