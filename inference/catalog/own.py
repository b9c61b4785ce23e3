"""The record of a dataset that somebody made of own pictures, from the facts its file carries. Imports no torch."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attacks.words import gettext_noop
from inference.catalog.datasets import DatasetRecord

SIZE = 224  # pixels of a side, what EfficientNet-Lite0 looks at
LEAST = 1.0  # grey level that pixels are divided by: a microscope's picture may have one colour, and nothing in others


def own_record(slug: str, facts: Mapping[str, Any], path: Path) -> DatasetRecord:
    """As the declared datasets have one; `path` is the prepared file."""
    return DatasetRecord(
        slug=slug,
        name=facts["name"],
        about=gettext_noop("Photographs that somebody brought, cut to their centred square, 224 × 224 pixels."),
        preparation="photo",
        labels=tuple(facts["labels"]),
        channels=3,
        size=SIZE,
        levels=32,
        epsilon=8,
        mean=tuple(facts["mean"]),
        std=tuple(max(LEAST, one) for one in facts["std"]),
        augmentations=("shift", "rotation", "scale", "flip", "noise", "erasing"),
        network="tf_efficientnet_lite0",
        licence=gettext_noop("with whoever brought the pictures"),
        source=path.name,
        loader="inference.data.own:load_own",
        folders=(str(path.parent),),
        files=(path.name,),
    )
