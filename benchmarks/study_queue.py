"""What a visitor notices of others' long work on the same worker: predictions on the idle site, then beside studies.

    python -m benchmarks.study_queue [--seconds 60] [--studies 1 3]

One warm worker serves all queues. The studies are the tests' toy (PGD on the digits' network, a step after the other,
256 digits each), one each of so many people, and last longer than they are looked at. A prediction's time runs from the
request that asks for it to the answer that has it, asked for every 50 ms.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from benchmarks.timing import circumstances, table
from tests.support.bare_site import BareSite, bare_site
from tests.support.people import Caller, wait_for
from tests.support.pictures import noise_png

SETTINGS = {"GIBBON_JOB_SECONDS": "60", "GIBBON_STUDY_SECONDS": "100000"}
HEAD = ["beside", "predictions", "median, s", "p95, s", "longest, s", "steps of studies"]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long predictions are asked for, each time")
    parser.add_argument("--studies", type=int, nargs="+", default=[1, 3], help="so many people have a study at work")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gibbon-") as folder, bare_site(Path(folder), **SETTINGS) as site:
        site.start("worker")
        visitor = site.new_person()
        picture = visitor.upload(noise_png())
        visitor.wait(visitor.predict(picture)[1]["id"], 120)
        rows = [row("nothing else", visitor.latencies(picture, asked.seconds), 0)]
        rows += [beside(site, visitor, picture, count, asked.seconds) for count in asked.studies]
    print(table(HEAD, rows))
    print(circumstances())


def beside(site: BareSite, visitor: Caller, picture: dict, count: int, seconds: float) -> list[str]:
    """The row for so many people's studies, which end afterwards."""
    people = [site.new_person() for _ in range(count)]
    studies = [site.create_jobs("study", owner=person, total=1_000_000)[0] for person in people]
    wait_for(lambda: len({line.split()[0] for line in lines(site)} & set(studies)) == count, 60)
    before = len(lines(site))
    took = visitor.latencies(picture, seconds)
    steps = len(lines(site)) - before
    for person, study in zip(people, studies, strict=True):
        person.call("DELETE", f"/api/v1/jobs/{study}")
        person.wait(study)
    return row(f"{count} {'study' if count == 1 else 'studies'}", took, steps)


def lines(site: BareSite) -> list[str]:
    path = site.folder / "notes" / "steps"
    return path.read_text().splitlines() if path.exists() else []


def row(what: str, took: list[float], steps: int) -> list[str]:
    quantiles = (statistics.median(took), took[int(0.95 * len(took))], took[-1])
    return [what, str(len(took)), *(f"{seconds:.2f}" for seconds in quantiles), str(steps)]


if __name__ == "__main__":
    main()
