"""An installation of the version before works on: its database and media folder, migrated by today's code."""

import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).parents[2]
ARCHIVE = PROJECT / "tests" / "data" / "before" / "installation.tar.xz"
LOOK = """
import json, logging, django
django.setup()
logging.disable(logging.WARNING)  # no broker runs here
from django.core.management import call_command
from django.test import Client
from webapp.jobs.models import Job, Status
from webapp.jobs.run import Run
from webapp.jobs.services import claim
from webapp.lab.models import Attack
from webapp.registry.models import Classifier, ModelVersion
from webapp.registry.services import register_shipped
from webapp.training import services, work
from django.contrib.auth.models import User

call_command("migrate", verbosity=0)
call_command("collectstatic", verbosity=0, interactive=False)
register_shipped()
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
    "attacked": [attack.job.version.classifier.slug for attack in Attack.objects.order_by("job__created")],
}
print(json.dumps(found))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    data = tmp_path_factory.mktemp("before")
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(data, filter="data")
    env = os.environ | {"GIBBON_DATA": str(data), "DJANGO_SETTINGS_MODULE": "webapp.settings"}
    command = [sys.executable, "-c", LOOK]
    done = subprocess.run(command, cwd=PROJECT, env=env, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


def test_what_a_name_took_over_has_a_classifier_of_its_own_and_the_shipped_one_answers_again(found) -> None:
    before = {slug: found["classifiers"][slug] for slug in found["classifiers"] if slug != "digits-plain"}  # new
    assert before == {
        "imagenet-lite0": ["shipped/imagenet-lite0", ["tench", "goldfish"]],
        "digits": ["shipped/digits", ["0", "1"]],
        "digits-2": ["dataset/digits", ["horizontal", "vertical"]],
        "digits-hardened": ["shipped/digits-hardened", ["0", "1"]],
        "kinds": ["dataset/kinds", ["cat", "dgo"]],
        "fashion-mnist": ["dataset/fashion-mnist", ["T-shirt/top", "Trouser"]],
    }


def test_old_addresses_stay_valid_while_they_name_one_version(found) -> None:
    assert found["identities"] == len(found["by_identity"]) == 8
    assert set(found["by_identity"]) == {200}
    twice = "e5190f6f"  # the same zeros, in two datasets
    assert found["by_weights"].pop(twice) == 409
    assert set(found["by_weights"].values()) == {200}
    assert found["shared"] == [200, 200]
    assert found["attacked"] == ["kinds", "fashion-mnist"]


def test_a_version_of_before_can_be_rolled_back_to(found) -> None:
    assert found["rolled_back"] == ["done", 2]
