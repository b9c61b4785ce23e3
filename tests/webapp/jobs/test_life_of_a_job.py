"""Each step of a job's life, on the real database with a real broker, no worker: the tests are the workers."""

import math
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from webapp.jobs import attempts, line, run, services, upkeep
from webapp.jobs.broker import waiting_jobs, waiting_messages
from webapp.jobs.kinds import LOST
from webapp.jobs.management.commands.keeper import every_turn
from webapp.jobs.models import Job, JobQuerySet, Status
from webapp.lab.services import left_behind
from webapp.visitors.models import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker")]


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def ago(seconds: float):
    return timezone.now() - timedelta(seconds=seconds)


def raising(error: Exception):
    def fail(*_: object) -> None:
        raise error

    return fail


def claimed(job: Job) -> Job:
    found = attempts.claim(job.pk)
    assert found
    return found


# --- Claiming and ending ------------------------------------------------------------------------------------------


def test_a_new_job_is_told_to_the_broker_once_its_transaction_is_committed(new_job) -> None:
    from django.db import transaction

    with transaction.atomic():
        job = new_job()
        assert (waiting_messages("interactive"), job.enqueued) == (0, None)
    assert waiting_messages("interactive") == 1
    assert again(job).enqueued


def test_an_order_stands_though_the_disk_is_too_full_to_note_that_the_broker_was_told(
    new_job, broker, monkeypatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(services, "_told_broker", raising(OperationalError("database or disk is full")))
        job = new_job("attack")
    assert (again(job).status, again(job).enqueued) == (Status.QUEUED, None)
    Job.objects.filter(pk=job.pk).update(created=ago(5))
    assert upkeep.send_outbox() == 1 and again(job).enqueued


def test_of_two_who_claim_a_job_one_gets_it(new_job) -> None:
    job = new_job()
    first, second = attempts.claim(job.pk), attempts.claim(job.pk)
    assert first and second is None
    assert (first.status, first.attempts) == (Status.RUNNING, 1)


def test_of_eight_threads_that_claim_thirty_jobs_each_job_is_claimed_once(new_job) -> None:
    jobs = [new_job() for _ in range(30)]
    won: list[str] = []
    errors: list[BaseException] = []

    def claim_all() -> None:
        try:
            won.extend(str(job.pk) for job in jobs if attempts.claim(job.pk))
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=claim_all) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert sorted(won) == sorted(str(job.pk) for job in jobs)


def test_what_has_ended_or_never_was_cannot_be_claimed(new_job) -> None:
    assert attempts.claim(new_job(status=Status.CANCELLED).pk) is None
    assert attempts.claim(uuid.uuid4()) is None


def test_a_result_is_written_once_and_only_by_the_attempt_that_owns_the_job(new_job) -> None:
    saved: list[str] = []
    job = claimed(new_job())
    lost = claimed(new_job())
    Job.objects.filter(pk=lost.pk).update(claim="somebody else's")
    assert attempts.finish(job, save=lambda: saved.append("first"))
    assert not attempts.finish(job, save=lambda: saved.append("second"))
    assert not attempts.finish(lost, save=lambda: saved.append("lost"))
    assert saved == ["first"]
    assert (again(job).status, again(job).done) == (Status.DONE, 4)


def test_a_result_that_cannot_be_saved_leaves_the_job_running(new_job) -> None:
    job = claimed(new_job())
    with pytest.raises(ZeroDivisionError):
        attempts.finish(job, save=lambda: 1 / 0)
    assert again(job).status == Status.RUNNING


def test_progress_is_recorded_and_renews_the_lease(new_job) -> None:
    job = claimed(new_job())
    Job.objects.filter(pk=job.pk).update(heartbeat=ago(100))
    assert attempts.report_progress(job, done=2, text="Following the gradient")
    assert (again(job).done, again(job).text) == (2, "Following the gradient")
    assert again(job).heartbeat > ago(5)


