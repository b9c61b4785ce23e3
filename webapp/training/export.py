"""A training's epochs for spreadsheets and programs."""

import csv
import io
from typing import Any

from webapp.training.models import FIGURES, TrainingRun

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")


def csv_of(run: TrainingRun) -> str:
    """A row for each epoch, below a header."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(FIGURES)
    for epoch in run.epochs.all():
        writer.writerow([cell(getattr(epoch, name)) for name in FIGURES])
    return text.getvalue()


def cell(value: Any) -> Any:
    """Text that a spreadsheet would take for a formula gets a quote in front; numbers stay numbers."""
    return f"'{value}" if isinstance(value, str) and value.startswith(DANGEROUS) else value
