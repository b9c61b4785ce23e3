"""Which networks can be built, what each is, and which settings shape it. Imports no torch."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from attacks.words import gettext_noop


@dataclass(frozen=True)
class NetworkRecord:
    """One network: its name in the field, and where the function lives that builds it."""

    slug: str
    name: str
    about: str
    builder: str  # "module:function", called with a Shape and the options -> nn.Module giving logits
    options: tuple[str, ...] = ()  # names of settings that the builder takes
    sizes: tuple[int, int] = (16, 1024)  # smallest and largest side of its input, in pixels
    colours: tuple[int, ...] = (1, 3)
    channels_last: bool = True  # how its weights lie in memory; LeNet's few channels take two threads twice as long so
    attacked: int = 10_000  # validation pictures that an epoch is measured with under attack, at most: it takes time
    tested: int = 1000  # test pictures that a version is tested with under attack, at most: 255 passes for each
    pretrained: str | None = None  # slug of the classifier whose weights it begins with


LENET = NetworkRecord(
    slug="lenet",
    name="LeNet-5",
    about=gettext_noop("The textbooks' network: convolution, pooling, convolution, pooling, three connected layers."),
    builder="inference.networks.build:lenet",
    options=("width", "pooling", "one_by_one", "dropout", "activation", "initialisation", "sigma"),
    sizes=(20, 64),
    channels_last=False,
)
CONVNET = NetworkRecord(
    slug="convnet",
    name="Small convolutional network",
    about=gettext_noop("Six convolutions with batch normalisation, for colour pictures of 32 to 64 pixels."),
    builder="inference.networks.build:convnet",
    options=("width", "dropout"),
    sizes=(24, 64),
    tested=500,
)
STRIDED = NetworkRecord(
    slug="strided",
    name="Strided convolutional network",
    about=gettext_noop(
        "Four convolutions with batch normalisation, the first two in strides: for colour pictures of 32 to 64 pixels, "
        "at a twelfth of the small network's work."
    ),
    builder="inference.networks.build:strided",
    options=("width", "dropout"),
    sizes=(24, 64),
    tested=500,
)
LITE0 = NetworkRecord(
    slug="tf_efficientnet_lite0",
    name="EfficientNet-Lite0, transferred",
    about=gettext_noop("Has seen a million photographs already; learns new classes from a few pictures of each."),
    builder="inference.networks.lite0:efficientnet_lite0",
    sizes=(224, 224),
    colours=(3,),
    attacked=50,
    tested=50,
    pretrained="imagenet-lite0",
)

NETWORKS: Mapping[str, NetworkRecord] = MappingProxyType(
    {record.slug: record for record in (LENET, CONVNET, STRIDED, LITE0)}
)


def input_size(record: NetworkRecord, size: int) -> int:
    """The side, in pixels, at which the network sees pictures of `size` pixels."""
    low, high = record.sizes
    return min(max(size, low), high)
