"""Datasets that torchvision reads and downloads: small ones in their formats on the disk, served on this machine."""

import gzip
import hashlib
import pickle
import struct
import tarfile
import threading
import urllib.request
from dataclasses import replace
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest
from PIL import Image
from torchvision.datasets import CIFAR10, FashionMNIST

from inference.catalog.datasets import DATASETS, FASHION_MNIST, GTSRB, folder_of
from inference.catalog.errors import BadDataset
from inference.data import fashion_mnist, torchvision
from inference.data.base import load_data, statistics
from tests.support.gtsrb import write_gtsrb

CHANCE = np.random.default_rng(3)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    """An empty folder of datasets, on a machine that reaches itself and nothing else."""
    folder = tmp_path / "datasets"
    monkeypatch.setenv("GIBBON_DATASETS", str(folder))
    for name in ("http_proxy", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")  # nobody listens there
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "127.0.0.1")
    monkeypatch.setattr(urllib.request, "_opener", None)  # it keeps the proxies it was made with
    fashion = replace(FASHION_MNIST, folders=FASHION_MNIST.folders[:1])
    monkeypatch.setattr(fashion_mnist, "FASHION_MNIST", fashion)  # not Debian's
    return folder


@pytest.fixture
def served(tmp_path):
    """A folder, and the address it is served at."""
    root = tmp_path / "served"
    root.mkdir()

    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=root)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield root, f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def md5(content: bytes) -> str:
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def pictures(count: int, *shape: int) -> np.ndarray:
    return CHANCE.integers(0, 256, (count, *shape), np.uint8)


# --- Fashion-MNIST ------------------------------------------------------------------------------------------------


def idx(values: np.ndarray) -> bytes:
    return struct.pack(f">4B{values.ndim}I", 0, 0, 8, values.ndim, *values.shape) + values.tobytes()


@pytest.fixture
def fashion(monkeypatch):
    """Files of 20 and 10 pictures by name, with their hashes where the loader and torchvision look for them."""
    parts = {"train": pictures(20, 28, 28), "t10k": pictures(10, 28, 28)}
    plain = {f"{name}-images-idx3-ubyte": idx(images) for name, images in parts.items()}
    labels = {name: np.arange(len(images), dtype=np.uint8) % 10 for name, images in parts.items()}
    plain |= {f"{name}-labels-idx1-ubyte": idx(values) for name, values in labels.items()}
    files = {f"{name}.gz": gzip.compress(content) for name, content in plain.items()}
    monkeypatch.setattr(FashionMNIST, "resources", [(name, md5(content)) for name, content in files.items()])
    return parts["train"], files


def test_fashion_mnist_is_downloaded_once(fashion, served, folder, monkeypatch):
    images, files = fashion
    root, address = served
    for name, content in files.items():
        (root / name).write_bytes(content)
    monkeypatch.setattr(FashionMNIST, "mirrors", [address])
    data = load_data("fashion-mnist")
    assert np.array_equal(data.training.images[:, 0], images)
    assert data.counts() == {"training": [2] * 10, "test": [1] * 10}
    for name in files:
        (root / name).unlink()
    assert load_data("fashion-mnist").sha256 == data.sha256
    assert folder_of(FASHION_MNIST)


def test_files_of_debians_package_are_read_where_they_lie(fashion, folder, tmp_path, monkeypatch):
    images, files = fashion
    debian = tmp_path / "usr"
    debian.mkdir()
    for name, content in files.items():
        (debian / name).write_bytes(content)
    record = replace(FASHION_MNIST, folders=(FASHION_MNIST.folders[0], str(debian)))
    monkeypatch.setattr(fashion_mnist, "FASHION_MNIST", record)
    assert folder_of(record) == debian
    assert np.array_equal(load_data("fashion-mnist").training.images[:, 0], images)
    (debian / "t10k-labels-idx1-ubyte.gz").write_bytes(files["train-labels-idx1-ubyte.gz"])
    with pytest.raises(BadDataset, match="do not fit each other"):
        load_data("fashion-mnist")


def test_the_record_of_fashion_mnist_is_true_where_its_files_are(fashion, served, folder, monkeypatch):
    """On Debian's files where they are installed; else the same comparison with the small ones and NumPy."""
    wanted = (FASHION_MNIST.mean, FASHION_MNIST.std)
    if folder_of(FASHION_MNIST):
        monkeypatch.undo()
        data = load_data("fashion-mnist")
        assert data.counts() == {"training": [6000] * 10, "test": [1000] * 10}
    else:
        images, files = fashion
        (folder / FASHION_MNIST.folders[0]).mkdir(parents=True)
        for name, content in files.items():
            (folder / FASHION_MNIST.folders[0] / name).write_bytes(content)
        data = load_data("fashion-mnist")
        wanted = (pytest.approx([images.mean()], abs=1e-4), pytest.approx([images.std()], abs=1e-4))
    assert statistics(data.training.images.split(1000)) == wanted


# --- CIFAR-10 -----------------------------------------------------------------------------------------------------


@pytest.fixture
def cifar(monkeypatch):
    """CIFAR-10's pickled files, five pictures each, by name; torchvision expects their hashes."""
    record = DATASETS["cifar10"]
    files = {}
    for name in record.files[:-1]:
        batch = {"data": pictures(5, 3 * 32 * 32), "labels": CHANCE.integers(0, 10, 5).tolist()}
        files[name] = pickle.dumps(batch)
    files["batches.meta"] = pickle.dumps({"label_names": list(record.labels)})
    hashes = [[name, md5(content)] for name, content in files.items()]
    monkeypatch.setattr(CIFAR10, "train_list", hashes[:5])
    monkeypatch.setattr(CIFAR10, "test_list", hashes[5:6])
    monkeypatch.setattr(CIFAR10, "meta", CIFAR10.meta | {"md5": hashes[6][1]})
    return files


