"""Who waits, before whom and for how long, and who is refused; there is no worker."""

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from webapp.core.errors import Refusal
from webapp.core.queues import INTERACTIVE, STUDY
from webapp.jobs import attempts, line, services
from webapp.jobs import kinds as declared
from webapp.jobs.broker import take, waiting_jobs, waiting_messages
from webapp.jobs.kinds import JobKind
from webapp.jobs.limits import refuse_when_hasty
from webapp.jobs.models import Job, Status, Worker
from webapp.jobs.serializers import job_json, jobs_json
from webapp.lab.models import Prediction
from webapp.pictures.models import Picture
from webapp.visitors.models import Visitor

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("empty_broker")]


def again(job: Job) -> Job:
    return Job.objects.get(pk=job.pk)


def ago(seconds: float) -> datetime:
    return timezone.now() - timedelta(seconds=seconds)


def expected(row: Any, version: Any) -> float:
    return 40.0


@pytest.fixture
def order(version, bob, monkeypatch) -> Callable[..., Job]:
    """Asks for a study of forty seconds on a picture, as a service would."""
    study = JobKind(
        "count",
        STUDY,
        "nobody.works",
        "lab.Prediction",
        "webapp.lab.serializers.prediction",
        limit="STUDY_SECONDS",
        expects=f"{__name__}.expected",
    )
    found = {**declared.kinds(), "count": study}
    for module in (declared, services):
        monkeypatch.setattr(module, "kinds", lambda: found)
    monkeypatch.setattr("webapp.jobs.models.kinds", lambda: found)

    def ask(visitor: Visitor | None = None, **columns: Any) -> Job:
        owner = visitor or bob
        picture = Picture.objects.create(
            visitor=owner, preparation="photo", width=1, height=1, sha256="0" * 64, bytes=1
        )
        job = services.order(Prediction(picture=picture), kind="count", visitor=owner, version=version, total=4)
        Job.objects.filter(pk=job.pk).update(**columns)
        return again(job)

    return ask


def test_positions_count_what_is_served_before(new_job) -> None:
    sweep, unasked = new_job("sweep", created=ago(30)), new_job("attack", created=ago(40), unasked=True)
    first, second = new_job("attack", created=ago(20)), new_job("predict", created=ago(10))
    assert [job.position() for job in (first, second, sweep, unasked)] == [1, 2, 3, 4]
    assert attempts.claim(first.pk).position() is None
    training = new_job("predict", queue="train")
    places = {second.pk: 1, sweep.pk: 2, unasked.pk: 3, training.pk: 1}
    assert line.positions() == places == {job.pk: again(job).position() for job in (second, unasked, sweep, training)}


def test_the_broker_hands_out_what_nobody_asked_for_last(version) -> None:
    create = partial(services.create_job, kind="predict", visitor=None, version=version)
    unasked, asked = create(unasked=True), create()
    assert waiting_jobs("interactive") == {str(unasked.pk), str(asked.pk)} and waiting_messages("interactive") == 2
    assert [take("interactive") for _ in range(2)] == [str(asked.pk), None]
    assert [take("interactive", unasked=True) for _ in range(2)] == [str(unasked.pk), None]


def test_a_full_queue_refuses_with_a_time_to_wait_and_sweeps_do_not_fill_it(new_job, settings) -> None:
    settings.QUEUE_LIMIT = 3
    for _ in range(5):
        new_job("sweep")
    for _ in range(2):
        new_job()
    line.refuse_when_full(INTERACTIVE)
    new_job()
    with pytest.raises(Refusal) as refused:
        line.refuse_when_full(INTERACTIVE)
    assert (refused.value.status, int(refused.value.headers()["Retry-After"]) >= 1) == (503, True)
    assert "3 jobs" in refused.value.message


def test_what_a_study_expects_is_told_before_and_while_it_waits(order) -> None:
    assert line.foretell(STUDY, 10) == (STUDY, 10, 1, 10)
    first = order()
    assert first.expected == 40 and waiting_messages("study") == 1
    beside = (STUDY, 10, 2, 20)  # turn by turn: ten seconds of the other one's forty in between
    assert line.foretell(STUDY, 10) == beside
    order(Visitor.objects.create(), unasked=True)
    assert line.foretell(STUDY, 10) == beside
    second = order(Visitor.objects.create(), worked=30.0)
    told = {row["id"]: row["expected_seconds"] for row in jobs_json(Job.objects.all())}
    assert (told[str(first.pk)], told[str(second.pk)], max(told.values())) == (50, 20, 90)
    assert job_json(first)["expected_seconds"] == 50
    Worker.objects.create(name="one", queues="interactive,study")
    Worker.objects.create(name="two", queues="study")
    Worker.objects.create(name="other", queues="train")
    assert job_json(first)["expected_seconds"] == 40  # one each


