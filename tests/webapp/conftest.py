"""The cast: Alice owns, Bob is another browser, Ted has a token, Ada is the admin, Stan is staff that may nothing."""

import io
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import cache as remembered
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as site
from django.contrib.auth.models import User
from django.core.cache import cache

from tests.support.cast import PASSWORD, Person, Programmer
from tests.support.finished import finish, png
from tests.support.services import Broker
from webapp.jobs.models import Job
from webapp.lab import services
from webapp.lab.models import Attack
from webapp.lab.samples import ensure_samples
from webapp.pictures.models import Picture
from webapp.pictures.services import save_picture
from webapp.registry.models import ModelVersion
from webapp.registry.services import register_shipped
from webapp.visitors.models import Token

MEMORY = Path("/dev/shm")  # every file of the site is synced to its disk, which tests need not wait for
MODEL_BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture(scope="session", autouse=True)
def static_root() -> None:
    Path(site.STATIC_ROOT).mkdir(parents=True, exist_ok=True)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The database begins with the shipped classifiers; tests within a transaction find them there."""
    with django_db_blocker.unblock():
        register_shipped()


@pytest.fixture(autouse=True)
def clean_site(db: None, broker: Broker, settings: Any) -> Iterator[None]:
    """A database with the shipped classifiers, a broker, an empty cache, and a media folder of the test's own."""
    home = tempfile.mkdtemp(prefix="gibbon-media-", dir=MEMORY if MEMORY.is_dir() else None)
    settings.MEDIA_DIR = Path(home) / "media"
    default = {**site.STORAGES["default"], "OPTIONS": {"location": str(settings.MEDIA_DIR)}}
    settings.STORAGES = {**site.STORAGES, "default": default}
    broker.flush()
    cache.clear()
    if not ModelVersion.objects.exists():  # a test that committed has emptied every table
        register_shipped()
    yield
    shutil.rmtree(home)


# --- People -------------------------------------------------------------------------------------------------------


@pytest.fixture
def alice() -> Person:
    return Person()


@pytest.fixture
def bob() -> Person:
    """Another browser, which owns something too."""
    bob = Person()
    assert bob.upload(io.BytesIO(png())).status_code == 201
    return bob


@pytest.fixture
def ted_token() -> tuple[Token, str]:
    token = Token(user=User.objects.create_user("ted", password=PASSWORD), name="script")
    secret = token.set_secret()
    token.save()
    return token, secret


@pytest.fixture
def ted(ted_token: tuple[Token, str]) -> Programmer:
    return Programmer(ted_token[1])


@pytest.fixture
def ada() -> Person:
    person = Person()
    user = User.objects.create_superuser("ada", password=PASSWORD)
    person.client.force_login(user, backend=MODEL_BACKEND)
    return person


@pytest.fixture
def stan() -> Person:
    person = Person()
    user = User.objects.create_user("stan", password=PASSWORD, is_staff=True)
    person.client.force_login(user, backend=MODEL_BACKEND)
    return person


# --- What they have -----------------------------------------------------------------------------------------------


@pytest.fixture
def version() -> ModelVersion:
    """What answers on photographs."""
    return ModelVersion.objects.select_related("classifier").get(classifier__slug="imagenet-lite0")


@pytest.fixture
def picture(alice: Person) -> dict[str, Any]:
    """A picture of Alice's."""
    response = alice.upload(io.BytesIO(png()))
    assert response.status_code == 201, response.content
    return response.json()


@pytest.fixture
def queued(alice: Person, picture: dict[str, Any]) -> Job:
    """An attack of Alice's that nobody has begun."""
    return Job.objects.get(pk=alice.attack(picture["id"]).json()["id"])


@pytest.fixture
def attack(queued: Job) -> Attack:
    """A finished attack of Alice's, whose sweep waits."""
    return finish(queued.pk).attack


@pytest.fixture
def point(alice: Person, attack: Attack) -> Job:
    """The finished level 3 of Alice's attack."""
    return finish(alice.post(f"/api/v1/jobs/{attack.pk}/points/3").json()["id"])


@pytest.fixture
def sample(version: ModelVersion) -> Picture:
    """A sample, attacked."""
    from inference import images

    picture = save_picture(images.canonicalise(png(), "photo"), visitor=None, sample="grey", expires=None)
    params = {"epsilon": 2, "target": None, "seed": 0}
    finish(services.start_attack(visitor=None, picture=picture, version=version, attack="fgsm", params=params).pk)
    return picture


@pytest.fixture(scope="session")
def canonical_once() -> Callable[..., Any]:
    """What makes pictures canonical, each once for all tests."""
    from inference import images

    return remembered(images.canonicalise)


@pytest.fixture
def samples(canonical_once: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """All that come along, and their attacks, which wait."""
    with monkeypatch.context() as patched:
        patched.setattr("inference.images.canonicalise", canonical_once)
        ensure_samples()


@pytest.fixture
def media_files(settings: Any) -> Callable[[], set[str]]:
    """The names of all files in storage, now."""
    return lambda: {path.name for path in Path(settings.MEDIA_DIR).rglob("*") if path.is_file()}
