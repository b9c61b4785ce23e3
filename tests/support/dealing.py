"""A pytest plugin: `-n 3` deals the tests out to three processes, each with a broker and a database of its own.

Every process gets one share, from its first test to its last, so that a share runs as it would alone: tests that use
one site meet there, in the order of tests/support/services.py, and nothing comes after the browser. Shares are told by
folder: pytest-xdist 3.8 writes its own marks into ids that pytest 9.2 no longer reads.
"""

import pytest
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

SHARES = {
    "tests/browser": "site",
    "tests/system/site": "site",
    "tests/system": "processes",
    "tests/webapp": "webapp",
}
REST = "rest"


class Dealing(LoadScopeScheduling):
    """Hands out whole shares, one to a process."""

    def _split_scope(self, nodeid: str) -> str:
        return next((share for folder, share in SHARES.items() if nodeid.startswith(f"{folder}/")), REST)


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Dealing:
    return Dealing(config, log)
