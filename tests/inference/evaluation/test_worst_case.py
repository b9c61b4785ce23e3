"""The worst case for each picture over a list of attacks: what is tried, kept, counted and said."""

from itertools import pairwise

import pytest
import torch
from torch import nn

from inference.catalog.comparison import Measured
from inference.catalog.protocols import LISTED, Protocol
from inference.catalog.worst_case import Matrix, remarks, steps_of, verdict
from inference.data.base import Pictures
from inference.evaluation import worst_case as module
from inference.evaluation.accuracy import outcomes
from inference.evaluation.worst_case import worst_case
from inference.networks.classifier import load
from tests.support.datasets import data_of
from tests.support.networks import Linear

PICTURES = 40
PGD = Protocol("pgd", 25, PICTURES, steps=3)
FGSM = Protocol("fgsm", 25, PICTURES)
SQUARE = Protocol("square", 25, PICTURES, more=(("queries", 30), ("share", 0.3)))


@pytest.fixture(scope="module")
def pictures() -> Pictures:
    """The first test digits; two have a label that they are not."""
    test = data_of("mnist").test[:PICTURES]
    labels = test.labels.clone()
    labels[:2] = (labels[:2] + 1) % 10
    return Pictures(test.images, labels)


@pytest.fixture(scope="module")
def digits() -> nn.Module:
    return load("digits", "cpu")


@pytest.fixture(scope="module")
def whole(digits, pictures) -> Matrix:
    return worst_case(digits, pictures, [[FGSM, PGD, SQUARE]])


def test_later_attacks_are_tried_on_what_earlier_ones_left(digits, pictures, whole):
    assert whole.clean[:2] == "00"
    fgsm, pgd, square = map(whole.column, (FGSM, PGD, SQUARE))
    assert [letter == "-" for letter in fgsm] == [letter == "0" for letter in whole.clean]
    assert [letter == "-" for letter in pgd] == [letter != "1" for letter in fgsm]
    assert [letter == "-" for letter in square] == [letter != "1" for letter in pgd]
    assert pgd.count("0") > 0 and fgsm.count("0") > 0 and pgd.count("1") > 0


def test_the_first_attacks_figure_is_that_of_an_evaluation_with_it_alone(digits, pictures, whole):
    assert whole.left([FGSM]) == outcomes(digits, pictures, FGSM).tolist()
    (step,) = steps_of(worst_case(digits, pictures, [[PGD]]), [PGD])
    assert step.alone == step.left == Measured.of_each(outcomes(digits, pictures, PGD).tolist())


def test_one_more_attack_never_raises_a_figure_and_what_is_wrong_stays_wrong(whole):
    steps = list(steps_of(whole, [FGSM, PGD, SQUARE]))
    rights = [whole.clean.count("1"), *(step.left.right for step in steps)]
    assert rights == sorted(rights, reverse=True)
    assert [step.newly_broken for step in steps] == [a - b for a, b in pairwise(rights)]
    assert not any(whole.left([FGSM, PGD, SQUARE])[:2])
    assert steps[0].alone and not steps[1].alone and not steps[2].alone


def test_everywhere_gives_each_attack_its_own_figure_and_the_same_worst_case(digits, pictures, whole):
    everywhere = worst_case(digits, pictures, [[FGSM, PGD, SQUARE]], everywhere=True)
    assert everywhere.left([FGSM, PGD, SQUARE]) == whole.left([FGSM, PGD, SQUARE])
    alone = [step.alone for step in steps_of(everywhere, [FGSM, PGD, SQUARE])]
    assert alone == [Measured.of_each(outcomes(digits, pictures, it).tolist()) for it in (FGSM, PGD, SQUARE)]


def test_an_evaluation_that_was_killed_goes_on_where_it_was(digits, pictures, whole, monkeypatch):
    monkeypatch.setattr(module, "CHUNK", 7)
    saved: list[Matrix] = []

    def save(matrix):
        saved.append(Matrix(matrix.clean, dict(matrix.attacked)))
        if len(saved) == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        worst_case(digits, pictures, [[FGSM, PGD, SQUARE]], save=save)
    before = [place for place, letter in enumerate(saved[-1].column(PGD)) if letter != "-"]
    tried, real = [], module.right_after
    monkeypatch.setattr(module, "right_after", lambda *given: tried.append((given[2].attack, given[4])) or real(*given))
    resumed = worst_case(digits, pictures, [[FGSM, PGD, SQUARE]], kept=saved[-1])
    assert resumed == whole
    assert "fgsm" not in [attack for attack, _places in tried]
    again = [place for attack, places in tried if attack == "pgd" for place in places]
    assert before and again and not set(before) & set(again)


