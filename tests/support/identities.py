"""What the versions that come with Gibbon are named by."""

from inference.catalog.classifiers import card
from inference.catalog.identity import identity_of


def shipped_identity(slug: str) -> str:
    facts = card(slug)
    return identity_of(facts["weights"]["sha256"], facts)
