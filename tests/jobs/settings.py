"""The site's settings plus kinds of jobs that misbehave on purpose; what they do is in kinds.py.

They are served from the queue "train", whose worker starts without a network and so within a second or two.
"""

from webapp.kinds import JobKind
from webapp.settings import *  # noqa: F403  a settings module is its names
from webapp.settings import JOB_KINDS as REAL_KINDS
from webapp.settings import STORAGES as REAL_STORAGES

JOB_KINDS = REAL_KINDS | {
    kind: JobKind("train", f"tests.jobs.kinds.{kind}", "lab.Prediction", "webapp.lab.results.prediction")
    for kind in ("crash", "hang", "note", "slow", "bug")
}
STORAGES = REAL_STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},  # nothing is collected here
}
