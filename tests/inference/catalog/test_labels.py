"""Finding the class a person means, among ImageNet's thousand."""

import pytest

from attacks.options import OptionError
from inference.catalog.classifiers import card
from inference.catalog.labels import described, find_class, namesakes

LABELS = card("imagenet-lite0")["labels"]


@pytest.mark.parametrize(
    ("wanted", "index"),
    [("electric ray", 5), ("Electric Ray", 5), ("5", 5), ("0", 0), ("999", 999), ("cardigan", 474), ("Cardigan", 264)],
)
def test_a_name_or_a_number_finds_its_class(wanted, index):
    assert find_class(LABELS, wanted) == index


def test_names_that_are_numbers_are_names():
    assert find_class(["one", "7", "2"], "7") == 1
    assert find_class(list("0123456789"), "7") == 7


@pytest.mark.parametrize(
    ("wanted", "sentence"),
    [
        ("elektric ray", r"no class called elektric ray\. Did you mean electric ray \(5\)"),
        ("banan", r"Did you mean banana \(954\)"),
        ("zzzzqq", r"no class called zzzzqq\.$"),
        ("", r"no class called \.$"),
        ("1000", "from 0 to 999"),
        ("-1", "no class called -1"),
        ("9" * 5000, r"no class called 9{40}…\.$"),
        ("CARDIGAN", r"Several classes are called CARDIGAN: Cardigan \(264\), cardigan \(474\)\. Give the number\."),
    ],
)
def test_what_is_not_found_is_explained(wanted, sentence):
    with pytest.raises(OptionError, match=sentence) as refusal:
        find_class(LABELS, wanted)
    assert refusal.value.field == "target"


def test_namesakes_are_known():
    """ImageNet has two cranes and two maillots; torchvision's labels tell them apart by a second word."""
    assert str(described(LABELS, namesakes(LABELS, find_class(LABELS, "crane")))) == "crane bird (134)"
    assert str(described(LABELS, namesakes(LABELS, find_class(LABELS, "maillot")))) == "maillot tank suit (639)"
    assert namesakes(LABELS, find_class(LABELS, "tabby")) == []