def written(files, folder):
    place = folder / CIFAR10.base_folder
    place.mkdir(parents=True)
    for name, content in files.items():
        (place / name).write_bytes(content)
    return place


def test_cifar10_is_read(cifar, folder):
    written(cifar, folder)
    data = load_data("cifar10")
    assert data.training.images.shape == (25, 3, 32, 32)
    second = pickle.loads(cifar["data_batch_2"])  # noqa: S301 (our own)
    assert np.array_equal(data.training.images[5:10].flatten(1), second["data"])
    assert data.training.labels[5:10].tolist() == second["labels"]
    assert len(data.test) == 5


def test_cifar10_is_downloaded(cifar, served, folder, tmp_path, monkeypatch):
    root, address = served
    written(cifar, tmp_path)
    with tarfile.open(root / CIFAR10.filename, "w:gz") as archive:
        archive.add(tmp_path / CIFAR10.base_folder, CIFAR10.base_folder)
    monkeypatch.setattr(CIFAR10, "url", address + CIFAR10.filename)
    monkeypatch.setattr(CIFAR10, "tgz_md5", md5((root / CIFAR10.filename).read_bytes()))
    assert len(load_data("cifar10").training) == 25
    monkeypatch.setattr(CIFAR10, "tgz_md5", "0" * 32)
    (folder / CIFAR10.base_folder / "test_batch").unlink()
    with pytest.raises(BadDataset, match="File not found or corrupted"):
        load_data("cifar10")


def test_a_changed_file_of_cifar10_is_not_unpickled(cifar, folder):
    place = written(cifar, folder)
    (place / "data_batch_3").write_bytes(pickle.dumps(print))
    with pytest.raises(BadDataset, match=r"cannot be used.*Delete them"):
        load_data("cifar10")


# --- Traffic signs ------------------------------------------------------------------------------------------------


@pytest.fixture
def signs(folder, monkeypatch):
    """GTSRB's folder with three test pictures."""
    root = folder / GTSRB.folders[0]
    tests = [(label, pictures(1, 25, 25, 3)[0]) for label in (16, 0, 42)]
    monkeypatch.setattr(torchvision, "SIGNS", write_gtsrb(root, tests, CHANCE))
    return root


def test_traffic_signs_are_read_and_brought_to_one_size(signs):
    data = load_data("gtsrb")
    assert data.training.images.shape == (86, 3, 48, 48)
    assert data.counts()["training"] == [2] * 43
    assert data.test.labels.tolist() == [16, 0, 42]
    with Image.open(signs / "GTSRB/Training/00007/00000_00001.ppm") as picture:
        wanted = np.asarray(picture.resize((48, 48), Image.Resampling.BICUBIC))
    assert np.array_equal(data.training.images[15].permute(1, 2, 0), wanted)
    values = data.training.images.double().transpose(0, 1).flatten(1)
    assert data.record.mean == pytest.approx(values.mean(1).tolist(), abs=1e-3)
    assert replace(data.record, mean=GTSRB.mean, std=GTSRB.std) == GTSRB


def test_traffic_signs_are_decoded_once(signs, monkeypatch):
    first = load_data("gtsrb")
    with monkeypatch.context() as patched:
        patched.setattr(torchvision, "_decoded", None)
        assert load_data("gtsrb").sha256 == first.sha256
    (signs / f"test-{GTSRB.size}.safetensors").write_bytes(b"half a file")
    assert load_data("gtsrb").sha256 == first.sha256


def test_the_names_of_the_signs_are_in_their_order():
    """A few that everybody knows by number (Stallkamp et al. 2012)."""
    known = {1: "30", 8: "120", 13: "Give way", 14: "Stop", 17: "No entry", 33: "right", 38: "right", 40: "Roundabout"}
    assert len(GTSRB.labels) == 43
    assert all(word in GTSRB.labels[label] for label, word in known.items())


@pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning")  # torchvision leaves a damaged one open
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("harm", ["lost", "half", "table"])
def test_half_unpacked_or_damaged_signs_are_told(signs, harm):
    picture = signs / "GTSRB/Training/00007/00000_00001.ppm"
    if harm == "lost":
        picture.unlink()
    elif harm == "half":
        picture.write_bytes(picture.read_bytes()[:500])
    else:
        (signs / "GT-final_test.csv").write_text("Filename\n00000.ppm\n")
    with pytest.raises(BadDataset, match=r"GTSRB.* cannot be used: .*Delete them"):
        load_data("gtsrb")


# --- Without the internet -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("slug", ["fashion-mnist", "cifar10", "gtsrb"])
def test_what_is_not_here_and_cannot_be_fetched_is_told_with_what_to_do(slug, folder):
    with pytest.raises(BadDataset) as caught:
        load_data(slug)
    said, record = str(caught.value), DATASETS[slug]
    assert said.startswith(f"{record.name} is not on this machine and could not be downloaded: ")
    assert "Connection refused" in said
    assert str(folder / record.folders[0]) in said


def test_a_folder_that_cannot_be_made_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GIBBON_DATASETS", str(tmp_path / "file" / "datasets"))
    with pytest.raises(BadDataset, match="Not a directory"):
        load_data("cifar10")
