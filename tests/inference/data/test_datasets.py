"""Datasets in memory: what their records promise is true of them, and they are split alike everywhere."""

import gzip
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from torch._subclasses.fake_tensor import FakeTensorMode

from inference.catalog.configuration import SETTINGS
from inference.catalog.datasets import DATASETS, MNIST, UnknownDataset, datasets_folder, find, folder_of
from inference.catalog.errors import BadDataset
from inference.catalog.networks import NETWORKS, input_size
from inference.data import mnist as data_mnist
from inference.data.base import Data, Pictures, for_network, load_data, only_of, resized, split, statistics


@pytest.fixture(scope="module")
def mnist():
    return load_data("mnist")


def some(count: int, *, size: int = 8, channels: int = 3, classes: int = 2) -> Pictures:
    generator = torch.Generator().manual_seed(count)
    images = torch.randint(0, 256, (count, channels, size, size), generator=generator, dtype=torch.uint8)
    return Pictures(images, torch.arange(count) % classes)


# --- Records ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("record", DATASETS.values(), ids=list(DATASETS))
def test_a_record_fits_the_rest_of_gibbon(record):
    assert len(set(record.labels)) == len(record.labels) > 1
    assert len(record.mean) == len(record.std) == record.channels
    assert 0 < record.epsilon <= record.levels <= 255
    assert set(record.augmentations) <= {name for name, one in SETTINGS.items() if one.group == "augmentation"}
    assert record.channels in NETWORKS[record.network].colours
    assert input_size(NETWORKS[record.network], record.size) == record.size
    assert record.folders and record.files and record.licence and record.source
    assert ("flip" in record.augmentations) == (record.slug in ("fashion-mnist", "cifar10"))


def test_a_name_nobody_knows_is_told_those_there_are():
    with pytest.raises(UnknownDataset, match="mnist, fashion-mnist, cifar10, gtsrb, signs"):
        find("cifar100")


def test_mnist_is_always_there_and_others_where_their_files_are(tmp_path, monkeypatch):
    monkeypatch.setenv("GIBBON_DATASETS", str(tmp_path))
    assert datasets_folder() == tmp_path
    assert folder_of(MNIST)
    record = DATASETS["cifar10"]
    assert folder_of(record) is None
    folder = tmp_path / record.folders[0]
    folder.mkdir()
    for name in record.files:
        assert folder_of(record) is None
        (folder / name).touch()
    assert folder_of(record)


def test_datasets_lie_in_the_data_folder_unless_told_otherwise(tmp_path, monkeypatch):
    monkeypatch.delenv("GIBBON_DATASETS", raising=False)
    monkeypatch.setenv("GIBBON_DATA", str(tmp_path))
    assert datasets_folder() == tmp_path / "datasets"


# --- MNIST --------------------------------------------------------------------------------------------------------


def test_mnist_is_what_its_record_says(mnist):
    assert mnist.training.images.shape == (60_000, 1, 28, 28)
    assert mnist.test.images.shape == (10_000, 1, 28, 28)
    assert mnist.counts()["test"] == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert statistics(mnist.training.images.split(1000)) == (MNIST.mean, MNIST.std)


def test_statistics_are_those_of_numpy():
    images = some(40).images
    mean, std = statistics(images.split(7))
    values = images.numpy().astype(float)
    assert mean == pytest.approx(values.mean((0, 2, 3)), abs=1e-4)
    assert std == pytest.approx(values.std((0, 2, 3)), abs=1e-4)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda content: None, "is missing"),
        (lambda content: content[:-9], "is damaged"),
        (lambda content: b"not gzip", "is damaged"),
        (lambda content: gzip.compress(gzip.decompress(content)[:-1]), "not the file that was published"),
    ],
)
def test_a_file_that_is_missing_or_changed_is_told(tmp_path, monkeypatch, change, sentence):
    for path in data_mnist.FOLDER.glob("*.gz"):
        (tmp_path / path.name).symlink_to(path)
    labels = tmp_path / "t10k-labels-idx1-ubyte.gz"
    content = change(labels.read_bytes())
    labels.unlink()
    if content is not None:
        labels.write_bytes(content)
    monkeypatch.setattr(data_mnist, "FOLDER", tmp_path)
    with pytest.raises(BadDataset, match=sentence):
        load_data("mnist")


