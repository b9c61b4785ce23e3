"""What can go wrong in the work itself, in sentences. Imports no torch, so that anyone may catch these."""

from typing import Any


class Failure(Exception):
    """Expected: `template` % `values` is the sentence (the template is taken as it is where there are no values).

    Whoever shows it to people words it in their language (`inference.catalog.messages`); `code` is for programs.
    """

    code = "failed"

    def __init__(self, template: str, **values: Any) -> None:
        super().__init__(template % values if values else template)
        self.template, self.values = template, values


class BadWeights(Failure):
    """Weights that are not what their card says."""

    code = "bad_weights"


class OutOfMemory(Failure):
    """One picture alone does not fit into the device's memory."""

    code = "out_of_memory"


class BadDataset(Failure):
    """Pictures to learn from that are missing, damaged, or not enough."""

    code = "bad_dataset"


class Diverged(Failure):
    """A training whose loss is no number any more."""

    code = "diverged"
