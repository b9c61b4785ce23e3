"""The site's settings for a house whose trainings are real and short."""

from tests.support.jobs_settings import *  # noqa: F403  a settings module is its names
from tests.support.jobs_settings import INSTALLED_APPS as APPS_OF_JOBS

INSTALLED_APPS = [*APPS_OF_JOBS, "tests.support.short"]
