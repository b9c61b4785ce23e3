"""Where pictures and weights lie instead of a folder, from one setting: a bucket that speaks S3."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
KNOWN = {"endpoint": "endpoint_url", "region": "region_name"}


def bucket_options(address: str) -> dict[str, Any]:
    """What `webapp.core.storage_s3.BucketStorage` is made with; ValueError, with a sentence, for no such address.

    address: s3://bucket, s3://bucket/folder, and after a "?" endpoint=https://… for another service than Amazon's,
    region=…. Who may in is boto3's to find: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or the machine's role.
    """
    parts = urlsplit(address)
    asked = parse_qsl(parts.query, keep_blank_values=True)
    if parts.scheme != "s3" or not BUCKET.fullmatch(parts.netloc):
        raise ValueError("an address such as s3://bucket/folder?endpoint=https://… is wanted, without a password in it")
    if unknown := [name for name, _value in asked if name not in KNOWN]:
        raise ValueError(f"{unknown[0]} is not known; after the question mark come {' and '.join(KNOWN)}")
    options = {KNOWN[name]: value for name, value in asked if value}
    style = {"addressing_style": "path"} if "endpoint_url" in options else {}  # few others have a name for each bucket
    return {"bucket_name": parts.netloc, "location": parts.path.strip("/"), **options, **style}
