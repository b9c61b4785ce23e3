"""What besides settings and seed decides the bits of the weights: the device, the threads, the versions of libraries.

A training remembers under which it computed, from which epoch on; one that goes on under others is told so.
"""

import platform
from collections.abc import Mapping, Sequence
from importlib.metadata import version as installed
from pathlib import Path
from typing import Any

import torch

from inference.catalog.conditions_words import Change
from inference.networks import checkpoints
from inference.networks.device import describe
from inference.networks.threads import threads

Conditions = Mapping[str, Any]  # as plain JSON


def conditions(device: torch.device) -> dict[str, Any]:
    """Those of this process."""
    return {
        "device": describe(device),
        "processor": f"{platform.system()} {platform.machine()} {torch.backends.cpu.get_cpu_capability()}",
        "threads": threads(),
        **{package: installed(package) for package in ("torch", "torchvision", "numpy")},
    }


def known(checkpoint: Path) -> list[dict[str, Any]]:
    """Under what the training of a checkpoint computed, each with `from_epoch`; none if it does not say."""
    try:
        return checkpoints.load(checkpoint)[1].get("conditions", [])
    except FileNotFoundError:
        return []


def continued(before: Sequence[Conditions], now: Conditions, *, epoch: int) -> list[Conditions]:
    """What was known, and what holds from that epoch on, if it is anything else."""
    if before and not changes(before[-1], now):
        return list(before)
    return [*before, {"from_epoch": epoch, **now}]


def changes(before: Conditions, now: Conditions) -> list[Change]:
    """What is different; inference.catalog.conditions_words.worded says it."""
    return [
        Change(name=name, now=str(value), before=str(before[name]) if name in before else None)
        for name, value in now.items()
        if before.get(name) != value
    ]


def changed_since(checkpoint: Path, device: torch.device) -> list[Change]:
    """What is different from when the checkpoint was written; nothing without a checkpoint."""
    before = known(checkpoint)
    return changes(before[-1], conditions(device)) if before else []
