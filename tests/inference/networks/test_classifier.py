"""The photo classifier: the network it should be, seeing what it should see, and loaded only if it is what it says."""

import copy
import hashlib
import json
import os

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from timm.layers import Conv2dSame
from torch import nn
from torch.nn.functional import interpolate

from inference.catalog.classifiers import CLASSIFIERS, UnknownClassifier, card
from inference.catalog.configuration import validate
from inference.catalog.preparations import PREPARATIONS
from inference.images.pixels import read, step
from inference.networks import resize as resizing
from inference.networks.classifier import BadWeights, Classifier, OutOfMemory, load
from inference.networks.device import choose_device, describe
from inference.networks.fuse import fused
from inference.networks.resize import resize
from inference.networks.threads import set_threads
from inference.training.loop import train
from tests.support.small import QUICK

CPU = torch.device("cpu")


def pixels(*shape, seed=0):
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed))


def test_the_labels_are_torchvisions():
    from torchvision.models import EfficientNet_B0_Weights

    assert card("imagenet-lite0")["labels"] == EfficientNet_B0_Weights.DEFAULT.meta["categories"]


def test_the_records_are_the_cards():
    for slug, record in CLASSIFIERS.items():
        facts = card(slug)
        assert (record.name, record.levels, record.classes) == (facts["name"], facts["levels"], len(facts["labels"]))
        assert facts["licence"] and facts["accuracy"]
    assert next(iter(CLASSIFIERS)) == "imagenet-lite0"  # photographs are what one is offered first
    shown = [record.preparation for record in CLASSIFIERS.values()]
    assert shown == sorted(shown, key=list(PREPARATIONS).index) and {"photo", "digit"} == set(shown)


def test_the_cards_figure_on_the_samples_is_what_one_measures(classifier, samples):
    """Another sample, another figure: `python -m benchmarks.accuracy --write` measures it anew."""
    named = [classifier.probabilities(read(png)[None])[0] for png, _ in samples]
    right = sum(int(probabilities.argmax()) == truth for probabilities, (_, truth) in zip(named, samples, strict=True))
    stated = card("imagenet-lite0")["accuracy"]["measured"][-1]
    assert (stated["right"], stated["of"]) == (right, len(samples)) and "sample" in stated["on"]
    assert right >= 4


def test_a_card_is_ones_own_copy():
    card("imagenet-lite0")["labels"].clear()
    assert len(card("imagenet-lite0")["labels"]) == 1000


@pytest.mark.parametrize("size", [224, 300])
def test_the_logits_are_those_of_timms_network_as_loaded(classifier, timm_network, cat, size):
    images = torch.cat([pixels(2, 3, size, size), classifier.to_pixels(cat[None, :size, :size])])
    seen = interpolate(images, (224, 224), mode="bicubic", antialias=True) if size != 224 else images
    with torch.inference_mode():
        expected = timm_network((seen * 255 - 127) / 128)
        assert (classifier(images) - expected).abs().max() < 1e-4
    assert expected.std() > 0.5  # logits worth comparing


@pytest.mark.parametrize("size", [(224, 224), (64, 64), (97, 97), (50, 71), (33, 128)])
def test_the_quick_network_is_the_same_function_at_even_and_odd_sizes(timm_network, size):
    quick = fused(copy.deepcopy(timm_network)).eval()
    images = pixels(2, 3, *size) * 2 - 1
    with torch.inference_mode():
        assert (quick(images) - timm_network(images)).abs().max() < 1e-4
    assert not any(isinstance(module, Conv2dSame | nn.BatchNorm2d) for module in quick.modules())


def test_a_network_without_such_padding_is_not_turned():
    plain = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2), nn.BatchNorm2d(4), nn.ReLU()).eval()
    plain[1].running_mean.uniform_(-1, 1)
    images = pixels(1, 3, 20, 20)
    expected = plain(images)
    quick = fused(plain)
    assert isinstance(quick, nn.Sequential) and isinstance(quick[1], nn.Identity)
    assert torch.allclose(quick(images), expected, atol=1e-6)


