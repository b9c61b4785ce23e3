"""What a search without gradients leaves right of the shipped digits: a second opinion on their figures under attack.

    python -m benchmarks.search [--queries 1000] [--pictures 1000]

The search is inference.evaluation.masking.accuracy_under_search.
"""

import argparse

from benchmarks.timing import circumstances, table
from inference.data.base import load_data
from inference.evaluation.masking import accuracy_under_search
from inference.networks.classifier import load
from inference.networks.device import set_threads

EPSILON = 77  # grey levels, as on the cards


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=int, default=1000)
    parser.add_argument("--pictures", type=int, default=1000)
    chosen = parser.parse_args()
    set_threads()
    pictures = load_data("mnist").test[: chosen.pictures]
    rows = []
    for slug in ("digits", "digits-hardened"):
        model = load(slug, "cpu")
        left = accuracy_under_search(model, pictures, epsilon=EPSILON, queries=chosen.queries)
        rows.append([slug, f"{left:.1%}"])
    print(table(["classifier", f"right after {chosen.queries} queries"], rows))
    print(f"\nThe first {chosen.pictures} test pictures, eps {EPSILON}/255, seed 0; {circumstances()}")


if __name__ == "__main__":
    main()
