"""What can be expected to go wrong while a worker works, in sentences for whoever waits. Only workers import this."""

from collections.abc import Iterator
from contextlib import contextmanager

from attacks.catalog import ParameterError
from inference.catalog.errors import BadDataset, BadWeights, Diverged, OutOfMemory
from inference.images.refusal import DecoderBusy
from webapp.core import files
from webapp.core.errors import Refusal
from webapp.jobs.run import JobFailed

CODES: dict[type[Exception], str] = {
    ParameterError: "invalid",  # what only the network can tell: the target is what it says already
    Diverged: "diverged",
    BadDataset: "bad_dataset",
    BadWeights: "bad_weights",
    OutOfMemory: "out_of_memory",
    DecoderBusy: "busy",
}


@contextmanager
def failures_told(*, disk_full: str, gone: str = "") -> Iterator[None]:
    """Turns what can be expected into JobFailed; a full disk and (where it is named) a missing file in these words."""
    try:
        yield
    except tuple(CODES) as error:
        raise JobFailed(CODES[type(error)], str(error)) from error
    except Refusal as refusal:  # a visitor would be told so, too
        raise JobFailed(refusal.code, refusal.message) from refusal
    except OSError as error:
        if gone and isinstance(error, FileNotFoundError):
            raise JobFailed("picture_gone", gone) from error
        if files.is_disk_full(error):
            raise JobFailed("disk_full", disk_full) from error
        raise