def test_a_padding_that_cannot_be_moved_inside_is_refused():
    with pytest.raises(ValueError, match="No symmetric padding"):
        fused(nn.Sequential(Conv2dSame(3, 4, 4, stride=2), nn.AdaptiveAvgPool2d(1)))


def test_it_knows_a_cat(classifier, cat):
    assert "cat" in classifier.labels[classifier.probabilities(cat[None])[0].argmax()]


def test_it_is_served_frozen_folded_and_channels_last(classifier):
    assert not classifier.training
    assert not any(parameter.requires_grad for parameter in classifier.parameters())
    modules = list(classifier.modules())
    assert not any(isinstance(module, nn.BatchNorm2d) for module in modules)
    convolutions = [module for module in modules if isinstance(module, nn.Conv2d)]
    assert all(it.weight.is_contiguous(memory_format=torch.channels_last) for it in convolutions)
    assert classifier.sha256 == card("imagenet-lite0")["weights"]["sha256"]


def test_at_the_networks_own_size_nothing_is_resized(classifier):
    images = pixels(1, 3, 224, 224)
    assert torch.equal(classifier.see(images), images)
    wide = pixels(1, 3, 224, 300)
    assert torch.equal(classifier.see(wide), wide[..., 38:262])


@pytest.mark.parametrize(
    ("height", "width", "square"),
    [(512, 512, (0, 0, 512)), (300, 451, (0, 75, 300)), (451, 300, (75, 0, 300)), (1, 4, (0, 1, 1))],
)
def test_the_centred_square_is_seen(classifier, height, width, square):
    assert classifier.square(height, width) == square


def test_outside_the_square_the_gradient_is_zero_and_inside_it_is_not(classifier):
    images = pixels(1, 3, 260, 330).requires_grad_(True)
    (gradient,) = torch.autograd.grad(classifier(images)[:, 285].sum(), images)
    assert (gradient[..., :35] == 0).all() and (gradient[..., 295:] == 0).all()
    assert (gradient[..., 35:295] != 0).float().mean() > 0.99


@pytest.mark.parametrize("bands", [14, 1])
@pytest.mark.parametrize("side", [1, 15, 97, 223, 225, 512])
def test_the_resize_and_its_gradient_are_torchs(monkeypatch, side, bands):
    monkeypatch.setattr(resizing, "BANDS", {"cpu": bands})
    resizing._bands.cache_clear()
    squares = pixels(2, 3, side, side).requires_grad_(True)
    upstream = pixels(2, 3, 224, 224, seed=1) - 0.5
    expected = interpolate(squares, (224, 224), mode="bicubic", antialias=True)
    (gradient,) = torch.autograd.grad(expected, squares, upstream)
    found = resize(squares, 224)
    (own,) = torch.autograd.grad(found, squares, upstream)
    assert torch.equal(found, expected)
    assert (own - gradient).abs().max() <= 1e-5 * gradient.abs().max()
    resizing._bands.cache_clear()


