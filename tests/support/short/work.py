"""The beginning of MNIST, and the site's own training on it."""

from inference.data.base import Data, load_data
from webapp.jobs.run import Run
from webapp.training import work


def beginning(slug: str = "mnist") -> Data:
    """Enough to be interrupted in mid-epoch: 5,000 training pictures; the first 500 test pictures."""
    whole = load_data(slug)
    return Data(whole.record, whole.training[:5_000], whole.test[:500])


def train(run: Run) -> None:
    """In a worker of its own, so nobody else meets the short dataset."""
    work.load_data = beginning
    work.train(run)
