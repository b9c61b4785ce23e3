"""No client of ours leaves it to the library when a silent connection is given up: redis-py does so after 5 seconds."""

from django.conf import settings
from django.core.cache import caches

from webapp.celery import app
from webapp.core.redis import redis


def test_every_client_names_its_patience() -> None:
    (layer,) = settings.CHANNEL_LAYERS["default"]["CONFIG"]["hosts"]
    cache = caches["default"]._cache.get_client().connection_pool.connection_kwargs  # type: ignore[attr-defined]

    assert layer["socket_timeout"] is None  # a subscriber may hear nothing for hours
    assert cache["socket_timeout"] < 1
    assert app.conf.broker_transport_options["socket_timeout"] < 1
    assert redis().connection_pool.connection_kwargs["socket_timeout"] == 1