def test_probabilities_are_probabilities_and_keep_no_graph(classifier, cat):
    found = classifier.probabilities(np.stack([cat, cat[::-1]]))
    assert found.shape == (2, 1000) and found.dtype == np.float32
    assert np.allclose(found.sum(axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("name", ["imagenet-lite0", "digits"])  # each alone, and all in one batch
def test_a_moved_picture_is_judged_as_the_picture_that_it_becomes(name, cat):
    judge, draw = load(name, "cpu"), np.random.default_rng(0)
    picture = cat if name == "imagenet-lite0" else draw.integers(0, 256, (28, 28, 1), dtype=np.uint8)
    one, other = (draw.integers(-1, 2, picture.shape, dtype=np.int8) for _ in range(2))
    moves = [(0, one), *((k, sign) for k in (1, 8, 255) for sign in (one, other))]
    expected = judge.probabilities(np.stack([step(picture, sign, k) for k, sign in moves]))
    moved = judge.probabilities_moved(picture, moves)
    assert np.array_equal(moved, expected) if name == "imagenet-lite0" else np.allclose(moved, expected, atol=1e-6)
    assert np.abs(expected - expected[0]).max() > 0.01


@pytest.mark.parametrize("name", ["imagenet-lite0", "digits"])
def test_the_last_bits_do_not_depend_on_how_a_picture_lies_in_memory(name):
    judge, draw = load(name, "cpu"), np.random.default_rng(0)
    for _ in range(5):
        picture = draw.integers(0, 256, (judge.input_size, judge.input_size, judge.channels), dtype=np.uint8)
        still = picture.copy()
        still.setflags(write=False)
        apart, turned = np.repeat(picture, 2, axis=2)[..., ::2], picture.transpose(1, 0, 2).copy().transpose(1, 0, 2)
        opened = picture if judge.channels > 1 else picture[..., 0][..., None]
        expected = judge.probabilities(picture[None])
        for other in (still, apart, turned, opened):
            assert np.array_equal(judge.probabilities(other[None]), expected)


def test_warming_up_changes_nothing(classifier, cat):
    before = classifier.probabilities(cat[None])
    forward, gradient = classifier.warm()
    assert 0 < forward < gradient < 10
    assert np.array_equal(classifier.probabilities(cat[None]), before)


class Crowded(nn.Module):
    """A linear network on a device whose memory holds `room` pictures."""

    def __init__(self, room):
        super().__init__()
        self.room, self.batches = room, []

    def forward(self, seen):
        if len(seen) > self.room:
            raise torch.OutOfMemoryError("CUDA out of memory.")
        self.batches.append(len(seen))
        return seen.flatten(1)[:, :10] * 5


def crowded(room):
    return Classifier(Crowded(room), card("imagenet-lite0") | {"input_size": 16}, CPU)


def test_out_of_memory_the_batch_is_halved():
    pictures = np.random.default_rng(0).integers(0, 256, (7, 16, 16, 3), dtype=np.uint8)
    narrow, wide = crowded(2), crowded(7)
    assert np.allclose(narrow.probabilities(pictures), wide.probabilities(pictures))
    assert max(narrow.network.batches) == 2 and sum(narrow.network.batches) == 7
    moves = [(k, np.ones((16, 16, 3), np.int8)) for k in range(7)]
    moved = narrow.probabilities_moved(pictures[0], moves)
    assert np.allclose(moved, wide.probabilities_moved(pictures[0], moves))
    assert max(narrow.network.batches) == 2 and sum(narrow.network.batches) == 14


def test_one_picture_too_large_for_the_memory_is_a_sentence():
    with pytest.raises(OutOfMemory, match=r"too small, or too full, for one picture of 32 x 16 pixels\."):
        crowded(0).probabilities(np.zeros((4, 16, 32, 3), np.uint8))


@pytest.fixture
def version(tmp_path, timm_network):
    """The folder of a version: a card and the weights it names, as safetensors."""

    def make(change=lambda tensors: None, **facts):
        tensors = {name: tensor.clone() for name, tensor in timm_network.state_dict().items()}
        change(tensors)
        save_file(tensors, tmp_path / "weights.safetensors")
        sha256 = hashlib.sha256((tmp_path / "weights.safetensors").read_bytes()).hexdigest()
        weights = {"file": "weights.safetensors", "sha256": sha256}
        text = json.dumps(card("imagenet-lite0") | {"weights": weights} | facts)
        (tmp_path / "card.json").write_text(text, encoding="utf-8")
        return tmp_path

    return make


def test_a_versions_folder_is_loaded_like_a_shipped_classifier(version, classifier, cat):
    loaded = load(version(), device="cpu")
    assert np.allclose(loaded.probabilities(cat[None]), classifier.probabilities(cat[None]), atol=1e-6)


def test_weights_with_another_hash_are_refused(version):
    folder = version()
    with (folder / "weights.safetensors").open("ab") as file:
        file.write(b" ")
    with pytest.raises(BadWeights, match="SHA-256"):
        load(folder, device="cpu")


def first_value_not_a_number(tensors):
    tensors["conv_stem.weight"].view(-1)[0] = float("nan")


def last_tensor_missing(tensors):
    tensors.popitem()


def last_tensor_renamed(tensors):
    tensors["another.name"] = tensors.pop("classifier.bias")


def last_tensor_of_another_shape(tensors):
    tensors["classifier.bias"] = torch.zeros(7)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (first_value_not_a_number, "no numbers"),
        (last_tensor_missing, "tensors"),
        (last_tensor_renamed, "tensors"),
        (last_tensor_of_another_shape, "shape"),
    ],
)
def test_weights_that_do_not_fit_are_refused(version, change, reason):
    with pytest.raises(BadWeights, match=reason):
        load(version(change), device="cpu")


