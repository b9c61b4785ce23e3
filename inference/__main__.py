"""The command line: python -m inference predict | attack | train | evaluate. The same code as the site's, and no web.

Exit codes: 0 done, 2 bad input (one sentence says what), 1 failed, 130 stopped by Ctrl-C, 141 the pipe's reader
has left.
"""

import argparse
import sys
from collections.abc import Sequence

from attacks.options import OptionError
from inference.catalog.classifiers import Unclear, UnknownClassifier
from inference.catalog.datasets import UnknownDataset
from inference.catalog.errors import BadDataset, BadWeights, Diverged, OutOfMemory
from inference.cli import evaluate, pictures, train
from inference.cli.common import BadInput, Parser, Stopped
from inference.cli.terminal import printing
from inference.cli.words import gettext, speak, told
from inference.images import BadImage

NAMES = "predict | attack | train | evaluate"


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    speak()
    try:
        options = _parser().parse_args(argv)
        options.command(options)
    except BrokenPipeError:
        raise
    except (BadInput, BadImage, OptionError, UnknownClassifier, Unclear, UnknownDataset) as error:
        return _tell(error, code=2)
    except (OSError, BadWeights, BadDataset, Diverged, OutOfMemory) as error:
        return _tell(error, code=1)
    except (KeyboardInterrupt, Stopped) as error:
        return _tell(error, code=130)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m inference", description=gettext("Ask a network what a photo shows, break it, train another.")
    )
    commands = parser.add_subparsers(metavar=NAMES, required=True)
    for module in (pictures, train, evaluate):
        module.add_to(commands)
    return parser


def _tell(error: BaseException, *, code: int) -> int:
    print(told(error) or gettext("Stopped."), file=sys.stderr)
    return code


if __name__ == "__main__":
    with printing():
        code = main()
    sys.exit(code)
