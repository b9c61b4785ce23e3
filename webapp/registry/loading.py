"""The classifiers a worker holds ready: loaded once per process, the least recently used given up. Workers only."""

import json
import shutil
from collections import OrderedDict
from pathlib import Path

from django.conf import settings
from django.core.files.storage import default_storage
from django.utils.translation import gettext_noop as _

from inference.catalog.classifiers import CLASSIFIERS
from inference.catalog.errors import BadWeights
from inference.networks.checkpoints import write_atomically
from inference.networks.classifier import Classifier, load
from webapp.registry.models import ModelVersion

KEPT = 6

_ready: OrderedDict[str, tuple[str, Classifier]] = OrderedDict()


def classifier_of(version: ModelVersion) -> Classifier:
    """The warm classifier of a version; BadWeights if its weights are not what they should be."""
    if version.identity not in _ready:
        classifier = _loaded(version)
        seconds = classifier.warm()
        ModelVersion.objects.filter(pk=version.pk).update(
            forward_seconds=seconds.forward, gradient_seconds=seconds.gradient
        )
        _ready[version.identity] = (str(version), classifier)
        while len(_ready) > KEPT:
            _ready.popitem(last=False)
    _ready.move_to_end(version.identity)
    return _ready[version.identity][1]


def try_version(version: ModelVersion) -> None:
    """Load a version anew, whatever is held ready, and have it answer once; BadWeights, with a sentence, otherwise.

    From the storage, as any other worker would: a copy on this machine is no use to them.
    """
    _ready.pop(version.identity, None)
    if version.source not in CLASSIFIERS and not default_storage.exists(_stored(version)):
        raise _missing(version)
    classifier_of(version)


def warm_live() -> str:
    """Load every live version; the name of the device they are on."""
    live = list(ModelVersion.objects.filter(live=True).select_related("classifier"))
    return [str(classifier_of(version).device) for version in live][-1] if live else "no classifier"


def loaded() -> list[str]:
    """Names of the versions this process holds."""
    return [name for name, _classifier in list(_ready.values())]


def _loaded(version: ModelVersion) -> Classifier:
    if version.source in CLASSIFIERS:
        shipped = load(version.source)
        if shipped.sha256 != version.sha256:
            raise BadWeights(
                _("The weights of %(version)s came with another release of Gibbon. Promote another version."),
                version=str(version),
            )
        return shipped
    folder = Path(settings.WEIGHTS_DIR) / version.identity
    try:
        return load(_fetched(version, folder))
    except BadWeights:
        shutil.rmtree(folder, ignore_errors=True)  # a damaged copy: the storage's own may be whole
        return load(_fetched(version, folder))


def _fetched(version: ModelVersion, folder: Path) -> Path:
    """This machine's copy of a version, fetched from the storage the first time; `load` checks it by its hash."""
    weights = folder / version.card["weights"]["file"]
    if not weights.exists():
        try:
            with default_storage.open(_stored(version)) as file:
                write_atomically(weights, file.read())
        except FileNotFoundError as error:
            raise _missing(version) from error
    write_atomically(folder / "card.json", json.dumps(version.card).encode())
    return folder


def _stored(version: ModelVersion) -> str:
    """The name of its weights in the storage."""
    return f"{version.source}/{version.card['weights']['file']}"


def _missing(version: ModelVersion) -> BadWeights:
    return BadWeights(_("The weights of %(version)s are missing in the storage."), version=str(version))
