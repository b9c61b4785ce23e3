"""Pages that explain."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from webapp.api.describe import attacks, classifiers
from webapp.lab.samples import gallery


def about(request: HttpRequest) -> HttpResponse:
    """What the classifier is, how good it is, and whose photographs the samples are."""
    context = {
        "classifiers": classifiers(labels=False),
        "attacks": attacks(),
        "samples": gallery(),
        "days": settings.PICTURE_DAYS,
    }
    return render(request, "pages/about.html", context)
