"""What starts beside `manage.py setup` looks at the database after it."""

import threading
import time
from pathlib import Path

from webapp.core.set_up import wait_until_set_up


def test_it_waits_for_the_file_that_was_named_and_for_nothing_where_none_was(settings, tmp_path: Path) -> None:
    wait_until_set_up()
    stamp = tmp_path / "stamp"
    settings.SET_UP_FILE = str(stamp)
    begun = time.monotonic()
    threading.Timer(0.3, stamp.touch).start()
    wait_until_set_up()
    assert time.monotonic() - begun >= 0.3
    wait_until_set_up()
