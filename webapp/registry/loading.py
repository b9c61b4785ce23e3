"""The classifiers a worker holds ready: loaded once per process, the least recently used given up. Workers only."""

from collections import OrderedDict

from inference.classifier import Classifier, load
from webapp.registry.models import ModelVersion

KEPT = 4

_ready: OrderedDict[str, tuple[str, Classifier]] = OrderedDict()


def classifier_of(version: ModelVersion) -> Classifier:
    """The warm classifier of a version; inference.classifier.BadWeights if its weights are not what they should be."""
    if version.sha256 not in _ready:
        classifier = load(version.source)
        classifier.warm()
        _ready[version.sha256] = (str(version), classifier)
        while len(_ready) > KEPT:
            _ready.popitem(last=False)
    _ready.move_to_end(version.sha256)
    return _ready[version.sha256][1]


def warm_live() -> str:
    """Load every live version; the name of the device they are on."""
    live = list(ModelVersion.objects.filter(live=True).select_related("classifier"))
    return [str(classifier_of(version).device) for version in live][-1] if live else "no classifier"


def loaded() -> list[str]:
    """Names of the versions this process holds."""
    return [name for name, _classifier in list(_ready.values())]
