"""What the workers of these tests do: jobs that crash, hang, take their time, or note that they ran."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from django.conf import settings

from webapp.jobs import turns
from webapp.jobs.run import Run

STEPS = 30
turns.CHECKPOINT = 1.5  # seconds: workers that do these jobs have something to leave soon


def crash(run: Run) -> None:
    """Takes its own process with it, as a driver or the system's memory killer would."""
    _note(run)
    os.kill(os.getpid(), signal.SIGKILL)


def hang(run: Run) -> None:
    """Never comes back."""
    _note(run)
    while True:
        time.sleep(3600)


def bug(run: Run) -> None:
    """A mistake of ours."""
    raise ZeroDivisionError("a secret path: /root/key")


def note(run: Run) -> None:
    """Leaves one line for each time it is really done."""
    run.finish(lambda: _note(run))


def slow(run: Run) -> None:
    """A second and a half in thirty steps."""
    for step in range(STEPS):
        run.step(step, "Counting")
        time.sleep(0.05)
    run.finish(lambda: _note(run))


def study(run: Run) -> Iterator[Callable[[], bytes]]:
    """PGD on the digits' network, a step after the other; every step leaves a line: job, number, process."""
    import torch

    from inference.networks.classifier import load

    classifier = load("digits", device="cpu")
    original = torch.rand(256, 1, 28, 28, generator=torch.Generator().manual_seed(0))
    labels = classifier(original).argmax(1).detach()
    first, pixels = unpacked(run.state) if run.state else (0, original)
    for step in range(first, run.job.total):
        pixels = pixels.detach().requires_grad_(True)
        torch.nn.functional.cross_entropy(classifier(pixels), labels).backward()
        moved = pixels.detach() + 0.01 * pixels.grad.sign()
        pixels = torch.minimum(torch.maximum(moved, original - 0.3), original + 0.3).clamp(0, 1)
        run.step(step + 1, "Step %(step)s", {"step": step + 1})
        _write("steps", f"{run.job.pk} {step} {os.getpid()}")
        yield partial(packed, step + 1, pixels)
    run.finish(lambda: _note(run))


def wedge(run: Run) -> Iterator[Callable[[], bytes]]:
    """Takes its process with it in its second turn."""
    yield bytes
    time.sleep(0.3)
    yield bytes
    _note(run)
    os.kill(os.getpid(), signal.SIGKILL)


def expected(row: Any, version: Any) -> float:
    """What both say they take."""
    return 30.0


def packed(step: int, pixels: Any) -> bytes:
    return step.to_bytes(4) + pixels.detach().numpy().tobytes()


def unpacked(state: bytes) -> tuple[int, Any]:
    import torch

    pixels = np.frombuffer(state[4:], np.float32).reshape(256, 1, 28, 28)
    return int.from_bytes(state[:4]), torch.from_numpy(pixels.copy())


def notes() -> Path:
    return Path(settings.DATA_DIR) / "notes"


def _note(run: Run) -> None:
    _write(run.job.kind, str(run.job.pk))


def _write(name: str, line: str) -> None:
    notes().mkdir(exist_ok=True)
    with (notes() / name).open("a") as file:
        file.write(f"{line}\n")
