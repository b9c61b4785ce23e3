"""Trainings and datasets as an owner sees them: started here, watched and steered on their own pages."""

from datetime import datetime
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webapp.core.admin_site import NOTHING, LookedAt, filtered_by_name, may, named, person, shown_name
from webapp.core.errors import Refusal
from webapp.core.shown import network_name
from webapp.core.uploads import only_file
from webapp.core.words import said_of
from webapp.training import services
from webapp.training.datasets import bring_own, problem_of, remove, trainable
from webapp.training.forms import OwnPicturesForm, TrainingForm
from webapp.training.models import Dataset, TrainingEpoch, TrainingRun

NETWORK = named("network", network_name, _("network"))


class EpochInline(LookedAt, admin.TabularInline):
    """A run's epochs, in numbers."""

    model = TrainingEpoch
    can_delete = False


@admin.register(TrainingRun)
class TrainingRunAdmin(LookedAt, admin.ModelAdmin):
    """Runs are started by the form below "Add" and live on a page of their own."""

    list_display = (
        "short_id",
        "live_page",
        "dataset",
        NETWORK,
        "status",
        "epochs_done",
        "best",
        "started_by",
        "begun",
    )
    list_filter = ("dataset", filtered_by_name("network", network_name), "job__status")
    list_select_related = ("job", "dataset", "started_by")
    fields = (
        "live_page",
        "dataset",
        NETWORK,
        "status",
        "why",
        "started_by",
        "parent",
        "stopped_early",
        "version",
        "config",
    )
    readonly_fields = ("live_page", NETWORK, "status", "why")
    inlines = (EpochInline,)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TrainingRun]:
        return super().get_queryset(request).prefetch_related("epochs")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "training.add_trainingrun")

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """The generated form; once it is sent, the run's live page."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = TrainingForm(request.POST or None, initial=_first_values(request))
        if request.method == "POST" and form.is_valid():
            try:
                job = services.start_training(user=person(request), values=form.cleaned_data, parent=_parent(request))
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                return redirect("training_run", job.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Start a training"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/training/trainingrun/add.html", context)

    @admin.display(description=_("run"), ordering="job__id")
    def short_id(self, run: TrainingRun) -> str:
        return str(run.pk)[:8]

    @admin.display(description=_("live page"))
    def live_page(self, run: TrainingRun) -> str:
        return format_html('<a href="{}">{}</a>', run.get_absolute_url(), gettext("watch"))

    @admin.display(description=_("status"), ordering="job__status")
    def status(self, run: TrainingRun) -> str:
        return run.job.get_status_display()

    @admin.display(description=_("why it failed"))
    def why(self, run: TrainingRun) -> str:
        return run.job.why() or NOTHING

    @admin.display(description=_("created"), ordering="job__created")
    def begun(self, run: TrainingRun) -> datetime:
        return run.job.created

    @admin.display(description=_("epochs"))
    def epochs_done(self, run: TrainingRun) -> str:
        return f"{len(run.epochs.all())} / {run.config['epochs']}"

    @admin.display(description=_("validation error"))
    def best(self, run: TrainingRun) -> str:
        errors = [epoch.validation_error for epoch in run.epochs.all()]
        return services.percent(min(errors)) if errors else NOTHING


@admin.register(Dataset)
class DatasetAdmin(LookedAt, admin.ModelAdmin):
    """Declared datasets to look at; own pictures are added as a ZIP."""

    list_display = (shown_name, "slug", "page", "is_own", "is_ready", "created")
    fields = ("name", "slug", "page", "is_ready", "problem", "sha256", "created")
    readonly_fields = ("page", "is_ready", "problem", "sha256", "created")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "training.add_dataset")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may(request, "training.delete_dataset") and (obj is None or obj.own)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A name and a ZIP; once it is sent, the dataset's page, where its preparation can be watched."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = OwnPicturesForm(request.POST or None, request.FILES or None)
        if request.method == "POST" and form.is_valid():
            try:
                upload, fields = only_file(request, "archive"), form.cleaned_data
                dataset = bring_own(name=fields["name"], upload=upload, encoding=fields["encoding"])
            except Refusal as refusal:
                form.add_error(None, refusal.message)
            else:
                return redirect(dataset)
        context = {
            **self.admin_site.each_context(request),
            "title": _("Bring your own pictures"),
            "form": form,
            "opts": self.opts,
        }
        return TemplateResponse(request, "admin/training/dataset/add.html", context)

    def delete_model(self, request: HttpRequest, dataset: Dataset) -> None:
        remove(dataset)

    def delete_queryset(self, request: HttpRequest, datasets: QuerySet[Dataset]) -> None:
        for dataset in datasets:
            try:
                remove(dataset)
            except Refusal as refusal:
                self.message_user(request, said_of(str(dataset), refusal.message), messages.ERROR)

    @admin.display(description=_("page"))
    def page(self, dataset: Dataset) -> str:
        return format_html('<a href="{}">{}</a>', dataset.get_absolute_url(), gettext("look"))

    @admin.display(description=_("own"), boolean=True)
    def is_own(self, dataset: Dataset) -> bool:
        return dataset.own

    @admin.display(description=_("ready"), boolean=True)
    def is_ready(self, dataset: Dataset) -> bool:
        return dataset.facts is not None

    @admin.display(description=_("what went wrong"))
    def problem(self, dataset: Dataset) -> str:
        return problem_of(dataset) or NOTHING

    @admin.display(description="SHA-256")
    def sha256(self, dataset: Dataset) -> str:
        return (dataset.facts or {}).get("sha256", NOTHING)


def _parent(request: HttpRequest) -> TrainingRun | None:
    """The run that is repeated, named in the address."""
    named = request.GET.get("from")
    return services.find_run(named) if named else None


def _first_values(request: HttpRequest) -> dict[str, Any]:
    """What the form starts with: the repeated run's settings, or the dataset that the address names and its network."""
    parent = _parent(request)
    if parent:
        return services.settings_of(parent)
    record = trainable().get(request.GET.get("dataset", ""))
    return {"dataset": record.slug, "network": record.network} if record else {}
