"""A model frozen while it is attacked or judged, and left as it was found."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn


@contextmanager
def frozen(model: nn.Module) -> Iterator[None]:
    """Inside: eval mode and frozen parameters. After: every module's mode and every parameter's flag as before.

    Modes are restored one module at a time: a model may have been left in a mixture on purpose (frozen batch norms).
    """
    modules = _modules(model)
    training = [module for module in modules if module.training]
    parameters = (parameter for module in modules for parameter in module._parameters.values())
    learning = [parameter for parameter in parameters if parameter is not None and parameter.requires_grad]
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


def _modules(model: nn.Module) -> list[nn.Module]:
    """The model and all within it: `modules` names each on its way, and took longer than small networks to answer."""
    found = [model]
    for module in found:  # grows meanwhile
        found += [child for child in module._modules.values() if child is not None]
    return found
