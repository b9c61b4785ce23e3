"""The one task of the queue: take an id, claim the row, do its kind's work, save."""

import logging

from django.utils.module_loading import import_string

from webapp.celery import app
from webapp.jobs import run, services
from webapp.jobs.broker import TASK

logger = logging.getLogger("gibbon.jobs")


@app.task(name=TASK)
def run_job(job_id: str) -> None:
    """Do one job. Safe to run twice: only the attempt that claims the row does anything."""
    job = services.claim(job_id)
    if job is None:
        return
    with run.current(job):
        try:
            import_string(job.described.work)(run.Run(job))
        except run.Stopped:
            services.end_cancelled(job)
            services.hand_over(job)
        except run.JobFailed as failure:
            services.fail(job, code=failure.code, message=failure.template, values=failure.values)
        except Exception:
            logger.exception("Job %s (%s) met a bug", job.pk, job.kind)
            services.fail(job, code="internal", message=run.BUG)
