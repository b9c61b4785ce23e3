"""What can go wrong in the work itself, in sentences. Imports no torch, so that anyone may catch these."""


class BadWeights(Exception):
    """Weights that are not what their card says."""


class OutOfMemory(Exception):
    """One picture alone does not fit into the device's memory."""


class BadDataset(Exception):
    """Pictures to learn from that are missing, damaged, or not enough."""


class Diverged(Exception):
    """A training whose loss is no number any more."""
