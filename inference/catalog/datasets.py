"""Which datasets a network can be trained on, and what is known of each before it is loaded. Imports no torch."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from attacks.words import Listed, gettext_noop
from inference.assets import ASSETS, ROOT
from inference.catalog.errors import Failure


@dataclass(frozen=True)
class DatasetRecord:
    """One dataset: what its pictures are, and where the function lives that loads them.

    Statistics are of the training pictures, in 0..255, one number for each colour.
    """

    slug: str
    name: str
    about: str
    preparation: str  # a key of inference.catalog.preparations.PREPARATIONS: what its pictures show
    labels: tuple[str, ...]
    channels: int
    size: int  # pixels of a side
    levels: int  # the largest epsilon that is offered, in grey levels
    epsilon: int  # the usual one, in grey levels
    mean: tuple[float, ...]
    std: tuple[float, ...]
    augmentations: tuple[str, ...]  # names of settings that make sense here
    network: str  # the network a form starts with
    licence: str
    source: str
    loader: str  # "module:function" -> inference.data.base.Data
    comes_along: bool = False  # its files are part of Gibbon
    classifier: str = ""  # slug of the classifier that its networks become; its own slug if empty
    folders: tuple[str, ...] = ()  # where its files may lie; relative ones are below datasets_folder()
    files: tuple[str, ...] = ()  # what must be in such a folder, files or folders


class UnknownDataset(Failure, LookupError):
    """No dataset has that name; the message is a sentence listing those there are."""


IDX_FILES = tuple(f"{part}-{what}-ubyte.gz" for part in ("train", "t10k") for what in ("images-idx3", "labels-idx1"))

MNIST = DatasetRecord(
    slug="mnist",
    name="MNIST",
    about=gettext_noop("70,000 handwritten digits, white on black, 28 × 28 pixels."),
    preparation="digit",
    labels=tuple("0123456789"),
    channels=1,
    size=28,
    levels=128,
    epsilon=77,
    mean=(33.3184,),
    std=(78.5675,),
    augmentations=("shift", "rotation", "scale", "noise", "erasing"),
    network="lenet",
    licence="CC BY-SA 3.0, Yann LeCun and Corinna Cortes",
    source="http://yann.lecun.com/exdb/mnist/",
    loader="inference.data.mnist:load",
    comes_along=True,
    classifier="digits",
    folders=(str(ASSETS / "mnist"),),
    files=IDX_FILES,
)
FASHION_MNIST = DatasetRecord(
    slug="fashion-mnist",
    name="Fashion-MNIST",
    about=gettext_noop("70,000 grey pictures of ten kinds of clothes, light on black, 28 × 28 pixels."),
    preparation="clothes",
    labels=("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
    channels=1,
    size=28,
    levels=128,
    epsilon=25,
    mean=(72.9404,),
    std=(90.0212,),
    augmentations=("shift", "rotation", "scale", "flip", "noise", "erasing"),
    network="lenet",
    licence="MIT, Zalando SE",
    source="https://github.com/zalandoresearch/fashion-mnist",
    loader="inference.data.fashion_mnist:load",
    folders=("FashionMNIST/raw", "/usr/share/datasets/fashion-mnist"),  # torchvision's; Debian's
    files=IDX_FILES,
)
CIFAR10 = DatasetRecord(
    slug="cifar10",
    name="CIFAR-10",
    about=gettext_noop("60,000 small colour photographs of ten kinds of animals and vehicles, 32 × 32 pixels."),
    preparation="photo",
    labels=("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"),
    channels=3,
    size=32,
    levels=32,
    epsilon=8,
    mean=(125.3069, 122.9504, 113.8654),
    std=(62.9932, 62.0887, 66.7049),
    augmentations=("shift", "rotation", "scale", "flip", "noise", "erasing"),
    network="convnet",
    licence="none stated; to be cited: Krizhevsky, Learning Multiple Layers of Features from Tiny Images, 2009",
    source="https://www.cs.toronto.edu/~kriz/cifar.html",
    loader="inference.data.torchvision:load_cifar10",
    folders=("cifar-10-batches-py",),
    files=(*(f"data_batch_{number}" for number in range(1, 6)), "test_batch", "batches.meta"),
)
GTSRB = DatasetRecord(
    slug="gtsrb",
    name=gettext_noop("German traffic signs (GTSRB)"),
    about=gettext_noop("39,270 colour photographs of 43 kinds of German traffic signs, brought to 48 × 48 pixels."),
    preparation="photo",
    labels=(
        *(f"Speed limit {limit} km/h" for limit in (20, 30, 50, 60, 70, 80)),
        "End of speed limit 80 km/h",
        *(f"Speed limit {limit} km/h" for limit in (100, 120)),
        "No overtaking",
        "No overtaking by lorries",
        "Right of way at the next crossing",
        "Priority road",
        "Give way",
        "Stop",
        "No vehicles",
        "No lorries",
        "No entry",
        "Danger",
        "Bend to the left",
        "Bend to the right",
        "Double bend",
        "Uneven road",
        "Slippery road",
        "Road narrows on the right",
        "Road works",
        "Traffic lights",
        "Pedestrians",
        "Children",
        "Cyclists",
        "Ice or snow",
        "Wild animals",
        "End of all limits",
        "Turn right ahead",
        "Turn left ahead",
        "Straight ahead only",
        "Straight ahead or right",
        "Straight ahead or left",
        "Keep right",
        "Keep left",
        "Roundabout",
        "Overtaking allowed again",
        "Overtaking by lorries allowed again",
    ),
    channels=3,
    size=48,
    levels=32,
    epsilon=8,
    mean=(86.8, 79.6, 82.0),  # as often quoted, of 32 x 32 pixels; the loader replaces them by those it measures
    std=(69.5, 66.5, 68.1),
    augmentations=("shift", "rotation", "scale", "noise", "erasing"),  # mirrored, a sign is another sign
    network="convnet",
    licence="none stated; to be cited: Stallkamp et al., Man vs. computer, Neural Networks 32, 2012",
    source="https://benchmark.ini.rub.de/gtsrb_dataset.html",
    loader="inference.data.torchvision:load_gtsrb",
    folders=("gtsrb",),
    files=("GTSRB/Training", "GTSRB/Final_Test/Images", "GT-final_test.csv"),
)

SIGNS = DatasetRecord(
    slug="signs",
    name=gettext_noop("Drawn signs, photographed by a program"),
    about=gettext_noop(
        "8,800 pictures of 16 drawn traffic signs, photographed by a program: seen at an angle, weathered, out of "
        "focus, before photographs and drawn skies; 48 × 48 pixels. No camera has seen any of them."
    ),
    preparation="photo",
    labels=(
        "Stop",
        "Give way",
        "Priority road",
        "No entry",
        "No overtaking",
        *(f"Speed limit {limit} km/h" for limit in (30, 50, 80)),
        "Keep right",
        "Turn right ahead",
        "Straight ahead only",
        "Roundabout",
        "Pedestrians",
        "Children",
        "Road works",
        "Traffic lights",
    ),
    channels=3,
    size=48,
    levels=32,
    epsilon=8,
    mean=(117.8603, 105.0041, 101.3331),
    std=(53.4453, 49.1665, 51.8521),
    augmentations=("shift", "rotation", "scale", "noise", "erasing"),
    network="strided",
    licence="MIT, Mapillary (the drawings); CC0 1.0 and public domain (the photographs behind them)",
    source="https://www.npmjs.com/package/mapillary_sprite_source/v/1.8.0",
    loader="inference.data.signs:load",
    comes_along=True,
    classifier="signs",
    folders=(str(ASSETS / "signs"),),
    files=("signs.json",),
)

_DECLARED = {record.slug: record for record in (MNIST, FASHION_MNIST, CIFAR10, GTSRB, SIGNS)}
DATASETS: Mapping[str, DatasetRecord] = MappingProxyType(_DECLARED)


def find(slug: object) -> DatasetRecord:
    """The record of that name, or a sentence listing the names there are."""
    if not isinstance(slug, str) or slug not in DATASETS:
        template = gettext_noop("There is no dataset called %(name)s. The datasets are: %(known)s.")
        raise UnknownDataset(template, name=str(slug), known=Listed(DATASETS))
    return DATASETS[slug]


def datasets_folder() -> Path:
    """Where datasets that do not come with Gibbon are downloaded to, and looked for."""
    data = os.environ.get("GIBBON_DATA") or ROOT / "var"
    return Path(os.environ.get("GIBBON_DATASETS") or Path(data) / "datasets")


def folder_of(record: DatasetRecord) -> Path | None:
    """The first of its folders that has all its files; None if it is not on this machine."""
    for folder in (datasets_folder() / name for name in record.folders):  # an absolute name replaces what is before it
        if all((folder / name).exists() for name in record.files):
            return folder
    return None
