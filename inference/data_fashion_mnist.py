"""Fashion-MNIST (arXiv 1708.07747): MNIST's format, clothes in place of digits. Debian's files, or torchvision's."""

from torchvision.datasets import FashionMNIST

from inference.catalog_datasets import FASHION_MNIST, folder_of
from inference.data import Data
from inference.data_download import downloading
from inference.data_mnist import load_idx

SHA256 = {  # of the unpacked files, as Debian's package dataset-fashion-mnist has them
    "train-images-idx3-ubyte": "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888",
    "train-labels-idx1-ubyte": "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9",
    "t10k-images-idx3-ubyte": "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b",
    "t10k-labels-idx1-ubyte": "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34",
}


def load() -> Data:
    """60,000 pictures to learn from, 10,000 to test with; downloaded if they are not on this machine."""
    with downloading(FASHION_MNIST) as folder:
        place = folder_of(FASHION_MNIST)
        if place is None:
            place = folder / FASHION_MNIST.folders[0]
            FashionMNIST(folder, download=True)
        return load_idx(FASHION_MNIST, place, sha256=SHA256)
