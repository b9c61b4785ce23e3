"""A progress bar on a terminal's last line; where there is no terminal, nothing."""

from typing import Any

from tqdm import tqdm

from inference.cli.words import gettext


class Bar(tqdm):
    """tqdm's on stderr, so that what is printed on stdout may be piped; gone when the `with` is left."""

    monitor_interval = 0  # no thread that draws a bar nobody moves
    total: int | None

    def __init__(self, words: str, **options: Any) -> None:
        form = "{desc} {bar:30} {percentage:3.0f}%  " + gettext("%(time)s left") % {"time": "{remaining}"}
        super().__init__(desc=words, bar_format=form, leave=False, disable=None, dynamic_ncols=True, **options)

    def show(self, done: int, total: int) -> None:
        """How much is done of what there is to do."""
        if self.total is None:  # a training that goes on has something behind it, which took none of this time
            self.initial = self.n = self.last_print_n = done
        self.total = total
        self.update(done - self.n)
