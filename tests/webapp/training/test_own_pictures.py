"""Own pictures: a ZIP becomes a dataset, a network is transferred to it, and visitors are served; or it is refused."""

import io
import zipfile
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.conf import settings as site
from django.utils.html import escape
from PIL import Image
from skimage import data as textures

from inference.catalog.datasets import DATASETS
from tests.support.cast import Person, sentence_of
from tests.support.paths import CASES
from tests.support.walks import first
from webapp.core.body_cap import cap_of
from webapp.jobs.models import Job, Status
from webapp.lab.samples import FOLDER, ensure_samples, ensure_samples_of, gallery
from webapp.pictures.models import Picture
from webapp.registry.models import Classifier
from webapp.training.datasets import remove
from webapp.training.expiry import delete_refused_datasets
from webapp.training.models import Dataset

Do = Callable[..., Job]
TEXTURES = ("brick", "grass", "gravel")


def patches(name: str, count: int) -> list[bytes]:
    """JPEGs cut out of one of scikit-image's photographs, CC0."""
    whole = getattr(textures, name)()
    corners = [(row, column) for row in range(0, 384, 128) for column in range(0, 384, 128)]
    return [jpeg(np.stack([whole[top : top + 128, left : left + 128]] * 3, axis=2)) for top, left in corners[:count]]


def jpeg(pixels: np.ndarray) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG")
    return file.getvalue()


def zipped(entries: dict[str, bytes]) -> io.BytesIO:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    file.seek(0)
    file.name = "pictures.zip"
    return file


def bring(ada: Person, file: io.BytesIO, name: str = "Grounds") -> Dataset:
    answer = ada.send_form("/admin/training/dataset/add/", {"name": name, "archive": file})
    assert answer.status_code == 302, answer.content
    return Dataset.objects.get(slug=answer["Location"].strip("/").rpartition("/")[2])


@pytest.mark.walk
def test_three_classes_of_photographs_become_a_classifier(ada: Person, alice: Person, do: Do) -> None:
    entries = {f"{name}/{number}.jpg": content for name in TEXTURES for number, content in enumerate(patches(name, 9))}
    entries["brick/page.jpg"] = b"<!doctype html><p>not a picture"
    dataset = bring(ada, zipped(entries))

    job = do(dataset.preparations.get().job_id)

    assert job.status == Status.DONE, job.why()
    dataset.refresh_from_db()
    assert dataset.facts["labels"] == list(TEXTURES) and dataset.facts["own"]["refused"]["count"] == 1
    assert not list((Path(site.MEDIA_DIR) / "archives").iterdir())
    for which in ("samples", "augmentations"):
        assert alice.get(f"/datasets/grounds/{which}.png")["Content-Type"] == "image/png"

    config = {
        "dataset": "grounds",
        "network": "tf_efficientnet_lite0",
        "epochs": 4,
        "learning_rate": 0.1,
        "batch_size": 8,
    }
    order = ada.post("/api/v1/training-runs", {"config": config | {"robust_pictures": 0}}).json()
    trained = do(order["id"])
    assert trained.status == Status.DONE, trained.why()
    promoted = do(ada.post(f"/api/v1/versions/{trained.version.sha256}/promote", {"confirmed": True}).json()["id"])
    assert promoted.status == Status.DONE, promoted.why()

    live = Classifier.objects.get(slug="grounds").live()
    assert live.labels == list(TEXTURES)
    samples = gallery(live)  # its own test pictures, each already attacked
    assert [(one["title"], one["truth"]) for one in samples] == [(name, at) for at, name in enumerate(TEXTURES)]
    assert {Job.objects.get(pk=one["job"]).version for one in samples} == {live}
    assert alice.get(samples[0]["url"])["Content-Type"] == "image/png"
    assert do(samples[0]["job"]).status == Status.DONE
    assert (
        'title="all others"' not in alice.get(f"/lab/{samples[0]['job']}/").content.decode()
    )  # there are three classes
    others = [one["title"] for one in gallery(Classifier.objects.get(slug="imagenet-lite0").live())]
    assert not {*others} & {*TEXTURES}
    patch = io.BytesIO(patches("gravel", 9)[8])
    picture = alice.upload(patch).json()
    answered = do(alice.predict(picture["id"], classifier="grounds").json()["id"])
    assert answered.prediction.result["top"][0]["label"] == "gravel"
    ada.send_form(f"/admin/training/dataset/{dataset.pk}/delete/", {"post": "yes"})
    assert Dataset.objects.filter(pk=dataset.pk).exists()  # its version names it

    dataset.runs.all().delete()  # as the admin does, one after the other
    remove(dataset)
    assert not Picture.objects.filter(facts__dataset="grounds").exists() and gallery(live) == []
    assert [one["title"] for one in gallery(Classifier.objects.get(slug="imagenet-lite0").live())] == others


