"""Every setting of the site, read from the environment at one place; a wrong value stops the start with a sentence.

docs/settings.md explains the names; a test fails when one is missing there.
"""

import os
import re
import secrets
from pathlib import Path
from typing import Any

import environ
from csp.constants import NONE, SELF

from webapp.core.objects import bucket_options
from webapp.core.root_path import path_below

LOG_LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
YES, NO = ("true", "yes", "y", "on", "ok", "1"), ("false", "no", "n", "off", "0", "")


class Env(environ.Env):
    """django-environ, whose errors name the variable. It would take `ture` for false and 1e3 for 13: here both are
    errors, as is a number below `least`.
    """

    def get_value(self, var: str, *args: Any, **options: Any) -> Any:
        try:
            return super().get_value(var, *args, **options)
        except ValueError as error:
            raise environ.ImproperlyConfigured(f"{var}={os.environ.get(var)} cannot be used: {error}.") from error

    def truth(self, var: str, default: bool) -> bool:
        return bool(self.get_value(var, cast=truth, default=default))

    def whole(self, var: str, default: int, *, least: int = 0) -> int:
        return int(self.get_value(var, cast=lambda text: at_least(least, int(text)), default=default))

    def number(self, var: str, default: float, *, least: float = 0) -> float:
        return float(self.get_value(var, cast=lambda text: at_least(least, float(text)), default=default))

    def log_level(self, var: str, default: str) -> str:
        return str(self.get_value(var, cast=log_level, default=default))

    def database(self, var: str, default: str) -> dict[str, Any]:
        if os.environ.get(var, default).partition("://")[0] not in self.DB_SCHEMES:
            raise environ.ImproperlyConfigured(f"{var} is an address such as postgres://user:password@host/name.")
        found: dict[str, Any] = self.db_url(var, default=default)
        return found

    def storage(self, var: str, *, folder: Path) -> dict[str, Any]:
        """The bucket that is named, else the folder."""
        if os.environ.get(var):
            bucket = self.get_value(var, cast=bucket_options)
            return {"BACKEND": "webapp.core.storage_s3.BucketStorage", "OPTIONS": bucket}
        return {"BACKEND": "webapp.core.storage.AtomicStorage", "OPTIONS": {"location": str(folder)}}

    def path_below(self, var: str, default: str) -> str:
        return str(self.get_value(var, cast=path_below, default=default))


def truth(text: str) -> bool:
    """What is written for yes and no."""
    word = text.strip().lower()
    if word not in YES + NO:
        raise ValueError("true or false is wanted")
    return word in YES


def at_least(least: float, number: float) -> float:
    """The number, which NaN and infinity are not."""
    if not least <= number < float("inf"):
        raise ValueError(f"a number from {least:g} on is wanted")
    return number


def log_level(text: str) -> str:
    """One that `logging` knows."""
    if text not in LOG_LEVELS:
        raise ValueError(f"one of {', '.join(LOG_LEVELS)} is wanted")
    return text


env = Env()

BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("GIBBON_DATA", default=str(BASE_DIR / "var"))).resolve()


