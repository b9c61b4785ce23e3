"""FGSM against what it must be on models whose best step is known, and against another implementation."""

import pytest
import torch
from torch import nn

from attacks.fgsm import fgsm, gradient_sign

EPSILON = 8 / 255


class Linear(nn.Module):
    """logits = W x + b on flattened pixels."""

    def __init__(self, weight, bias=None):
        super().__init__()
        self.weight = nn.Parameter(torch.as_tensor(weight, dtype=torch.float32))
        self.bias = nn.Parameter(torch.zeros(len(self.weight)) if bias is None else torch.as_tensor(bias))

    def forward(self, pixels):
        return pixels.flatten(1) @ self.weight.T + self.bias


def normed_network(seed=0):
    """Small, with the two layers whose mode matters."""
    torch.manual_seed(seed)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.5), nn.Flatten(), nn.Linear(8 * 36, 5)
    )
    network[1].running_mean.uniform_(-1, 1)
    network[1].running_var.uniform_(0.5, 2)
    return network


@pytest.fixture
def images():
    return torch.rand(4, 3, 8, 8, generator=torch.Generator().manual_seed(1))


@pytest.fixture
def weight():
    return torch.randn(2, 192, generator=torch.Generator().manual_seed(2))


def test_two_classes_untargeted_is_the_closed_form(images, weight):
    labels = torch.tensor([0, 1, 0, 1])
    # The loss of class y rises fastest along w_other - w_y, whatever the picture.
    away = torch.sign(weight[1 - labels] - weight[labels]).view_as(images)
    assert torch.equal(fgsm(Linear(weight), images, labels, epsilon=EPSILON), (images + EPSILON * away).clamp(0, 1))


def test_two_classes_targeted_is_the_closed_form(images, weight):
    labels = torch.tensor([0, 1, 0, 1])
    target = 1 - labels
    towards = torch.sign(weight[target] - weight[labels]).view_as(images)
    attacked = fgsm(Linear(weight), images, labels, epsilon=EPSILON, target=target)
    assert torch.equal(attacked, (images + EPSILON * towards).clamp(0, 1))


def test_many_classes_follow_the_softmax_gradient(images):
    weight = torch.randn(7, 192, generator=torch.Generator().manual_seed(3)) / 10
    labels = torch.tensor([3, 0, 6, 2])
    probabilities = (images.flatten(1).double() @ weight.double().T).softmax(dim=1)
    gradient = (probabilities - nn.functional.one_hot(labels, 7)) @ weight.double()
    found = gradient_sign(Linear(weight), images, labels)
    clear = gradient.abs() > 1e-6 * gradient.abs().max()
    assert torch.equal(found.sign.flatten(1)[clear], gradient.sign().float()[clear])


def test_logistic_regression_steps_along_minus_y_w(images):
    """The paper's own example: for y in {-1, 1} and z = w·x + b the step is -y sign(w)."""
    w = torch.randn(192, generator=torch.Generator().manual_seed(4))
    model = Linear(torch.stack([torch.zeros(192), w]), [0.0, 0.3])
    for label, y in ((0, -1), (1, 1)):
        found = gradient_sign(model, images, torch.full((4,), label))
        assert torch.equal(found.sign.flatten(1), (-y * w.sign()).expand(4, -1))


def test_the_result_stays_in_the_picture_range_and_saturated_pixels_stay(weight):
    images = torch.cat([torch.zeros(1, 3, 8, 8), torch.ones(1, 3, 8, 8)])
    sign = gradient_sign(Linear(weight), images, torch.tensor([0, 0])).sign
    attacked = fgsm(Linear(weight), images, torch.tensor([0, 0]), epsilon=EPSILON)
    assert attacked.min() == 0 and attacked.max() == 1
    assert (attacked[0][sign[0] < 0] == 0).all() and (attacked[1][sign[1] > 0] == 1).all()
    assert (attacked[0][sign[0] > 0] == EPSILON).all()


def test_pixels_without_influence_are_left_alone(images, weight):
    weight = weight.clone()
    weight[:, ::2] = 0
    sign = gradient_sign(Linear(weight), images, torch.tensor([0, 1, 0, 1])).sign.flatten(1)
    assert (sign[:, ::2] == 0).all() and (sign[:, 1::2] != 0).all()


def test_where_nothing_has_influence_there_is_nowhere_to_go(images):
    """That is flagged, for it says nothing about how robust the model is."""
    deaf = Linear(torch.zeros(2, 192), [2.0, 0.0])
    found = gradient_sign(deaf, images, torch.zeros(4, dtype=torch.int64))
    assert found.zero_gradient.all() and not found.sign.any()


