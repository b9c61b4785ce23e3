"""Pictures and weights in a bucket. Imported only where GIBBON_STORAGE names one: boto3 is large."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """An object appears whole or not at all, as a file of AtomicStorage does; nobody but the site reads it."""

    def replace(self, name: str, content: "File[Any]") -> None:
        """Store an object in the place of one that may be there."""
        self._save(name, content)

    def delete(self, name: str) -> None:
        with _as_of_a_disk():
            super().delete(name)

    def older(self, folder: str, limit: float) -> Iterator[str]:
        """The names below a folder that were last written before a time, in seconds since 1970."""
        home = f"{self.location}/" if self.location else ""
        with _as_of_a_disk():
            found = list(self.bucket.objects.filter(Prefix=f"{home}{folder}/"))
        for one in found:
            if one.last_modified.timestamp() < limit:
                yield one.key.removeprefix(home)


@contextmanager
def _as_of_a_disk() -> Iterator[None]:
    """What cannot be done is an OSError, as with files: the keeper puts it off."""
    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise OSError(str(error)) from error