def test_a_checkpoint_queues_the_rest_and_spends_no_attempt(new_job) -> None:
    job = claimed(new_job("sweep", attempts=2))
    assert job.attempts == 3
    saved: list[int] = []
    assert attempts.give_back(job, done=3, save=lambda: saved.append(3))
    assert (again(job).status, again(job).attempts, again(job).done, saved) == (Status.QUEUED, 0, 3, [3])
    assert again(job).enqueued
    assert not attempts.give_back(job, done=4, save=lambda: saved.append(4))
    assert saved == [3]


def test_steps_that_follow_at_once_are_not_written_one_by_one(new_job) -> None:
    soon_over = run.Run(claimed(new_job()))
    soon_over.step(1, "not written: its beginning was told just now")
    assert again(soon_over.job).done == 0
    attempt = run.Run(claimed(new_job("sweep")))
    attempt.step(1, "first")
    attempt.step(2, "second")
    assert again(attempt.job).done == 1
    attempt.recorded -= run.PACE
    attempt.step(3, "third")
    assert (again(attempt.job).done, again(attempt.job).text) == (3, "third")


def test_a_sweep_that_has_begun_comes_before_one_that_has_not(new_job, broker) -> None:
    begun = new_job("sweep")
    attempts.give_back(claimed(begun), done=4, save=lambda: None)
    new_job("sweep")
    first, later = (broker.client.lrange(f"gibbon-sweep{end}", 0, -1) for end in ("", ":3"))
    assert [str(begun.pk).encode() in message for message in first] == [True]
    assert len(later) == 2  # the new one's, and the first message of the one that has begun
    assert waiting_messages("sweep") == 3 and len(waiting_jobs("sweep")) == 2


def test_urgent_work_is_what_this_worker_would_serve_before_a_sweep(new_job, settings) -> None:
    sweep = new_job("sweep")
    assert not line.urgent_work_waits(sweep)
    new_job("attack")
    assert line.urgent_work_waits(sweep)
    settings.WORKER_QUEUES = "sweep"
    assert not line.urgent_work_waits(sweep)


def test_why_it_failed_is_kept_as_template_and_values_and_put_together_when_read(new_job, monkeypatch) -> None:
    job = claimed(new_job())
    attempts.fail(job, code="worker_lost", message=LOST, values={"attempts": 3})
    assert "%(attempts)s" in again(job).error_message and "3 times" in again(job).why()
    monkeypatch.setattr("webapp.core.errors.gettext", lambda text: f"auf Deutsch, %(attempts)s Mal: {len(text)}")
    assert again(job).why() == f"auf Deutsch, 3 Mal: {len(LOST)}"


def test_a_sentence_of_before_is_read_as_it_stands(new_job) -> None:
    job = claimed(new_job())
    attempts.fail(job, code="bad_weights", message="100 % of it is damaged.")
    assert again(job).why() == "100 % of it is damaged."


# --- Cancelling ---------------------------------------------------------------------------------------------------


def test_a_waiting_job_is_cancelled_at_once(new_job) -> None:
    job = new_job()
    services.cancel(job)
    assert again(job).status == Status.CANCELLED and again(job).finished
    assert attempts.claim(job.pk) is None


def test_a_running_job_is_asked_to_stop_and_stops_at_its_next_step(new_job) -> None:
    job = claimed(new_job())
    services.cancel(job)
    assert again(job).status == Status.RUNNING
    with pytest.raises(run.Stopped):
        run.Run(job).step(1)
    attempts.end_cancelled(job)
    assert again(job).status == Status.CANCELLED


def test_it_stops_at_a_step_that_is_not_written_too(new_job) -> None:
    attempt = run.Run(claimed(new_job("sweep")))
    attempt.step(1)
    services.cancel(attempt.job)
    attempt.recorded = attempt.looked = math.inf  # just now, however busy the machine is
    attempt.step(2)
    attempt.looked = 0.0
    with pytest.raises(run.Stopped):
        attempt.step(3)
    assert again(attempt.job).done == 1


def test_a_cancelled_sweep_does_not_queue_its_rest(new_job) -> None:
    job = claimed(new_job("sweep"))
    services.cancel(job)
    with pytest.raises(run.Stopped):
        run.Run(job).give_back(2, lambda: None)


