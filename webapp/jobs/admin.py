"""Jobs and workers as an administrator sees them: what waits, what runs, what failed and why."""

from typing import Any

from django.apps import apps
from django.contrib import admin, messages
from django.contrib.admin.options import InlineModelAdmin
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from redis.exceptions import RedisError

from webapp.core.admin_site import NOTHING, LookedAt, filtered_by_name, link_to, may, named
from webapp.core.queues import QUEUES, queue_name
from webapp.core.shown import shown
from webapp.core.words import beside, listed
from webapp.jobs import services
from webapp.jobs.broker import waiting_messages
from webapp.jobs.kinds import kind_name, kinds
from webapp.jobs.models import Job, Status, Worker, ways_to_pictures

KIND = named("kind", kind_name, _("kind"))
QUEUE = named("queue", queue_name, _("queue"))


@admin.register(Job)
class JobAdmin(LookedAt, admin.ModelAdmin):
    """Read-only; who may change jobs may cancel them and queue failed ones again."""

    list_display = ("short_id", KIND, "status", "picture", "visitor", "attempts", "created", "took", "why")
    list_filter = (
        "status",
        filtered_by_name("kind", kind_name),
        filtered_by_name("queue", queue_name),
        "error_code",
    )
    search_fields = ("error_message", "version__name")
    date_hierarchy = "created"
    list_per_page = 50
    actions = ("cancel", "queue_again")
    fields = (
        *(KIND, "status", "why_in_full", "error_code", "picture", "visitor", "version", QUEUE, "progress"),
        *("attempts", "created", "enqueued", "started", "heartbeat", "finished", "took", "cancel_requested"),
        "is_shared",
    )
    readonly_fields = (KIND, QUEUE, "picture", "progress", "why_in_full", "is_shared", "took")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("visitor__user", *ways_to_pictures())

    def get_inlines(self, request: HttpRequest, obj: Job | None = None) -> list[type[InlineModelAdmin]]:
        """The row that holds the result of this kind of job, as its declaration names it."""
        if obj is None or obj.kind not in kinds():
            return []
        return [outcome_inline(obj.described.model)]

    @admin.display(description=_("job"), ordering="id")
    def short_id(self, job: Job) -> str:
        return str(job.pk)[:8]

    @admin.display(description=_("picture"))
    def picture(self, job: Job) -> str:
        kind = kinds().get(job.kind)
        row = job.result() if kind and apps.get_model(kind.model).PICTURE else None  # others' rows were not read along
        return link_to(row.picture_asked() if row else None)

    @admin.display(description=_("progress"))
    def progress(self, job: Job) -> str:
        return f"{job.done}/{job.total} {job.progress_text()}".strip()

    @admin.display(description=_("seconds"))
    def took(self, job: Job) -> str:
        """From the start of the last attempt to the end."""
        if not (job.started and job.finished):
            return NOTHING
        return f"{(job.finished - job.started).total_seconds():.2f}"

    @admin.display(description=_("why it failed"))
    def why(self, job: Job) -> str:
        return Truncator(job.why()).chars(80) or NOTHING

    @admin.display(description=_("why it failed"))
    def why_in_full(self, job: Job) -> str:
        return job.why() or NOTHING

    @admin.display(description=_("shared"), boolean=True)
    def is_shared(self, job: Job) -> bool:
        """The address itself is the owner's affair."""
        return job.share_token is not None

    def has_act_permission(self, request: HttpRequest) -> bool:
        return may(request, "jobs.change_job")

    @admin.action(description=_("Cancel the selected jobs"), permissions=["act"])
    def cancel(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        stopping = [job for job in jobs if not job.ended]
        for job in stopping:
            services.cancel(job)
        message = ngettext("%(count)s job is being cancelled.", "%(count)s jobs are being cancelled.", len(stopping))
        self.message_user(request, message % {"count": len(stopping)})

    @admin.action(description=_("Queue the selected failed jobs again"), permissions=["act"])
    def queue_again(self, request: HttpRequest, jobs: QuerySet[Job]) -> None:
        queued = sum(services.queue_again(job) for job in jobs)
        message = ngettext("%(count)s job was queued again.", "%(count)s jobs were queued again.", queued)
        self.message_user(request, message % {"count": queued})
        if left := len(jobs) - queued:
            message = ngettext("%(count)s job had not failed.", "%(count)s jobs had not failed.", left)
            self.message_user(request, message % {"count": left}, messages.WARNING)


def outcome_inline(of: str) -> type[InlineModelAdmin]:
    """A read-only inline for the rows of a kind's model ("lab.Attack")."""

    class OutcomeInline(LookedAt, admin.StackedInline):
        model = apps.get_model(of)
        can_delete = False

        def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
            return may(request, "jobs.view_job") or may(request, "jobs.change_job")

    return OutcomeInline


@admin.register(Worker)
class WorkerAdmin(LookedAt, admin.ModelAdmin):
    """Who computes at the moment, and how much waits."""

    list_display = ("name", "alive", "warm", "serves", "device", "memory", "on_device", "loaded", "doing", "seen")
    list_display_links = None
    change_list_template = "admin/jobs/worker/change_list.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Worker]:
        return super().get_queryset(request).select_related("job")

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        title = {"title": _("Workers")}
        return super().changelist_view(request, {**(extra_context or {}), **title, **queue_lengths()})

    @admin.display(description=_("alive"), boolean=True)
    def alive(self, worker: Worker) -> bool:
        return worker.is_alive()

    @admin.display(description=_("queues"), ordering="queues")
    def serves(self, worker: Worker) -> str:
        return listed(queue_name(name) for name in worker.queues.split(","))

    @admin.display(description=_("memory"), ordering="memory_bytes")
    def memory(self, worker: Worker) -> str:
        return filesizeformat(worker.memory_bytes)

    @admin.display(description=_("device memory"), ordering="device_bytes")
    def on_device(self, worker: Worker) -> str:
        return filesizeformat(worker.device_bytes) if worker.device_bytes else NOTHING

    @admin.display(description=_("loaded versions"))
    def loaded(self, worker: Worker) -> str:
        return listed(map(_named_version, worker.versions)) or NOTHING

    @admin.display(description=_("current job"))
    def doing(self, worker: Worker) -> str:
        return link_to(worker.job)


def _named_version(told: str) -> str:
    """As a worker calls a version, in the reader's language."""
    name, bracket, identity = told.rpartition(" (")
    return beside(shown(name), identity.removesuffix(")")) if bracket else told


def queue_lengths() -> dict[str, Any]:
    """For each queue the rows that wait and run, and the broker's messages; `broker_away` if it does not answer."""
    states = {"waiting": Count("pk", Q(status=Status.QUEUED)), "running": Count("pk", Q(status=Status.RUNNING))}
    rows: dict[str, dict[str, Any]] = {
        row["queue"]: dict(row) for row in Job.objects.open().values("queue").annotate(**states).order_by()
    }
    names = sorted({*QUEUES, *rows})
    lines = [rows.get(name, {"queue": name, "waiting": 0, "running": 0}) | {"name": queue_name(name)} for name in names]
    try:
        lengths = {name: waiting_messages(name) if name in QUEUES else 0 for name in names}
    except (RedisError, OSError):
        return {"queue_lines": lines, "broker_away": True}
    return {"queue_lines": [line | {"messages": lengths[line["queue"]]} for line in lines], "broker_away": False}
