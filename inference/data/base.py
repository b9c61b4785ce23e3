"""Pictures to learn from, in memory as bytes: training and test part, and the split that validation is taken by."""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from inference.catalog.datasets import DatasetRecord, find
from inference.catalog.networks import NETWORKS, input_size


@dataclass(frozen=True)
class Pictures:
    """images: uint8 (N, C, H, W); labels: int64 (N,)."""

    images: Tensor
    labels: Tensor

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, chosen: Tensor | slice) -> "Pictures":
        """Those in the slice, or at the places (K,), on whatever device; index_select is quicker than indexing."""
        if isinstance(chosen, slice):
            return Pictures(self.images[chosen], self.labels[chosen])
        images, labels = (part.index_select(0, chosen.to(part.device)) for part in (self.images, self.labels))
        return Pictures(images, labels)

    def to(self, device: torch.device) -> "Pictures":
        return Pictures(self.images.to(device), self.labels.to(device))


@dataclass(frozen=True)
class Data:
    """A dataset, loaded. The test part is for the end only: nothing is chosen by it.

    validation: None where each training puts a share of the training pictures aside (`learnt_from`).
    """

    record: DatasetRecord
    training: Pictures
    test: Pictures
    validation: Pictures | None = None

    def parts(self) -> Mapping[str, Pictures]:
        """Those there are, by name."""
        more = {"validation": self.validation} if self.validation else {}
        return {"training": self.training, "test": self.test, **more}

    def learnt_from(self, *, share: float, seed: int) -> tuple[Pictures, Pictures]:
        """(training, validation): as the dataset gives them, or the share put aside by `split`."""
        if self.validation:
            return self.training, self.validation
        return split(self.training, share=share, seed=seed)

    @property
    def sha256(self) -> str:
        """Of every picture and label, training first, then test; names the data a version was made from."""
        digest = hashlib.sha256()
        for part in self.parts().values():
            digest.update(part.images.contiguous().numpy().data)
            digest.update(part.labels.contiguous().numpy().data)
        return digest.hexdigest()

    def counts(self) -> Mapping[str, list[int]]:
        """Pictures of each class, in the order of the labels."""
        classes = len(self.record.labels)
        return {name: torch.bincount(part.labels, minlength=classes).tolist() for name, part in self.parts().items()}


def load_data(slug: str) -> Data:
    """The dataset of that name; UnknownDataset, or BadDataset where its files are missing or damaged."""
    module, _, name = find(slug).loader.partition(":")
    return getattr(import_module(module), name)()


def only_of(data: Data, labels: Sequence[str]) -> Data:
    """The pictures of these classes alone, in this order of them; a ValueError where one is not among the dataset's."""
    known = list(data.record.labels)
    places = torch.full((len(known),), -1)
    places[[known.index(label) for label in labels]] = torch.arange(len(labels))
    parts = [_of_classes(part, places) for part in data.parts().values()]
    return Data(replace(data.record, labels=tuple(labels)), *parts)


def _of_classes(pictures: Pictures, places: Tensor) -> Pictures:
    """With new labels, (old classes,), -1 for classes that are left out."""
    labels = places[pictures.labels]
    return Pictures(pictures.images, labels)[(labels >= 0).nonzero().flatten()]


def resized(data: Data, size: int) -> Data:
    """The same pictures at `size` pixels a side (bicubic, antialiased), rounded back to bytes."""
    if data.training.images.shape[-1] == size:
        return data
    parts = (Pictures(_resize(part.images, size), part.labels) for part in data.parts().values())
    return Data(data.record, *parts)


def for_network(data: Data, slug: str) -> Data:
    """The pictures as that network learns from them: brought down once, if they are larger than it looks at."""
    size = input_size(NETWORKS[slug], data.record.size)
    return resized(data, size) if size < data.record.size else data


def statistics(batches: Iterable[Tensor]) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """(mean, standard deviation) of each colour over all pixels, in 0..255; counted, so the same in any order."""
    counts = torch.stack([_histograms(batch) for batch in batches]).sum(0)
    levels, pixels = torch.arange(256.0, dtype=torch.float64), counts.sum(1)
    mean = (counts * levels).sum(1) / pixels
    std = ((counts * levels.square()).sum(1) / pixels - mean.square()).sqrt()
    return tuple(round(value, 4) for value in mean.tolist()), tuple(round(value, 4) for value in std.tolist())


def split(pictures: Pictures, *, share: float, seed: int) -> tuple[Pictures, Pictures]:
    """(training, validation), by `split_places`."""
    training, validation = split_places(pictures.labels, share=share, seed=seed)
    return pictures[training], pictures[validation]


def split_places(labels: Tensor, *, share: float, seed: int) -> tuple[Tensor, Tensor]:
    """(kept, put aside): of every class the same share is put aside, at least one and never the last; both shuffled.

    The same seed gives the same split on every machine.
    """
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(seed))
    aside = torch.zeros(len(labels), dtype=torch.bool)
    for label in labels.unique():
        places = (labels[order] == label).nonzero().flatten()
        aside[places[: min(max(1, round(share * len(places))), len(places) - 1)]] = True
    return order[~aside], order[aside]


def _resize(images: Tensor, size: int) -> Tensor:
    """A thousand at a time: floats of all of them would fill the memory."""
    batches = images.split(1000)
    return torch.cat(
        [_rounded(interpolate(batch.float(), (size, size), mode="bicubic", antialias=True)) for batch in batches]
    )


def _histograms(images: Tensor) -> Tensor:
    """(C, 256): how many pixels of each colour have each level. A quarter of the time that sums of squares take."""
    colours = images.transpose(0, 1).flatten(1)
    return torch.stack([colour.bincount(minlength=256) for colour in colours])


def _rounded(values: Tensor) -> Tensor:
    return values.round_().clamp_(0, 255).to(torch.uint8)
