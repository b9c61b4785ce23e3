"""An attack of many steps: watched while it runs, its steps and previews told afterwards, also where it is shared."""

import io
from types import SimpleNamespace
from typing import Any

import pytest
from PIL import Image

from inference.catalog.results import Trace
from tests.support.cast import Person
from tests.support.pictures import digit_png
from webapp.jobs import attempts, run
from webapp.jobs.models import Job
from webapp.lab import work
from webapp.lab.models import Attack

STEPS = 6


@pytest.fixture
def asked(alice: Person) -> str:
    """Alice's attack of many steps, which nobody has begun."""
    image = alice.upload(io.BytesIO(digit_png()), prepare="digit").json()["id"]
    params = {"epsilon": 60, "steps": STEPS}
    order = {"kind": "attack", "image": image, "classifier": "digits", "attack": "pgd", "params": params}
    job_id: str = alice.post("/api/v1/jobs", order).json()["id"]
    return job_id


def worked(job_id: str) -> None:
    """What a worker does with a message about this job."""
    mine = attempts.claim(job_id)
    assert mine
    run.do(mine)


def told(person: Person, job_id: str) -> Any:
    return person.get(f"/api/v1/jobs/{job_id}").json()


def test_while_it_runs_its_trace_so_far_is_told(alice: Person, asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = []
    report = attempts.report_progress

    def watched(job: Job, **progress: Any) -> bool:
        kept = report(job, **progress)
        seen.append(told(alice, asked))
        return kept

    monkeypatch.setattr(attempts, "report_progress", watched)
    for place in (run, work):
        monkeypatch.setattr(place, "PACE", 0)

    worked(asked)

    assert [len(job["live"]["steps"]) if job["live"] else 0 for job in seen] == [
        0,
        *range(1, STEPS + 2),
        *[STEPS + 1] * 3,
    ]
    assert seen[3]["progress"] == {"done": 3, "total": STEPS + 4, "text": "The attack is under way"}
    after = told(alice, asked)
    assert after["live"] is None and after["result"]["trace"]["steps"] == seen[-1]["live"]["steps"]


def test_it_is_recorded_no_more_often_than_somebody_can_see(asked: str, monkeypatch: pytest.MonkeyPatch) -> None:
    saved = []
    monkeypatch.setattr(work.saving, "update", lambda row, **columns: saved.append(columns))
    monkeypatch.setattr(work, "time", SimpleNamespace(monotonic=iter(number / 10 for number in range(20)).__next__))
    live = work.LiveTrace(Attack.objects.get(pk=asked))
    monkeypatch.setattr(live.recorder, "trace", lambda: Trace([0], None, [], [], None))

    for _ in range(20):
        live.save()

    assert len(saved) == 7  # in two seconds


def test_previews_are_served_to_the_owner_and_below_a_shared_address(alice: Person, bob: Person, asked: str) -> None:
    worked(asked)
    trace = told(alice, asked)["result"]["trace"]
    assert trace["previews_url"] == f"/results/{asked}/trace.jpg"
    answer = alice.get(trace["previews_url"])
    assert answer["Content-Type"] == "image/jpeg" and Image.open(io.BytesIO(answer.content)).format == "JPEG"
    assert bob.get(trace["previews_url"]).status_code == 404
    for wrong in ("trace.png", "adversarial.jpg", "sign.png", "sign.", "trace."):
        assert alice.get(f"/results/{asked}/{wrong}").status_code == 404

    address = alice.post(f"/api/v1/jobs/{asked}/share").json()["url"]
    shared = bob.get(f"{address}state.json").json()["job"]["result"]["trace"]
    assert shared["previews_url"] == f"{address}trace.jpg" and bob.get(shared["previews_url"]).content == answer.content


def test_previews_count_as_bytes_and_go_with_the_attack(alice: Person, asked: str) -> None:
    worked(asked)
    row = Attack.objects.get(pk=asked)
    sizes = [len(work.files.read(name)) for name in row.files()]
    assert len(sizes) == 3 and row.bytes == sum(sizes)

    assert alice.delete(f"/api/v1/images/{row.picture_id}").status_code == 204

    with pytest.raises(FileNotFoundError):
        work.files.read(row.trace_file)


def test_an_attack_made_before_there_were_traces_has_none(alice: Person, asked: str) -> None:
    worked(asked)
    row = Attack.objects.get(pk=asked)
    del row.result["trace"]
    row.save()
    assert told(alice, asked)["result"]["trace"] is None
    assert alice.get(f"/lab/{asked}/").status_code == 200
