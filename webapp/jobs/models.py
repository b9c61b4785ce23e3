"""One life cycle for all long work. The row is the truth; queue and sockets only carry hints about it."""

import secrets
import socket
import uuid
from datetime import datetime, timedelta
from functools import cache, reduce
from typing import Any

from django.apps import apps
from django.conf import settings
from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from webapp.core.errors import worded
from webapp.core.prepared import Prepared, count, prepared
from webapp.core.queues import QUEUES, Queue
from webapp.jobs.kinds import JobKind, kind_name, kinds
from webapp.registry.models import ModelVersion
from webapp.visitors.models import Visitor


class Status(models.TextChoices):
    QUEUED = "queued", _("queued")
    RUNNING = "running", _("running")
    DONE = "done", _("done")
    FAILED = "failed", _("failed")
    CANCELLED = "cancelled", _("cancelled")


IN_VAIN = (Status.FAILED, Status.CANCELLED)
ENDED = (Status.DONE, *IN_VAIN)


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, visitor: Visitor | None) -> "JobQuerySet":
        """One's own, and the samples' (which belong to nobody)."""
        return self.filter(Q(visitor=None) | Q(visitor=visitor)) if visitor else self.filter(visitor=None)

    def asked_by(self, visitor: Visitor) -> "JobQuerySet":
        """What this visitor has begun or waits for: one's own, and what is everybody's."""
        return self.filter(Q(visitor=visitor) | Q(askers=visitor))

    def with_version(self) -> "JobQuerySet":
        """With what an answer says of the version, and without its card, which holds a thousand labels."""
        return self.select_related("version__classifier").defer("version__card")

    def with_rows(self) -> "JobQuerySet":
        """With the row of each kind's own model, read along."""
        return self.select_related(*(kind.row_name for kind in kinds().values()))

    def open(self) -> "JobQuerySet":
        return self.exclude(status__in=ENDED)

    def waiting(self) -> "JobQuerySet":
        """Queued rows, in the order in which a queue is served."""
        return self.filter(status=Status.QUEUED).order_by("unasked", "created")

    def outbox(self) -> "JobQuerySet":
        """Queued rows the broker has not been told of."""
        return self.filter(status=Status.QUEUED, enqueued=None)

    def expired(self) -> "JobQuerySet":
        """Running rows whose worker has stopped renewing its lease."""
        limit = timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)
        return self.filter(status=Status.RUNNING, heartbeat__lt=limit)