def test_missing_weights_are_refused(version):
    with pytest.raises(BadWeights, match="not installed"):
        load(version(weights={"package": "no_such_package", "file": "a.pth", "sha256": ""}), device="cpu")
    with pytest.raises(BadWeights, match="missing"):
        load(version(weights={"file": "other.safetensors", "sha256": ""}), device="cpu")


def test_an_unknown_classifier_is_refused_with_the_known_ones(tmp_path):
    for name in ("imagenet-lite9", "../cards/imagenet-lite0", "", str(tmp_path)):
        with pytest.raises(UnknownClassifier, match="imagenet-lite0"):
            load(name, device="cpu")


def test_the_device_is_picked_or_named(monkeypatch):
    monkeypatch.delenv("GIBBON_DEVICE", raising=False)
    best = "cuda" if torch.cuda.is_available() else "mps" if torch.backends.mps.is_available() else "cpu"
    assert choose_device().type == best
    monkeypatch.setenv("GIBBON_DEVICE", "cpu")
    assert choose_device() == CPU and describe(CPU) == "cpu"


@pytest.mark.parametrize("name", ["tpu9", "cuda:99", "cpu cpu"])
def test_a_device_that_is_not_there_is_a_sentence(monkeypatch, name):
    monkeypatch.setenv("GIBBON_DEVICE", name)
    with pytest.raises(ValueError, match="GIBBON_DEVICE is"):
        choose_device()


def test_the_number_of_threads_is_a_setting(monkeypatch):
    before = torch.get_num_threads()
    try:
        monkeypatch.setenv("GIBBON_TORCH_THREADS", "1")
        set_threads()
        assert torch.get_num_threads() == 1
        for wrong in ("0", "-1", "two", "1.5"):
            monkeypatch.setenv("GIBBON_TORCH_THREADS", wrong)
            with pytest.raises(ValueError, match="GIBBON_TORCH_THREADS"):
                set_threads()
    finally:
        torch.set_num_threads(before)


DOORS = {
    "a device is chosen": lambda few, folder: choose_device(),
    "a network is loaded": lambda few, folder: load("digits", "cpu"),
    "a network is trained": lambda few, folder: next(train(validate(QUICK), few, folder=folder, device=CPU)),
}


@pytest.mark.parametrize("door", DOORS)
def test_full_float32_and_fixed_algorithms_are_asked_for_at_every_door(monkeypatch, few, tmp_path, door):
    for name, value in {"allow_tf32": True, "deterministic": False, "benchmark": True}.items():
        monkeypatch.setattr(torch.backends.cudnn, name, value)
    torch.backends.cuda.matmul.allow_tf32 = True  # which every door turns off again
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", "")
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG")
    DOORS[door](few, tmp_path)
    assert not torch.backends.cudnn.allow_tf32 and not torch.backends.cuda.matmul.allow_tf32
    assert torch.backends.cudnn.deterministic and not torch.backends.cudnn.benchmark
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    monkeypatch.setenv("CUBLAS_WORKSPACE_CONFIG", ":16:8")
    choose_device()
    assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":16:8"