def test_what_its_worker_gives_back_just_as_it_is_cancelled_does_not_wait_again(new_job, monkeypatch) -> None:
    job, update, given = claimed(new_job("sweep")), JobQuerySet.update, []

    def meanwhile(rows: JobQuerySet, **columns: object) -> int:
        found = update(rows, **columns)
        monkeypatch.setattr(JobQuerySet, "update", update)
        given.append(attempts.give_back(job, done=1, save=lambda: None))
        return found

    monkeypatch.setattr(JobQuerySet, "update", meanwhile)
    services.cancel(job)
    assert given == [False]
    attempts.end_cancelled(job)
    assert again(job).status == Status.CANCELLED


def test_what_has_ended_stays_as_it_is(new_job) -> None:
    job = claimed(new_job())
    attempts.finish(job, save=lambda: None)
    services.cancel(job)
    assert again(job).status == Status.DONE


def test_another_attack_drops_the_sweeps_of_the_same_visitor_only(new_job, bob) -> None:
    own, foreign, samples = new_job("sweep", bob), new_job("sweep", Visitor.objects.create()), new_job("sweep")
    attack = new_job("attack", bob)
    services.drop(left_behind(bob))
    assert (again(own).status, again(own).text) == (Status.CANCELLED, services.DROPPED)
    assert {again(job).status for job in (foreign, samples, attack)} == {Status.QUEUED}


# --- The keeper ---------------------------------------------------------------------------------------------------


def test_a_lost_worker_s_job_is_queued_again_and_ends_failed_after_the_third_time(new_job) -> None:
    job = new_job()
    for attempt in (1, 2, 3):
        assert claimed(job).attempts == attempt
        upkeep.requeue_expired()
        assert again(job).status == Status.RUNNING  # its lease has not run out
        Job.objects.filter(pk=job.pk).update(heartbeat=ago(100))
        upkeep.requeue_expired()
    ended = again(job)
    assert (ended.status, ended.error_code) == (Status.FAILED, "worker_lost")
    assert "3 times" in ended.why() and ended.finished
    assert waiting_messages("interactive") == 3  # the first and two more


def test_a_worker_that_comes_back_too_late_changes_nothing(new_job) -> None:
    late = claimed(new_job())
    Job.objects.filter(pk=late.pk).update(heartbeat=ago(100))
    upkeep.requeue_expired()
    current = claimed(late)
    attempts.fail(late, code="internal", message="late")
    assert not attempts.finish(late, save=lambda: pytest.fail("saved"))
    assert not attempts.report_progress(late, done=4)
    assert attempts.finish(current, save=lambda: None)


def test_a_job_cancelled_while_its_worker_is_lost_ends_cancelled(new_job) -> None:
    job = claimed(new_job())
    services.cancel(job)
    Job.objects.filter(pk=job.pk).update(heartbeat=ago(100))
    upkeep.requeue_expired()
    assert again(job).status == Status.CANCELLED


def test_one_that_is_cancelled_just_as_it_is_queued_again_does_not_wait(new_job, monkeypatch) -> None:
    job = claimed(new_job())
    Job.objects.filter(pk=job.pk).update(heartbeat=ago(100))
    cancelling = threading.Thread(target=lambda: (services.cancel(job), connection.close()))
    monkeypatch.setattr(upkeep, "kept_work", lambda _lost: cancelling.start() or 0.0)
    upkeep.requeue_expired()
    cancelling.join()
    assert again(job).status == Status.CANCELLED


def test_whose_worker_gives_a_sign_of_life_while_others_are_queued_again_goes_on(new_job, monkeypatch) -> None:
    alive, lost = claimed(new_job()), claimed(new_job())
    Job.objects.filter(status=Status.RUNNING).update(heartbeat=ago(100))
    monkeypatch.setattr(
        upkeep, "kept_work", lambda _lost: attempts.owned(alive).update(heartbeat=timezone.now()) and 0.0
    )
    assert upkeep.requeue_expired() == 1
    assert (again(alive).status, again(lost).status) == (Status.RUNNING, Status.QUEUED)


