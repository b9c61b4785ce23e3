"""Which datasets a network can be trained on, and what is known of each before it is loaded. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from attacks.words import gettext_noop


@dataclass(frozen=True)
class DatasetRecord:
    """One dataset: what its pictures are, and where the function lives that loads them.

    Statistics are of the training pictures, in 0..255, one number for each colour.
    """

    slug: str
    name: str
    about: str
    preparation: str  # a key of inference.catalog.PREPARATIONS: how a visitor's picture becomes one of its kind
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
    loader: str  # "module:function" -> inference.data.Data


class UnknownDataset(LookupError):
    """No dataset has that name; the message is a sentence listing those there are."""


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
    loader="inference.data_mnist:load",
)

DATASETS: Mapping[str, DatasetRecord] = MappingProxyType({record.slug: record for record in (MNIST,)})


def find(slug: object) -> DatasetRecord:
    """The record of that name, or a sentence listing the names there are."""
    if not isinstance(slug, str) or slug not in DATASETS:
        raise UnknownDataset(f"There is no dataset called {slug}. The datasets are: {', '.join(DATASETS)}.")
    return DATASETS[slug]
