"""The site's settings for a house whose trainings are real and short: they learn from the first pictures of MNIST."""

from tests.jobs.settings import *  # noqa: F403  a settings module is its names
from tests.jobs.settings import JOB_KINDS

JOB_KINDS = JOB_KINDS | {"train": JOB_KINDS["train"]._replace(work="tests.training.beginning.train")}
