"""One's own pictures as a dataset: from a ZIP with one folder for each class to one file, named by its SHA-256.

    unpacked = unpack(zip_path, decode=lambda data: prepare(data, "photo").png)
    path, sha256, facts = save_own(unpacked, folder, name="My cats and dogs")
    data = load_own(path, slug="my-cats-and-dogs")

The file is a safetensors file: `images` uint8 (N, 3, 224, 224), training pictures first, then those to test with, then
those to validate with if the ZIP has a part for them; `labels` int64 (N,); and the facts as JSON in its header. At no
time is more than one picture in memory, but for what the system keeps of files.
"""

import hashlib
import json
import struct
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import accumulate, pairwise
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, NamedTuple

import numpy as np
import torch
from PIL import Image
from safetensors import SafetensorError, safe_open
from torch import Tensor

from attacks.words import Listed
from attacks.words import gettext_noop as _
from inference.catalog.errors import BadDataset
from inference.catalog.own import SIZE, own_record
from inference.data.base import Data, Pictures, split_places, statistics
from inference.data.zip_layout import FEWEST_PICTURES, TEST, TRAINING, VALIDATION, Entry, Plan, planned
from inference.data.zip_names import GUESS
from inference.data.zip_pictures import opened, read
from inference.data.zip_refusal import BadZip, LeftOut, Report
from inference.images.refusal import BadImage
from inference.networks.checkpoints import write_atomically
from inference.networks.paths import in_utf8

TEST_SHARE, TEST_SEED = 0.2, 0  # always the same fifth, whatever seed a training has
AT_ONCE = 64  # pictures
SHAPE = (3, SIZE, SIZE)

OnStep = Callable[[int, int], None]  # (files looked at, of how many); may raise to stop the work


@dataclass(frozen=True)
class Unpacked:
    """The usable pictures of a ZIP, in its order. images: uint8 (N, 3, 224, 224), in a file without a name."""

    images: np.ndarray
    labels: Tensor  # int64 (N,)
    parts: tuple[str, ...]  # of the pictures: which of the ZIP's own parts each is in; empty where it has none
    names: tuple[str, ...]  # of the classes
    refused: dict[str, Any]  # Report.as_json()


class Saved(NamedTuple):
    """A prepared dataset on the disk."""

    path: Path
    sha256: str
    facts: dict[str, Any]


def unpack(
    zip_path: Path,
    *,
    decode: Callable[[bytes], bytes],
    encoding: str = GUESS,
    on_step: OnStep | None = None,
    scratch: Path | None = None,
) -> Unpacked:
    """Every picture of a stranger's ZIP, safely decoded, its centred square at 224 pixels; BadZip if there is no use.

    decode: a picture file to the canonical PNG of a photograph, or BadImage. encoding: a key of zip_names.ENCODINGS,
    of names that do not say theirs. What is on the disk meanwhile (in the folder `scratch`, else beside the ZIP) has no
    name, and is gone with the last reference to the result, or with the process, however it ends.
    """
    report = Report()
    with opened(zip_path) as archive, TemporaryFile(dir=scratch or zip_path.parent) as file:
        plan = planned(archive, report, encoding=encoding)
        found = _Collector(file, report)
        for number, entry in enumerate(plan.entries):
            if on_step:
                on_step(number, len(plan.entries))
            found.take(archive, entry, decode)
        labels = torch.tensor([plan.labels.index(label) for label in found.labels], dtype=torch.int64)
        _check_counts(plan, labels, tuple(found.parts), report)
        images = np.memmap(file, np.uint8, "r", shape=(len(labels), *SHAPE))
    return Unpacked(images, labels, tuple(found.parts), plan.labels, report.as_json())


