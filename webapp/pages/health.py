"""For machines: is the process up, can it serve, and how busy is it."""

import hmac
import ipaddress
from collections.abc import Iterator

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.models import Count, Min
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from redis.exceptions import RedisError

from webapp.jobs.broker import ping
from webapp.jobs.models import Job, Status, Worker
from webapp.visitors.auth import bearer


def healthz(request: HttpRequest) -> HttpResponse:
    """200 as long as this process answers."""
    return HttpResponse("ok\n", content_type="text/plain")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when database, broker and a warm interactive worker are there; else 503 naming what is missing."""
    checks = {"database": _database(), "broker": _broker()}
    checks["worker"] = (
        checks["database"] and Worker.objects.alive().filter(warm=True, queues__contains="interactive").exists()
    )
    ready = all(checks.values())
    return JsonResponse(
        {"ready": ready, **checks}, status=200 if ready else 503, headers={} if ready else {"Retry-After": "2"}
    )


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus' text format; for this machine, or with the metrics token."""
    if not _may_read_metrics(request):
        return HttpResponse(
            "403: metrics are for this machine or with GIBBON_METRICS_TOKEN\n", status=403, content_type="text/plain"
        )
    registry = CollectorRegistry()
    registry.register(JobsCollector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class JobsCollector:
    """Counts read from the rows at the moment they are asked for."""

    def collect(self) -> Iterator[Metric]:
        jobs = GaugeMetricFamily("gibbon_jobs", "Jobs on record.", labels=("kind", "status"))
        for row in Job.objects.values("kind", "status").annotate(count=Count("pk")).order_by():
            jobs.add_metric((row["kind"], row["status"]), row["count"])
        yield jobs
        oldest = GaugeMetricFamily("gibbon_queue_oldest_seconds", "Age of the oldest waiting job.", labels=("queue",))
        waiting = GaugeMetricFamily("gibbon_queue_length", "Jobs waiting.", labels=("queue",))
        queued = (
            Job.objects.filter(status=Status.QUEUED).values("queue").annotate(count=Count("pk"), first=Min("created"))
        )
        for line in queued.order_by():
            waiting.add_metric((line["queue"],), line["count"])
            oldest.add_metric((line["queue"],), (timezone.now() - line["first"]).total_seconds())
        yield from (waiting, oldest)
        workers = GaugeMetricFamily("gibbon_workers_alive", "Workers seen within the lease.")
        workers.add_metric((), Worker.objects.alive().count())
        yield workers


def _may_read_metrics(request: HttpRequest) -> bool:
    if settings.METRICS_TOKEN:
        secret = bearer(request.headers.get("Authorization", "")) or ""
        return hmac.compare_digest(secret.encode(), settings.METRICS_TOKEN.encode())
    forwarded = "X-Forwarded-For" in request.headers  # then this machine is only the proxy's
    return not forwarded and ipaddress.ip_address(request.META.get("REMOTE_ADDR") or "0.0.0.0").is_loopback  # noqa: S104 - compared, not bound


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _broker() -> bool:
    try:
        ping()
    except (RedisError, OSError):
        return False
    return True
