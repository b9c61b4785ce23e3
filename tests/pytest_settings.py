"""The site's settings inside pytest: a data folder that is gone afterwards, and a broker that is the tests' own.

Child processes of the tests inherit the folder. DATABASE_URL and REDIS_URL, if set (`./test --services`), are used.
"""

import atexit
import os
import shutil
import tempfile

from tests.support.private_servers import free_port


def settle() -> None:
    """A folder and a broker of this process's own; a child of the tests has inherited both and keeps them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER")  # one of several that share nothing, with `-n`
    mark = f"-{worker}" if worker else ""
    if "GIBBON_TEST_HOME" in os.environ and os.environ["GIBBON_TEST_HOME"].endswith(mark):
        return
    home = tempfile.mkdtemp(prefix="gibbon-test-", suffix=mark)  # short: a socket's path goes below it
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    os.environ["GIBBON_TEST_HOME"] = home
    given = os.environ.get("REDIS_URL", "")
    if not given or worker:
        on_a_port = given.startswith("redis://")
        os.environ["REDIS_URL"] = f"redis://127.0.0.1:{free_port()}/0" if on_a_port else f"unix://{home}/valkey.sock"


settle()
os.environ["GIBBON_DATA"] = os.environ["GIBBON_TEST_HOME"]

from webapp.settings import *  # noqa: E402, F403  these are the site's settings, read in the environment made above

# The plain names of static files: only a running site collects the hashed ones.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405  as above
WHITENOISE_AUTOREFRESH = True  # else each client of the tests reads what another test collected, whole
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and nobody's real password
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405  as above
    # A file, so that threads and child processes meet in the same database as they do in earnest.
    DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['GIBBON_TEST_HOME']}/test.sqlite3"}  # noqa: F405  as above
