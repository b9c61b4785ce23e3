"""Pictures from strangers made safe: any file in, one small clean PNG or a BadImage out.

Cheap to import: neither PIL nor NumPy comes along, so that the web process stays small. It calls `prepare`, which
decodes in child processes; workers and the command line call `canonicalise`, the very same function, on the spot.
"""

import hashlib
from dataclasses import dataclass

from inference.catalog.preparations import PREPARATIONS
from inference.images.header import LONG_SIDE, check_weight, sniff
from inference.images.refusal import BadImage, DecoderBusy

__all__ = [
    "LONG_SIDE",
    "PREPARATIONS",
    "BadImage",
    "Canonical",
    "DecoderBusy",
    "canonicalise",
    "prepare",
    "shutdown",
    "start",
]


@dataclass(frozen=True)
class Canonical:
    """A prepared picture: a PNG without metadata (photo: RGB, at most 768 pixels; digit and clothes: grey, 28 × 28)."""

    png: bytes
    width: int
    height: int
    preparation: str

    @property
    def sha256(self) -> str:
        """Of the PNG's bytes, in hexadecimal."""
        return hashlib.sha256(self.png).hexdigest()


def prepare(data: bytes, preparation: str) -> Canonical:
    """`canonicalise` in a child process with a memory limit and a time limit; safe to call from many threads.

    Raises BadImage within 2.5 s of a child taking the file, DecoderBusy when no child came free in time.
    """
    from inference.images import pool  # here, so that the workers never load it

    _check(data, preparation)
    return Canonical(*pool.ask(data, preparation), preparation)


def canonicalise(data: bytes, preparation: str) -> Canonical:
    """The canonical picture of a file, in this process. Applied to its own PNG it changes no pixel."""
    from inference.images.canonical import prepared  # here, because it brings PIL

    _check(data, preparation)
    return Canonical(*prepared(data, preparation), preparation)


def start() -> None:
    """Start the decoders now instead of at the first picture."""
    from inference.images import pool

    pool.start()


def shutdown() -> None:
    """End the decoders; the next `prepare` starts new ones."""
    from inference.images import pool

    pool.shutdown()


def _check(data: bytes, preparation: str) -> None:
    """What can be refused in constant time, without a decoder."""
    if preparation not in PREPARATIONS:
        raise ValueError(f"Unknown preparation {preparation!r}; known: {', '.join(PREPARATIONS)}.")
    check_weight(data)
    sniff(data)
