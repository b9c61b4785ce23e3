"""Answers that several addresses give."""

from django.http import HttpResponse, JsonResponse
from django.urls import reverse

from webapp.jobs.models import Job


def accepted(job: Job) -> HttpResponse:
    """202: the job waits, or goes on; where it is asked for, and where a browser shows it."""
    row = job.result()
    told = {"id": str(job.pk), "kind": job.kind, "status": job.status, "url": reverse("api:show_job", args=[job.pk])}
    return JsonResponse(told | {"page": row.page() if row else None}, status=202)
