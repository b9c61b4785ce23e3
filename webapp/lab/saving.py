"""What a job came to, into its row and the storage. Needs no torch: tests save what they made up the same way."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from inference.catalog.results import AttackResult, PointResult, PredictResult, SweepResult
from webapp.core import files
from webapp.lab.models import Attack, Draws, Point, Prediction, Sweep
from webapp.lab.services import begin_draws, create_search, create_sweep

JPEGS = ("trace_file",)  # columns of files that are no PNG


def write(pictures: Mapping[str, bytes | None], written: list[str]) -> dict[str, Any]:
    """Store pictures; what their row has to be told. Each name goes into `written` as soon as its file is there."""
    columns: dict[str, Any] = {"bytes": 0}
    for column, content in pictures.items():
        if content is not None:
            columns[column] = files.write("results", content, ending="jpg" if column in JPEGS else "png")
            written.append(columns[column])
            columns["bytes"] += len(content)
    return columns


def save_prediction(row: Prediction, result: PredictResult) -> None:
    update(row, result=asdict(result))


def save_attack(row: Attack, result: AttackResult, columns: Mapping[str, Any], *, judged: bytes = b"") -> None:
    """The sweep of a ray follows as a job of its own, and of what everybody sees the search; in a transaction.

    judged: what the sweep need not judge again, as `webapp.lab.partial` packs it.
    """
    update(row, live=None, result=asdict(result), **columns)
    if row.job.unasked:
        row.job.refresh_from_db(fields=["unasked"])  # somebody may have come to wait for it
    if row.record.path == "ray":
        create_sweep(row, judged=judged, unasked=row.job.unasked)
    elif row.record.path == "rerun" and row.job.visitor_id is None:
        row.result = asdict(result)
        create_search(row, unasked=row.job.unasked)


def save_sweep(row: Sweep, result: SweepResult) -> None:
    """Of what everybody sees more draws of the noise follow at the attack's own budget; in a transaction.

    Who looks at an attack of one's own asks for them where the slider rests; many look no more by then.
    """
    update(row, partial=None, result=asdict(result))
    if row.job.visitor_id is None:
        begin_draws(row.attack)


def save_point(row: Point, result: PointResult, columns: Mapping[str, Any]) -> None:
    update(row, result=asdict(result), **columns)


def save_draws(row: Draws, named: list[int]) -> None:
    update(row, named=named)


def update(row: Any, **columns: Any) -> None:
    """Write columns of a row that still exists; one deleted meanwhile does not come back."""
    type(row).objects.filter(pk=row.pk).update(**columns)
