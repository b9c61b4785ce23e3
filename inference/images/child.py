"""The child process that opens strangers' pictures, `python -m inference.images.child SECONDS`: requests in, PNGs out.

It ends when its parent does (end of file on stdin), and when one picture takes more than SECONDS of processor time.
"""

import os
import signal
import sys
from typing import BinaryIO

from inference.catalog.preparations import PREPARATIONS
from inference.images.canonical import maker, prepared
from inference.images.protocol import READY, read_request, send_answer
from inference.images.refusal import BadImage

MEMORY_BYTES = 200 * 2**20  # for a picture, above what the process needs to be there at all


def main(seconds: float) -> None:
    """Answer requests until stdin ends, each within so many seconds of work."""
    signal.signal(signal.SIGPROF, signal.SIG_DFL)  # whatever was inherited
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent, which then closes the pipe
    answers = _take_stdout()
    _load_decoders()
    _limit_memory()
    answers.write(READY)
    answers.flush()
    while request := read_request(sys.stdin.buffer):
        _alarm(seconds)
        send_answer(answers, *_answer(*request))
        del request  # 20 MB that the next picture needs
        _alarm(0)


def _answer(data: bytes, preparation: str) -> tuple[dict, bytes]:
    try:
        png, width, height = prepared(data, preparation)
    except BadImage as refusal:
        return {"code": refusal.code, "params": refusal.params}, b""
    return {"width": width, "height": height}, png


def _take_stdout() -> BinaryIO:
    """The answers' pipe for ourselves; whatever a library prints goes nowhere."""
    answers = os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.close(nowhere)
    return answers


def _load_decoders() -> None:
    """Before memory is limited, so that the limit measures the picture alone (SciPy comes with a digit's)."""
    from PIL import BmpImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin

    for preparation in PREPARATIONS:
        maker(preparation)
    del BmpImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin


def _limit_memory() -> None:
    """Cap the address space where the system obeys (Linux); on macOS the limits on pixels alone keep memory down."""
    try:
        import resource

        with open("/proc/self/statm") as statm:
            now = int(statm.read().split()[0]) * os.sysconf("SC_PAGE_SIZE")
        resource.setrlimit(resource.RLIMIT_AS, (now + MEMORY_BYTES, now + MEMORY_BYTES))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return


def _alarm(seconds: float) -> None:
    """Have the system end this process by SIGPROF after so much work, also when C code never returns; 0: never.

    Processor time, not the clock: a busy machine refuses no picture that an idle one takes.
    """
    if hasattr(signal, "setitimer"):
        signal.setitimer(signal.ITIMER_PROF, seconds)


if __name__ == "__main__":
    main(float(sys.argv[1]))
