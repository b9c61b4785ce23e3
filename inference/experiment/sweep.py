"""The epsilon ladder: what becomes of a picture at every level, put together from the judged probabilities."""

from collections.abc import Sequence
from typing import Any

import numpy as np

ORIGINAL_CLASSES = 5  # so many of the unattacked picture's likeliest classes are followed along the curve


def assemble_ladder(
    labels: Sequence[str],
    levels: Sequence[int],
    attack_probs: np.ndarray,
    control_probs: np.ndarray,
    *,
    label_from: int,
    target: int | None,
) -> dict[str, Any]:
    """The result of a ladder job. levels: ascending, the first is 0; the arrays are (levels, classes).

    breaks_at: the first level with another class than `label_from` on top; reached_at: the first with `target` on
    top. Both are found by scanning all levels, because a flip at one level does not promise one at the next.
    """
    tops = attack_probs.argmax(axis=1)
    control_tops = control_probs.argmax(axis=1)
    breaks = _first(levels, tops != label_from)
    new = target if target is not None else _class_at(levels, tops, breaks)
    classes = _followed(attack_probs[0], [*tops, *control_tops], label_from, new)
    return {
        "classes": [{"index": index, "label": labels[index]} for index in classes],
        "new": None if new is None else {"index": new, "label": labels[new]},
        "breaks_at": breaks,
        "reached_at": None if target is None else _first(levels, tops == target),
        "rungs": [
            {
                "k": int(k),
                "top": _entry(labels, attack_probs[row], tops[row]),
                "probabilities": [float(attack_probs[row, index]) for index in classes],
                "control": {
                    "top": _entry(labels, control_probs[row], control_tops[row]),
                    "p_original": float(control_probs[row, label_from]),
                },
            }
            for row, k in enumerate(levels)
        ],
    }


def top_classes(labels: Sequence[str], probabilities: np.ndarray, count: int = 10) -> list[dict[str, Any]]:
    """The likeliest classes of one picture, likeliest first, with their probabilities."""
    order = np.argsort(-probabilities, kind="stable")[:count]
    return [_entry(labels, probabilities, index) for index in order]


def _entry(labels: Sequence[str], probabilities: np.ndarray, index: Any) -> dict[str, Any]:
    return {"index": int(index), "label": labels[int(index)], "probability": float(probabilities[index])}


def _first(levels: Sequence[int], hits: np.ndarray) -> int | None:
    return int(levels[int(hits.argmax())]) if hits.any() else None


def _class_at(levels: Sequence[int], tops: np.ndarray, level: int | None) -> int | None:
    return None if level is None else int(tops[list(levels).index(level)])


def _followed(original: np.ndarray, tops: Sequence[Any], label_from: int, new: int | None) -> list[int]:
    """The classes the bars show, each once: the original's likeliest, then the rungs' in order, then the target."""
    likeliest = np.argsort(-original, kind="stable")[:ORIGINAL_CLASSES]
    last = [] if new is None else [new]
    return list(dict.fromkeys(int(index) for index in [*likeliest, label_from, *tops, *last]))
