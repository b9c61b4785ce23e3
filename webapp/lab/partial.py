"""What a sweep has judged so far, as bytes on its row. Only workers import this."""

import json
from collections.abc import Iterable, Mapping

import numpy as np

from inference.experiment.sweep import Step

MARK = b"steps\n"  # bytes without it were written by a worker of before 0.3: they are judged again


def packed(judged: Mapping[Step, np.ndarray]) -> bytes:
    """Which steps, as a line of JSON, and their probabilities."""
    return MARK + json.dumps([list(step) for step in judged]).encode() + b"\n" + _rows(judged.values())


def unpacked(kept: bytes) -> dict[Step, np.ndarray]:
    """The steps and, float32, the probabilities (classes,) of each."""
    if not kept.startswith(MARK):
        return {}
    head, _, rows = kept[len(MARK) :].partition(b"\n")
    steps = [Step(*step) for step in json.loads(head)]
    return dict(zip(steps, np.frombuffer(rows, np.float32).reshape(len(steps), -1), strict=True))


def _rows(probabilities: Iterable[np.ndarray]) -> bytes:
    return b"".join(np.asarray(row, np.float32).tobytes() for row in probabilities)
