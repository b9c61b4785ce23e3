"""A whole site that trains, and its owner."""

from tests.support.factory import factory, olga  # noqa: F401  fixtures