def test_no_name_of_a_dataset_takes_over_samples_that_come_with_gibbon(ada: Person) -> None:
    ensure_samples()
    digit = Picture.objects.get(sample="digit-3")
    ensure_samples_of("digit", "digit", [(3, "three", (FOLDER / "digit-3.png").read_bytes())])
    assert Picture.objects.get(sample="digit-3") == digit and digit.facts["dataset"] == "mnist"
    assert bring(ada, zipped({}), "ImageNet").slug != "imagenet"


HOSTILE = {
    "not a ZIP": lambda: io.BytesIO(b"GIF89a" * 100),
    "no classes": lambda: zipped({"one.jpg": patches("brick", 1)[0]}),
    "one class": lambda: zipped({f"brick/{n}.jpg": content for n, content in enumerate(patches("brick", 6))}),
    "a name that climbs": lambda: zipped({"../../evil/1.jpg": b"x"}),
    "only pages": lambda: zipped({f"{name}/{n}.jpg": b"<html>" for name in "ab" for n in range(6)}),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_zip_that_is_no_use_is_refused_and_leaves_nothing(kind: str, ada: Person, do: Do) -> None:
    file = HOSTILE[kind]()
    file.name = "pictures.zip"
    dataset = bring(ada, file)

    job = do(dataset.preparations.get().job_id)

    assert job.status == Status.FAILED and job.why().endswith("."), job.why()
    folders = [Path(site.MEDIA_DIR) / name for name in ("archives", "datasets")]
    assert not [path for folder in folders if folder.exists() for path in folder.iterdir()]
    assert ada.get("/api/v1/datasets/grounds").json()["problem"] == job.why()
    answer = ada.post("/api/v1/training-runs", {"config": {"dataset": "grounds"}})
    assert answer.status_code == 422

    Dataset.objects.filter(pk=dataset.pk).update(created=dataset.created - timedelta(days=2))
    assert delete_refused_datasets() == 1
    assert not Dataset.objects.filter(pk=dataset.pk).exists()


def case(name: str) -> io.BytesIO:
    file = io.BytesIO((CASES / name).read_bytes())
    file.name = name
    return file


class Plain(zipfile.ZipInfo):
    """A name as bytes of some encoding, of which the ZIP does not say that it is UTF-8."""

    def __init__(self, name: str, encoding: str) -> None:
        super().__init__(name.replace("\\", "/"))
        self.raw = name.encode(encoding)

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.raw, self.flag_bits & ~0x800


def named(encoding: str, *labels: str, between: str = "/") -> io.BytesIO:
    """A ZIP of five pictures for each of two classes, its names in that encoding."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for label, texture in zip(labels, TEXTURES, strict=False):
            for number, content in enumerate(patches(texture, 5)):
                archive.writestr(Plain(f"{label}{between}{number}.jpg", encoding), content)
    file.seek(0)
    file.name = "pictures.zip"
    return file


def folders(layout: str, more: dict[str, bytes] | None = None) -> io.BytesIO:
    """A ZIP of these folders of classes, each with five pictures of its own, and more; "a:brick b:grass"."""
    used: Counter[str] = Counter()
    entries: dict[str, bytes] = {}
    for folder, texture in (part.split(":") for part in layout.split()):
        for content in patches(texture, 9)[used[texture] : used[texture] + 5 - used[texture] // 5]:
            entries[f"{folder}/{used[texture]}.jpg"] = content
            used[texture] += 1
    return zipped(entries | (more or {}))


TOLD: dict[str, tuple[Callable[[], io.BytesIO], list[str] | None, set[str]]] = {
    # a ZIP; the classes made of it, none if it is refused; the codes of what is told, the refusal's among them
    **{
        name: (partial(lambda name: case(f"{name}.zip"), name), labels, codes)
        for name, labels, codes in [
            ("zip_long_names", [], set()),
            ("zip_gbk_names", ["狗", "猫"], {"encoding"}),
            ("zip_gbk_names_unicode_path", ["狗", "猫"], set()),
            ("zip_backslash", ["cat", "dog"], set()),
            ("zip_train_val", ["cat", "dog"], {"split"}),
            ("zip_wrapped_train_val", ["cat", "dog"], {"split"}),
            ("zip_empty_class", ["cat", "dog"], {"empty_class"}),
            ("zip_one_class_heic", None, {"too_few", "heic"}),
            ("zip_same_picture", None, {"too_few", "twice"}),
        ]
    },
    "Shift-JIS 表": (lambda: named("cp932", "表", "裏"), ["表", "裏"], {"encoding"}),
    "Shift-JIS, backslashes": (lambda: named("cp932", "表", "裏", between="\\"), ["表", "裏"], {"encoding"}),
    "CP866": (lambda: named("cp866", "кошки", "собаки"), ["кошки", "собаки"], {"encoding"}),
    "CP1251": (lambda: named("cp1251", "кошки", "собаки"), ["кошки", "собаки"], {"encoding"}),
    "CP850": (lambda: named("cp850", "chien", "éléphant"), ["chien", "éléphant"], {"encoding"}),
    "CP852": (lambda: named("cp852", "kočka", "ještěrka"), ["ještěrka", "kočka"], {"encoding"}),
    "Cat and cat": (lambda: folders("Cat:brick cat:grass"), ["Cat", "cat"], {"case"}),
    "an invisible class": (
        lambda: folders("brick:brick grass:grass \u200b\u200d:gravel"),
        ["brick", "grass"],
        {"nameless"},
    ),
    "a class with U+202E": (lambda: folders("cat\u202e:brick dog\u2066:grass"), ["cat", "dog"], set()),
    "train and valid, two deep": (
        lambda: folders("a/b/train/x:brick a/b/train/y:grass a/b/valid/x:brick a/b/valid/y:grass"),
        ["x", "y"],
        {"split"},
    ),
    "training_set and dev": (
        lambda: folders("training_set/x:brick training_set/y:grass dev/x:brick dev/y:grass"),
        ["x", "y"],
        {"split"},
    ),
    "a class empty in val only": (
        lambda: folders("train/x:brick train/y:grass val/x:brick", {"val/y/": b""}),
        ["x", "y"],
        {"split", "empty_folder", "missing"},
    ),
    "years around the classes": (lambda: folders("2019/x:brick 2020/y:grass"), None, {"all_too_deep", "too_deep"}),
    "what systems add": (
        lambda: folders(
            "x:brick y:grass",
            {
                "__MACOSX/x/._0.jpg": b"\0",
                "x/.DS_Store": b"\0",
                "$RECYCLE.BIN/a/b.jpg": b"",
                "y/Thumbs.db": b"",
                "@eaDir/0": b"",
            },
        ),
        ["x", "y"],
        set(),
    ),
}


@pytest.mark.parametrize("kind", first(TOLD, 6))
def test_what_is_made_of_a_zip_and_told_of_it(kind: str, ada: Person, alice: Person, do: Do) -> None:
    make, labels, codes = TOLD[kind]
    job = do(bring(ada, make()).preparations.get().job_id)

    told = alice.get("/api/v1/datasets/grounds").json()
    report = told["report"]
    found = {note["code"] for note in [*report["notes"], *report["reasons"]]}
    assert found | ({job.error_code} if labels is None else set()) == codes, report
    if labels is None:
        assert job.status == Status.FAILED and told["problem"] == job.why()
    else:
        assert job.status == Status.DONE, job.why()
        assert told["labels"] == labels or (kind == "zip_long_names" and len(told["labels"]) == 3)
    page = alice.get("/datasets/grounds/").content.decode()
    assert all(escape(note["sentence"]) in page for note in report["notes"])


def test_an_encoding_that_was_chosen_is_used(ada: Person, alice: Person, do: Do) -> None:
    fields = {"name": "Grounds", "archive": named("koi8-r", "кошки", "собаки"), "encoding": "koi8-r"}
    assert ada.send_form("/admin/training/dataset/add/", fields).status_code == 302
    do(Dataset.objects.get(slug="grounds").preparations.get().job_id)
    assert alice.get("/api/v1/datasets/grounds").json()["labels"] == ["кошки", "собаки"]


def test_a_program_brings_a_zip_and_reads_the_report(ada: Person, alice: Person, do: Do) -> None:
    def brought(person: Person, **fields: Any) -> Any:
        return person.send_form("/api/v1/datasets", {"name": "Pets", "archive": case("zip_gbk_names.zip")} | fields)

    assert brought(alice).status_code == 403
    for field, value, words in [
        ("encoding", "klingon", "must be one of: utf-8, gb18030"),
        ("encoding", "gbk\0", "must be one of"),
        ("name", "\u200b", "Nothing of this name would be seen"),
        ("archive", "text", "archive must be a file"),
    ]:
        refused = brought(ada, **{field: value})
        assert (refused.status_code, refused.json()["error"]["field"]) == (422, field), refused.content
        assert words in sentence_of(refused)
    assert not Dataset.objects.exclude(slug__in=DATASETS).exists()

    answer = brought(ada, encoding="gbk")
    assert answer.status_code == 201 and answer.json()["report"] is None
    do(Dataset.objects.get(slug=answer.json()["slug"]).preparations.get().job_id)
    told = alice.get("/api/v1/datasets/pets").json()
    assert told["labels"] == ["狗", "猫"] and told["report"]["notes"][0]["code"] == "encoding_chosen"
    assert cap_of("/api/v1/datasets") == cap_of("/admin/training/dataset/add/") > 200_000_000


def test_what_was_left_out_of_each_class_is_on_the_page_and_in_the_api_before_any_training(
    ada: Person, alice: Person, do: Do
) -> None:
    refused = bring(ada, case("zip_one_class_heic.zip"))
    job = do(refused.preparations.get().job_id)
    assert job.status == Status.FAILED and "0 of 6" in job.why() and "HEIC" in job.why()
    told = alice.get("/api/v1/datasets/grounds").json()
    classes = {one["label"]: one for one in told["report"]["classes"]}
    assert classes["bird"]["taken"] == 0 and classes["bird"]["reasons"][0]["count"] == 6
    assert "HEIC" in classes["bird"]["reasons"][0]["sentence"] and classes["cat"]["taken"] == 5
    page = alice.get("/datasets/grounds/").content.decode()
    assert 'id="left-out"' in page and "6 × This is an iPhone" in page

    taken = bring(ada, case("zip_gbk_names.zip"), "Chinese\u202e names\u200b")
    assert taken.name == "Chinese names"
    assert do(taken.preparations.get().job_id).status == Status.DONE
    told = alice.get(f"/api/v1/datasets/{taken.slug}").json()
    assert told["labels"] == ["狗", "猫"]
    assert [(note["code"], "GBK" in note["sentence"]) for note in told["report"]["notes"]] == [("encoding", True)]
    assert "read as GBK" in alice.get(f"/datasets/{taken.slug}/").content.decode()
