"""Every declared computation: what it names is there, takes its options, and gives what JSON can hold."""

import inspect
import json
from collections.abc import Generator
from importlib import import_module
from typing import Any

import numpy as np
import pytest

from webapp.learn.computations import COMPUTATIONS, Computation

SHORT = [
    pytest.param(slug, marks=[pytest.mark.walk] if record.seconds(record.complete({})) >= 1 else [])
    for slug, record in COMPUTATIONS.items()
    if not record.long
]
each_computation = pytest.mark.parametrize("record", COMPUTATIONS.values(), ids=COMPUTATIONS)


def function_of(record: Computation) -> Any:
    module, _, name = record.function.partition(":")
    return getattr(import_module(module), name)


def given(record: Computation, **options: Any) -> dict[str, Any]:
    """As a worker calls it."""
    picture = {"digit": np.zeros((28, 28), np.uint8), "photo": np.zeros((40, 50, 3), np.uint8)}.get(record.picture)
    return record.complete(options) | ({} if picture is None else {"picture": picture})


@each_computation
def test_a_function_takes_what_its_record_declares(record: Computation):
    inspect.signature(function_of(record)).bind(**given(record))


@pytest.mark.parametrize("slug", SHORT)
def test_a_short_one_gives_json(slug: str):
    json.dumps(function_of(COMPUTATIONS[slug])(**given(COMPUTATIONS[slug])), allow_nan=False)


@pytest.mark.parametrize("slug", [slug for slug, record in COMPUTATIONS.items() if record.long])
def test_a_long_one_tells_what_there_is_so_far(slug: str):
    steps = function_of(COMPUTATIONS[slug])(**given(COMPUTATIONS[slug]))
    assert isinstance(steps, Generator)
    share, found = next(steps)
    assert 0 <= share < 1
    json.dumps(found, allow_nan=False)


@each_computation
def test_what_is_prepared_can_be_asked_for_and_is_soon_over(record: Computation):
    assert all(0 < record.seconds(record.complete(options)) <= 20 for options in [{}, *record.prepared])