def test_what_is_more_urgent_is_counted_as_long_as_the_last_of_its_kind_were(order, new_job, bob) -> None:
    study = order()
    sweeps = [new_job("sweep", bob) for _ in range(2)]
    new_job("sweep", unasked=True)
    assert (line.foretell(STUDY, 10).expected_seconds, line.seconds_left([study])) == (20, {study.pk: 40})
    begun = ago(1000)
    for took in (1, 3, 200):
        new_job("sweep", status=Status.DONE, started=begun, finished=begun + timedelta(seconds=took))
    assert line.foretell(STUDY, 10).expected_seconds == 2 * 3 + 20
    Worker.objects.create(name="one", queues="interactive,sweep,study")
    Worker.objects.create(name="two", queues="interactive,sweep,study")
    assert line.seconds_left([study]) == {study.pk: 3 + 40}
    services.cancel(sweeps[0])
    assert line.seconds_left([study]) == {study.pk: 1.5 + 40}


def test_a_prediction_expects_nothing(new_job) -> None:
    assert job_json(new_job("predict"))["expected_seconds"] is None


def test_a_visitor_s_second_study_is_refused_until_the_first_has_ended(order, bob) -> None:
    first = order()
    with pytest.raises(Refusal) as refused:
        order()
    assert (refused.value.status, refused.value.code) == (429, "one_at_a_time")
    assert int(refused.value.headers()["Retry-After"]) == 40
    assert Prediction.objects.count() == 1
    order(Visitor.objects.create())
    services.cancel(first)
    order()


def test_a_queue_is_full_by_its_seconds_not_by_its_jobs(order, settings) -> None:
    settings.STUDY_QUEUE_SECONDS = 100
    order()
    order(Visitor.objects.create())
    with pytest.raises(Refusal) as refused:
        order(Visitor.objects.create())
    assert (refused.value.status, int(refused.value.headers()["Retry-After"])) == (503, 20)
    assert "40 seconds more" in refused.value.message
    Job.objects.update(worked=30.0)
    order(Visitor.objects.create())


def test_what_would_be_stopped_before_it_is_done_is_not_begun(order, settings) -> None:
    settings.STUDY_SECONDS = 39
    with pytest.raises(Refusal) as refused:
        order()
    assert (refused.value.status, refused.value.code) == (422, "too_much_work")
    assert "up to 40 seconds of work, and after 39" in refused.value.message
    assert not Job.objects.exists()


def test_what_is_longer_than_a_whole_queue_is_taken_where_nobody_waits(order, settings) -> None:
    settings.STUDY_QUEUE_SECONDS = 5
    assert order().status == Status.QUEUED


def test_of_two_orders_of_one_visitor_at_the_same_moment_one_is_taken(order, bob) -> None:
    answers: list[object] = []
    ordered = threading.Event()

    def ask(first: bool) -> None:
        try:
            if not first:
                assert ordered.wait(10)
            with transaction.atomic():
                answers.append(order().status)
                ordered.set()
                time.sleep(0.5 if first else 0)  # the other one asks while this is not committed
        except Refusal as refused:
            answers.append(refused.status)
        finally:
            connection.close()

    threads = [threading.Thread(target=ask, args=(first,)) for first in (True, False)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [Status.QUEUED, 429]


def test_a_hasty_visitor_is_told_when_to_come_back(new_job, bob, settings) -> None:
    settings.JOBS_PER_MINUTE = 3
    for seconds in (50, 20):
        new_job("predict", bob, created=ago(seconds))
    new_job("sweep", bob)
    refuse_when_hasty(bob)
    new_job("attack", bob)
    with pytest.raises(Refusal) as refused:
        refuse_when_hasty(bob)
    assert refused.value.status == 429
    assert 9 <= int(refused.value.headers()["Retry-After"]) <= 12  # until the oldest is a minute old
    refuse_when_hasty(Visitor.objects.create())
