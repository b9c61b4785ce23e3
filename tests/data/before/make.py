# ruff: noqa: E402 - Django is set up before what needs it is imported
"""Makes the installation that upgrades are tested on: database and media folder, by the code of the version before.

Run with the checkout of that version on the path, and where its data shall lie:

    GIBBON_DATA=/tmp/before python tests/data/before/make.py
    tar -C /tmp/before -cJf installation.tar.xz db.sqlite3 media/pictures media/results media/versions

Real services and workers' code, tiny trainings: a dataset of somebody's own called "Digits", whose classifier took over
the shipped one; one called "Kinds" with two versions, of which one is live; Fashion-MNIST, which called itself digits.
Own networks begin with zeros, so that they fit into a small archive.
"""

import io
import os
from pathlib import Path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
import django

django.setup()

import numpy as np
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from PIL import Image

from inference.data import Data, load_data
from webapp.jobs import services
from webapp.jobs.models import Job
from webapp.jobs.run import Run
from webapp.lab import services as lab
from webapp.lab import work as lab_work
from webapp.registry.models import Classifier, ModelVersion
from webapp.registry.services import register_shipped
from webapp.training import datasets, work
from webapp.training import services as training
from webapp.training.models import TrainingRun
from webapp.visitors.models import Visitor

CASES = Path(__file__).parents[1] / "cases"
work.ensure_samples = work.ensure_samples_of = lambda *args: None  # their pictures are large, and made anew by set-up
MODULES = {"dataset": (work, "prepare"), "train": (work, "train"), "promote": (work, "promote")}


def worked(job: Job) -> Job:
    """What a worker does with a message about this job."""
    mine = services.claim(job.pk)
    module, name = MODULES.get(mine.kind, (lab_work, mine.kind))
    getattr(module, name)(Run(mine))
    done = Job.objects.get(pk=job.pk)
    assert done.status == "done", (done.kind, done.error_message)
    return done


def beginning(slug: str) -> Data:
    whole = load_data(slug)
    return Data(whole.record, whole.training[:2000], whole.test[:200])


work.load_data = beginning


def own(name: str, file: str):
    upload = SimpleUploadedFile(file, (CASES / file).read_bytes(), "application/zip")
    dataset = datasets.bring_own(name=name, upload=upload)
    worked(Job.objects.get(preparation__dataset=dataset))
    return dataset


def trained(user, dataset: str, **values) -> ModelVersion:
    job = training.start_training(user=user, values={"dataset": dataset, "network": "lenet", "epochs": 1} | values)
    worked(job)
    return TrainingRun.objects.get(pk=job.pk).version


def picture(visitor, preparation: str):
    grey = np.zeros((28, 28), np.uint8)
    grey[6:22, 11:17] = 200
    file = io.BytesIO()
    image = Image.fromarray(grey)
    (image if preparation == "digit" else image.resize((56, 56)).convert("RGB")).save(file, "PNG")
    return lab.save_picture(lab.prepare(file.getvalue(), preparation), visitor=visitor)


def main() -> None:
    call_command("migrate", verbosity=0)
    register_shipped()
    for job in Job.objects.all():
        job.delete()
    datasets.register_declared()
    Job.objects.all().delete()
    user = get_user_model().objects.create_superuser("admin", password="before")
    visitor = Visitor.objects.create()
    digits = own("Digits", "zip_named_digits.zip")
    kinds = own("Kinds", "zip_same_weights_typo.zip")
    first = trained(user, kinds.slug, seed=1, initialisation="zeros")
    second = trained(user, kinds.slug, width=2, initialisation="zeros")
    fashion = trained(user, "fashion-mnist")
    taken = trained(user, digits.slug, initialisation="zeros")
    for version in (second, first, fashion, taken):
        worked(training.promote(user=user, version=ModelVersion.objects.get(pk=version.pk), confirmed=True))
    for version in (first, fashion):  # what was taken over prepares digits and wants photos: it fails
        version.refresh_from_db()
        shown = picture(visitor, version.classifier.preparation)
        worked(lab.start_predict(visitor=visitor, picture=shown, version=version))
        job = worked(
            lab.start_attack(visitor=visitor, picture=shown, version=version, attack="fgsm", params={"epsilon": 8})
        )
        job.draw_share_token()
        worked(Job.objects.get(kind="ladder", ladder__attack__job=job))
    for name, labels in Classifier.objects.values_list("slug", "versions__card__labels"):
        print(name, labels if labels and len(labels) < 20 else "")


main()
