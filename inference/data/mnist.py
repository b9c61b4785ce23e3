"""Files in the format of MNIST (idx), and MNIST itself, which comes with Gibbon: gzipped, with its hashes."""

import gzip
import hashlib
import struct
import zlib
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from attacks.words import gettext_noop as _
from inference.assets import ASSETS
from inference.catalog.datasets import MNIST, DatasetRecord
from inference.catalog.errors import BadDataset
from inference.data.base import Data, Pictures

FOLDER = ASSETS / "mnist"
SHA256 = {  # of the unpacked files, as they were first published
    "train-images-idx3-ubyte": "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db",
    "train-labels-idx1-ubyte": "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5",
    "t10k-images-idx3-ubyte": "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7",
    "t10k-labels-idx1-ubyte": "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2",
}


def load() -> Data:
    """MNIST: 60,000 pictures to learn from, 10,000 to test with."""
    return load_idx(MNIST, FOLDER, sha256=SHA256)


def load_idx(record: DatasetRecord, folder: Path, *, sha256: dict[str, str] | None = None) -> Data:
    """The four files of an MNIST-like dataset, gzipped; BadDataset if one is missing or is not what it should be."""
    parts = [_part(folder, name, record, sha256 or {}) for name in ("train", "t10k")]
    return Data(record, *parts)


def _part(folder: Path, name: str, record: DatasetRecord, sha256: dict[str, str]) -> Pictures:
    images = _read(folder, f"{name}-images-idx3-ubyte", sha256)
    labels = _read(folder, f"{name}-labels-idx1-ubyte", sha256).long()
    if images.ndim != 3 or len(images) != len(labels) or not len(labels) or int(labels.max()) >= len(record.labels):
        raise BadDataset(
            _("The files of %(dataset)s in %(folder)s do not fit each other."), dataset=record.name, folder=str(folder)
        )
    return Pictures(images[:, None], labels)


def _read(folder: Path, name: str, sha256: dict[str, str]) -> Tensor:
    path = folder / f"{name}.gz"
    try:
        data = gzip.decompress(path.read_bytes())
    except FileNotFoundError as error:
        raise BadDataset(_("%(file)s is missing."), file=str(path)) from error
    except (OSError, EOFError, zlib.error) as error:
        raise BadDataset(_("%(file)s is damaged: %(error)s."), file=str(path), error=str(error)) from error
    if name in sha256 and hashlib.sha256(data).hexdigest() != sha256[name]:
        raise BadDataset(_("%(file)s is not the file that was published."), file=str(path))
    return parse_idx(data, path.name)


def parse_idx(data: bytes, name: str) -> Tensor:
    """An idx file of bytes (yann.lecun.com/exdb/mnist) as a uint8 tensor: 0, 0, 8, dimensions, sizes, values."""
    dimensions = data[3] if len(data) > 4 and data[:3] == b"\0\0\x08" else 0
    start = 4 + 4 * dimensions
    shape = struct.unpack_from(f">{dimensions}I", data, 4) if dimensions and len(data) >= start else ()
    if not shape or len(data) - start != int(np.prod(shape, dtype=np.int64)):
        raise BadDataset(_("%(file)s is not an idx file."), file=str(name))
    return torch.from_numpy(np.frombuffer(data, np.uint8, offset=start).reshape(shape).copy())
