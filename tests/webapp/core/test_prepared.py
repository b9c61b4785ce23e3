"""A prepared query finds what the plain one finds, whatever its values, in whichever thread."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone

from webapp.core.prepared import count, prepared, prepared_update
from webapp.jobs.models import Job, Status
from webapp.jobs.services import create_job
from webapp.registry.models import ModelVersion
from webapp.visitors.models import Visitor


@prepared
def _of(visitor: Any, since: Any) -> QuerySet[Job]:
    return Job.objects.visible_to(visitor).with_version().filter(created__gte=since).order_by("created")


@prepared
def _how_many(status: Any) -> QuerySet[Job, Any]:
    return Job.objects.filter(status=status).order_by().values_list(count(), flat=True)


@prepared_update
def _tried(job: Any, values: Any, moment: Any) -> tuple[QuerySet[Job], dict[str, Any]]:
    columns = {"text_values": values, "started": moment, "attempts": F("attempts") + 1, "status": Status.RUNNING}
    return Job.objects.filter(pk=job, status=Status.QUEUED), columns


@pytest.fixture
def jobs(version: ModelVersion) -> list[Job]:
    """Of everybody, of one visitor, of another."""
    owners = (None, Visitor.objects.create(), Visitor.objects.create())
    return [create_job(kind="predict", visitor=owner, version=version) for owner in owners]


def test_it_finds_what_the_plain_query_finds(jobs: list[Job], django_assert_num_queries: Any) -> None:
    everybodys, own, _others = jobs
    past, future = timezone.now() - timedelta(minutes=1), timezone.now() + timedelta(minutes=1)

    assert own.visitor and _of(own.visitor.pk, past) == [everybodys, own]
    assert _of(None, past) == _of(uuid4(), past) == [everybodys]  # nothing equals NULL
    assert _of(own.visitor.pk, future) == []
    assert _of.first(own.visitor.pk, own.created) == own and _of.first(None, future) is None
    with django_assert_num_queries(1):
        assert own.version and _of(own.visitor.pk, past)[1].answered_by.brief() == own.version.brief()
    assert _how_many(Status.QUEUED) == [3] and _how_many(Status.DONE) == [0]


def test_what_was_changed_since_is_found_anew(jobs: list[Job]) -> None:
    assert _how_many(Status.QUEUED) == [3]
    jobs[0].delete()
    assert _how_many(Status.QUEUED) == [2]


@pytest.mark.django_db(transaction=True)
def test_threads_ask_over_connections_of_their_own(jobs: list[Job]) -> None:
    past = timezone.now() - timedelta(minutes=1)

    def asked(job: Job) -> list[Job]:
        try:
            return _of(job.visitor_id, past)
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(asked, jobs * 5))
    assert found == [[jobs[0], job][: 1 + (job != jobs[0])] for job in jobs * 5]


def test_an_update_stores_values_as_their_columns_want_them(jobs: list[Job]) -> None:
    moment, values = timezone.now(), {"name": "é", "n": [1, None]}

    assert _tried(jobs[1].pk, values, moment) == 1
    assert _tried(jobs[1].pk, values, moment) == 0  # it waits no longer

    kept = Job.objects.get(pk=jobs[1].pk)
    assert (kept.text_values, kept.started, kept.attempts, kept.status) == (values, moment, 1, Status.RUNNING)
    assert Job.objects.get(pk=jobs[2].pk).attempts == 0


def test_a_transaction_whose_update_failed_is_over(jobs: list[Job]) -> None:
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        with pytest.raises(IntegrityError):
            _broken(jobs[1].pk, None)
        Job.objects.count()


@prepared_update
def _broken(job: Any, kind: Any) -> tuple[QuerySet[Job], dict[str, Any]]:
    return Job.objects.filter(pk=job), {"kind": kind}
