"""The one task of the queue: take an id, claim the row, do its kind's work, save."""

from webapp.celery import app
from webapp.jobs import run, services, turns
from webapp.jobs.broker import TASK


@app.task(name=TASK)
def run_job(job_id: str) -> None:
    """Do one job. Safe to run twice: only the attempt that claims the row does anything."""
    job = services.claim(job_id)
    if job is None:
        return
    if job.line.takes_turns:
        turns.go_round(job)
    else:
        run.do(job)
