"""What hardening costs and gains: shipped networks of a dataset beside each other, by their cards, picture by picture.

    python -m benchmarks.price

Counts nothing anew: `python -m inference.training.recipes NAME --figures` does.
"""

from benchmarks.timing import table
from inference.catalog.classifiers import card
from inference.catalog.comparison import Measured, compare
from inference.training.recipes import RECIPES, TWINS

COLUMNS = {"as they are": "", "FGSM": "fgsm", "PGD-20": "pgd", "PGD-50, worst of 5 starts": "worst"}


def main() -> None:
    """Print the tables."""
    for hardened in TWINS:
        tell(hardened)


def tell(hardened: str) -> None:
    """Both tables of the hardened one and the others of its dataset."""
    of_dataset = [slug for slug in RECIPES if RECIPES[slug].config.dataset == RECIPES[hardened].config.dataset]
    tests = {slug: card(slug)["test"] for slug in of_dataset}
    rows = [[slug, *(worded(test[key] if key else test) for key in COLUMNS.values())] for slug, test in tests.items()]
    print(table(["classifier", *COLUMNS], rows))
    print(f"\n{hardened} beside others on the same test pictures, as they are:\n")
    others = [against(tests[hardened], slug, test) for slug, test in tests.items() if slug != hardened]
    print(table(["other", "gained", "lost", "points", "95 %", "p"], others), end="\n\n")


def worded(figure: dict) -> str:
    low, high = Measured(figure["right"], figure["of"]).interval()
    return f"{figure['right']:,} of {figure['of']:,} ({low:.1%} to {high:.1%})"


def against(ours: dict, slug: str, theirs: dict) -> list[str]:
    found = compare(ours, theirs)
    assert found, "the cards have no outcomes"
    low, high = found.interval()
    points = f"{100 * found.difference:.2f}"
    return [slug, str(found.gained), str(found.lost), points, f"{100 * low:.2f} to {100 * high:.2f}", f"{found.p:.2g}"]


if __name__ == "__main__":
    main()
