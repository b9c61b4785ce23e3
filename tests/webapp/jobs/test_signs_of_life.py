"""A worker's heartbeat: what it tells of the worker, and the lease of its job that it renews."""

import pytest

from tests.webapp.jobs.test_life_of_a_job import again, ago, claimed
from webapp.jobs import run
from webapp.jobs.heartbeat import Heartbeat
from webapp.jobs.management.commands.keeper import forget_dead_workers
from webapp.jobs.models import Job, Worker

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker")]


def test_a_heartbeat_describes_the_worker_and_renews_the_lease_of_its_job(new_job) -> None:
    job, heartbeat = claimed(new_job()), Heartbeat(queues="interactive,sweep")
    Job.objects.filter(pk=job.pk).update(heartbeat=ago(100))
    with run.holding(job):
        heartbeat.beat(device="cpu", warm=False)
    worker = Worker.objects.get()
    assert (worker.job, worker.queues, worker.device) == (job, "interactive,sweep", "cpu")
    assert worker.memory_bytes > 1_000_000 and worker in Worker.objects.alive()
    assert again(job).heartbeat > ago(5)
    heartbeat.beat()
    assert Worker.objects.get().job is None
    heartbeat.end()
    assert not Worker.objects.exists()


def test_a_heartbeat_goes_on_when_its_job_was_deleted(new_job) -> None:
    job, heartbeat = claimed(new_job()), Heartbeat(queues="interactive")
    Job.objects.all().delete()
    with run.holding(job):
        heartbeat.beat()
    assert Worker.objects.get().job is None


def test_workers_without_a_sign_of_life_are_forgotten(db) -> None:
    Worker.objects.create(name="gone", queues="interactive", seen=ago(100))
    Worker.objects.create(name="here", queues="interactive")
    forget_dead_workers()
    assert [worker.name for worker in Worker.objects.all()] == ["here"]
