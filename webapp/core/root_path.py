"""The path below which the site lies when a proxy gives it a part of its own address, and no more than that."""

import re

PATH = re.compile(r"(/[A-Za-z0-9._~-]+)*")


def path_below(text: str) -> str:
    """`gibbon`, `/gibbon` and `/gibbon/` as "/gibbon"; "" for a site that has its address alone."""
    path = "/" + text.strip().strip("/") if text.strip("/ ") else ""
    if not PATH.fullmatch(path):
        raise ValueError("a path such as /gibbon is wanted: letters, digits and any of . _ ~ - between slashes")
    return path


def placed(path: str, below: str) -> str:
    """The path as visitors see it, whether or not the proxy has cut off what the site lies below."""
    if path == below:
        return f"{below}/"
    return path if path.startswith(f"{below}/") else below + path