def save_own(unpacked: Unpacked, folder: Path, *, name: str) -> Saved:
    """The pictures as a file in `folder`, there whole or not at all; the same pictures and name give the same file."""
    places = _places(unpacked)
    classes = len(unpacked.names)
    mean, std = statistics(_batches(unpacked, places["training"]))
    facts = {
        "name": name,
        "labels": list(unpacked.names),
        "counts": {
            part: torch.bincount(unpacked.labels[chosen], minlength=classes).tolist() for part, chosen in places.items()
        },
        "mean": list(mean),
        "std": list(std),
        "refused": unpacked.refused,
    }
    order = torch.cat([*places.values()])
    digest = hashlib.sha256()
    for part in _file_of(unpacked, order, facts):
        digest.update(part)
    sha256 = digest.hexdigest()
    path = folder / f"{sha256}.safetensors"
    write_atomically(path, _file_of(unpacked, order, facts))
    return Saved(path, sha256, facts)


def load_own(path: Path, *, slug: str) -> Data:
    """The dataset in a file that `save_own` wrote; BadDataset if it is missing or anything else than was written."""
    _check_hash(path)
    try:
        with in_utf8(path) as named, safe_open(named, framework="pt") as file:
            facts = json.loads((file.metadata() or {})["facts"])
            images, labels = file.get_tensor("images"), file.get_tensor("labels")
        record = own_record(slug, facts, path)
        ends = [*accumulate(sum(counts) for counts in facts["counts"].values())]
    except (SafetensorError, LookupError, ValueError, TypeError, RecursionError) as error:
        raise BadDataset(
            _("%(file)s is not a prepared dataset: %(error)s."), file=path.name, error=str(error)
        ) from error
    _check_tensors(path, images, labels, len(record.labels))
    parts = (Pictures(images[start:end], labels[start:end]) for start, end in pairwise([0, *ends[:-1], len(labels)]))
    data = Data(record, *parts)
    if data.counts() != facts["counts"]:
        raise BadDataset(_("%(file)s does not hold the pictures that it tells of."), file=path.name)
    return data


# --- Unpacking ----------------------------------------------------------------------------------------------------


class _Collector:
    """Pictures go to the end of a file, their labels into a list, and what cannot be used into the report."""

    def __init__(self, file: BinaryIO, report: Report) -> None:
        self.file, self.report = file, report
        self.labels: list[str] = []
        self.parts: list[str] = []
        self.known: dict[bytes, Entry] = {}

    def take(self, archive: zipfile.ZipFile, entry: Entry, decode: Callable[[bytes], bytes]) -> None:
        try:
            self._keep(_seen(decode(read(archive, entry.info))), entry)
        except (BadImage, LeftOut) as reason:
            self.report.add(entry.name, reason, entry.label)

    def _keep(self, pixels: bytes, entry: Entry) -> None:
        """The same picture twice might be learnt from and tested with, or be of two classes at once."""
        first = self.known.setdefault(hashlib.sha256(pixels).digest(), entry)
        if first is not entry:
            other_class, other_part = first.label != entry.label, first.part != entry.part
            raise LeftOut("two_classes" if other_class else "leaked" if other_part else "twice")
        self.file.write(pixels)
        self.labels.append(entry.label)
        self.parts.append(entry.part)
        self.report.taken[entry.label] += 1


def _seen(png: bytes) -> bytes:
    """The part of a canonical picture that a classifier sees (Classifier.square), as (3, 224, 224) bytes."""
    with Image.open(BytesIO(png), formats=["PNG"]) as picture:
        side = min(picture.size)
        left, top = (picture.width - side) // 2, (picture.height - side) // 2
        square = picture.convert("RGB").crop((left, top, left + side, top + side))
    pixels = np.asarray(square.resize((SIZE, SIZE), Image.Resampling.BICUBIC))
    return np.ascontiguousarray(pixels.transpose(2, 0, 1)).tobytes()


