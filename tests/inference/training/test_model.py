"""What is trained: the model around the network, and the parts of a network that was trained before."""

import pytest
import torch
from torch import nn

from attacks.descent import input_gradient
from inference.catalog.classifiers import card
from inference.catalog.configuration import validate
from inference.data.base import for_network
from inference.networks import checkpoints
from inference.networks.classifier import load, read_weights
from inference.training.loop import LAST, train
from inference.training.model import Fitted, build_trainee, normalisation
from inference.training.versions import conclude
from tests.support.datasets import data_of
from tests.support.small import QUICK, textures

CPU = torch.device("cpu")
TRANSFER = QUICK | {"network": "tf_efficientnet_lite0", "dataset": "textures", "robust_pictures": 0, "batch_size": 8}

pytestmark = pytest.mark.usefixtures("one_thread")


@pytest.fixture(scope="module")
def photos():
    """Textures, smaller than the network wants them."""
    return textures(side=64, training=8, test=4)


def config_for(data, **values):
    return validate(values, datasets={data.record.slug: data.record})


def trainee_for(data, **values):
    torch.manual_seed(0)
    return build_trainee(config_for(data, **values), data.record, CPU)


# --- Around the network -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how, low, high", [("unit", 0.0, 1.0), ("symmetric", -1.0, 1.0)])
def test_black_and_white_enter_as_what_was_chosen(few, how, low, high):
    fit, normalise, _network = trainee_for(few, dataset="mnist", normalisation=how).model
    seen = normalise(fit(torch.tensor([0.0, 1.0]).repeat(1, 1, 28, 14)))
    assert (seen.min().item(), seen.max().item()) == pytest.approx((low, high), abs=1e-6)


def test_the_standard_is_the_mean_and_deviation_of_the_datasets_pixels(few):
    normalise = trainee_for(few, dataset="mnist").model[1]
    seen = normalise(data_of("mnist").training.images[:10_000].float() / 255)
    assert abs(seen.mean().item()) < 0.01 and abs(seen.std().item() - 1) < 0.01


def test_a_version_answers_as_the_model_did_that_was_trained(few, trained):
    config, folder, _epochs, version = trained
    trainee = build_trainee(config, few.record, CPU)
    trainee.network.load_state_dict(checkpoints.network_of(checkpoints.load(folder / "best.safetensors")[0]))
    pixels = few.test.images.float() / 255
    with torch.inference_mode():
        expected = trainee.model.eval()(pixels)
        assert (load(version.folder, CPU)(pixels) - expected).abs().max() < 1e-4
    assert expected.abs().max() > 1


def test_a_version_of_the_small_network_does_too_with_its_batch_norms_folded(colourful, tmp_path):
    config = config_for(colourful, **QUICK, dataset="textures", network="convnet", flip=True)
    list(train(config, colourful, folder=tmp_path))
    version = conclude(config, colourful, folder=tmp_path)
    trainee = build_trainee(config, colourful.record, CPU)
    trainee.network.load_state_dict(checkpoints.network_of(checkpoints.load(tmp_path / "best.safetensors")[0]))
    served, pixels = load(version.folder, CPU), colourful.test.images.float() / 255
    assert not any(isinstance(module, nn.BatchNorm2d) for module in served.modules())
    with torch.inference_mode():
        assert (served(pixels) - trainee.model.eval()(pixels)).abs().max() < 1e-4


def test_pictures_of_another_size_are_fitted_and_gradients_go_through():
    pixels = torch.rand(2, 3, 17, 17)
    model = nn.Sequential(Fitted(32), nn.Flatten(), nn.Linear(3 * 32 * 32, 4))
    assert Fitted(17)(pixels) is pixels
    gradient = input_gradient(model, pixels, torch.tensor([0, 1]))
    assert gradient.shape == pixels.shape and (gradient != 0).float().mean() > 0.99


# --- Trained before -----------------------------------------------------------------------------------------------


def test_a_transferred_network_keeps_everything_but_its_last_layer(photos):
    trainee = trainee_for(photos, **TRANSFER)
    state = trainee.network.state_dict()
    changed = [
        name
        for (name, tensor), before in zip(state.items(), read_weights("imagenet-lite0").values(), strict=True)
        if tensor.shape != before.shape or not torch.equal(tensor, before)
    ]
    assert changed == ["classifier.weight", "classifier.bias"] and state["classifier.bias"].shape == (3,)
    assert normalisation(config_for(photos, **TRANSFER), photos.record) == card("imagenet-lite0")["normalisation"]


def test_the_last_layer_alone_gives_the_whole_models_logits(photos):
    trainee = trainee_for(photos, **TRANSFER)
    features = trainee.inputs(photos.test)
    assert not features.images.is_inference() and features.images.shape == (12, 1280)
    with torch.inference_mode():
        whole = trainee.model.eval()(photos.test.images.float() / 255)
        assert (trainee.learner(trainee.pixels(features.images)) - whole).abs().max() < 1e-4


def test_the_last_layer_alone_learns_and_nothing_else_changes(photos, tmp_path):
    config = config_for(photos, **TRANSFER, learning_rate=0.02, validation_share=0.25)
    *_, last = train(config, photos, folder=tmp_path)
    assert last.validation_error <= 0.2  # a third would be right by chance
    before = trainee_for(photos, **TRANSFER).network.state_dict()
    after = checkpoints.network_of(checkpoints.load(tmp_path / LAST)[0])
    changed = {name for name in after if not torch.equal(after[name], before[name])}
    assert changed == {"classifier.weight", "classifier.bias"}


def test_the_whole_network_learns_and_its_batch_norms_keep_what_they_know(tmp_path):
    photos = textures(side=64, training=3, test=1)
    config = config_for(photos, **TRANSFER | {"epochs": 1}, transfer="whole", learning_rate=0.01)
    list(train(config, photos, folder=tmp_path))
    before = trainee_for(photos, **TRANSFER).network.state_dict()
    after = checkpoints.network_of(checkpoints.load(tmp_path / LAST)[0])
    known = ("running_mean", "running_var", "num_batches_tracked")
    for name, tensor in after.items():
        assert torch.equal(tensor, before[name]) == name.endswith(known), name


def test_pictures_larger_than_the_network_looks_at_are_brought_down_once(photos):
    assert for_network(photos, "lenet") is photos
    larger = textures(side=96, training=2, test=2)
    assert for_network(larger, "lenet").training.images.shape == (6, 3, 64, 64)
    assert for_network(larger, "tf_efficientnet_lite0") is larger
