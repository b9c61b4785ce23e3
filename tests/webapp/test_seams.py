"""The seams hold: an attack in another norm, its options, a dataset and a page are there by their records alone.

A kind of job is proved the same way where its life is tested (tests/support/misbehaving).
"""

import io
import json
import re

import pytest

from attacks import catalog
from inference.__main__ import main
from inference.catalog import datasets
from inference.catalog.configuration import validate
from inference.images import pixels
from tests.support import toys
from tests.support.cast import Person
from tests.support.pictures import digit_png
from webapp.jobs import attempts, run
from webapp.jobs.models import Job
from webapp.training.datasets import register_declared


@pytest.fixture(autouse=True)
def declared(monkeypatch):
    monkeypatch.setitem(catalog._DECLARED, toys.ATTACK.slug, toys.ATTACK)
    monkeypatch.setitem(datasets._DECLARED, toys.DATASET.slug, toys.DATASET)


def worked(job: Job) -> None:
    """What a worker does with a message about this job."""
    mine = attempts.claim(job.pk)
    run.do(mine)


def told(capsys, *arguments: str) -> str:
    with pytest.raises(SystemExit):
        main([*arguments, "--help"])
    return " ".join(capsys.readouterr().out.split())


def test_an_attack_and_its_options_are_in_the_api_the_form_the_command_line_and_the_pages(alice: Person, capsys):
    [found] = [attack for attack in alice.get("/api/v1/attacks").json() if attack["slug"] == "straight"]
    assert (found["norm"], found["budget"], found["path"], found["control"]) == ("l2", "radius", "rerun", "gaussian")
    radius, twice = (found["params"]["properties"][name] for name in ("radius", "twice"))
    assert (radius["type"], radius["minimum"], radius["maximum"], twice["type"]) == ("number", 0.1, 20.0, "boolean")

    page = alice.get("/lab/with/digits/").content.decode()
    assert re.search(r'type="radio" name="attack" value="straight"', page)
    assert re.search(r'type="number" name="straight-radius" value="4.0"', page)
    assert re.search(r'type="checkbox" name="straight-twice"', page)

    help_text = told(capsys, "attack")
    assert "straight" in help_text and "--radius" in help_text and "--twice" in help_text
    assert "One long step along the gradient itself." in alice.get("/about/").content.decode()


def test_its_budget_is_kept_on_the_saved_bytes_and_every_reader_tells_it(alice: Person):
    image = alice.upload(io.BytesIO(digit_png()), prepare="digit").json()["id"]
    order = {"kind": "attack", "image": image, "classifier": "digits", "attack": "straight"}
    refused = alice.post("/api/v1/jobs", order | {"params": {"radius": 21}})
    assert refused.status_code == 422 and "radius must be a number from 0.1 to 20" in refused.content.decode()

    job = Job.objects.get(
        pk=alice.post("/api/v1/jobs", order | {"params": {"radius": 4.0, "twice": True}}).json()["id"]
    )
    worked(job)
    result = alice.get(f"/api/v1/jobs/{job.pk}").json()["result"]
    original, attacked = (
        pixels.read(alice.get(address).content)
        for address in (f"/results/{job.pk}/original.png", result["adversarial"]["image_url"])
    )
    length = (((attacked.astype(float) - original) / 255) ** 2).sum() ** 0.5
    assert result["verified"] and result["distances"]["l2"] == pytest.approx(length) and 3 < length <= 4
    assert result["control"]["kind"] == "gaussian" and result["control"]["l2"] <= 4
    assert (result["sign_url"], result["sweep_job"], result["cost"]["gradients"]) == (None, None, 2)
    assert alice.get(result["perturbation_url"]).status_code == 200
    assert alice.post(f"/api/v1/jobs/{job.pk}/points/2").status_code == 422

    sentence = "".join(part["text"] for part in result["words"]["sentence"])
    assert sentence.startswith(("Straight makes", "At 4 it is still"))
    page = alice.get(f"/lab/{job.pk}/").content.decode()
    assert result["words"]["subtitle"] in page and "A random change of the same length:" in page


def test_the_command_line_runs_it(tmp_path, capsys, monkeypatch):
    picture, out = tmp_path / "digit.png", tmp_path / "attacked.png"
    picture.write_bytes(digit_png())
    arguments = ["attack", str(picture), "--classifier", "digits", "--attack", "straight", "--radius", "2.5", "--json"]
    assert main([*arguments, "--out", str(out)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["params"]["radius"] == 2.5 and found["verified"] and found["distances"]["l2"] <= 2.5


def test_a_dataset_can_be_looked_at_chosen_and_learnt_from(ada: Person, alice: Person, tmp_path, capsys):
    register_declared()
    assert "Stripes" in alice.get("/datasets/").content.decode()
    schema = alice.get("/api/v1/training-settings").json()
    assert "stripes" in schema["properties"]["dataset"]["enum"]
    assert 'value="stripes"' in ada.get("/admin/training/trainingrun/add/").content.decode()
    assert validate({"dataset": "stripes"}).dataset == "stripes"
    assert "stripes" in told(capsys, "train")

    settings = ["--dataset", "stripes", "--epochs", "1", "--robust-pictures", "0", "--json"]
    assert main(["train", *settings, "--out", str(tmp_path / "run")]) == 0
    last = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert last["done"] and 0 <= last["test_accuracy"] <= 1


def test_a_page_is_its_view_and_its_address(alice: Person, settings):
    settings.ROOT_URLCONF = "tests.support.toys"
    answer = alice.get("/toy/")
    assert answer.status_code == 200 and b"Gibbon" in answer.content
    assert "default-src" in answer.headers["Content-Security-Policy"]
    assert alice.get("/").status_code == 200
