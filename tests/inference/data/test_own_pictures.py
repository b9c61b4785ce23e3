"""One's own pictures: a ZIP of three textures becomes a dataset that a network learns from."""

import hashlib
import json
import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from safetensors import safe_open

from inference import images
from inference.catalog.configuration import validate
from inference.catalog.datasets import folder_of
from inference.catalog.errors import BadDataset
from inference.catalog.own import own_record
from inference.data.base import split
from inference.data.own import load_own, save_own, unpack
from inference.data.zip_refusal import BadZip
from inference.images import canonicalise
from inference.training.loop import train
from inference.training.versions import conclude
from tests.support.picture_files import encoded, pixels, scene
from tests.support.zip_files import TEXTURES, good, patch, zipped


def decode(data: bytes) -> bytes:
    return canonicalise(data, "photo").png


@pytest.fixture
def unpacked(tmp_path):
    """Unpacks a ZIP of these files, and checks that the disk is as it was, whatever comes of it."""

    def unpack_it(files, decode=decode, on_step=None):
        path = tmp_path / "upload.zip"
        path.write_bytes(zipped(files))
        try:
            return unpack(path, decode=decode, on_step=on_step)
        finally:
            assert [*tmp_path.iterdir()] == [path]

    return unpack_it


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """Three textures of twelve patches, prepared."""
    folder = tmp_path_factory.mktemp("own")
    path = folder / "upload.zip"
    path.write_bytes(zipped(good(12) | {"brick/notes.txt": b"not a picture"}))
    return save_own(unpack(path, decode=decode), folder / "prepared", name="Textures")


def test_a_good_zip_becomes_pictures_of_its_classes(unpacked):
    made = unpacked(good(6, top="my textures/"))
    assert made.names == TEXTURES
    assert made.images.shape == (18, 3, 224, 224)
    assert made.images.dtype == np.uint8
    assert made.labels.tolist() == [0] * 6 + [1] * 6 + [2] * 6
    assert made.refused["count"] == 0
    wanted = Image.open(BytesIO(patch("grass", 2))).resize((224, 224), Image.Resampling.BICUBIC)
    assert np.abs(made.images[8].transpose(1, 2, 0).astype(int) - np.asarray(wanted)).mean() < 2


def test_pictures_go_through_the_decoders_children(unpacked):
    by_children = unpacked(good(5), lambda data: images.prepare(data, "photo").png)
    images.shutdown()
    assert np.array_equal(by_children.images, unpacked(good(5)).images)


def test_the_centred_square_is_what_a_classifier_sees(unpacked):
    wide = scene(300, 200)
    made = unpacked({"a/0.png": encoded(wide)} | {f"a/{n}.jpg": patch("brick", n) for n in range(11, 15)} | good(5))
    square = wide.crop((50, 0, 250, 200)).resize((224, 224), Image.Resampling.BICUBIC)
    assert np.array_equal(made.images[0].transpose(1, 2, 0), pixels(encoded(square)))


def test_what_cannot_be_used_is_named_and_counted(unpacked):
    strange = {
        "brick/page.jpg": b"<html><script>alert(1)</script>",
        "brick/half.jpg": patch("brick", 0)[:900],
        "brick/empty.png": b"",
        "brick/again.jpg": patch("brick", 1),
        "brick/more.zip": zipped(good(5)),
        "brick/deeper/still.jpg": patch("brick", 20),
        "readme.txt": b"about",
        "__MACOSX/brick/._0.jpg": b"x",
        "brick/.hidden": b"x",
        "gravel/Thumbs.db": b"x",
    }
    refused = unpacked(good(6) | strange).refused
    codes = {one["name"]: one["code"] for one in refused["named"]}
    assert codes == {
        "brick/page.jpg": "unknown",
        "brick/half.jpg": "damaged",
        "brick/empty.png": "unknown",
        "brick/again.jpg": "twice",
        "brick/more.zip": "foreign",
        "brick/deeper/still.jpg": "too_deep",
        "readme.txt": "stray",
    }
    assert refused["count"] == sum(reason["count"] for reason in refused["reasons"]) == len(codes)
    assert all(one["message"] % one["params"] for one in [*refused["named"], *refused["reasons"]])
    assert json.loads(json.dumps(refused)) == refused


def test_a_report_names_fifty_and_counts_all(unpacked):
    refused = unpacked(good(5) | {f"brick/{n}.txt": b"x" for n in range(70)}).refused
    assert (len(refused["named"]), refused["count"]) == (50, 70)
    assert refused["reasons"][0]["count"] == 70


def test_progress_is_told_and_a_stop_is_obeyed(unpacked):
    steps = []
    unpacked(good(5), on_step=lambda done, total: steps.append((done, total)))
    assert steps == [(done, 15) for done in range(15)]

    def stop(done, total):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        unpacked(good(5), on_step=stop)


def test_the_file_is_named_by_its_content_and_is_the_same_again(saved, tmp_path):
    assert hashlib.sha256(saved.path.read_bytes()).hexdigest() == saved.sha256 == saved.path.stem
    assert saved.facts["counts"] == {"training": [10, 10, 10], "test": [2, 2, 2]}
    assert saved.facts["refused"]["count"] == 1
    upload = tmp_path / "upload.zip"
    upload.write_bytes(zipped(good(12) | {"brick/notes.txt": b"not a picture"}))
    assert save_own(unpack(upload, decode=decode), tmp_path, name="Textures").sha256 == saved.sha256
    with safe_open(saved.path, framework="pt") as file:
        assert json.loads(file.metadata()["facts"]) == saved.facts