def generated_secret(path: Path) -> str:
    """The secret kept in `path`, made on first use; only its owner may read the file (mode 0600)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    if not path.exists():
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(50))
        try:
            os.link(draft, path)  # fails if another process was first: then both read that one's secret
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    return path.read_text().strip()


# --- Where and for whom -------------------------------------------------------------------------------------------
DEBUG = env.truth("DEBUG", default=False)
SECRET_KEY = env.str("SECRET_KEY", default="") or generated_secret(DATA_DIR / "secret.key")
LAN_HOSTS = env.list("GIBBON_LAN_HOSTS", default=[])  # set by ./run when HOST is not this machine alone
LOCAL_HOSTS = ["127.0.0.1", "localhost", "[::1]"]  # always: health checks ask on the machine itself
ALLOWED_HOSTS = [*env.list("ALLOWED_HOSTS", default=[]), *LOCAL_HOSTS, *LAN_HOSTS]
BELOW = env.path_below("GIBBON_PATH", default="")
FORCE_SCRIPT_NAME = BELOW or None
HTTPS = env.truth("GIBBON_HTTPS", default=False)
TRUSTED_PROXIES = env.whole("GIBBON_TRUSTED_PROXIES", default=0)  # how many of our own proxies append X-Forwarded-For
METRICS_TOKEN = env.str("GIBBON_METRICS_TOKEN", default="")

# --- Limits -------------------------------------------------------------------------------------------------------
UPLOAD_BYTES = env.whole("GIBBON_UPLOAD_BYTES", default=20_000_000)
BODY_BYTES = 1_000_000  # every other request
DATASET_BYTES = env.whole("GIBBON_DATASET_BYTES", default=200_000_000)  # a ZIP of own pictures
PICTURE_DAYS = env.number("GIBBON_PICTURE_DAYS", default=7.0)
PICTURES_PER_VISITOR = env.whole("GIBBON_PICTURES_PER_VISITOR", default=200)
BYTES_PER_VISITOR = env.whole("GIBBON_BYTES_PER_VISITOR", default=300_000_000)
JOBS_PER_MINUTE = env.whole("GIBBON_JOBS_PER_MINUTE", default=60)  # one visitor
# of one network address: a lecture hall shares one
POSTS_PER_MINUTE_AND_ADDRESS = env.whole("GIBBON_POSTS_PER_MINUTE_AND_ADDRESS", default=6000)
QUEUE_LIMIT = env.whole("GIBBON_QUEUE_LIMIT", default=400)  # interactive jobs waiting, of everybody
FREE_DISK_BYTES = env.whole("GIBBON_FREE_DISK_BYTES", default=200_000_000)

# --- Jobs ---------------------------------------------------------------------------------------------------------
JOB_ATTEMPTS = 3
JOB_LEASE_SECONDS = env.number("GIBBON_JOB_LEASE_SECONDS", default=12.0)
JOB_HEARTBEAT_SECONDS = env.number("GIBBON_JOB_HEARTBEAT_SECONDS", default=2.0, least=0.05)
if JOB_HEARTBEAT_SECONDS >= JOB_LEASE_SECONDS:
    raise environ.ImproperlyConfigured("GIBBON_JOB_HEARTBEAT_SECONDS must be well below GIBBON_JOB_LEASE_SECONDS.")
ATTACK_SECONDS = env.whole("GIBBON_ATTACK_SECONDS", default=120)  # what one attack may be expected to take
JOBS_AT_ONCE = env.whole("GIBBON_JOBS_AT_ONCE", default=0)  # beside each other in a worker; 0: as its device likes best
JOB_SECONDS = env.whole("GIBBON_JOB_SECONDS", default=120)  # a running interactive job is killed after this
SWEEP_PATIENCE_SECONDS = env.number(
    "GIBBON_SWEEP_PATIENCE_SECONDS",
    default=env.number("GIBBON_LADDER_PATIENCE_SECONDS", default=240.0),  # its former name
)
# `manage.py worker --queues` sets it
WORKER_QUEUES = env.str("GIBBON_WORKER_QUEUES", default="interactive,sweep,study")
SET_UP_FILE = env.str("GIBBON_SET_UP_FILE", default="")  # there once the site is set up; `./run` names it
INTERACTIVE_SECONDS = env.number("GIBBON_INTERACTIVE_SECONDS", default=2.0)  # what takes longer takes turns
STUDY_SECONDS = env.whole("GIBBON_STUDY_SECONDS", default=300)  # of work; its waiting does not count
STUDY_QUEUE_SECONDS = env.whole("GIBBON_STUDY_QUEUE_SECONDS", default=600)  # expected work there, for each worker
TRAIN_QUEUE_LIMIT = env.whole("GIBBON_TRAIN_QUEUE_LIMIT", default=20)  # trainings waiting
TRAIN_SECONDS = env.whole("GIBBON_TRAIN_SECONDS", default=7 * 24 * 3600)  # a running training is killed after this
PREPARE_COURSE = env.truth("GIBBON_PREPARE_COURSE", default=True)  # at set-up, what lessons show first
CHECKPOINT_DAYS = env.number("GIBBON_CHECKPOINT_DAYS", default=7.0)  # an ended training can be resumed for so long
KEEPER_SECONDS = env.number("GIBBON_KEEPER_SECONDS", default=1.0, least=0.05)

# --- Applications -------------------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "webapp.visitors.apps.WrongPasswordsConfig",  # django-axes
    "channels",
    "csp",
    "ninja",
    "webapp.visitors",
    "webapp.jobs",
    "webapp.registry",
    "webapp.pictures",
    "webapp.lab",
    "webapp.training",
    "webapp.learn",
    "webapp.promotion",
    "webapp.pages",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "webapp.core.middleware.security_headers",
    "django.middleware.gzip.GZipMiddleware",  # tokens in the pages are masked anew and lengths padded (BREACH)
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "webapp.core.middleware.head_like_get",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "webapp.core.language.chosen_language",
    "django.middleware.locale.LocaleMiddleware",
    "webapp.core.middleware.without_nul",
    "webapp.core.middleware.not_in_a_crowd",
    "django.middleware.common.CommonMiddleware",
    "webapp.core.middleware.Refusals",
    "webapp.core.uploads.strict_uploads",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "webapp.visitors.middleware.visitor",
    "axes.middleware.AxesMiddleware",
]
ROOT_URLCONF = "webapp.urls"
ASGI_APPLICATION = "webapp.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "webapp.core.language.switch",
            ]
        },
    }
]

# --- Data ---------------------------------------------------------------------------------------------------------
DATABASES: dict[str, Any] = {"default": env.database("DATABASE_URL", default=f"sqlite:///{DATA_DIR / 'db.sqlite3'}")}
if DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3":
    # Django's defaults lose writes under three writers; WAL with immediate transactions loses none.
    DATABASES["default"]["CONN_MAX_AGE"] = None  # a connection is a file that is open: each thread keeps its own
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        # Each thread of the web process has a connection: 64 with SQLite's usual caches of 2 MB held 155 MB, so 47.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA foreign_keys=ON; "
        "PRAGMA cache_size=-512;",
    }
else:
    DATABASES["default"]["OPTIONS"] = {
        "pool": {"min_size": 1, "max_size": env.whole("GIBBON_DATABASE_POOL", default=8, least=1)}
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
WEIGHTS_DIR = Path(env.str("GIBBON_WEIGHTS", default=str(DATA_DIR / "weights")))  # this machine's copies of versions
MEDIA_DIR = Path(env.str("GIBBON_MEDIA", default=str(DATA_DIR / "media")))
STORAGES = {
    "default": env.storage("GIBBON_STORAGE", folder=MEDIA_DIR),
    "staticfiles": {"BACKEND": "webapp.core.storage.StaticStorage"},
}
STATIC_URL = f"{BELOW}/static/"
STATIC_ROOT = DATA_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_KEEP_ONLY_HASHED_FILES = True  # pages ask for nothing else, and each copy is compressed


# --- Broker: one Valkey or Redis for queue, live events and cache, told apart by prefixes ---------------------------
def started_broker(path: Path) -> str:
    """The address of the broker that ./run started, so that manage.py in another shell meets it too."""
    return path.read_text().strip() if path.exists() else f"unix://{path.with_name('valkey.sock')}"


REDIS_URL = env.str("REDIS_URL", default="") or started_broker(DATA_DIR / "run" / "broker.url")
if not REDIS_URL.startswith(("unix://", "redis://", "rediss://")):
    raise environ.ImproperlyConfigured("REDIS_URL begins with unix://, redis:// or rediss://")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "gibbon",
        "OPTIONS": {"socket_connect_timeout": 0.5, "socket_timeout": 0.5},
    }
}
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.pubsub.RedisPubSubChannelLayer",
        # socket_timeout None: redis-py would drop a subscriber that hears nothing
        "CONFIG": {
            "hosts": [{"address": REDIS_URL, "socket_timeout": None, "socket_connect_timeout": 1}],
            "prefix": "gibbon",
        },
    }
}

# --- People -------------------------------------------------------------------------------------------------------
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]
# A while, never for ever; by account and address together, so that nobody locks another person out.
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_FAILURE_LIMIT = 8
AXES_COOLOFF_TIME = 0.25  # hours
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False
AXES_LOCKOUT_CALLABLE = "webapp.visitors.login.locked_out"
AXES_USERNAME_CALLABLE = "webapp.visitors.login.account_name"
AXES_CLIENT_IP_CALLABLE = "webapp.visitors.address.client_address"
AXES_VERBOSE = False
AXES_ENABLE_ADMIN = False  # webapp.visitors.admin shows what is worth seeing
AXES_DISABLE_ACCESS_LOG = True  # nobody's comings and goings are kept
LOGIN_URL = "admin:login"
VISITOR_COOKIE = "visitor"
VISITOR_COOKIE_SECONDS = 400 * 24 * 3600  # the longest a browser keeps one

# --- Words --------------------------------------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "Simplified Chinese")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = "UTC"
USE_TZ = True

# --- Security -----------------------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_PATH = CSRF_COOKIE_PATH = VISITOR_COOKIE_PATH = LANGUAGE_COOKIE_PATH = f"{BELOW}/"
CSRF_COOKIE_HTTPONLY = True  # scripts read the token from the page
CSRF_FAILURE_VIEW = "webapp.core.answers.csrf_failure"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = HTTPS
PROBES = ("healthz", "readyz", "metrics")  # they speak plain HTTP inside the installation
SECURE_REDIRECT_EXEMPT = [f"^{re.escape(f'{BELOW}/'[1:] + probe)}$" for probe in PROBES]
if HTTPS and TRUSTED_PROXIES:
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "blob:", "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = BODY_BYTES
FILE_UPLOAD_MAX_MEMORY_SIZE = 64_000  # in a crowd hundreds of pictures wait for a thread: they wait on the disk
DATA_UPLOAD_MAX_NUMBER_FILES = 4
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200

# --- Log ----------------------------------------------------------------------------------------------------------
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # a queue or a disk that is full, and /readyz before the worker is warm, are answers and not errors of ours
    "filters": {
        "bugs": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: getattr(record, "status_code", 500) not in (503, 507),
        }
    },
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.log_level("LOG_LEVEL", default="WARNING")},
    "loggers": {
        "gibbon": {"level": env.log_level("LOG_LEVEL", default="INFO")},
        "django.request": {"level": "ERROR", "filters": ["bugs"]},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
        "axes": {"level": "WARNING"},
    },
}
