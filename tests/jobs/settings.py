"""The site's settings plus kinds of jobs that misbehave on purpose; what they do is in kinds.py.

They are served from the queue "train", whose worker starts without a network and so within a second or two.
"""

from webapp.settings import *  # noqa: F403  a settings module is its names
from webapp.settings import JOB_KINDS as REAL_KINDS

JOB_KINDS = REAL_KINDS | {
    kind: ("train", f"tests.jobs.kinds.{kind}", "lab.Prediction") for kind in ("crash", "hang", "note", "slow", "bug")
}