def test_a_model_that_is_sure_is_attacked_all_the_same(images, weight):
    """At a probability of exactly 1 in float32 the cross-entropy's gradient is 0, or lacks its largest term."""
    labels = torch.zeros(4, dtype=torch.int64)
    sure = Linear(weight, [300.0, 0.0])
    assert (sure(images).softmax(1)[:, 0] == 1).all()
    found = gradient_sign(sure, images, labels)
    assert torch.equal(found.sign, gradient_sign(Linear(weight), images, labels).sign)
    assert not found.zero_gradient.any()


def test_without_labels_the_predicted_class_is_left(images):
    network = normed_network().eval()
    named = network(images).argmax(dim=1)
    found = gradient_sign(network, images, None)
    assert torch.equal(found.sign, gradient_sign(network, images, named).sign)
    assert torch.equal(found.logits, network(images).detach())


def test_a_picture_is_attacked_alike_alone_and_in_company(images):
    network = normed_network()
    labels = torch.tensor([0, 1, 2, 3])
    together = gradient_sign(network, images, labels).sign
    alone = [gradient_sign(network, images[i : i + 1], labels[i : i + 1]).sign for i in range(4)]
    assert torch.equal(together, torch.cat(alone))


def test_a_network_in_training_mode_is_attacked_in_eval_mode_and_left_as_it_was(images):
    labels = torch.tensor([0, 1, 2, 3])
    expected = gradient_sign(normed_network().eval(), images, labels).sign
    network = normed_network().train()
    network[1].eval()  # a mixture, on purpose
    network[0].weight.requires_grad_(False)
    statistics = network[1].running_mean.clone()
    assert torch.equal(gradient_sign(network, images, labels).sign, expected)
    assert [module.training for module in network] == [True, False, True, True, True, True]
    assert not network[0].weight.requires_grad and network[0].bias.requires_grad
    assert all(parameter.grad is None for parameter in network.parameters())
    assert torch.equal(network[1].running_mean, statistics)


def test_the_network_is_restored_when_the_attack_fails():
    network = normed_network().train()
    with pytest.raises(RuntimeError):
        gradient_sign(network, torch.rand(1, 3, 5, 5), torch.tensor([0]))
    assert all(module.training for module in network.modules())
    assert all(parameter.requires_grad for parameter in network.parameters())


@pytest.mark.parametrize("surrounding", [torch.no_grad, torch.inference_mode, torch.enable_grad])
def test_it_works_inside_any_gradient_mode_and_leaves_the_pictures_alone(images, surrounding):
    network = normed_network().eval()
    labels = torch.tensor([0, 1, 2, 3])
    expected = gradient_sign(network, images, labels).sign
    with surrounding():
        copy = images.clone()
        attacked = fgsm(network, copy, labels, epsilon=EPSILON)
        assert torch.equal(gradient_sign(network, copy, labels).sign, expected)
    assert torch.equal(copy, images) and not copy.requires_grad and not attacked.requires_grad


def test_signs_agree_with_torchattacks_on_the_photo_classifier(classifier, cat, torchattacks):
    images = classifier.to_pixels(cat[None, :256, :256])
    images = torch.cat([images, images.flip(3)])
    labels = torch.tensor([285, 282])
    pixels = images.clone().requires_grad_(True)
    loss = nn.functional.cross_entropy(classifier(pixels), labels)
    (gradient,) = torch.autograd.grad(loss, pixels)
    theirs = torchattacks.FGSM(classifier, eps=EPSILON)(images, labels)
    ours = fgsm(classifier, images, labels, epsilon=EPSILON)
    clear = gradient.abs() > 1e-6 * gradient.abs().max()
    assert clear.float().mean() > 0.99
    assert torch.equal((ours - images).sign()[clear], (theirs - images).sign()[clear])


def test_targeted_signs_agree_with_torchattacks(images, torchattacks):
    network = normed_network().eval()
    labels, target = torch.tensor([0, 1, 2, 3]), torch.tensor([4, 4, 0, 1])
    peer = torchattacks.FGSM(network, eps=EPSILON)
    peer.set_mode_targeted_by_label(quiet=True)
    ours = fgsm(network, images, labels, epsilon=EPSILON, target=target)
    assert torch.equal((ours - images).sign(), (peer(images, target) - images).sign())