def test_each_start_is_for_what_the_one_before_left(digits, pictures):
    twice = Protocol("pgd", 12, PICTURES, steps=2, restarts=3)
    assert worst_case(digits, pictures, [[twice]]).left([twice]) == outcomes(digits, pictures, twice).tolist()


def test_steps_are_told_up_to_the_end(digits, pictures):
    told: list[tuple[int, int]] = []
    worst_case(digits, pictures, [[FGSM, PGD], [SQUARE]], on_step=lambda *done: told.append(done))
    assert [done for done, _total in told] == sorted(done for done, _total in told)
    assert {total for _done, total in told} == {3 * PICTURES} and told[-1][0] == 3 * PICTURES


@pytest.mark.parametrize("saved", [False, True])
def test_in_l2_a_picture_of_a_linear_network_is_broken_exactly_where_its_boundary_is_near_enough(saved):
    generator = torch.Generator().manual_seed(3)
    images = torch.randint(60, 196, (30, 1, 5, 5), dtype=torch.uint8, generator=generator)
    weight = torch.randn(2, 25, generator=generator)
    network = Linear(weight).eval()
    logits = network(images.float() / 255)
    pictures = Pictures(images, logits.argmax(1))
    ahead = logits.max(1).values - logits.min(1).values
    distance = ahead / (weight[0] - weight[1]).norm()
    radius = distance.median().item()
    clear = (distance / radius - 1).abs() > 0.05  # an attack may miss the last hundredth, bytes some more
    for attack, more in (("pgd-l2", ()), ("deepfool", ()), ("ddn", ()), ("cw", (("binary_steps", 9),))):
        protocol = Protocol(attack, 0, 30, steps=100, more=more, within=radius, saved=saved)
        right = torch.tensor(worst_case(network, pictures, [[protocol]]).left([protocol]))
        assert torch.equal(right[clear], distance[clear] > radius), attack
    assert 5 < right.sum() < 25


def matrix_of(*columns: str) -> tuple[Matrix, list[Protocol]]:
    protocols = [Protocol("pgd", 77, len(columns[0])), LISTED["square"].at(77, len(columns[0]))]
    return Matrix(
        "1" * len(columns[0]), {str(it): column for it, column in zip(protocols, columns, strict=True)}
    ), protocols


@pytest.mark.parametrize(("broken", "said"), [(1, ""), (2, "is lower than the white box says"), (8, "do not trust")])
def test_what_a_search_breaks_beyond_the_white_box_is_a_number_with_a_sentence(broken, said):
    """From more than 1 point on it is noted, from more than 5 on the gradient is distrusted."""
    matrix, protocols = matrix_of("0" * 10 + "1" * 90, "-" * 10 + "0" * broken + "1" * (90 - broken))
    found = remarks(list(steps_of(matrix, protocols)))
    assert [said in sentence for _step, sentence in found] == ([True] if said else [])
    if said:
        assert f"It breaks {broken} of the 90 pictures" in found[0][1] and "of 100" in found[0][1]
    assert not remarks(list(steps_of(matrix, protocols[1:])))  # without a white box before there is nothing to beat


def test_the_verdict_names_its_limits():
    matrix, protocols = matrix_of("0" * 10 + "1" * 90, "-" * 10 + "1" * 90)
    sentence = verdict(list(steps_of(matrix, protocols)))
    assert sentence == (
        "Right on 90 of 100 pictures under every attack listed (95% interval 82.56% to 94.48%), 77/255 in L-infinity: "
        "an upper bound for this threat model only."
    )


def test_what_is_drawn_for_a_picture_depends_on_its_place_alone(digits, pictures):
    protocol = Protocol("square", 60, PICTURES, more=(("queries", 60), ("share", 0.3)))
    places = torch.arange(5, 15)
    together = module.right_after(digits, pictures[places], protocol, 0, places.tolist())
    alone = [module.right_after(digits, pictures[place : place + 1], protocol, 0, [place]) for place in range(5, 15)]
    assert together.tolist() == [bool(one) for one in alone] and 0 < together.sum() < 10
