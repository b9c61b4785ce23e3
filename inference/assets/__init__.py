"""Files that come with Gibbon: cards and weights of its classifiers, MNIST, sample pictures, words to search by."""

from pathlib import Path

ASSETS = Path(__file__).parent
ROOT = Path(__file__).parents[2]  # of the checkout
