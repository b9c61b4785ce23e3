"""What the lab's values take: a digit at most 5 seconds, the largest photograph 25; and about as long as is foretold.

Processor seconds of one thread, which computes a picture in the lab too. Our aim is 20 for a photograph; 25 are allowed
where a step takes as long as on the machine they were measured on, and more in proportion where it takes longer. Held
to that is the forecast, which rests on the quickest of several passes: what really was taken grows with whatever else
the machine does, and is held to the forecast.
"""

import io
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from PIL import Image

from attacks import ATTACKS
from attacks.catalog import validate
from inference import experiment
from inference.catalog.work import seconds_of
from inference.experiment.picture import limits_of
from inference.images import canonicalise
from inference.networks.classifier import Classifier, load
from tests.support.networks import Stubborn
from tests.support.walks import first

SAMPLES = Path(__file__).parents[3] / "inference" / "assets" / "samples"
DIGIT, PHOTO = 5, 25  # processor seconds
STEP = 0.052  # of one step on a photograph, where those are meant
LARGEST = 768  # pixels a side that a stored photograph has at most
ORDINARY = {"deepfool"}
UNNOTICED = 1.5  # seconds that a forecast may be too short, however short the attack


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def digit() -> bytes:
    return canonicalise((SAMPLES / "digit-3.png").read_bytes(), "digit").png


@pytest.fixture(scope="module")
def photo() -> bytes:
    """A castle, as large as can be."""
    file = io.BytesIO()
    with Image.open(SAMPLES / "castle.jpg") as castle:
        castle.crop((96, 0, 672, 576)).resize((LARGEST, LARGEST)).save(file, "PNG")
    return canonicalise(file.getvalue(), "photo").png


def measured(classifier: Classifier, png: bytes, slug: str) -> tuple[float, float, float]:
    """(processor seconds of an attack with the lab's values, what is foretold, seconds of one step).

    It meets a network whose answer nothing changes, so that it takes as long as it may; but for what the record tells
    of ordinary pictures.
    """
    record, limits = ATTACKS[slug], limits_of(classifier)
    options = validate(slug, {}, limits)
    before = classifier.warm()
    if slug not in ORDINARY:
        named = experiment.predict(classifier, png).top[0].index
        classifier.network = Stubborn(classifier.network, named)
    begun = time.process_time()
    experiment.attack(classifier, png, slug, options)
    taken, after = time.process_time() - begun, classifier.warm()
    passes = {name: max(getattr(before, name), getattr(after, name)) for name in ("forward", "gradient")}
    return taken, seconds_of(record, options, limits, **passes), passes["gradient"]


def holds(taken: float, foretold: float, most: float) -> None:
    assert foretold <= most
    assert taken <= max(2 * foretold, foretold + UNNOTICED)
    assert foretold <= max(2 * taken, taken + 2 * UNNOTICED)  # it is told as "up to", as some look at several at once


@pytest.mark.alone
@pytest.mark.parametrize("slug", first(sorted(ATTACKS, key=lambda slug: slug != "cw")))  # which takes longest
def test_a_digit_is_done_while_somebody_waits(slug: str, digit: bytes) -> None:
    taken, foretold, _step = measured(load("digits", "cpu"), digit, slug)
    holds(taken, foretold, DIGIT)


@pytest.mark.walk
@pytest.mark.parametrize("slug", [slug for slug, record in ATTACKS.items() if not record.most_values])
def test_so_is_the_largest_photograph(slug: str, photo: bytes) -> None:
    taken, foretold, step = measured(load("imagenet-lite0", "cpu"), photo, slug)
    holds(taken, foretold, PHOTO * max(1.0, step / STEP))
