"""The sample digits and signs: of each class the first picture of the test part, whatever a network makes of it.

    python -m inference.data.sample_pictures

writes them into inference/assets/samples; samples.json says whose they are.
"""

import json
from collections.abc import Iterator
from typing import Any

from inference.assets import ASSETS
from inference.data.base import load_data
from inference.data.preview import first_of_each_class

FOLDER = ASSETS / "samples"
DATASETS = ("mnist", "signs")


def main() -> None:
    """Write every picture that samples.json declares of these datasets."""
    records = json.loads((FOLDER / "samples.json").read_text(encoding="utf-8"))
    for slug in DATASETS:
        for record, _place, png in drawn_from(slug, records):
            (FOLDER / record["file"]).write_bytes(png)


def drawn_from(slug: str, records: list[dict[str, Any]]) -> Iterator[tuple[dict[str, Any], int, bytes]]:
    """(record, place in the test part, PNG) of each of the records that are of this dataset."""
    data = load_data(slug)
    pictures = first_of_each_class(data, most=len(data.record.labels))
    for record in records:
        if record["dataset"] == slug:
            place, _label, png = pictures[record["truth"]]
            yield record, place, png


if __name__ == "__main__":
    main()
