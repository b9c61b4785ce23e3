"""What is printed reaches any terminal or pipe: what it cannot show is escaped, and one that has left is let go."""

import io
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager

LEFT = 141  # what shells say of a program whose reader has left: 128 + SIGPIPE


@contextmanager
def printing() -> Iterator[None]:
    """Around a whole command: with LC_ALL=C, or a file name that is no UTF-8, the work is not lost over its report."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    try:
        try:
            yield
        finally:
            sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to flush at the exit
        sys.exit(LEFT)
