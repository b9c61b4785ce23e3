"""The site's settings plus kinds of jobs that misbehave on purpose, and trainings that are real and short."""

from webapp.settings import *  # noqa: F403  a settings module is its names
from webapp.settings import INSTALLED_APPS as REAL_APPS
from webapp.settings import STORAGES as REAL_STORAGES

INSTALLED_APPS = [*REAL_APPS, "tests.support.misbehaving", "tests.support.short"]
STORAGES = REAL_STORAGES | {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},  # nothing is collected here
}
HANG_SECONDS = 3  # after so many a job of the kind `hang` is killed
