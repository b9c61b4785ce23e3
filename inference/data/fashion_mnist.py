"""Fashion-MNIST (arXiv 1708.07747): MNIST's format, clothes in place of digits. Debian's files, or torchvision's.

What torchvision downloads it checks itself; what a system's package brought, the package manager has.
"""

from torchvision.datasets import FashionMNIST

from inference.catalog.datasets import FASHION_MNIST, folder_of
from inference.data.base import Data
from inference.data.download import downloading
from inference.data.mnist import load_idx


def load() -> Data:
    """60,000 pictures to learn from, 10,000 to test with; downloaded if they are not on this machine."""
    with downloading(FASHION_MNIST) as folder:
        place = folder_of(FASHION_MNIST)
        if place is None:
            place = folder / FASHION_MNIST.folders[0]
            FashionMNIST(folder, download=True)
        return load_idx(FASHION_MNIST, place)
