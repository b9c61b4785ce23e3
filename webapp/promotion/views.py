"""Pages of promotions: the question, the decision, and how it goes."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from webapp.core.admin_site import demand, person
from webapp.core.errors import Refusal, not_found
from webapp.core.words import run_on
from webapp.jobs.models import Status
from webapp.jobs.serializers import job_json
from webapp.promotion import services
from webapp.promotion.models import Promotion
from webapp.registry.models import Classifier, ModelVersion
from webapp.registry.services import find_any_version, find_classifier


@require_http_methods(["GET", "POST"])
def promote(request: HttpRequest, version: str) -> HttpResponse:
    """Let a version answer visitors; asked again where the live one is better.

    By GET the question alone: in another language, loaded again, or returned to. Where there is none to where it came
    from.
    """
    demand(request, "registry.promote_modelversion")
    found = find_any_version(version)
    if request.method == "POST":
        return promote_or_ask(request, found)
    against = "" if found.live else run_on(services.doubts(found).values())
    return _ask(request, found, against, status=200) if against else redirect(_origin(found))


def promote_or_ask(request: HttpRequest, version: ModelVersion) -> HttpResponse:
    """To the page that follows the promotion; or the question whether a worse version is really meant."""
    try:
        job = services.promote(user=person(request), version=version, confirmed="confirmed" in request.POST)
    except Refusal as refusal:
        if refusal.code not in ("worse", "unchecked", "incomparable"):
            raise
        return _ask(request, version, refusal.message, status=refusal.status)
    return redirect("promotion", job.pk)


def _ask(request: HttpRequest, version: ModelVersion, against: str, *, status: int) -> HttpResponse:
    context = {"version": version, "against": against, "origin": _origin(version)}
    return render(request, "promotion/worse.html", context, status=status)


def _origin(version: ModelVersion) -> str:
    """The page of the training that made the version; of all trainings where it came ready-made."""
    training = version.runs.first()
    return training.get_absolute_url() if training else reverse("training_runs")


@require_POST
def roll_back(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the version answer that did before."""
    demand(request, "registry.promote_modelversion")
    return roll_back_to_previous(request, find_classifier(slug), version=request.POST.get("from", ""))


def roll_back_to_previous(request: HttpRequest, classifier: Classifier, *, version: str = "") -> HttpResponse:
    """To the page that follows the promotion of the version before."""
    job = services.roll_back(user=person(request), classifier=classifier, version=version)
    return redirect("promotion", job.pk)


@require_GET
def promotion(request: HttpRequest, job_id: UUID) -> HttpResponse:
    """How a promotion goes: a worker loads the version and tries it before it answers anybody."""
    rows = Promotion.objects.select_related("job", "version__classifier")
    row = rows.filter(pk=job_id).first()
    if row is None:
        raise not_found()
    training = row.version.runs.first()
    context = {
        "promotion": row,
        "version": row.version,
        "run": training,
        "sentence": promotion_sentence(row),
        "pending": not row.job.ended,
        "state": {"job": job_json(row.job)},
    }
    return render(request, "promotion/promotion.html", context)


def promotion_sentence(row: Promotion) -> str:
    """How a promotion stands."""
    sentences = {
        Status.QUEUED: gettext("Waiting for a worker that tries this version before it answers anybody."),
        Status.RUNNING: gettext("A worker loads this version and asks it something, before it answers anybody."),
        Status.DONE: gettext("From now on %(name)s answers for %(classifier)s."),
        Status.FAILED: gettext("It was not promoted. %(why)s The version that was live stays live."),
        Status.CANCELLED: gettext("The promotion was cancelled. The version that was live stays live."),
    }
    words = {"name": row.version, "classifier": row.version.classifier, "why": row.job.why()}
    if row.job.status == Status.DONE and not row.version.live:
        return gettext("%(name)s was promoted; by now another version answers for %(classifier)s.") % words
    return sentences[Status(row.job.status)] % words
