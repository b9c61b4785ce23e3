"""Deciding which version answers: promoting one, with a question first where that is doubtful, and rolling back."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext

from webapp.core.errors import Refusal
from webapp.core.words import run_on
from webapp.jobs.models import Job
from webapp.jobs.services import create_job
from webapp.promotion.models import Promotion
from webapp.registry.comparison import cannot_compare, how_it_is_worse
from webapp.registry.models import Classifier, ModelVersion
from webapp.registry.services import previous
from webapp.training.masking import doubt


def promote(*, user: User, version: ModelVersion, confirmed: bool = False) -> Job:
    """Have a worker try the version and make it live.

    Unless confirmed 409 "worse" where the live one is better, "unchecked" where its figures are in doubt, and
    "incomparable" where they were not counted on what the live one's were.
    """
    if version.live:
        raise Refusal(409, "live", gettext("This version is live already."))
    if version.card["preparation"] != version.classifier.preparation:
        message = gettext("This version wants other pictures than its classifier does, so it cannot answer for it.")
        raise Refusal(409, "other_pictures", message)
    if not confirmed:
        _refuse_doubtful(version)
    with transaction.atomic():
        job = create_job(kind="promote", visitor=None, version=version)
        Promotion.objects.create(job=job, version=version, asked_by=user)
    return job


def doubts(version: ModelVersion) -> dict[str, str]:
    """What speaks against promoting it, sentences by their code; empty where nothing does."""
    asked = {"worse": how_it_is_worse(version), "unchecked": doubt(version), "incomparable": cannot_compare(version)}
    return {code: sentence for code, sentence in asked.items() if sentence}


def _refuse_doubtful(version: ModelVersion) -> None:
    if reasons := doubts(version):
        raise Refusal(409, next(iter(reasons)), run_on(reasons.values()))


def roll_back(*, user: User, classifier: Classifier, version: str = "") -> Job:
    """Promote what was live before; 409 if nothing was.

    version: the identity of what is to answer no more, where the caller says so. 409 if another answers by now: to
    roll back what was rolled back already would let the same version answer again.
    """
    if version and not classifier.versions.filter(identity=version, live=True).exists():
        raise Refusal(409, "superseded", gettext("By now another version of this classifier answers."))
    before = previous(classifier)
    if before is None:
        raise Refusal(409, "nothing_before", gettext("No other version of this classifier has been live before."))
    return promote(user=user, version=before, confirmed=True)
