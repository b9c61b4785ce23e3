"""Versions change while visitors ask: nobody is let down, and every answer is the one of the version it names."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from inference import experiment
from inference.catalog.results import Scored
from inference.images import canonicalise, pixels
from inference.networks.classifier import load
from tests.support.bare_site import BareSite
from tests.support.datasets import data_of
from tests.support.identities import shipped_identity
from tests.support.owner import Owner, stored

pytestmark = pytest.mark.late

PROMOTIONS = 20
PROMOTION_EVERY = 0.5  # seconds
REQUEST_EVERY = 0.1  # seconds
ROUNDING = 1e-4  # of a probability that another process computed

Answers = Mapping[str, Mapping[str, float]]  # picture: class: probability


@pytest.fixture
def candidate(factory: BareSite, olga: Owner) -> str:
    """The SHA-256 of a version that is not live."""
    return olga.train(seed=11)


@pytest.mark.walk
def test_promotions_under_a_steady_load_let_nobody_down(factory: BareSite, olga: Owner, candidate: str) -> None:
    live = shipped_identity("digits")
    digits = {olga.bring_digit(png)["id"]: png for png in doubtful_digits(stored(factory, candidate))}
    known = {live: answers("digits", digits), candidate: answers(stored(factory, candidate), digits)}
    assert all(differ(known[live][picture], known[candidate][picture]) for picture in digits)

    asked, next_asked = ask_while_promoting(olga, [candidate, live], list(digits))

    jobs = {job_id: (picture, olga.wait(job_id, 60)) for job_id, picture in asked.items()}
    assert {job["status"] for _picture, job in jobs.values()} == {"done"}
    for picture, job in jobs.values():
        assert not differ(by_class(job["result"]["top"]), known[job["version"]["identity"]][picture]), job
    served = Counter(job["version"]["identity"] for _, job in jobs.values())
    print(f"{len(jobs)} predictions during {PROMOTIONS} promotions, answered by {served}; none failed, none by another")
    assert [jobs[job_id][1]["version"]["identity"] for job_id in next_asked] == [
        (candidate, live)[number % 2] for number in range(PROMOTIONS)
    ]
    assert olga.call("GET", f"/api/v1/versions/{live}")[1]["live"]


def ask_while_promoting(olga: Owner, versions: list[str], pictures: list[str]) -> tuple[dict[str, str], list[str]]:
    """The picture of each prediction that was asked for, at a steady pace, until the last promotion was done; and which
    was asked for next after each promotion.
    """
    with ThreadPoolExecutor(8) as hands:
        promoting = hands.submit(promote_in_turn, olga, versions, pictures[0])
        asked: list[tuple[Future[str], str]] = []
        start = time.monotonic()
        while not promoting.done():
            picture = pictures[len(asked) % len(pictures)]
            asked.append((hands.submit(olga.ask, picture), picture))
            time.sleep(max(0.0, start + len(asked) * REQUEST_EVERY - time.monotonic()))
        next_asked = promoting.result()
        return {job.result(): picture for job, picture in asked} | dict.fromkeys(next_asked, pictures[0]), next_asked


def promote_in_turn(olga: Owner, versions: list[str], picture: str) -> list[str]:
    """The prediction that was asked for as soon as each promotion was done: whoever asks next gets the new version."""
    start, next_asked = time.monotonic(), []
    for number in range(PROMOTIONS):
        olga.promote(versions[number % len(versions)])
        next_asked.append(olga.ask(picture))
        time.sleep(max(0.0, start + (number + 1) * PROMOTION_EVERY - time.monotonic()))
    return next_asked


def doubtful_digits(version: Path) -> list[bytes]:
    """PNGs of the ten test digits of which the version is least sure."""
    images = data_of("mnist").test.images[:1000].permute(0, 2, 3, 1).numpy()
    least = load(version).probabilities(images).max(1).argsort()[:10]
    return [pixels.write(images[place]) for place in least]


def answers(version: str | Path, digits: Mapping[str, bytes]) -> Answers:
    """What the version says of each picture, prepared as the site does it."""
    classifier = load(version)
    told = {name: experiment.predict(classifier, canonicalise(png, "digit").png).top for name, png in digits.items()}
    return {name: by_class(top) for name, top in told.items()}


def by_class(top: Sequence[Any]) -> dict[str, float]:
    """Of an answer's classes, from this process or as JSON."""
    scored = [asdict(one) if isinstance(one, Scored) else one for one in top]
    return {one["label"]: one["probability"] for one in scored}


def differ(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Whether two answers cannot be of the same version."""
    assert one.keys() == other.keys()
    return any(abs(probability - other[label]) > ROUNDING for label, probability in one.items())
