"""A model frozen while it is attacked or judged, and left as it was found."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Inside: eval mode and frozen parameters. After: every module's mode and every parameter's flag as before.

    Modes are restored one module at a time: a model may have been left in a mixture on purpose (frozen batch norms).
    """
    found, training, learning = [model], [], []
    for module in found:  # grows meanwhile: `modules` names each on its way, and takes longer than a small network
        found += [child for child in module._modules.values() if child is not None]
        if module.training:
            training.append(module)
        learning += [one for one in module._parameters.values() if one is not None and one.requires_grad]
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
