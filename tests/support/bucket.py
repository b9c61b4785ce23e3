"""A bucket that speaks S3, in a server of moto's own, for a site whose GIBBON_STORAGE names it."""

import contextlib
import logging
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from webapp.settings import env

NAME = "gibbon-tests"


@contextlib.contextmanager
def bucket_of_the_site(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """boto3's bucket, below whose folder `site` the settings keep everything that may lie in one."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "nobody")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "nothing")
    monkeypatch.setattr(logging.getLogger("werkzeug"), "level", logging.ERROR)  # it would tell each request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        address = f"s3://{NAME}/site?endpoint=http://{host}:{port}&region=us-east-1"
        bucket = boto3.resource("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1").Bucket(NAME)
        bucket.create()
        monkeypatch.setenv("GIBBON_STORAGE", address)
        default = env.storage("GIBBON_STORAGE", folder=settings.MEDIA_DIR)
        settings.STORAGES = {**settings.STORAGES, "default": default}
        yield bucket
        bucket.objects.all().delete()  # moto keeps one memory for all its servers
        bucket.delete()
    finally:
        server.stop()


def keys(bucket: Any) -> set[str]:
    """The names of all that lies in it."""
    return {found.key for found in bucket.objects.all()}
