"""Timing contestants fairly: in turns, in a new order each round, and told with their spread."""

import os
import platform
import random
import statistics
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

import torch

WARM_UPS = 2


def interleaved(
    contestants: Mapping[str, Callable[[], object]], rounds: int, *, clock: Callable[[], float] = time.perf_counter
) -> dict[str, list[float]]:
    """Seconds of each contestant in each round. Whatever else the machine does in a round meets them all."""
    order = list(contestants)
    shuffle = random.Random(0).shuffle
    seconds: dict[str, list[float]] = {name: [] for name in order}
    for round_ in range(-WARM_UPS, rounds):
        shuffle(order)
        for name in order:
            started = clock()
            contestants[name]()
            if round_ >= 0:
                seconds[name].append(clock() - started)
    return seconds


def spread(seconds: list[float]) -> str:
    """Median and quartiles in milliseconds."""
    low, middle, high = statistics.quantiles(seconds, n=4)
    return f"{middle * 1e3:.1f} ({low * 1e3:.1f}–{high * 1e3:.1f})"


def ratio(one: list[float], other: list[float]) -> str:
    """How many times as long one takes as the other, by medians."""
    return f"{statistics.median(one) / statistics.median(other):.2f}×"


def table(head: list[str], rows: list[list[str]]) -> str:
    """Markdown."""
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def circumstances(*packages: str) -> str:
    """Machine, load, date and versions: what a number needs beside it."""
    versions = ", ".join(f"{name} {version(name)}" for name in ("torch", "timm", *packages))
    load = f"{os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "unknown"
    return (
        f"{processor()}, {os.cpu_count()} cores, {torch.get_num_threads()} torch threads, load average {load}; "
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC; Python {platform.python_version()}, {versions}."
    )


def processor() -> str:
    """The processor's name, as far as the system tells."""
    cpuinfo = Path("/proc/cpuinfo")
    names = [line for line in cpuinfo.read_text().splitlines() if "model name" in line] if cpuinfo.exists() else []
    return names[0].partition(":")[2].strip() if names else platform.processor() or platform.machine()
