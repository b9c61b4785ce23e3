"""Trainings, datasets and checks as JSON: the same from the API, over the socket and inside the page."""

from typing import Any

from django.urls import reverse

from inference.catalog.networks import NETWORKS
from webapp.core.shown import shown
from webapp.registry.models import ModelVersion
from webapp.training.diagnosis import verdict_json
from webapp.training.masking import checked_json
from webapp.training.models import Masking, Preparation, TrainingRun
from webapp.training.sentence import note, sentence


def run(row: TrainingRun, share: str | None = None) -> dict[str, Any]:
    """A training so far: nothing that a page needs to draw itself is missing."""
    epochs = [epoch.figures() for epoch in row.epochs.all()]
    return {
        "dataset": {"slug": row.dataset.slug, "name": str(row.dataset)},
        "network": {"slug": row.network, "name": shown(NETWORKS[row.network].name)},
        "config": row.config,
        "parent": str(row.parent_id) if row.parent_id else None,
        "url": row.get_absolute_url(),
        "sentence": [{"text": text, "role": role} for text, role in sentence(row, epochs)],
        "note": note(row, epochs),
        "epochs": epochs,
        "verdict": verdict_json(row, epochs),
        "mistakes": row.mistakes,
        "mistakes_url": reverse("training_mistakes", args=[row.pk]) if row.mistakes_file else None,
        "stop_requested": row.stop_requested,
        "stopped_early": row.stopped_early,
        "version": version_json(row.version) if row.version else None,
    }


def version_json(version: ModelVersion) -> dict[str, Any]:
    """What is said of a version beside the training that made it."""
    return version.brief() | {
        "live": version.live,
        "lab": reverse("lab_version", args=[version.identity]),
        "test": version.card.get("test"),
        "best_epoch": version.card.get("best_epoch"),
        "made": version.card.get("made"),
    }


def preparation(row: Preparation, share: str | None = None) -> dict[str, Any]:
    return {"dataset": row.dataset.slug, "facts": row.dataset.facts}


def masking(row: Masking, share: str | None = None) -> dict[str, Any]:
    """What was found, each sentence with its figures."""
    return row.version.brief() | checked_json(row.found or {})
