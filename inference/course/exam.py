"""The exam one has seen before: errors on what was learnt and on what was not, with true labels and with drawn ones.

Zhang, Bengio, Hardt, Recht, Vinyals 2016 (arXiv 1611.03530): networks learn random labels by heart.
"""

from typing import Any

from inference.course.alone import alone
from inference.course.packed import figure
from inference.course.small import Steps, drawn_labels, error, lenet, parts, taught
from inference.data.base import Pictures

LABELS = ("true", "random")


def learnt(*, labels: str = "true", pictures: int = 500, epochs: int = 60, seed: int = 0) -> Steps:
    """LeNet taught on the first so many training pictures; yields (share done, what there is) after each epoch.

    labels: "true", or "random": each drawn evenly from the ten classes, of what is learnt and of what is held out.
    epochs: each {"epoch", "loss", "seen": error on the pictures that were learnt, "unseen": on 1,000 others}, shares
    from 0 to 1, loss in nats. It ends at the first epoch after which no learnt picture is wrong, or at the last one;
    ended says which: "by heart", "last epoch", or None on the way.
    """
    return alone(_learnt(labels, pictures, epochs, seed), seed=seed)


def _learnt(labels: str, pictures: int, epochs: int, seed: int) -> Steps:
    training, held_out = parts(pictures)
    if labels == "random":
        training = Pictures(training.images, drawn_labels(training.labels, seed=seed))
        held_out = Pictures(held_out.images, drawn_labels(held_out.labels, seed=seed + 1))
    model = lenet({})
    told: list[dict[str, Any]] = []
    for learning in taught(model, training, epochs=epochs):
        seen, unseen = error(model, training), error(model, held_out)
        told.append({"epoch": learning["epoch"], "loss": figure(learning["loss"]), "seen": seen, "unseen": unseen})
        ended = "by heart" if seen == 0 else "last epoch" if learning["epoch"] == epochs else None
        found = {
            "labels": labels,
            "pictures": len(training),
            "held_out": len(held_out),
            "epochs": told,
            "ended": ended,
        }
        yield learning["epoch"] / epochs, found
        if ended:
            break
    return found
