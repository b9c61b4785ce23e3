"""What a visitor notices of others' long work on the same worker: predictions on the idle site, then beside studies.

    python -m benchmarks.study_queue [--seconds 60] [--studies 3]

One warm worker of one thread serves all queues. The studies are the tests' toy (PGD on the digits' network, a step
after the other, 256 digits each), one each of so many people. A prediction's time runs from the request that asks for
it to the answer that has it, asked for every 20 ms.
"""

import argparse
import tempfile
import time
from pathlib import Path

from benchmarks.timing import circumstances, table
from tests.support.bare_site import BareSite, bare_site
from tests.support.people import CLASSIFIER, Caller, wait_for
from tests.support.pictures import noise_png

SETTINGS = {"GIBBON_TORCH_THREADS": "1", "GIBBON_JOB_SECONDS": "60", "GIBBON_STUDY_SECONDS": "100000"}


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seconds", type=float, default=60.0, help="how long predictions are asked for, each time")
    parser.add_argument("--studies", type=int, default=3, help="how many people have a study at work")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gibbon-") as folder, bare_site(Path(folder), **SETTINGS) as site:
        site.start("worker")
        visitor = site.new_person()
        picture = visitor.upload(noise_png())
        visitor.wait(visitor.predict(picture)[1]["id"], 120)
        rows = [row("nothing else", latencies(visitor, picture, asked.seconds), 0)]
        begin(site, asked.studies)
        before = steps(site)
        took = latencies(visitor, picture, asked.seconds)
        rows.append(row(f"{asked.studies} studies", took, steps(site) - before))
    print(table(["beside", "predictions", "median, s", "p95, s", "longest, s", "steps of studies"], rows))
    print(circumstances("torch"))


def begin(site: BareSite, count: int) -> None:
    """So many people's studies, each of which has taken a step."""
    for _ in range(count):
        site.create_jobs("study", owner=site.new_person(), total=1_000_000)
    wait_for(lambda: len({line.split()[0] for line in lines(site)}) == count, 60)


def lines(site: BareSite) -> list[str]:
    path = site.folder / "notes" / "steps"
    return path.read_text().splitlines() if path.exists() else []


def steps(site: BareSite) -> int:
    return len(lines(site))


def latencies(person: Caller, picture: dict, seconds: float) -> list[float]:
    """The seconds that predictions took, one after the other for so long, sorted."""
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        begun = time.monotonic()
        status, job = person.predict(picture)
        if status != 202:
            raise RuntimeError(f"{CLASSIFIER} was not asked: {job}")
        while person.job(job["id"])["status"] != "done":
            time.sleep(0.02)
        took.append(time.monotonic() - begun)
        time.sleep(0.1)
    return sorted(took)


def row(beside: str, took: list[float], steps: int) -> list[str]:
    quantiles = (took[len(took) // 2], took[int(0.95 * len(took))], took[-1])
    return [beside, str(len(took)), *(f"{seconds:.2f}" for seconds in quantiles), str(steps)]


if __name__ == "__main__":
    main()
