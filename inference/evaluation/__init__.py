"""Many pictures: accuracy as it is and under attacks, masking checks. May import data and what is below."""

from inference.evaluation.accuracy import evaluate

__all__ = ["evaluate"]
