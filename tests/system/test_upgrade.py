"""An installation of the version before works on: its database and media folder, migrated by today's code."""

import json
import os
import subprocess
import sys
import tarfile
from typing import Any

import pytest
from PIL import Image

from inference.__main__ import main
from tests.support.paths import ROOT

pytestmark = pytest.mark.walk
ARCHIVE = ROOT / "tests" / "data" / "before" / "installation.tar.xz"
NEW = ("digits-plain", "signs", "signs-hardened")  # classifiers that the installation of before did not have
LOOK = """
import json, logging, django
django.setup()
logging.disable(logging.WARNING)  # no broker runs here
from django.core.management import call_command
from django.test import Client
from inference.catalog.identity import identity_of
from webapp.jobs.models import Job, Status
from webapp.jobs.run import Run
from webapp.jobs.attempts import claim
from webapp.lab.models import Attack
from webapp.pictures.models import Picture
from webapp.registry.models import Classifier, ModelVersion
from webapp.registry.services import register_shipped
from webapp.registry.live_cards import tell_all
from webapp.promotion import services, work
from django.contrib.auth.models import User

call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
register_shipped()
tell_all()
client = Client(HTTP_HOST="127.0.0.1")
def page(path):
    return client.get(path).status_code
def labels(path):
    return client.get(path).json()["card"]["labels"]
versions = list(ModelVersion.objects.select_related("classifier").order_by("pk"))
work.ensure_samples = lambda: None
kinds = Classifier.objects.get(slug="kinds")
job = services.roll_back(user=User.objects.get(), classifier=kinds)
mine = claim(job.pk)
work.promote(Run(mine))
found = {
    "classifiers": {c.slug: [c.origin, c.live().labels[:2]] for c in Classifier.objects.all()},
    "identities": len({v.identity for v in versions}),
    "by_identity": [page(f"/lab/version/{v.identity}/") for v in versions],
    "by_weights": {v.sha256[:8]: page(f"/lab/version/{v.sha256}/") for v in versions},
    "shared": [page(f"/s/{job.share_token}/") for job in Job.objects.exclude(share_token=None)],
    "rolled_back": [Job.objects.get(pk=job.pk).status, kinds.live().card["options"]["width"]],
    "clothes": [
        Classifier.objects.get(slug="fashion-mnist").preparation,
        [v.card["preparation"] for v in versions if v.card.get("dataset", {}).get("slug") == "fashion-mnist"],
        sorted(set(Picture.objects.filter(attacks__job__version__classifier__slug="fashion-mnist")
                   .values_list("preparation", flat=True))),
        [v.identity == identity_of(v.sha256, v.card) for v in versions].count(False),
    ],
    "attacked": [attack.job.version.classifier.slug for attack in Attack.objects.order_by("job__created")],
}
found["live"] = {v.classifier.slug: v.identity for v in ModelVersion.objects.filter(live=True)}
found["all"] = {v.identity: [v.sha256, v.labels] for v in versions}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    data = tmp_path_factory.mktemp("before")
    with tarfile.open(ARCHIVE) as archive:
        archive.extraction_filter = getattr(tarfile, "data_filter", None)  # from 3.11.4 on
        archive.extractall(data)  # noqa: S202 - our own
    env = os.environ | {"GIBBON_DATA": str(data), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1]) | {"data": str(data)}


def test_what_a_name_took_over_has_a_classifier_of_its_own_and_the_shipped_one_answers_again(found) -> None:
    before = {slug: found["classifiers"][slug] for slug in found["classifiers"] if slug not in NEW}
    assert before == {
        "imagenet-lite0": ["shipped/imagenet-lite0", ["tench", "goldfish"]],
        "digits": ["shipped/digits", ["0", "1"]],
        "digits-2": ["dataset/digits", ["horizontal", "vertical"]],
        "digits-hardened": ["shipped/digits-hardened", ["0", "1"]],
        "kinds": ["dataset/kinds", ["cat", "dgo"]],
        "fashion-mnist": ["dataset/fashion-mnist", ["T-shirt/top", "Trouser"]],
    }


def test_old_addresses_stay_valid_while_they_name_one_version(found) -> None:
    assert found["identities"] == len(found["by_identity"]) == 7 + len(NEW)
    assert set(found["by_identity"]) == {200}
    twice = "e5190f6f"  # the same zeros, in two datasets
    assert found["by_weights"].pop(twice) == 409
    assert set(found["by_weights"].values()) == {200}
    assert found["shared"] == [200, 200]
    assert found["attacked"] == ["kinds", "fashion-mnist"]


def test_what_fashion_mnist_shows_is_clothes_in_every_row(found) -> None:
    assert found["clothes"] == ["clothes", ["clothes"], ["clothes"], 0]


def test_a_version_of_before_can_be_rolled_back_to(found) -> None:
    assert found["rolled_back"] == ["done", 2]


def test_the_command_line_knows_what_was_promoted_and_every_version(found, monkeypatch, capsys, tmp_path) -> None:
    monkeypatch.setenv("GIBBON_DATA", found["data"])
    monkeypatch.delenv("GIBBON_MEDIA", raising=False)
    photo = tmp_path / "photo.png"
    Image.new("RGB", (28, 28), "white").save(photo)

    def asked(name: str) -> tuple[int, Any, str]:
        code = main(["predict", str(photo), "--classifier", name, "--json"])
        told = capsys.readouterr()
        return code, json.loads(told.out or "{}"), told.err

    for slug in ("kinds", "fashion-mnist", "digits-2", "digits", "digits-hardened"):
        code, told, _err = asked(slug)
        assert code == 0 and told["classifier"]["identity"] == found["live"][slug]
    for identity, (_weights, labels) in found["all"].items():
        code, told, _err = asked(identity[:8])
        assert code == 0 and told["classifier"]["identity"] == identity
        assert {entry["label"] for entry in told["top"]} <= {*labels}

    code, _told, err = asked("e5190f6f")  # the same zeros, in two datasets
    assert code == 2 and all(identity in err for identity, (sha, _) in found["all"].items() if sha[:8] == "e5190f6f")
    assert asked("00000000")[0] == 2 and "fashion-mnist" in asked("nothing-such")[2]
