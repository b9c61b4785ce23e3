"""Workers that die, hang and meet bugs, and two workers at the same jobs: real Celery workers without a network."""

import pytest

from tests.support.bare_site import BareSite
from tests.support.people import Caller, wait_for

pytestmark = pytest.mark.late


@pytest.mark.walk
def test_a_task_that_kills_its_process_or_hangs_fails_after_three_runs_with_a_sentence(
    lab: BareSite, alice: Caller
) -> None:
    [crash], [hang] = lab.create_jobs("crash"), lab.create_jobs("hang")
    for job in (alice.wait(crash, 60), alice.wait(hang, 60)):
        assert (job["status"], job["attempts"], job["error"]["code"]) == ("failed", 3, "worker_lost")
        assert "3 times" in job["error"]["message"]
    assert (lab.notes("crash"), lab.notes("hang")) == ([crash] * 3, [hang] * 3)


def test_a_bug_fails_the_job_at_once_and_keeps_its_secrets(lab: BareSite, alice: Caller) -> None:
    job = alice.wait(lab.create_jobs("bug")[0])
    assert (job["status"], job["attempts"], job["error"]["code"]) == ("failed", 1, "internal")
    assert "secret" not in str(job)
    wait_for(lambda: "a secret path" in lab.log("light") + lab.log("light2"), 5)


def test_of_many_messages_about_one_job_one_is_obeyed(lab: BareSite) -> None:
    before = len(lab.notes("note"))
    jobs = lab.create_jobs("note", 30, messages=4)
    wait_for(lambda: len(lab.notes("note")) >= before + 30, 30)
    wait_for(lambda: lab.redis("LLEN", "gibbon-train") == b":0\r\n", 10)
    assert sorted(lab.notes("note")[before:]) == sorted(jobs)


def test_a_running_job_stops_at_its_next_step_when_it_is_cancelled(lab: BareSite) -> None:
    bob = lab.new_person()
    [slow] = lab.create_jobs("slow", owner=bob)
    wait_for(lambda: bob.job(slow)["status"] == "running", 60)
    assert bob.call("DELETE", f"/api/v1/jobs/{slow}")[0] == 202
    assert bob.wait(slow, 2)["status"] == "cancelled"
    assert slow not in lab.notes("slow")


def test_a_worker_that_is_asked_to_leave_finishes_what_it_does_and_loses_no_attempt(
    lab: BareSite, alice: Caller
) -> None:
    [first] = lab.create_jobs("slow")
    wait_for(lambda: alice.job(first)["status"] == "running", 60)
    lab.stop("light", "light2")
    job = alice.job(first)
    assert (job["status"], job["attempts"]) == ("done", 1)
