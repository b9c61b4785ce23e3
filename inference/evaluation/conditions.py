"""What the figures of an evaluation are of, and what they were made with."""

import hashlib
import platform
from collections.abc import Mapping
from typing import Any

import torch

from inference.data.base import Pictures


def about(classifier: Mapping[str, str], dataset: str, pictures: Pictures) -> dict[str, Any]:
    """As plain JSON. of: two evaluations with the same can be put together; made_with: what may change last bits."""
    digest = hashlib.sha256(pictures.images.contiguous().numpy().data)
    digest.update(pictures.labels.contiguous().numpy().data)
    identity = classifier["identity"]
    return {
        "of": {"classifier": identity, "dataset": dataset, "pictures": len(pictures), "sha256": digest.hexdigest()},
        "classifier": dict(classifier),
        "made_with": {
            "torch": torch.__version__,
            "python": platform.python_version(),
            "device": classifier["device"],
        },
    }
