"""Runs the real supervisor over small stand-in services: `python -m tests.support.stand_in DIRECTORY NAME [NAME …]`.

The services are real processes with real grandchildren; only what they compute is missing.
"""

import ctypes
import os
import sys
from pathlib import Path

from webapp.supervisor.logs import Logs
from webapp.supervisor.service import Service
from webapp.supervisor.supervisor import Supervisor, clear_last_run

SLEEP = "import time; time.sleep(600)"
FAMILY = f"""
import subprocess, sys, time
subprocess.Popen([sys.executable, "-c", {SLEEP!r}])  # a grandchild in the group
subprocess.Popen([sys.executable, "-c", {SLEEP!r}], start_new_session=True)  # and one that left it
time.sleep(600)
"""
STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
POLITE = """
import pathlib, os, signal, sys, time
def leave(*_):
    (pathlib.Path(os.environ["NOTES"]) / "polite").write_text("left by itself")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
time.sleep(600)
"""
ORPHANS = """
import os, time
for _ in range(5):
    if os.fork() == 0:  # a child that leaves a child of its own behind
        if os.fork() == 0:
            time.sleep(0.2)
        os._exit(0)
    os.wait()
time.sleep(600)
"""


def python(code: str) -> tuple[str, ...]:
    """A process that runs `code`."""
    return (sys.executable, "-c", code)


SERVICES = {
    "family": Service("family", python(FAMILY)),
    "sleeper": Service("sleeper", python(SLEEP)),
    "patient": Service("patient", python(SLEEP), niceness=7),
    "quiet": Service("quiet", python(SLEEP), niceness=7),
    "crasher": Service("crasher", python("import sys; sys.exit('out of bananas')")),
    "stubborn": Service("stubborn", python(STUBBORN), grace=0.5),
    "polite": Service("polite", python(POLITE)),
    "orphans": Service("orphans", python(ORPHANS)),
    "step": Service("step", python("print('the password is 12345')"), once=True, console=True),
    "broken-step": Service("broken-step", python("import sys; sys.exit('no such database')"), once=True),
    "after-step": Service("after-step", python(SLEEP), needs=("step",)),
    "after-broken": Service("after-broken", python(SLEEP), needs=("broken-step",)),
    "absent": Service("absent", ("/nowhere/to/be/found",)),
}


def adopt_orphans() -> None:
    """Become the parent of processes whose own is gone, as process 1 of a container is."""
    set_child_subreaper = 36
    assert ctypes.CDLL(None).prctl(set_child_subreaper, 1, 0, 0, 0) == 0


def main(directory: Path, names: list[str]) -> int:
    """Supervise the named services until told to stop."""
    directory.mkdir(parents=True, exist_ok=True)
    clear_last_run(directory)
    if "orphans" in names:
        adopt_orphans()
    environment = {**os.environ, "NOTES": str(directory)}
    services = [SERVICES[name] for name in names]
    return Supervisor(services, directory=directory, logs=Logs(directory / "log"), environment=environment).run()


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), sys.argv[2:]))
