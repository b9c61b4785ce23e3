"""Pages of trainings and datasets: for everybody to watch, and for those who may to steer."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_GET, require_POST

from inference.catalog.class_names import class_names
from inference.catalog.configuration import GROUPS, SETTINGS, TrainingConfig, applies
from inference.catalog.networks import NETWORKS
from webapp.core.admin_site import demand
from webapp.core.errors import Refusal, not_found
from webapp.core.serving import stored
from webapp.core.shown import shown
from webapp.jobs.models import Job, Status
from webapp.jobs.serializers import job_json
from webapp.registry.services import find_any_version, previous
from webapp.training import services
from webapp.training.dataset_presenter import dataset_view
from webapp.training.datasets import facts_of, find_dataset
from webapp.training.export import csv_of
from webapp.training.masking import can_be_checked, cancel_checks, masking_view, order_checks
from webapp.training.models import Dataset, TrainingRun
from webapp.training.presenter import line, run_view

SHOWN = 50  # runs on a page


@require_GET
def runs(request: HttpRequest) -> HttpResponse:
    """Every training, newest first; filtered by what the address names."""
    # No database can be asked for a NUL.
    named = {name: request.GET.get(name, "").replace("\0", "") for name in FILTERS}
    chosen = {name: value for name, value in named.items() if value}
    found = TrainingRun.objects.select_related("job", "dataset", "version").prefetch_related("epochs")
    found = found.filter(**{FILTERS[name]: value for name, value in chosen.items()})
    page = max(0, int(number)) if (number := request.GET.get("page", "")).isdecimal() and len(number) < 6 else 0
    shown = list(found[page * SHOWN : (page + 1) * SHOWN + 1])
    context = {
        "lines": [line(row) for row in shown[:SHOWN]],
        "newer": _page(chosen, page - 1) if page else "",
        "older": _page(chosen, page + 1) if len(shown) > SHOWN else "",
        "filtered": bool(chosen),
        "filters": _filters(chosen),
        "may_start": request.user.has_perm("training.add_trainingrun"),
    }
    return render(request, "training/runs.html", context)


FILTERS = {"dataset": "dataset__slug", "network": "network", "status": "job__status"}


def _page(chosen: dict[str, str], page: int) -> str:
    """The address of another page of the same list."""
    return "?" + urlencode(chosen | {"page": page})


def _filters(chosen: dict[str, str]) -> list[dict[str, Any]]:
    """What can be chosen from, in words, and what is chosen."""
    options = {
        "dataset": [(dataset.slug, str(dataset)) for dataset in Dataset.objects.only("slug", "name")],
        "network": [(record.slug, shown(record.name)) for record in NETWORKS.values()],
        "status": list(Status.choices),
    }
    titles = {"dataset": gettext("Dataset"), "network": gettext("Network"), "status": gettext("Status")}
    return [
        {"name": name, "title": titles[name], "options": choices, "chosen": chosen.get(name, "")}
        for name, choices in options.items()
    ]


@require_GET
def run(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """One training, live."""
    row = services.find_run(job_id)
    return render(request, "training/run.html", run_context(request, row))


def run_context(request: HttpRequest, row: TrainingRun, **more: Any) -> dict[str, Any]:
    """What the live page is given; its script draws the curves from the job's JSON."""
    labels = class_names(row.dataset.slug, facts_of(row.dataset)["labels"], get_language())
    job = job_json(row.job)
    return {
        "run": row,
        "state": {"job": job},
        "labels": labels,
        "view": run_view(row, job, labels),
        "settings": _settings_worded(TrainingConfig(**services.settings_of(row))),
        "may": {
            "start": request.user.has_perm("training.add_trainingrun"),
            "control": request.user.has_perm("training.control_trainingrun"),
            "promote": request.user.has_perm("registry.promote_modelversion"),
        },
        "masking": masking_view(row.version) if row.version else None,
        "previous": previous(row.version.classifier) if row.version else None,
        **more,
    }


def _settings_worded(config: TrainingConfig) -> list[dict[str, Any]]:
    """The settings that made a difference, in words, group by group."""
    groups = []
    for slug, title in GROUPS.items():
        settings = [
            {"name": name, "label": gettext(setting.label), "value": _in_words(name, getattr(config, name))}
            for name, setting in SETTINGS.items()
            if setting.group == slug and applies(setting, config)
        ]
        groups.append({"title": gettext(title), "settings": settings})
    return groups


def _in_words(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if value is None:
        return gettext("as usual for the dataset")
    return gettext(str(dict(SETTINGS[name].choices).get(value, value)))


@require_GET
def run_csv(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The epochs as a table for a spreadsheet."""
    row = services.find_run(job_id)
    name = f"training-{str(row.pk)[:8]}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(csv_of(row), content_type="text/csv; charset=utf-8", headers=headers)


@require_GET
def run_json(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """Everything known of a training."""
    return JsonResponse(job_json(services.find_run(job_id).job))


@require_GET
def mistakes(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """The pictures the last epoch got wrong, side by side."""
    row = services.find_run(job_id)
    if not row.mistakes_file:
        raise not_found()
    return stored(request, row.mistakes_file)


# --- Steering -----------------------------------------------------------------------------------------------------

ACTIONS: dict[str, Callable[[TrainingRun], None]] = {
    "stop": services.stop,
    "cancel": services.cancel,
    "resume": services.resume,
}


@require_POST
def steer(request: HttpRequest, job_id: UUID, action: str) -> HttpResponse:
    """Stop early, cancel or resume."""
    demand(request, "training.control_trainingrun")
    if action not in ACTIONS:
        raise not_found()
    ACTIONS[action](services.find_run(job_id))
    return redirect("training_run", job_id)


@require_POST
def check_version(request: HttpRequest, version: str) -> HttpResponse:
    """Order the checks for masked gradients, without a limit of time, or stop those that run."""
    demand(request, "training.control_trainingrun")
    checked = find_any_version(version)
    if "cancel" in request.POST:
        cancel_checks(checked)
    elif not can_be_checked(checked):
        raise Refusal(409, "no_pictures", gettext("This version's test pictures are not at hand."))
    else:
        with transaction.atomic():
            order_checks(checked, full=True)
    run = checked.runs.first()
    return redirect(run) if run else redirect("training_runs")


# --- Datasets -----------------------------------------------------------------------------------------------------


@require_GET
def datasets(request: HttpRequest) -> HttpResponse:
    """What there is to learn from."""
    context = {
        "datasets": [{"dataset": dataset, "facts": facts_of(dataset)} for dataset in Dataset.objects.all()],
        "may_bring": request.user.has_perm("training.add_dataset"),
    }
    return render(request, "training/datasets.html", context)


@require_GET
def dataset(request: HttpRequest, slug: str) -> HttpResponse:
    """One dataset: how many pictures of what, how they look, and how they look when they are changed."""
    found = find_dataset(slug)
    last = found.preparations.select_related("job").order_by("-job__created").first()
    job: Job | None = last.job if last else None
    facts = facts_of(found)
    context = {
        "dataset": found,
        "facts": facts,
        "preparing": bool(job and not job.ended),
        "state": {"job": job_json(job) if job else None},
        "may_start": request.user.has_perm("training.add_trainingrun"),
        **dataset_view(found.slug, found.facts, facts["report"]),
    }
    return render(request, "training/dataset.html", context)


@require_GET
def dataset_picture(request: HttpRequest, slug: str, which: str) -> HttpResponse:
    name = find_dataset(slug).pictures.get(which)
    if not name:
        raise not_found()
    return stored(request, name)