def _check_counts(plan: Plan, labels: Tensor, parts: tuple[str, ...], report: Report) -> None:
    """Enough of each class to learn from; what is missing elsewhere is only told."""
    sizes = {part: sum(entry.part == part for entry in plan.entries) for part in {entry.part for entry in plan.entries}}
    for part in sorted(sizes, key=(TRAINING, TEST, VALIDATION, "").index):
        here = torch.tensor([one == part for one in parts], dtype=torch.bool)
        counts = torch.bincount(labels[here], minlength=len(plan.labels)).tolist()
        for label, count in zip(plan.labels, counts, strict=True):
            if part in (TRAINING, ""):
                _check_enough(plan, label, part, count, report)
            elif not count:
                report.note("missing", label=label, part=part)
        if not sum(counts):
            raise BadZip("empty_part", report=report, part=part)
    if len(sizes) > 1:
        kept = Listed(f"{part} {parts.count(part)}" for part in (TRAINING, VALIDATION, TEST) if part in sizes)
        report.note("split", parts=kept)


def _check_enough(plan: Plan, label: str, part: str, count: int, report: Report) -> None:
    files = [entry.part for entry in plan.entries if entry.label == label]
    if part not in files:
        raise BadZip("not_learnt", report=report, label=label, part=files[0])
    if count < FEWEST_PICTURES:
        numbers = {"count": count, "files": files.count(part), "limit": FEWEST_PICTURES}
        raise BadZip("too_few", report=report, label=label, **numbers, why=report.why(label) or "")


# --- The file -----------------------------------------------------------------------------------------------------


def _places(unpacked: Unpacked) -> dict[str, Tensor]:
    """Where the pictures of each part are: the ZIP's own parts, or the same fifth put aside whenever it is brought.

    What is judged on is the folder to test with; where there is none, the folder to validate with.
    """
    given = {part: _shuffled(unpacked.parts, part) for part in (TRAINING, VALIDATION, TEST) if part in unpacked.parts}
    if not given:
        training, test = split_places(unpacked.labels, share=TEST_SHARE, seed=TEST_SEED)
        return {"training": training, "test": test}
    if TEST not in given:
        return {"training": given[TRAINING], "test": given[VALIDATION]}
    more = {"validation": given[VALIDATION]} if VALIDATION in given else {}
    return {"training": given[TRAINING], "test": given[TEST], **more}


def _shuffled(parts: tuple[str, ...], part: str) -> Tensor:
    """So that the first pictures are not all of one class."""
    places = torch.tensor([place for place, one in enumerate(parts) if one == part])
    return places[torch.randperm(len(places), generator=torch.Generator().manual_seed(TEST_SEED))]


def _batches(unpacked: Unpacked, places: Tensor) -> Iterator[Tensor]:
    """The pictures at these places, a few at a time."""
    for some in places.split(AT_ONCE):
        yield torch.from_numpy(np.array(unpacked.images[some.numpy()]))


def _file_of(unpacked: Unpacked, order: Tensor, facts: dict[str, Any]) -> Iterator[bytes]:
    """A safetensors file in pieces (its format: the header's length, the header as JSON, the tensors' bytes)."""
    count, size = len(order), len(order) * SHAPE[0] * SIZE * SIZE
    header = {
        "__metadata__": {"facts": json.dumps(facts, allow_nan=False)},
        "images": {"dtype": "U8", "shape": [count, *SHAPE], "data_offsets": [0, size]},
        "labels": {"dtype": "I64", "shape": [count], "data_offsets": [size, size + 8 * count]},
    }
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    yield struct.pack("<Q", len(text)) + text
    for batch in _batches(unpacked, order):
        yield batch.numpy().tobytes()
    yield unpacked.labels[order].numpy().astype("<i8").tobytes()


def _check_hash(path: Path) -> None:
    try:
        with path.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise BadDataset(_("%(file)s is missing."), file=str(path)) from error
    if found != path.stem:
        raise BadDataset(_("%(file)s is damaged: its content is not what its name says."), file=path.name)


def _check_tensors(path: Path, images: Tensor, labels: Tensor, classes: int) -> None:
    shapes = images.shape == (len(labels), *SHAPE) and images.dtype == torch.uint8 and labels.dtype == torch.int64
    if not shapes or not len(labels) or int(labels.min()) < 0 or int(labels.max()) >= classes:
        raise BadDataset(_("%(file)s holds other tensors than pictures and their labels."), file=path.name)
