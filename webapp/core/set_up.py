"""What starts beside `manage.py setup` loads its code meanwhile, and waits here before it looks at the database."""

import time
from pathlib import Path

from django.conf import settings


def wait_until_set_up() -> None:
    """Until the file is there that `./run` named; at once where it named none."""
    while settings.SET_UP_FILE and not Path(settings.SET_UP_FILE).exists():
        time.sleep(0.05)
