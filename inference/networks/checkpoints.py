"""Where a training stands, as one file that is there whole or not at all: tensors, with the rest as JSON beside them.

A safetensors file carries no code, and its header holds the JSON, so that tensors and figures can never part.
"""

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save as to_bytes
from torch import Tensor, nn
from torch.optim import Optimizer

from attacks.words import gettext_noop as _
from inference.catalog.errors import BadWeights
from inference.networks.paths import in_utf8

NETWORK, OPTIMISER = "network.", "optimiser."
DRAFT = ".draft-"


def write_atomically(path: Path, content: bytes | Iterable[bytes]) -> None:
    """The content, in one or in pieces, or nothing: a draft, synced, renamed.

    On a full disk an OSError and nothing left behind.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{DRAFT}{secrets.token_hex(8)}")
    try:
        with draft.open("xb") as file:
            file.writelines([content] if isinstance(content, bytes) else content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # the name too
    finally:
        os.close(folder)


def remove_drafts(folder: Path) -> None:
    """What processes that were killed in mid-writing have left; nobody may be writing there now."""
    for draft in folder.glob(f"{DRAFT}*"):
        draft.unlink(missing_ok=True)


def save(path: Path, network: nn.Module, optimiser: Optimizer | None, facts: Mapping[str, Any]) -> None:
    """Network, optimiser and facts in one file."""
    tensors = {f"{NETWORK}{name}": tensor for name, tensor in network.state_dict().items()}
    if optimiser:
        tensors |= _optimiser_tensors(optimiser)
    plain = {name: tensor.detach().cpu().contiguous() for name, tensor in tensors.items()}
    write_atomically(path, to_bytes(plain, metadata={"facts": json.dumps(facts, allow_nan=False)}))


def load(path: Path) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """(tensors by name, facts); BadWeights if the file is not a checkpoint, FileNotFoundError if there is none."""
    if not path.is_file():
        raise FileNotFoundError(f"There is no checkpoint {path}.")
    try:
        with in_utf8(path) as named, safe_open(named, framework="pt") as file:
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (safe_open is no mapping)
            return tensors, json.loads((file.metadata() or {})["facts"])
    except (SafetensorError, KeyError, ValueError, RecursionError) as error:
        raise BadWeights(
            _("%(file)s is not a whole checkpoint: %(error)s."), file=path.name, error=str(error)
        ) from error


def network_of(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The network's part, under the names of its state."""
    return {name.removeprefix(NETWORK): tensor for name, tensor in tensors.items() if name.startswith(NETWORK)}


def restore_optimiser(optimiser: Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Momenta and counters as they were; rates and the like are the configuration's."""
    state: dict[int, dict[str, Tensor]] = {}
    for name, tensor in tensors.items():
        if name.startswith(OPTIMISER):
            _prefix, index, key = name.split(".", 2)
            state.setdefault(int(index), {})[key] = tensor
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
    # Laid out as the weights, whose channels may come last: fused steps go through memory as it lies.
    for parameter, kept in optimiser.state.items():
        for key, value in kept.items():
            if isinstance(value, Tensor) and value.shape == parameter.shape:
                kept[key] = torch.empty_like(parameter, requires_grad=False).copy_(value)


def _optimiser_tensors(optimiser: Optimizer) -> dict[str, Tensor]:
    return {
        f"{OPTIMISER}{index}.{key}": value
        for index, values in optimiser.state_dict()["state"].items()
        for key, value in values.items()
        if isinstance(value, Tensor)
    }


def is_finite(tensors: Mapping[str, Tensor]) -> bool:
    """Whether every value is a number."""
    return all(bool(torch.isfinite(tensor).all()) for tensor in tensors.values())
