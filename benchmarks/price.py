"""What hardening costs and gains: the shipped digits beside each other, from their cards, picture by picture.

    python -m benchmarks.price

Counts nothing anew: `python -m inference.training.recipes NAME --figures` does.
"""

from benchmarks.timing import table
from inference.catalog.classifiers import card
from inference.catalog.comparison import Measured, compare
from inference.training.recipes import RECIPES

HARDENED = "digits-hardened"
COLUMNS = {"as they are": "", "FGSM": "fgsm", "PGD-20": "pgd", "PGD-50, worst of 5 starts": "worst"}


def main() -> None:
    """Print both tables."""
    tests = {slug: card(slug)["test"] for slug in RECIPES}
    rows = [[slug, *(worded(test[key] if key else test) for key in COLUMNS.values())] for slug, test in tests.items()]
    print(table(["classifier", *COLUMNS], rows))
    print(f"\n{HARDENED} beside others on the same test pictures, as they are:\n")
    others = [slug for slug in RECIPES if slug != HARDENED]
    print(table(["other", "gained", "lost", "points", "95 %", "p"], [against(tests, slug) for slug in others]))


def worded(figure: dict) -> str:
    low, high = Measured(figure["right"], figure["of"]).interval()
    return f"{figure['right']:,} of {figure['of']:,} ({low:.1%} to {high:.1%})"


def against(tests: dict, slug: str) -> list[str]:
    found = compare(tests[HARDENED], tests[slug])
    assert found, "the cards have no outcomes"
    low, high = found.interval()
    points = f"{100 * found.difference:.2f}"
    return [slug, str(found.gained), str(found.lost), points, f"{100 * low:.2f} to {100 * high:.2f}", f"{found.p:.2g}"]


if __name__ == "__main__":
    main()
