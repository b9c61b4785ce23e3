"""constraints.txt pins whatever the requirement files ask for, and whatever that brings with it."""

from collections.abc import Iterable
from importlib.metadata import distributions

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.constraints import COMPLETE, CONSTRAINTS, RESOLVED, requirements, wanted


def faults(asked: Iterable[Requirement], pinned: Iterable[Requirement]) -> list[str]:
    """The requirements that have no pin, and those whose pin they exclude."""
    pins = {canonicalize_name(pin.name): str(pin.specifier).removeprefix("==") for pin in pinned}
    pin_of = {line: pins.get(canonicalize_name(line.name)) for line in asked}
    return sorted(
        f"{line}: pinned to {pin or 'nothing'}"
        for line, pin in pin_of.items()
        if not (pin and line.specifier.contains(pin, prereleases=True))
    )


def test_every_package_is_pinned_as_the_files_ask_and_what_it_brings_with_it_too():
    installed = {canonicalize_name(package.name): package.requires or [] for package in distributions()}
    asked = wanted(requirements(RESOLVED), installed)
    assert len(asked) > 100
    assert faults(asked, requirements(CONSTRAINTS)) == []


@pytest.mark.parametrize("path", COMPLETE, ids=lambda path: path.name)
def test_what_is_installed_without_its_dependencies_is_pinned_as_it_asks(path):
    assert faults(requirements(path), requirements(CONSTRAINTS)) == []


def test_constraints_are_sorted_and_each_is_one_version_of_one_package():
    lines = CONSTRAINTS.read_text(encoding="utf-8").splitlines()[1:]
    names = [line.partition("==")[0] for line in lines]
    assert names == sorted(set(names))
    assert all([part.operator for part in pin.specifier] == ["=="] for pin in requirements(CONSTRAINTS))


def test_a_package_without_a_pin_and_one_with_another_are_found():
    asked = [Requirement("banana==1"), Requirement("fig>=2"), Requirement("kiwi"), Requirement("Plum_Jam~=3.1")]
    pinned = [Requirement("banana==2"), Requirement("fig==2.1"), Requirement("plum-jam==3.4")]
    assert faults(asked, pinned) == ["banana==1: pinned to 2", "kiwi: pinned to nothing"]


def test_what_only_another_python_or_system_needs_counts_and_what_nobody_asked_for_does_not():
    brings = {
        "banana": [
            'old; python_full_version < "3.11.3"',
            'apple; sys_platform == "darwin"',
            'window; sys_platform == "win32"',
            'peel; extra == "peel"',
            'stone; extra == "stone"',
        ]
    }
    found = wanted([Requirement("banana[peel]")], brings)
    assert {line.name for line in found} == {"banana", "old", "apple", "peel"}
