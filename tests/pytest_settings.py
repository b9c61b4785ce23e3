"""The site's settings inside pytest: a data folder that is gone afterwards, and a broker that is the tests' own.

Child processes of the tests inherit the folder. DATABASE_URL and REDIS_URL, if set (`./test --services`), are used.
"""

import atexit
import os
import shutil
import tempfile

if "GIBBON_TEST_HOME" not in os.environ:
    os.environ["GIBBON_TEST_HOME"] = tempfile.mkdtemp(prefix="gibbon-test-")  # short: a socket's path goes below it
    atexit.register(shutil.rmtree, os.environ["GIBBON_TEST_HOME"], ignore_errors=True)
os.environ["GIBBON_DATA"] = os.environ["GIBBON_TEST_HOME"]
os.environ.setdefault("REDIS_URL", f"unix://{os.environ['GIBBON_TEST_HOME']}/valkey.sock")

from webapp.settings import *  # noqa: F403  these are the site's settings, read in the environment made above

# The plain names of static files: only a running site collects the hashed ones.
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405  as above
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # quick, and nobody's real password
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":  # noqa: F405  as above
    # A file, so that threads and child processes meet in the same database as they do in earnest.
    DATABASES["default"]["TEST"] = {"NAME": f"{os.environ['GIBBON_TEST_HOME']}/test.sqlite3"}  # noqa: F405  as above
