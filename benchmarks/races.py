"""A class that races: forty people each start a race within ten seconds, while somebody asks for predictions.

    python -m benchmarks.races [--students 40] [--within 10]

One warm worker serves all queues. Every race is LeNet on 2,000 pictures, ten epochs, with a seed of its own, so that
none is known before. A prediction's time runs from the request to the answer that has it, asked for every 50 ms.
"""

import argparse
import statistics
import tempfile
import time
from pathlib import Path

from benchmarks.timing import circumstances, table
from tests.support.bare_site import bare_site
from tests.support.pictures import noise_png
from tests.support.racing import Student, race_all


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--students", type=int, default=40)
    parser.add_argument("--within", type=float, default=10.0, help="seconds in which all of them start")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gibbon-") as folder, bare_site(Path(folder)) as site:
        site.start("worker")
        visitor = site.new_person()
        picture = visitor.upload(noise_png())
        visitor.wait(visitor.predict(picture)[1]["id"], 120)
        alone = visitor.latencies(picture, 10)
        students = [Student(site.new_person(), {"seed": seed}) for seed in range(asked.students)]
        begun = time.monotonic()
        beside: list[float] = []
        for _round in race_all(students, within=asked.within):
            beside += visitor.latencies(picture, 5)
        lasted = time.monotonic() - begun
    tell(students, alone, beside, lasted)


def tell(students: list[Student], alone: list[float], beside: list[float], lasted: float) -> None:
    done = [one for one in students if one.status == "done"]
    foretold = [one.told["expected_seconds"] for one in done]
    places = sorted(one.told["position"] or 0 for one in done)
    print(f"{len(done)} of {len(students)} races done, the last after {lasted:.0f} s")
    print(f"told at once (within {max(one.answered for one in students):.2f} s): places {places[0]} to {places[-1]}, ")
    print(f"seconds foretold {min(foretold)} to {max(foretold)}, taken {min(one.took for one in done):.0f} to "
          f"{max(one.took for one in done):.0f}; first point after the turn began, at most "
          f"{max(one.first for one in done):.1f} s (asked for every 0.3 s)")  # fmt: skip
    rows = [row("nothing else", alone), row(f"{len(students)} races", beside)]
    print(table(["beside", "predictions", "median, s", "p95, s", "longest, s"], rows))
    print(circumstances())


def row(what: str, took: list[float]) -> list[str]:
    ordered = sorted(took)
    figures = (statistics.median(ordered), ordered[int(0.95 * len(ordered))], ordered[-1])
    return [what, str(len(took)), *(f"{seconds:.2f}" for seconds in figures)]


if __name__ == "__main__":
    main()
