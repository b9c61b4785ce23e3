"""The one task of the queue: take an id, claim the row, do its kind's work, save."""

from webapp.celery import app
from webapp.jobs import attempts, company, turns
from webapp.jobs.broker import TASK


@app.task(name=TASK)
def run_job(job_id: str) -> None:
    """Do one job, others that wait beside it. Safe to run twice: only the attempt that claims a row does anything."""
    job = attempts.claim(job_id)
    if job is None:
        return
    if job.line.takes_turns:
        turns.go_round(job)
    else:
        company.do(job)