class Job(models.Model):
    """Kind, owner, state, progress and attempts of one piece of work; its result lies in a row of its kind's model."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(_("kind"), max_length=20)
    queue = models.CharField(_("queue"), max_length=20)
    visitor = models.ForeignKey(Visitor, models.CASCADE, null=True, related_name="jobs", verbose_name=_("visitor"))
    askers = models.ManyToManyField(
        Visitor,
        blank=True,
        related_name="asked",
        verbose_name=_("asked for by"),
        help_text=_("Who waits for what will be everybody's."),
    )
    unasked = models.BooleanField(
        _("begun by the site itself"), default=False, help_text=_("What somebody waits for is done before.")
    )
    version = models.ForeignKey(
        ModelVersion, models.PROTECT, null=True, blank=True, related_name="jobs", verbose_name=_("model version")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.QUEUED)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=1)
    text = models.CharField(
        _("progress"), max_length=200, blank=True, help_text=_("A template; its values are beside.")
    )
    text_values = models.JSONField(default=dict, editable=False)
    expected = models.FloatField(_("expected seconds of work"), null=True)
    worked = models.FloatField(_("seconds of work"), default=0.0, help_text=_("Counted where workers take turns."))
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    error_code = models.CharField(_("error"), max_length=40, blank=True)
    error_message = models.TextField(_("why it failed"), blank=True, help_text=_("A template; its values are beside."))
    error_values = models.JSONField(default=dict, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now)
    enqueued = models.DateTimeField(_("told the broker"), null=True)
    started = models.DateTimeField(_("started"), null=True)
    finished = models.DateTimeField(_("finished"), null=True)
    heartbeat = models.DateTimeField(_("last sign of life"), null=True)
    worker = models.CharField(max_length=200, blank=True, help_text=_("The process that took it last."))
    in_hand = models.BooleanField(default=True, help_text=_("False while its worker does something else."))
    claim = models.CharField(max_length=32, blank=True, help_text=_("Drawn by the attempt that owns the row now."))
    cancel_requested = models.BooleanField(_("asked to stop"), default=False)
    pause_requested = models.BooleanField(_("asked to let another worker go on"), default=False)
    share_token = models.CharField(max_length=32, null=True, unique=True)  # noqa: DJ001 - NULLs may repeat, "" may not

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("job"), _("jobs")
        ordering = ("-created",)
        indexes = (
            models.Index(fields=("status", "queue", "created"), name="job_waiting"),
            models.Index(fields=("visitor", "-created"), name="job_of_visitor"),
        )

    def __str__(self) -> str:
        return f"{kind_name(self.kind)} {str(self.id)[:8]}"

    def why(self) -> str:
        """The reason of its failure, in the reader's language; "" if there is none."""
        return worded(self.error_message, self.error_values)

    def progress_text(self) -> str:
        """What is being done, in the reader's language; "" if nothing is said."""
        return worded(self.text, self.text_values)

    @property
    def described(self) -> JobKind:
        """What is declared of its kind."""
        return kinds()[self.kind]

    @property
    def line(self) -> Queue:
        """The queue that it waits in."""
        return QUEUES[self.queue]

    @property
    def seconds(self) -> int:
        """After how much work it is ended."""
        return self.described.seconds_in(self.line)

    @property
    def answered_by(self) -> ModelVersion:
        """The version a visitor's job asks; a training has none until it has made one."""
        assert self.version is not None, f"a job of kind {self.kind} asks no version"  # noqa: S101
        return self.version

    @property
    def left(self) -> float:
        """Seconds of work still expected; at least one, as long as it has not ended."""
        return max(1.0, (self.expected or 0.0) - self.worked)

    @property
    def ended(self) -> bool:
        return self.status in ENDED

    def result(self) -> Any:
        """The row of the kind's own model, or None if its picture is gone."""
        kind = self.described
        if kind.row_name not in self._state.fields_cache and (row := _row_of(kind.model).first(self.pk)):
            row.job = self  # and so this knows the row
        return self._state.fields_cache.get(kind.row_name)

    def position(self) -> int | None:
        """How many jobs are served before this one, plus one; None unless it waits."""
        if self.status != Status.QUEUED:
            return None
        [before] = _before(self.queue, self.unasked)(self.created)
        return before + 1

    def more_urgent(self) -> Q:
        """What is served before it, whoever came first: of what nobody asked for, whatever somebody waits for."""
        if self.unasked:
            return Q(queue__in=self.line.related, unasked=False) | Q(queue__in=self.line.after)
        return Q(queue__in=self.line.after, unasked=False)

    def draw_share_token(self) -> str:
        """An unguessable address (128 bits); kept until revoked."""
        if not self.share_token:
            self.share_token = secrets.token_urlsafe(16)
            self.save(update_fields=["share_token"])
        return self.share_token


@cache
def _before(queue: str, unasked: bool) -> Prepared[Job]:
    """How many are served before one of that queue that was created then."""
    urgent = Job(queue=queue, unasked=unasked).more_urgent()

    @prepared
    def before(created: Any) -> models.QuerySet[Job]:
        waiting = urgent | Q(queue=queue, unasked=unasked, created__lt=created)
        return Job.objects.filter(waiting, status=Status.QUEUED).order_by().values_list(count(), flat=True)

    return before


