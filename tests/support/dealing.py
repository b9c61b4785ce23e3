"""A pytest plugin: `-n 3` deals the tests out to three processes, each with a broker and a database of its own.

Every process reads only the files of its own shares and runs them as it would alone: reading all of them costs each
process as much as many tests do. Tests that use one site meet in one share, in the order of tests/support/services.py.
A process that dies is not replaced: its tests are lost, and the run has failed.
"""

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling
from xdist.workermanage import WorkerController

from tests.support.paths import ROOT

# Folder -> share; the first that fits counts. Of three processes the first has shares 0 and 3, and each has about as
# much to do (`--durations=0` tells).
SHARES = {
    "tests/browser": 2,
    "tests/system/processes": 3,
    "tests/system/site": 2,
    "tests/system": 1,
    "tests/webapp/supervisor": 2,
    "tests/webapp/visitors": 2,
    "tests/webapp": 0,
    "tests": 1,
}


def is_ours(path: Path) -> bool:
    """Whether this process runs the tests of a file: any where it is the only one."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "")
    if not worker:
        return True
    count = int(os.environ["PYTEST_XDIST_WORKER_COUNT"])
    share = next(share for folder, share in SHARES.items() if path.is_relative_to(ROOT / folder))
    return share % count == int(worker.removeprefix("gw"))


class Unread(pytest.File):
    """A file of tests that another process runs."""

    def collect(self) -> list[pytest.Item]:
        return []


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makemodule(module_path: Path, parent: pytest.Collector) -> pytest.File | None:
    return None if is_ours(module_path) else Unread.from_parent(parent, path=module_path)


class Dealing(LoadScopeScheduling):
    """Lets every process run what it has collected, all of it in its own order."""

    def schedule(self) -> None:
        collected = self.registered_collections
        self.collection = [test for tests in collected.values() for test in tests]
        # pytest-xdist takes what the last process collected for all there is.
        self.config.pluginmanager.get_plugin("session").testscollected = len(self.collection)
        for node, tests in collected.items():
            self.assigned_work[node] = {"": dict.fromkeys(tests, False)}
            node.send_runtest_all()
            node.shutdown()

    def _split_scope(self, nodeid: str) -> str:
        return ""

    def add_node_collection(self, node: WorkerController, collection: Sequence[str]) -> None:
        self.registered_collections[node] = list(collection)


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if hasattr(config.option, "maxworkerrestart"):
        config.option.maxworkerrestart = "0"


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealing:
    return Dealing(config, log)
