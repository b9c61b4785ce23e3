"""The sample digits: of each class the first picture in MNIST's test set, whatever a network makes of it.

    python -m inference.data.sample_digits

writes them into inference/assets/samples; samples.json says whose they are.
"""

import json

from inference.assets import ASSETS
from inference.data.base import load_data
from inference.data.preview import first_of_each_class

FOLDER = ASSETS / "samples"


def main() -> None:
    """Write every digit that samples.json declares."""
    digits = first_of_each_class(load_data("mnist"))
    for record in json.loads((FOLDER / "samples.json").read_text(encoding="utf-8")):
        if record["preparation"] == "digit":
            (FOLDER / record["file"]).write_bytes(digits[record["truth"]][2])


if __name__ == "__main__":
    main()