@pytest.mark.parametrize(
    "data", [b"", b"\0\0\x08", b"\0\0\x08\1\0\0\0\2a", b"\0\0\x0d\1\0\0\0\1a", b"\0\0\x08\3\xff\xff"]
)
def test_what_is_no_idx_file_is_told(data):
    with pytest.raises(BadDataset, match=r"x is not an idx file\."):
        data_mnist.parse_idx(data, "x")


# --- Splitting and sizes ------------------------------------------------------------------------------------------


def test_a_split_is_stratified_disjoint_and_the_same_again(mnist):
    training, validation = split(mnist.training, share=0.2, seed=5)
    counts = torch.stack([part.labels.bincount() for part in (training, validation)])
    assert counts.sum(0).tolist() == mnist.counts()["training"]
    assert counts[1].tolist() == [round(0.2 * count) for count in mnist.counts()["training"]]
    numbered = Pictures(torch.arange(100)[:, None, None, None], torch.arange(100) % 3)
    parts = [split(numbered, share=0.3, seed=seed) for seed in (1, 1, 2)]
    seen = [[part.images.flatten().tolist() for part in pair] for pair in parts]
    assert seen[0] == seen[1] != seen[2]
    assert sorted(seen[0][0] + seen[0][1]) == list(range(100))


def test_of_two_pictures_one_is_learnt_and_of_one_none_is_put_aside():
    pictures = Pictures(torch.zeros(3, 1, 2, 2, dtype=torch.uint8), torch.tensor([0, 0, 1]))
    training, validation = split(pictures, share=0.5, seed=0)
    assert sorted(training.labels.tolist()) == [0, 1]
    assert validation.labels.tolist() == [0]


def test_of_some_classes_only_their_pictures_are_left_under_their_places():
    record = replace(DATASETS["cifar10"], labels=("cat", "dog", "frog"))
    data = Data(record, some(9, classes=3), some(6, classes=3), some(3, classes=3))
    fewer = only_of(data, ["frog", "cat"])
    assert fewer.record.labels == ("frog", "cat")
    assert fewer.training.labels.tolist() == [1, 0] * 3
    assert fewer.training.images.equal(data.training.images[[0, 2, 3, 5, 6, 8]])
    assert fewer.validation is not None and fewer.validation.labels.tolist() == [1, 0]
    with pytest.raises(ValueError, match="bird"):
        only_of(data, ["bird"])


def test_pictures_are_brought_down_for_a_small_network_and_never_up():
    record = replace(DATASETS["cifar10"], size=96)
    data = Data(record, some(4, size=96), some(2, size=96))
    small = for_network(data, "convnet")
    assert small.training.images.shape == (4, 3, 64, 64)
    assert small.training.labels is data.training.labels
    assert for_network(data, "tf_efficientnet_lite0") is data
    assert resized(data, 96) is data


def test_resizing_is_pillows():
    data = Data(DATASETS["cifar10"], some(3, size=32), some(2, size=32))
    for picture, original in zip(resized(data, 20).training.images, data.training.images, strict=True):
        wanted = Image.fromarray(original.permute(1, 2, 0).numpy()).resize((20, 20), Image.Resampling.BICUBIC)
        # Pillow rounds and clips between the two directions.
        assert np.abs(picture.permute(1, 2, 0).numpy().astype(int) - np.asarray(wanted)).mean() < 0.5


def test_the_hash_tells_pictures_labels_and_parts_apart():
    one, two = some(4), some(6)
    relabelled = Pictures(one.images, 1 - one.labels)
    datas = [Data(MNIST, one, two), Data(MNIST, two, one), Data(MNIST, relabelled, two)]
    assert len({data.sha256 for data in datas}) == 3
    assert Data(MNIST, some(4), some(6)).sha256 == datas[0].sha256


def test_places_on_the_cpu_choose_pictures_on_a_gpu():
    """As a training asks for those that are still right; tensors without values stand for a GPU's."""
    with FakeTensorMode():
        pictures = Pictures(torch.empty(4, 1, 2, 2, device="cuda"), torch.empty(4, device="cuda"))
        chosen = pictures[torch.tensor([0, 2])]
    assert len(chosen) == 2 and chosen.images.device.type == chosen.labels.device.type == "cuda"
