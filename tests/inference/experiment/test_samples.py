"""The pictures that come with Gibbon: credited, honest about what they show, and broken by the real attack."""

import json

import numpy as np
import pytest
from PIL import Image

from inference import experiment
from inference.catalog.classifiers import card
from inference.data.base import load_data
from inference.data.sample_pictures import drawn_from
from inference.images import canonicalise
from tests.support.paths import ROOT
from tests.support.picture_files import pixels
from tests.support.walks import first

FOLDER = ROOT / "inference/assets/samples"
RECORDS = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
LICENCES = (
    "CC0 1.0",
    "Public domain",
    "CC BY 1.0",
    "CC BY 2.0",
    "CC BY 3.0",
    "CC BY 4.0",
    "CC BY-SA 3.0",
    "CC BY-SA 4.0",
    "MIT",
)
LARGEST_EPSILON = 4  # levels of 255
SLUGS = [record["slug"] for record in RECORDS]
PHOTOS = [record for record in RECORDS if record["dataset"] == "imagenet"]
TEST_PICTURES = ("mnist", "signs")  # of these datasets one of each class


def canonical(record: dict) -> bytes:
    return canonicalise((FOLDER / record["file"]).read_bytes(), record["preparation"]).png


@pytest.fixture(scope="module")
def right(classifier):
    """(record, picture) of each sample that the network calls what it is."""
    pictures = [(record, canonical(record)) for record in PHOTOS if record["truth"] is not None]
    return [
        (record, png) for record, png in pictures if experiment.predict(classifier, png).top[0].index == record["truth"]
    ]


def test_there_are_at_least_six_and_they_are_light():
    assert len(set(SLUGS)) == len(RECORDS) >= 6
    assert {path.name for path in FOLDER.iterdir()} == {record["file"] for record in RECORDS} | {"samples.json"}
    assert sum((FOLDER / record["file"]).stat().st_size for record in RECORDS) < 3_000_000


@pytest.mark.parametrize("record", RECORDS, ids=SLUGS)
def test_each_is_credited_described_and_free(record):
    assert record["licence"] in LICENCES
    assert record["licence_url"].startswith(("https://creativecommons.org/", "https://opensource.org/license/mit"))
    assert record["source"].startswith(("https://", "http://yann.lecun.com/"))
    assert all(record[field].strip() for field in ("title", "alt", "credit", "truth_label"))


@pytest.mark.parametrize("record", RECORDS, ids=SLUGS)
def test_each_is_small_and_without_metadata(record):
    bounds = {"imagenet": (224, 768), "mnist": (28, 28), "signs": (48, 48)}  # no network sees them enlarged
    smallest, largest = bounds[record["dataset"]]
    with Image.open(FOLDER / record["file"]) as picture:
        assert smallest <= min(picture.size) <= max(picture.size) <= largest
        assert not {"exif", "icc_profile", "xmp", "comment"} & set(picture.info)


def test_the_truth_is_said_in_the_networks_words_or_left_open():
    labels = card("imagenet-lite0")["labels"]
    for record in PHOTOS:
        if record["truth"] is not None:
            assert record["truth_label"] == labels[record["truth"]]
        else:
            assert record["truth_label"] not in labels


def test_at_least_four_are_right_and_not_all(right):
    assert 4 <= len(right) < len(PHOTOS)


@pytest.mark.walk
def test_fgsm_breaks_four_in_five_of_the_right_ones_within_four_levels(classifier, right):
    """And what was saved at that level, uploaded again, is called the same wrong thing, within that level."""
    broken = 0
    for record, png in right:
        made = experiment.attack(classifier, png, "fgsm", {"epsilon": 1, "target": None, "seed": 0})
        steps = [experiment.Step(level) for level in range(1, LARGEST_EPSILON + 1)]
        judged = experiment.judge_steps(classifier, png, made.sign_png, steps, seed=0)
        flipped = [step.value for step, row in judged.items() if row.argmax() != record["truth"]]
        if flipped:
            broken += 1
            saved = experiment.judge_point(classifier, png, made.sign_png, "fgsm", flipped[0])
            again = canonicalise(saved.png, "photo").png
            assert experiment.predict(classifier, again).top[0] == saved.result.top[0]
            assert saved.result.top[0].index != record["truth"]
            assert saved.result.verified and saved.result.distances.linf_levels <= flipped[0]
            assert np.abs(pixels(again) - pixels(png)).max() <= flipped[0]
    assert broken >= 0.8 * len(right)


@pytest.mark.parametrize("slug", first(TEST_PICTURES))
def test_the_samples_of_a_dataset_are_the_first_of_each_class_in_its_test_part(slug):
    data = load_data(slug)
    made = list(drawn_from(slug, RECORDS))
    assert [record["truth_label"] for record, _place, _png in made] == list(data.record.labels)
    for record, place, png in made:
        assert place == data.test.labels.tolist().index(record["truth"])
        assert f"picture {place} of the test" in record["credit"]
        assert (FOLDER / record["file"]).read_bytes() == png  # as the command writes them
        shown = pixels(canonical(record))
        assert np.array_equal(shown.reshape(data.record.size, -1), _rows(data.test.images[place]))


def _rows(image):
    """(C, H, W) as rows of pixels."""
    return image.permute(1, 2, 0).flatten(1).numpy()
