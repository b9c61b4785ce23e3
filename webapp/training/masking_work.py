"""The checks for masked gradients as a worker does them. Only workers import this."""

import math
from collections.abc import Callable

from inference.catalog.masking_checks import PICTURES, SECONDS, Found
from inference.catalog.networks import NETWORKS
from inference.data.base import for_network
from inference.evaluation.masking import run_checks
from webapp.registry.loading import classifier_of
from webapp.training.models import Dataset, Masking


def checked_for_masking(row: Masking, *, step: Callable[[int, int], None]) -> Found:
    """On the first test pictures: 500 of them, or as many as the network's cost allows."""
    from webapp.training.work import load

    card = row.version.card
    data = for_network(load(Dataset.objects.get(slug=card["dataset"]["slug"])), card["network"])
    pictures = data.test[: min(PICTURES, NETWORKS[card["network"]].tested)]
    seconds = math.inf if row.full else SECONDS
    return run_checks(classifier_of(row.version), pictures, epsilon=card["epsilon"], seconds=seconds, on_step=step)
