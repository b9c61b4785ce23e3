"""Tensors as plain JSON, small enough to send: bytes in base64 between two ends, or rounded lists."""

import base64
from typing import Any

import torch
from torch import Tensor

STEPS = 255


def packed(values: Tensor, *, low: float | None = None, high: float | None = None) -> dict[str, Any]:
    """{"shape", "low", "high", "bytes"}: byte b, in row-major order, stands for low + b / 255 (high - low).

    low, high: the ends, for tensors that are shown beside each other; else the tensor's own. What lies beyond is cut.
    """
    low = float(values.min()) if low is None else low
    high = float(values.max()) if high is None else high
    share = (values - low) / (high - low) if high > low else torch.zeros_like(values)
    levels = share.mul(STEPS).round_().clamp_(0, STEPS).to(torch.uint8)
    return {"shape": list(values.shape), "low": low, "high": high, "bytes": in_base64(levels)}


def unpacked(told: dict[str, Any]) -> Tensor:
    """The tensor, float32, to within half a step of (high - low) / 255."""
    levels = torch.frombuffer(bytearray(base64.b64decode(told["bytes"])), dtype=torch.uint8)
    return (levels.float() * ((told["high"] - told["low"]) / STEPS) + told["low"]).reshape(told["shape"])


def in_base64(levels: Tensor) -> str:
    """The bytes of a uint8 tensor, in row-major order."""
    return base64.b64encode(levels.contiguous().numpy().tobytes()).decode()


def rounded(values: Tensor, digits: int = 4) -> Any:
    """Nested lists, each number with so many significant digits."""
    if values.ndim:
        return [rounded(part, digits) for part in values]
    return figure(float(values), digits)


def figure(value: float, digits: int = 4) -> float:
    """A number with so many significant digits."""
    return float(f"{value:.{digits}g}")
