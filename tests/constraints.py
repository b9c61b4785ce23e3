"""Writes constraints.txt: every package that Gibbon's files ask for, and what those ask for in turn, at one version.

    python -m tests.constraints

The versions are those that pip chooses today for whatever the files leave open; the peers and the benchmarks, which are
installed with `--no-deps`, name all of theirs. What only another Python or system needs is pinned too: pip takes a
constraint for a package that nobody asks for as no request.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import Any

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
CONSTRAINTS = ROOT / "constraints.txt"
RESOLVED = ROOT / "requirements-dev.txt"  # with requirements.txt and requirements-web.txt, which it includes
COMPLETE = [ROOT / "tests" / "requirements-peers.txt", ROOT / "benchmarks" / "requirements.txt"]  # name all they need

PYTHONS = ["3.11.0", "3.11.9", "3.12.9", "3.13.9", "3.14.2"]
SYSTEMS = [("Linux", "linux", "x86_64"), ("Linux", "linux", "aarch64"), ("Darwin", "darwin", "arm64")]
ENVIRONMENTS: list[dict[str, str]] = [
    {
        "python_full_version": python,
        "python_version": python.rpartition(".")[0],
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "platform_system": system,
        "sys_platform": platform,
        "platform_machine": machine,
        "os_name": "posix",
    }
    for python, (system, platform, machine) in product(PYTHONS, SYSTEMS)
]


def requirements(path: Path) -> Iterator[Requirement]:
    """The lines of a requirement file and of those it includes."""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from requirements(path.parent / line.removeprefix("-r ").strip())
        elif line and not line.startswith(("#", "-")):
            yield Requirement(line)


def wanted(roots: Iterable[Requirement], brings: Mapping[str, Sequence[str]]) -> list[Requirement]:
    """These and whatever they bring with them, in any of the environments: `brings` has what a package asks for."""
    waiting, seen = list(roots), {}
    while waiting:
        requirement = waiting.pop()
        if str(requirement) in seen:
            continue
        seen[str(requirement)] = requirement
        for text in brings.get(canonicalize_name(requirement.name), []):
            inner = Requirement(text)
            if _applies(inner, requirement.extras):
                waiting.append(inner)
    return list(seen.values())


def _applies(requirement: Requirement, extras: Iterable[str]) -> bool:
    marker = requirement.marker
    return marker is None or any(
        marker.evaluate({**environment, "extra": extra}) for environment in ENVIRONMENTS for extra in ["", *extras]
    )


def resolve(more: Iterable[str]) -> dict[str, dict[str, Any]]:
    """What pip would install into an empty environment: the metadata of each package by its name."""
    bounds = [word for path in COMPLETE for word in ("-c", str(path))]
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    report = subprocess.run([*command, "-r", str(RESOLVED), *bounds, *more], stdout=subprocess.PIPE, check=True)
    found = [entry["metadata"] for entry in json.loads(report.stdout)["install"]]
    return {canonicalize_name(metadata["name"]): metadata for metadata in found}


def main() -> None:
    """Resolve; then once more with what only other environments ask for, until nothing is left out."""
    more: set[str] = set()
    while True:
        found = resolve(sorted(more))
        needed = wanted(
            requirements(RESOLVED), {name: metadata.get("requires_dist", []) for name, metadata in found.items()}
        )
        left_out = {f"{need.name}{need.specifier}" for need in needed if canonicalize_name(need.name) not in found}
        if not left_out:
            break
        more |= left_out
    pins = {name: metadata["version"] for name, metadata in found.items()}
    for requirement in (line for path in COMPLETE for line in requirements(path)):
        pins[canonicalize_name(requirement.name)] = re.sub("^==", "", str(requirement.specifier))
    lines = [f"{name}=={version}\n" for name, version in sorted(pins.items())]
    CONSTRAINTS.write_text(f"# Made by `python -m tests.constraints`.\n{''.join(lines)}", encoding="utf-8")


if __name__ == "__main__":
    main()
