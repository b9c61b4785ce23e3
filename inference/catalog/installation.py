"""Versions by the names people have for them: a classifier's, an identity's beginning, a training's folder.

The site leaves the cards of what answers in its storage (webapp/registry/live_cards.py); whoever has no database, as
the command line, finds them there. Imports no torch.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from attacks.words import Listed, gettext_noop
from inference.assets import ROOT
from inference.catalog.classifiers import NO_CLASSIFIER, Unclear, UnknownClassifier, card, known, written_in
from inference.catalog.identity import identity_of

CARD, VERSIONS, LIVE = "card.json", "versions", "live"
PLAN = "config.json"  # of a training on the command line
BEGINNING = re.compile(r"[0-9a-f]{8,64}")
SLUG = re.compile(r"[\w-]+")
SHOWN = 5


def data_folder() -> Path:
    """Where the installation keeps what is its own."""
    return Path(os.environ.get("GIBBON_DATA") or ROOT / "var")


def storage() -> Path:
    """Where the site's machines share their files."""
    return Path(os.environ.get("GIBBON_MEDIA") or data_folder() / "media")


def find_version(name: str) -> str:
    """What `inference.load` takes for it: a shipped classifier's slug, or a version's folder.

    name: a classifier's slug, on this installation or shipped; the folder of a version or of a training; or the first
    8 or more hex digits of an identity, or of the weights' SHA-256. UnknownClassifier or Unclear, with a sentence.
    """
    if SLUG.fullmatch(name) and (storage() / LIVE / name / CARD).is_file():
        return str(storage() / LIVE / name)
    folder = Path(name)
    if name in known() or (folder / CARD).is_file():
        return name
    if (folder / PLAN).is_file() or (folder / VERSIONS).is_dir():
        return str(_of_training(folder))
    if BEGINNING.fullmatch(name.lower()) and (found := _beginning(name.lower())):
        return found
    raise UnknownClassifier(NO_CLASSIFIER, name=name, known=Listed(_classifiers()))


def pictures_of(version: str) -> Path | None:
    """The file of own pictures that a training on the command line learnt from, if its version is this one.

    None where the file is gone, too.
    """
    try:
        plan = json.loads((Path(version).parents[1] / PLAN).read_text(encoding="utf-8"))
        file = Path(plan["pictures"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError):
        return None
    return file if file.is_file() else None


def _of_training(folder: Path) -> Path:
    """The one version that a training left."""
    found = sorted(path.parent for path in (folder / VERSIONS).glob(f"*/{CARD}"))
    if not found:
        template = gettext_noop(
            "The training in %(folder)s has left no version yet. To go on with it: train --resume %(folder)s"
        )
        raise Unclear(template, folder=str(folder))
    if len(found) > 1:
        template = gettext_noop("There are several versions in %(folder)s. Name one of them: %(known)s.")
        raise Unclear(template, folder=str(folder), known=Listed(map(str, found[:SHOWN])))
    return found[0]


def _beginning(text: str) -> str | None:
    """The version whose identity, or whose weights' hash, begins so; None if there is none, Unclear if several."""
    found = {
        identity: place
        for identity, weights, place in _versions()
        if text in (identity[: len(text)], weights[: len(text)])
    }
    if len(found) > 1:
        template = gettext_noop("Several versions begin with %(text)s. Name one of them: %(known)s.")
        raise Unclear(template, text=text, known=Listed(sorted(found)[:SHOWN]))
    return next(iter(found.values()), None)


def _versions() -> Iterator[tuple[str, str, str]]:
    """(identity, SHA-256 of the weights, what to load) of every version at hand; folders that tell no card are left."""
    for slug in known():
        yield *_hashes(card(slug)), slug
    places = (storage() / LIVE, storage() / VERSIONS, *data_folder().glob(f"trainings/*/{VERSIONS}"))
    for path in (path for place in places for path in sorted(place.glob(f"*/{CARD}"))):
        try:
            yield *_hashes(written_in(path)), str(path.parent)
        except (OSError, Unclear):
            continue


def _hashes(facts: Mapping[str, Any]) -> tuple[str, str]:
    sha256 = facts["weights"]["sha256"]
    return identity_of(sha256, facts), sha256


def _classifiers() -> list[str]:
    """The slugs that can be named here."""
    return sorted({*known(), *(path.parent.name for path in (storage() / LIVE).glob(f"*/{CARD}"))})
