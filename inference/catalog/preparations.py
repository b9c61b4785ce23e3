"""What a picture can be prepared for: what it shows, how it is stored, and the words for both. Imports no torch.

What pictures show is a fact of the dataset a network learnt from; how they are stored is another. Digits and clothes
are both 28 × 28 grey values, light on black, but a digit is cropped, centred and can be drawn, and a shirt is not.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from attacks.options import Limits
from attacks.words import gettext_noop
from inference.catalog.datasets import DATASETS


@dataclass(frozen=True)
class Preparation:
    """One thing that a visitor's picture can be taken for."""

    slug: str
    name: str  # of one picture, with its article
    shows: str  # what such pictures show, in one word or two
    invitation: str
    seen: str  # what a network with an input of %(n)s pixels a side makes of it
    maker: str  # "module:function": from a file's bytes to the canonical picture, a PIL image
    channels: int  # 3: RGB; 1: grey
    pad: bool = False  # it can be drawn with a finger

    @property
    def grey(self) -> bool:
        """Whether a pixel is one value."""
        return self.channels == 1


PHOTO = Preparation(
    slug="photo",
    name=gettext_noop("a photograph"),
    shows=gettext_noop("photos"),
    invitation=gettext_noop("Drop a photo"),
    seen=gettext_noop(
        "the centred square of a picture, resized to %(n)s × %(n)s; the gradient goes through the resizing"
    ),
    maker="inference.images.decode:decode",
    channels=3,
)
DIGIT = Preparation(
    slug="digit",
    name=gettext_noop("a handwritten digit"),
    shows=gettext_noop("handwritten digits"),
    invitation=gettext_noop("Drop a photo of a digit"),
    seen=gettext_noop(
        "%(n)s × %(n)s grey pixels; a photo or drawing of a digit is inverted, cropped and centred as MNIST’s were"
    ),
    maker="inference.images.digit:digit",
    channels=1,
    pad=True,
)
CLOTHES = Preparation(
    slug="clothes",
    name=gettext_noop("a piece of clothing"),
    shows=gettext_noop("clothes"),
    invitation=gettext_noop("Drop a photo of clothes"),
    seen=gettext_noop(
        "%(n)s × %(n)s grey pixels; a photo of a piece of clothing is fitted into them whole, "
        "and inverted where the ground is lighter than what lies on it"
    ),
    maker="inference.images.clothes:clothes",
    channels=1,
)

PREPARATIONS: Mapping[str, Preparation] = MappingProxyType({one.slug: one for one in (PHOTO, DIGIT, CLOTHES)})


def preparation_of(card: Mapping[str, Any]) -> str:
    """What a version's pictures are prepared for: what its dataset says now, or else what its card said when made.

    Cards are never rewritten on the disk, and those of Fashion-MNIST once called their pictures digits.
    """
    dataset = DATASETS.get(card.get("dataset", {}).get("slug"))
    return dataset.preparation if dataset else card["preparation"]


def limits_of(card: Mapping[str, Any], levels: int) -> Limits:
    """What bounds the options of an attack on a network with that card, judged at so many levels."""
    channels = PREPARATIONS[card["preparation"]].channels
    return Limits(levels=levels, classes=len(card["labels"]), values=channels * card["input_size"] ** 2)
