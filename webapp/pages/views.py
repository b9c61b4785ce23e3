"""Pages that explain."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext, gettext_noop

from webapp.api.describe import attacks, classifiers
from webapp.lab.samples import gallery

NORMS = {"linf": gettext_noop("L∞: the largest change of any value of any pixel")}


def about(request: HttpRequest) -> HttpResponse:
    """What the classifier is, how good it is, and whose photographs the samples are."""
    context = {
        "classifiers": classifiers(labels=False),
        "attacks": [attack | {"norm_name": gettext(NORMS[attack["norm"]])} for attack in attacks()],
        "samples": gallery(),
        "days": settings.PICTURE_DAYS,
    }
    return render(request, "pages/about.html", context)
