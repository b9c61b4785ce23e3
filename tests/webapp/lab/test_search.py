"""The search for the smallest budget of an attack that runs again for each: asked for, done, told, shown."""

import io
import json
import re

import pytest

from inference.images import pixels
from tests.support.cast import Person
from tests.support.pictures import digit_png
from webapp.jobs import attempts, run
from webapp.jobs.models import Job
from webapp.lab.models import Attack, Sweep
from webapp.lab.samples import ensure_samples
from webapp.pictures.expiry import named_files


def worked(job_id: str) -> Job:
    """What a worker does with a message about this job."""
    run.do(attempts.claim(job_id))
    return Job.objects.get(pk=job_id)


@pytest.fixture
def attacked(alice: Person) -> str:
    """Her digit, attacked by PGD with a budget that is far more than it takes."""
    image = alice.upload(io.BytesIO(digit_png()), prepare="digit").json()["id"]
    params = {"epsilon": 77, "steps": 5}
    job = alice.attack(image, params, attack="pgd", classifier="digits").json()["id"]
    worked(job)
    return job


def searched(alice: Person, attacked: str) -> dict:
    asked = alice.post("/api/v1/jobs", {"kind": "sweep", "of": attacked})
    assert asked.status_code == 202 and asked.json()["kind"] == "search"
    worked(asked.json()["id"])
    return alice.get(f"/api/v1/jobs/{asked.json()['id']}").json()


def test_the_smallest_that_works_is_found_between_a_failure_and_a_success(alice: Person, attacked: str) -> None:
    told = alice.get(f"/api/v1/jobs/{attacked}").json()["result"]["search"]
    assert re.fullmatch(r"Runs PGD up to \d+ times more(, about \d+ s in all)?\.", told)
    result = searched(alice, attacked)["result"]
    found, values = result["breaks_at"], result["values"]
    assert values == sorted(values) and values[0] == 0 and 77 in values and found in values and found < 77
    by_value = {point["value"]: point for point in result["points"]}
    original = by_value[0]["top"]["index"]
    assert by_value[found]["top"]["index"] != original == by_value[found - 1]["top"]["index"]
    assert len(values) - 2 <= int(re.search(r"\d+", told)[0])
    assert result["breaks"] == {"title": f"PGD changes it at {found}/255,", "rest": f"not at {found - 1}/255."}
    assert by_value[found]["budget"] == f"{found}/255"


def test_each_picture_that_was_tried_is_kept_within_its_budget_and_served_to_its_owner(
    alice: Person, bob: Person, attacked: str
) -> None:
    sweep = searched(alice, attacked)
    address = alice.get(f"/api/v1/jobs/{attacked}").json()["about"]["image"]
    original = pixels.read(alice.get(alice.get(f"/api/v1/images/{address}").json()["url"]).content)
    tried = [point for point in sweep["result"]["points"] if point["image_url"]]
    assert len(tried) >= 3
    for point in tried:
        picture = pixels.read(alice.get(point["image_url"]).content)
        assert abs(picture.astype(int) - original).max() == point["distances"]["linf_levels"] <= point["value"]
        assert bob.get(point["image_url"]).status_code == 404
    row = Sweep.objects.get(pk=sweep["id"])
    assert set(row.files()) <= named_files() and len(row.files()) == len(tried) and row.bytes > 0

    shared = alice.post(f"/api/v1/jobs/{attacked}/share").json()["url"]
    page = bob.get(shared).content.decode()
    state = json.loads(re.search(r'id="lab-state"[^>]*>(.*?)</script>', page, re.DOTALL)[1])
    theirs = [point["image_url"] for point in state["sweep"]["result"]["points"] if point["image_url"]]
    assert len(theirs) == len(tried) and all(bob.get(url).status_code == 200 for url in theirs)


def test_a_second_worker_goes_on_where_the_first_was_lost(alice: Person, attacked: str, monkeypatch) -> None:
    asked = alice.post("/api/v1/jobs", {"kind": "sweep", "of": attacked}).json()["id"]
    whole, checkpoints = run.Run.checkpoint, []

    def lost_after_three(self, save):
        whole(self, save)
        checkpoints.append(1)
        if len(checkpoints) == 3:
            raise SystemExit

    monkeypatch.setattr(run.Run, "checkpoint", lost_after_three)
    with pytest.raises(SystemExit):
        worked(asked)
    before = Sweep.objects.get(pk=asked).tried
    assert len(before) == 3
    Job.objects.filter(pk=asked).update(status="queued", claim="")
    assert worked(asked).status == "done"
    row = Sweep.objects.get(pk=asked)
    assert row.tried[:3] == before and row.partial is None
    assert len(checkpoints) == len(row.tried)  # none was tried twice


def test_one_search_is_enough_and_none_is_begun_for_what_has_no_budget(alice: Person, attacked: str) -> None:
    first = alice.post("/api/v1/jobs", {"kind": "sweep", "of": attacked}).json()["id"]
    assert alice.post("/api/v1/jobs", {"kind": "sweep", "of": attacked}).json()["id"] == first
    assert alice.delete(f"/api/v1/jobs/{first}").status_code == 202
    assert alice.post("/api/v1/jobs", {"kind": "sweep", "of": attacked}).json()["id"] != first


def test_what_everybody_sees_is_searched_by_itself(alice: Person) -> None:
    ensure_samples()
    panda = Attack.objects.get(picture__sample="panda", attack="pgd")
    worked(panda.pk)
    sweep = panda.current_sweep()
    assert sweep is not None and worked(sweep.pk).status == "done"
    result = alice.get(f"/api/v1/jobs/{sweep.pk}").json()["result"]
    assert result["values"] == [0, 1] and result["reached_at"] == 1
    assert result["breaks"] == {"title": "PGD reaches gibbon at 1/255,", "rest": "the smallest there is."}
    assert alice.get("/").status_code == 200
