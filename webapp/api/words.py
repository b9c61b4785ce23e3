"""What the API's document says of its addresses, in the reader's language; what it says of fields stays English.

Summaries and docstrings stand beside the functions; here they are marked, and a test holds the two together.
"""

from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from webapp.api import guide

TAGS = (_("pictures"), _("jobs"), _("course"), _("catalogue"), _("training"), _("versions"))
SUMMARIES = (
    _("Upload a picture"),
    _("Your pictures, newest first"),
    _("One picture"),
    _("Delete a picture"),
    _("Predict, or attack"),
    _("Your newest 100 jobs"),
    _("How long an attack would take"),
    _("One job"),
    _("Cancel a job"),
    _("One point as a file"),
    _("Many draws of the noise at one point"),
    _("Share an attack"),
    _("Stop sharing"),
    _("Compute for a lesson"),
    _("Computations"),
    _("Classifiers"),
    _("Attacks"),
    _("Start a training"),
    _("The newest trainings"),
    _("Settings"),
    _("One training"),
    _("Stop early"),
    _("Cancel"),
    _("Resume"),
    _("Datasets"),
    _("Bring own pictures"),
    _("One dataset"),
    _("Versions, newest first"),
    _("One version"),
    _("Promote"),
    _("Roll back"),
)
DESCRIPTIONS = (  # a paragraph each, on one line
    _("Prepare a picture (PNG, JPEG, WebP, GIF or BMP, up to 20 MB) and keep it until it expires."),
    _("Its jobs are cancelled and everything computed from it is removed."),
    _(
        "Queue a job: 202 with its `url`. Ask there about once a second until `status` is `done`, `failed` or "
        "`cancelled`; or open the WebSocket `/ws/jobs/{id}`, which sends the same JSON as the job goes on and closes "
        "after the last."
    ),
    _("What `POST /jobs` would do with the same body; nothing is begun."),
    _("Save the attack's picture at one value of its sweep, read it back and judge it."),
    _("Judge 20 draws of random noise at that value, the attack's control among them: how often noise alone suffices."),
    _("A read-only page for everybody who has its address, until revoked."),
    _("The job that computes this; what was computed before is answered at once, what is at work already is joined."),
    _("What lessons have computed on real networks and data, with the options of each."),
    _("What is left out has its default; the settings are described at /api/v1/training-settings."),
    _("Every setting of a training as JSON Schema, with defaults."),
    _("End after the present step and keep the best epoch."),
    _("End without a version."),
    _("Go on with a failed or cancelled training after its last checkpoint."),
    _("Keep a ZIP with one folder of pictures for each class, and look at it before any training."),
    _("Ask for the dataset until it has `labels` or a `problem`: its `report` then tells what was found and left out."),
    _("With its card."),
    _("A worker tries the version; then it answers from every worker's next job on."),
    _(
        "Unless confirmed, 409 `worse`, `unchecked` where checks for masked gradients failed or were not run, or "
        "`incomparable` where its figures are of other pictures than the live one's."
    ),
    _("Promote the version that was live before."),
)


def word(document: dict[str, Any]) -> None:
    """Put the reader's language into an OpenAPI document: its guide, and what it says of each address."""
    document["info"]["description"] = guide.text()
    for methods in document["paths"].values():
        for operation in methods.values():
            operation["tags"] = [gettext(tag) for tag in operation["tags"]]
            operation["summary"] = gettext(operation["summary"])
            if "description" in operation:
                operation["description"] = "\n\n".join(map(gettext, paragraphs(operation["description"])))


def paragraphs(text: str) -> list[str]:
    """Each on one line."""
    return [" ".join(paragraph.split()) for paragraph in text.split("\n\n")]
