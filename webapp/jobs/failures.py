"""What can be expected to go wrong while a worker works, in sentences for whoever waits. Only workers import this."""

from collections.abc import Iterator
from contextlib import contextmanager

from attacks.options import OptionError
from inference.catalog.errors import Failure
from inference.images.refusal import DecoderBusy
from webapp.core import files
from webapp.core.errors import Refusal
from webapp.jobs.run import JobFailed


@contextmanager
def failures_worded(*, disk_full: str, gone: str = "") -> Iterator[None]:
    """Turns what can be expected into JobFailed; a full disk and (where it is named) a missing file in these words."""
    try:
        yield
    except Failure as failure:
        raise JobFailed(failure.code, failure.template, failure.values) from failure
    except OptionError as error:  # what only the network can tell: the target is what it says already
        raise JobFailed("invalid", error.template, error.values) from error
    except DecoderBusy as busy:
        raise JobFailed("busy", busy.message) from busy
    except Refusal as refusal:  # a visitor would be told so, too
        raise JobFailed(refusal.code, refusal.template, refusal.values) from refusal
    except OSError as error:
        if gone and isinstance(error, FileNotFoundError):
            raise JobFailed("picture_gone", gone) from error
        if files.is_disk_full(error):
            raise JobFailed("disk_full", disk_full) from error
        raise
