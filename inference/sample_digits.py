"""The sample digits: of each class the first picture in MNIST's test set, whatever a network makes of it.

    python -m inference.sample_digits

writes them into inference/samples; samples.json says whose they are.
"""

import json
from pathlib import Path

from inference import data_mnist, pixels

FOLDER = Path(__file__).with_name("samples")


def first_of_each_class() -> list[tuple[int, bytes]]:
    """(place in the test set, PNG) for the digits 0 to 9."""
    test = data_mnist.load().test
    places = [test.labels.tolist().index(digit) for digit in range(len(data_mnist.MNIST.labels))]
    return [(place, pixels.write(test.images[place].permute(1, 2, 0).numpy())) for place in places]


def main() -> None:
    """Write every digit that samples.json declares."""
    digits = first_of_each_class()
    for record in json.loads((FOLDER / "samples.json").read_text(encoding="utf-8")):
        if record["preparation"] == "digit":
            (FOLDER / record["file"]).write_bytes(digits[record["truth"]][1])


if __name__ == "__main__":
    main()