def test_it_is_loaded_as_any_dataset_is(saved):
    data = load_own(saved.path, slug="textures")
    assert data.counts() == saved.facts["counts"]
    assert data.record == own_record("textures", saved.facts, saved.path)
    assert (data.record.slug, data.record.name, data.record.labels) == ("textures", "Textures", TEXTURES)
    assert folder_of(data.record)
    colours = data.training.images.double().transpose(0, 1).flatten(1)
    assert data.record.mean == pytest.approx(colours.mean(1).tolist(), abs=1e-3)
    assert data.record.std == pytest.approx(colours.std(1, correction=0).tolist(), abs=1e-3)


def test_every_class_is_learnt_validated_and_tested_however_few_there_are(unpacked, tmp_path_factory):
    saved = save_own(unpacked(good(5)), tmp_path_factory.mktemp("few"), name="Few")
    data = load_own(saved.path, slug="few")
    assert data.counts() == {"training": [4, 4, 4], "test": [1, 1, 1]}
    for share in (0.05, 0.2, 0.5):
        for part in split(data.training, share=share, seed=3):
            assert part.labels.unique().tolist() == [0, 1, 2]


@pytest.mark.walk
def test_a_small_network_learns_them_at_its_own_size(saved, tmp_path):
    data = load_own(saved.path, slug="textures")
    values = {"dataset": "textures", "network": "convnet", "epochs": 2, "robust_pictures": 0}
    config = validate(values, datasets={"textures": data.record})
    assert len(list(train(config, data, folder=tmp_path))) == 2
    card = conclude(config, data, folder=tmp_path).card
    assert (card["input_size"], card["labels"]) == (64, list(TEXTURES))
    assert card["dataset"]["sha256"] == data.sha256
    assert card["test"]["of"] == 6


def test_pictures_of_one_colour_are_learnt_from(unpacked, tmp_path):
    """As from a microscope: red and blue are nought everywhere, and nothing can be divided by how much they vary."""
    grain = np.random.default_rng(0).integers(0, 256, (10, 64, 64), np.uint8)
    greens = np.zeros((10, 64, 64, 3), np.uint8)
    greens[..., 1] = grain
    files = {f"{'ab'[place % 2]}/{place}.png": encoded(Image.fromarray(one)) for place, one in enumerate(greens)}
    made = save_own(unpacked(files), tmp_path / "prepared", name="Cells")
    data = load_own(made.path, slug="cells")
    assert made.facts["std"][0] == made.facts["std"][2] == 0 and data.record.std[0] == data.record.std[2] == 1
    given = {"dataset": "cells", "network": "strided", "epochs": 1, "robust_pictures": 0}
    config = validate(given, datasets={"cells": data.record})
    (epoch,) = train(config, data, folder=tmp_path / "run")
    assert np.isfinite(epoch.validation_loss)


# --- Files that are not what was written --------------------------------------------------------------------------


def renamed(content: bytes, folder):
    """A file that is named by its content, as a prepared one is."""
    path = folder / f"{hashlib.sha256(content).hexdigest()}.safetensors"
    path.write_bytes(content)
    return path


def test_a_changed_or_missing_file_is_refused(saved, tmp_path):
    content = bytearray(saved.path.read_bytes())
    content[-9] ^= 1
    path = tmp_path / saved.path.name
    with pytest.raises(BadDataset, match="is missing"):
        load_own(path, slug="x")
    path.write_bytes(content)
    with pytest.raises(BadDataset, match="is damaged"):
        load_own(path, slug="x")
    with pytest.raises(BadDataset, match="not a prepared dataset"):
        load_own(renamed(bytes(content[:-100]), tmp_path), slug="x")
    with pytest.raises(BadDataset, match="not a prepared dataset"):
        load_own(renamed(patch("brick", 0), tmp_path), slug="x")


@pytest.mark.parametrize(("label", "sentence"), [(3, "other tensors"), (-1, "other tensors"), (0, "tells of")])
def test_labels_out_of_range_or_of_other_counts_are_refused(saved, tmp_path, label, sentence):
    content = saved.path.read_bytes()[:-8] + struct.pack("<q", label)
    assert int(load_own(saved.path, slug="x").test.labels[-1]) != label
    with pytest.raises(BadDataset, match=sentence):
        load_own(renamed(content, tmp_path), slug="x")


def test_a_full_disk_leaves_nothing(unpacked, tmp_path_factory, monkeypatch):
    made, folder = unpacked(good(5)), tmp_path_factory.mktemp("full")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_own(made, folder, name="Few")
    assert not [*folder.iterdir()]


def test_a_refused_zip_tells_what_was_left_out(unpacked):
    with pytest.raises(BadZip) as caught:
        unpacked(good(5) | {f"empty/{n}.jpg": b"<html>" for n in range(9)})
    assert caught.value.code == "too_few"
    assert (caught.value.params["label"], caught.value.params["count"], caught.value.params["files"]) == ("empty", 0, 9)
    assert "9 × This file is not a picture" in str(caught.value)
    assert caught.value.report.as_json()["count"] == 9
