"""A pytest plugin: while a test marked `alone` runs, the other processes of `-n 3` begin none.

What tells how long something takes would else tell how busy the others are, too, and a training, which has the lowest
priority, would hardly come to anything. Such tests in a row keep the place: each would else wait until the others have
ended what they began in between.
"""

import fcntl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest


class Room:
    """Holds many, or one alone; who comes first is let in first. `folder` is the same for all processes.

    The locks are the process's (POSIX): its children do not inherit them, and they end with it.
    """

    def __init__(self, folder: Path) -> None:
        self.folder, self.place = folder, ExitStack()
        self.mine = False

    def enter(self, *, alone: bool) -> None:
        """Wait for a place."""
        if self.mine and alone:
            return
        with (self.folder / "door").open("a+") as door:
            fcntl.lockf(door, fcntl.LOCK_EX)  # nobody passes one who waits for the room to be empty
            room = self.place.enter_context((self.folder / "room").open("a+"))
            fcntl.lockf(room, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        self.mine = alone

    def leave(self) -> None:
        """Make room."""
        self.place.close()
        self.mine = False


ROOM = pytest.StashKey[Room]()


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "alone: runs with no other test beside it: measures how long something takes, or waits for a training",
    )
    assert config.cache, "processes of tests meet in pytest's cache"
    config.stash[ROOM] = Room(config.cache.mkdir("alone"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> Iterator[None]:
    room = item.config.stash[ROOM]
    room.enter(alone=is_alone(item))
    try:
        return (yield)
    finally:
        if not (nextitem and is_alone(item) and is_alone(nextitem)):
            room.leave()


def is_alone(item: pytest.Item) -> bool:
    return item.get_closest_marker("alone") is not None
