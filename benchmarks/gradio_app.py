"""The site's attack as a Gradio app: the same classifier, attack, control and verdicts, in Gradio's own process.

    python -m benchmarks.gradio_app PORT

Gradio's defaults, as its guide has them: a picture comes in as an array, and goes out as one. `lean` passes files
instead, so that Gradio neither decodes nor encodes anything: the decoding and the PNG are then the site's own.
"""

import sys
import tempfile
from pathlib import Path

import gradio
import numpy as np

from inference.experiment.picture import Attacked, attack
from inference.images import canonicalise, pixels
from inference.networks.classifier import load

PARAMS = {"epsilon": 2}  # as the lab page begins
CLASSIFIER = load("imagenet-lite0")
CLASSIFIER.warm()

Scores = dict[str, float]


def usual(picture: np.ndarray) -> tuple[np.ndarray, Scores, Scores]:
    """Arrays in and out."""
    made = attack(CLASSIFIER, pixels.write(picture), "fgsm", PARAMS)
    return pixels.read(made.png), *scores(made)


def lean(path: str) -> tuple[str, Scores, Scores]:
    """Files in and out."""
    made = attack(CLASSIFIER, canonicalise(Path(path).read_bytes(), "photo").png, "fgsm", PARAMS)
    with tempfile.NamedTemporaryFile(suffix=".png", delete=False) as file:
        file.write(made.png)
    return file.name, *scores(made)


def scores(made: Attacked) -> tuple[Scores, Scores]:
    """What the two labels show: before and after."""
    before, after = (
        {entry.label: entry.probability for entry in answer.top}
        for answer in (made.result.original, made.result.adversarial)
    )
    return before, after


def main(port: int) -> None:
    with gradio.Blocks() as app:
        for name, function, kind in (("usual", usual, "numpy"), ("lean", lean, "filepath")):
            shown = [gradio.Image(format="png"), gradio.Label(), gradio.Label()]
            gradio.Button(name).click(function, gradio.Image(type=kind), shown, api_name=name)
    app.launch(server_port=port, quiet=True)


if __name__ == "__main__":
    main(int(sys.argv[1]))
