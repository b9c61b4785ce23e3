"""EfficientNet-Lite0, as timm builds it: apart from `build.py`, for timm takes longer to import than torch."""

import timm
from torch import nn

from inference.networks.build import Shape


def efficientnet_lite0(shape: Shape) -> nn.Module:
    """timm's network (arXiv 1905.11946, the Lite variant), its weights not yet filled in."""
    return timm.create_model("tf_efficientnet_lite0", num_classes=shape.classes)
