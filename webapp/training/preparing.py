"""Making a dataset's row complete: its own pictures from a ZIP, its facts, and what its page shows. Workers only."""

from webapp.jobs.run import Run


def prepare_dataset(run: Run) -> None:
    raise NotImplementedError