@cache
def _row_of(model: str) -> Prepared[Any]:
    """The row of a job in its kind's own model, with what its JSON needs besides."""
    described = apps.get_model(model)
    along = described.ALONG or (None,)  # nothing; with no name at all it would be everything
    return prepared(lambda job: described._default_manager.select_related(*along).filter(pk=job))


class Checkpoint(models.Model):
    """What a job done in turns had reached, as its own work wrote it: a few megabytes at most."""

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True)
    state = models.BinaryField()

    def __str__(self) -> str:
        return str(self.job)


class Outcome(models.Model):
    """What every kind's row has: its job, what was asked, and the files it wrote."""

    FILES: tuple[str, ...] = ()  # columns that name files
    FILE_LISTS: tuple[str, ...] = ()  # columns that are lists of objects, each with its "file"
    PICTURE = ""  # the way to the picture it is about, as a query spells it; "" if it is about none
    UNLISTED: tuple[str, ...] = ()  # columns that a list of jobs does without
    ALONG: tuple[str, ...] = ()  # what one job's JSON needs besides, read together with it

    job = models.OneToOneField(Job, models.CASCADE, primary_key=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return str(self.job)

    def files(self) -> list[str]:
        listed = [one["file"] for field in self.FILE_LISTS for one in getattr(self, field)]
        return [name for name in (*(getattr(self, field) for field in self.FILES), *listed) if name]

    def about(self) -> dict[str, Any]:
        """What the job was asked to do, for its JSON."""
        raise NotImplementedError

    def so_far(self) -> dict[str, Any] | None:
        """What can be watched of it while it runs, for its JSON; None if there is nothing."""
        return None

    def page(self) -> str | None:
        """Where a browser shows it; None if nowhere by itself."""
        return None

    def picture_asked(self) -> Any:
        """The picture it is about; None if there is none."""
        return reduce(getattr, self.PICTURE.split("__"), self) if self.PICTURE else None

    @classmethod
    def listed_with(cls) -> tuple[Prefetch, ...]:
        """What a list of jobs reads along, so that its queries do not grow with its length."""
        return ()


def ways_to_pictures() -> list[str]:
    """How queries go from a job to the picture that it is about, for each kind that is about one."""
    return [f"{model.__name__.lower()}__{model.PICTURE}" for model in outcome_models() if model.PICTURE]


def outcome_models() -> list[type[Outcome]]:
    """The models of all kinds of jobs."""
    return [apps.get_model(model) for model in dict.fromkeys(kind.model for kind in kinds().values())]


def alive_since() -> datetime:
    """A worker seen later than this is alive."""
    return timezone.now() - timedelta(seconds=settings.JOB_LEASE_SECONDS)


def name_of(pid: int) -> str:
    """What a process of this machine is called among the workers."""
    return f"{socket.gethostname()}-{pid}"


class WorkerQuerySet(models.QuerySet["Worker"]):
    def alive(self) -> "WorkerQuerySet":
        return self.filter(seen__gte=alive_since())


class Worker(models.Model):
    """A process that computes, as it last described itself."""

    name = models.CharField(_("name"), max_length=200, unique=True)
    queues = models.CharField(_("queues"), max_length=200)
    device = models.CharField(_("device"), max_length=100, blank=True)
    threads = models.PositiveSmallIntegerField(_("threads"), default=1)
    memory_bytes = models.PositiveBigIntegerField(_("memory"), default=0)
    device_bytes = models.PositiveBigIntegerField(_("device memory"), default=0)
    versions = models.JSONField(_("loaded versions"), default=list)
    warm = models.BooleanField(_("warm"), default=False)
    job = models.ForeignKey(Job, models.SET_NULL, null=True, verbose_name=_("current job"), related_name="+")
    started = models.DateTimeField(_("started"), default=timezone.now)
    seen = models.DateTimeField(_("last seen"), default=timezone.now)

    objects = WorkerQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = _("worker"), _("workers")
        ordering = ("-seen",)

    def __str__(self) -> str:
        return self.name

    def is_alive(self) -> bool:
        return self.seen >= alive_since()
