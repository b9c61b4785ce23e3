"""Networks on pixels: built, loaded, made quick. May import catalog and images; the web process imports none of it."""

from inference.networks.classifier import Classifier, load

__all__ = ["Classifier", "load"]