def test_without_a_broker_a_job_waits_in_the_outbox_and_is_sent_when_it_is_back(new_job, broker) -> None:
    broker.stop()
    try:
        jobs = [new_job(created=ago(5)) for _ in range(3)]
        assert {job.enqueued for job in jobs} == {None}
        assert upkeep.send_outbox() == 0
    finally:
        broker.start()
    assert upkeep.send_outbox() == 3
    assert waiting_messages("interactive") == 3
    assert upkeep.send_outbox() == 0


def test_one_that_ended_meanwhile_holds_up_no_other(new_job, monkeypatch) -> None:
    jobs = [new_job(created=ago(5), enqueued=None) for _ in range(3)]

    def meanwhile(job_id: uuid.UUID) -> bool:
        services.cancel(jobs[1])
        return services.enqueue(job_id)

    monkeypatch.setattr(upkeep, "enqueue", meanwhile)
    upkeep.send_outbox()
    assert again(jobs[2]).enqueued


def test_what_the_broker_forgot_is_sent_again_and_only_that(new_job, broker) -> None:
    forgotten = [new_job(enqueued=ago(10)) for _ in range(3)]
    broker.flush()
    kept = [new_job(enqueued=ago(10)) for _ in range(3)]
    assert upkeep.resend_lost(waiting_jobs=waiting_jobs) == 3
    assert waiting_jobs("interactive") == {str(job.pk) for job in forgotten + kept}
    assert waiting_messages("interactive") == 6
    assert all(again(job).enqueued > ago(5) for job in forgotten)
    assert all(again(job).enqueued < ago(5) for job in kept)


def test_a_job_just_told_is_not_taken_for_lost(new_job, broker) -> None:
    new_job()
    broker.flush()  # as if a worker had fetched it this moment
    assert upkeep.resend_lost(waiting_jobs=waiting_jobs) == 0


def test_old_sweeps_are_told_dropped_and_young_ones_and_the_samples_stay(new_job, bob, settings) -> None:
    limit = settings.SWEEP_PATIENCE_SECONDS
    old, young = new_job("sweep", bob, created=ago(limit + 1)), new_job("sweep", bob, created=ago(limit - 5))
    attack, sample = new_job("attack", bob, created=ago(limit + 1)), new_job("sweep", created=ago(limit + 1))
    upkeep.drop_overdue()
    assert (again(old).status, again(old).text) == (Status.CANCELLED, services.DROPPED)
    assert {again(job).status for job in (young, attack, sample)} == {Status.QUEUED}


def test_a_sweep_that_is_queued_again_has_the_patience_of_a_new_one(new_job, bob, settings) -> None:
    old = new_job("sweep", bob, created=ago(settings.SWEEP_PATIENCE_SECONDS + 1), status=Status.FAILED)
    assert services.queue_again(old)
    upkeep.drop_overdue()
    assert again(old).status == Status.QUEUED


def test_two_keepers_at_once_do_no_harm(new_job, broker) -> None:
    unsent = [new_job(created=ago(5), enqueued=None) for _ in range(5)]
    lost = [claimed(new_job()) for _ in range(5)]
    Job.objects.filter(status=Status.RUNNING).update(heartbeat=ago(100))
    broker.flush()
    errors: list[BaseException] = []

    def keep() -> None:
        try:
            for _ in range(3):
                every_turn()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    keepers = [threading.Thread(target=keep) for _ in range(2)]
    for keeper in keepers:
        keeper.start()
    for keeper in keepers:
        keeper.join()
    assert not errors
    assert all(again(job).status == Status.QUEUED and again(job).enqueued for job in unsent + lost)
    assert {again(job).attempts for job in lost} == {1}
    assert all(claimed(job) for job in unsent + lost)


def test_the_keeper_goes_on_when_the_broker_is_away(new_job, bob, broker) -> None:
    old = new_job("sweep", bob, created=ago(10_000), enqueued=ago(9_000))
    broker.stop()
    try:
        every_turn()
    finally:
        broker.start()
    assert again(old).status == Status.CANCELLED
