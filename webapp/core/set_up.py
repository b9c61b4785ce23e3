"""What starts beside `manage.py setup` loads its code meanwhile, and waits here before it looks at the database."""

import time
from pathlib import Path

from django.conf import settings


def is_set_up() -> bool:
    """Whether the file is there that `./run` named; so it is where none was named."""
    return not settings.SET_UP_FILE or Path(settings.SET_UP_FILE).exists()


def wait_until_set_up() -> None:
    """Until `manage.py setup` has ended."""
    while not is_set_up():
        time.sleep(0.05)
