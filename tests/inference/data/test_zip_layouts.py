"""Where classes and parts lie in a ZIP, and what is told of it: the cases from the field, and others of their kinds."""

import pytest

from inference.catalog.configuration import validate
from inference.data.own import load_own, save_own, unpack
from inference.data.zip_refusal import BadZip
from inference.images import canonicalise
from inference.training.loop import train
from tests.support.paths import CASES
from tests.support.zip_files import good, patch, zipped

ENOUGH = ("brick", "grass")


@pytest.fixture
def bring(tmp_path):
    """(the dataset, its facts, the codes of what is told) of a ZIP."""

    def bring_it(zip_, **options):
        path = tmp_path / "upload.zip"
        path.write_bytes((CASES / zip_).read_bytes() if isinstance(zip_, str) else zipped(zip_))
        made = unpack(path, decode=lambda data: canonicalise(data, "photo").png, **options)
        saved = save_own(made, tmp_path / "prepared", name="x")
        codes = [note["code"] for note in saved.facts["refused"]["notes"]]
        assert all(note["message"] % note["params"] for note in saved.facts["refused"]["notes"])
        return load_own(saved.path, slug="x"), saved.facts, codes

    return bring_it


def parted(**parts: range) -> dict[str, bytes]:
    """Two textures, those numbers of each in each part."""
    return {f"{part}/{name}/{n}.jpg": patch(name, n) for part, some in parts.items() for name in ENOUGH for n in some}


@pytest.mark.parametrize(
    ("case", "labels", "codes"),
    [
        ("zip_backslash.zip", ("cat", "dog"), []),
        ("zip_empty_class.zip", ("cat", "dog"), ["empty_class"]),
        ("zip_gbk_names.zip", ("狗", "猫"), ["encoding"]),
        ("zip_gbk_names_unicode_path.zip", ("狗", "猫"), []),
    ],
)
def test_cases_of_names(bring, case, labels, codes):
    data, facts, told = bring(case)
    assert data.record.labels == labels and told == codes
    assert facts["counts"] == {"training": [4, 4], "test": [1, 1]}


def test_classes_whose_long_names_differ_at_their_ends_stay_classes(bring):
    data, facts, _told = bring("zip_long_names.zip")
    assert len(data.record.labels) == 3 and facts["counts"]["training"] == [4, 4, 4]


@pytest.mark.parametrize("case", ["zip_train_val.zip", "zip_wrapped_train_val.zip"])
def test_cases_of_parts(bring, case):
    data, facts, told = bring(case)
    assert data.record.labels == ("cat", "dog") and told == ["split"]
    assert facts["counts"] == {"training": [5, 5], "test": [5, 5]}
    assert data.validation is None and len(data.learnt_from(share=0.2, seed=1)[1]) == 2


def test_three_parts_are_learnt_from_validated_and_tested_with_as_they_are(bring):
    parts = parted(Train=range(5), VALID=range(10, 12), test=range(20, 23))
    wrapped = {f"a/b/c/{name}": content for name, content in parts.items()}
    data, facts, _told = bring(wrapped)
    assert facts["counts"] == {"training": [5, 5], "test": [3, 3], "validation": [2, 2]}
    assert data.learnt_from(share=0.5, seed=3) == (data.training, data.validation)
    assert data.counts() == facts["counts"]


def test_a_part_zipped_twice_around_itself_is_unwrapped(bring):
    files = {
        f"{name.split('/')[0]}/{name}": content for name, content in parted(train=range(5), test=range(9, 11)).items()
    }
    assert bring(files)[1]["counts"] == {"training": [5, 5], "test": [2, 2]}


def test_only_one_part_is_split_and_told(bring):
    _data, facts, told = bring(parted(test=range(5)))
    assert told == ["one_part"] and facts["counts"] == {"training": [4, 4], "test": [1, 1]}
    assert bring(parted(val=range(5), test=range(8, 10)))[2] == ["no_train"]


def test_classes_that_are_called_train_and_test_are_classes(bring):
    files = {
        f"{label}/{n}.jpg": patch(name, n) for label, name in (("train", "brick"), ("test", "grass")) for n in range(5)
    }
    data, _facts, told = bring(files)
    assert data.record.labels == ("test", "train") and told == ["parts_as_classes"]


def test_what_is_tested_with_is_never_learnt_from(bring):
    files = parted(train=range(7), test=range(5, 8))  # the last two of train are in test as well
    _data, facts, _told = bring(files)
    assert facts["counts"] == {"training": [5, 5], "test": [3, 3]}
    assert [(one["code"], one["count"]) for one in facts["refused"]["reasons"]] == [("leaked", 4)]


def test_classes_that_the_parts_do_not_share_are_told(bring):
    files = parted(train=range(5), test=range(8, 10))
    lacking = {name: content for name, content in files.items() if "test/grass" not in name}
    _data, facts, told = bring(lacking)
    assert "missing" in told and facts["counts"]["test"] == [2, 0]
    more = files | {f"test/Grass/{n}.jpg": patch("gravel", n) for n in range(3)}
    with pytest.raises(BadZip, match="“Grass” lies in the folder “test” only") as caught:
        bring(more)
    assert caught.value.code == "not_learnt"


def test_a_training_learns_from_the_given_parts_even_where_one_lacks_a_class(bring, tmp_path):
    files = parted(train=range(5), val=range(8, 10), test=range(12, 14))
    data, facts, _told = bring({name: content for name, content in files.items() if "test/grass" not in name})
    assert facts["counts"] == {"training": [5, 5], "test": [2, 0], "validation": [2, 2]}
    values = {"dataset": "x", "network": "convnet", "epochs": 1, "robust_pictures": 0}
    (epoch,) = train(validate(values, datasets={"x": data.record}), data, folder=tmp_path)
    assert epoch.validation_error in (0, 0.25, 0.5, 0.75, 1)  # of the four pictures that were given


def test_names_that_differ_in_case_or_in_nothing_to_be_seen_are_told(bring):
    _data, _facts, told = bring(good(5, ENOUGH) | {f"Brick/{n}.jpg": patch("gravel", n) for n in range(5)})
    assert told == ["case"]
    hidden = {f"brick\u200b/{n}.jpg": patch("brick", n) for n in range(20, 22)}
    data, facts, told = bring(good(5, ENOUGH) | hidden | {"\u200b/0.jpg": patch("gravel", 0)})
    assert told == ["merged"] and data.record.labels == ENOUGH
    assert [one["code"] for one in facts["refused"]["reasons"]] == ["nameless"]


@pytest.mark.parametrize(
    ("case", "label", "code", "count"),
    [("zip_one_class_heic.zip", "bird", "heic", 6), ("zip_same_picture.zip", "black", "twice", 4)],
)
def test_a_class_with_too_few_pictures_says_why(bring, case, label, code, count):
    with pytest.raises(BadZip, match=f"{count} × ") as caught:
        bring(case)
    classes = {one["label"]: one for one in caught.value.report.as_json()["classes"]}
    assert caught.value.params["label"] == label
    assert [(one["code"], one["count"]) for one in classes[label]["reasons"]] == [(code, count)]


def test_a_part_of_which_nothing_can_be_used_is_refused(bring):
    with pytest.raises(BadZip, match="“test” has no pictures"):
        bring(parted(train=range(5)) | {"test/brick/0.jpg": b"<html>"})


def test_names_that_were_read_wrongly_are_read_as_chosen(bring):
    assert bring("zip_gbk_names.zip", encoding="gb18030")[2] == ["encoding_chosen"]
