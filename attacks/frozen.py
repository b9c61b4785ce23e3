"""A model frozen while it is attacked or judged, and left as it was found."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Inside: eval mode and frozen parameters. After: every module's mode and every parameter's flag as before.

    Modes are restored one module at a time: a model may have been left in a mixture on purpose (frozen batch norms).
    """
    training = [module for module in model.modules() if module.training]
    learning = [parameter for parameter in model.parameters() if parameter.requires_grad]
    for module in training:
        module.training = False
    for parameter in learning:
        parameter.requires_grad_(False)
    try:
        yield
    finally:
        for module in training:
            module.training = True
        for parameter in learning:
            parameter.requires_grad_(True)
