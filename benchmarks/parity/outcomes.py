"""What one attack of one library did to one chunk of pictures: computed, kept as JSON, and read again."""

import ast
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import torch
from torch import Generator, Tensor, nn

import attacks
from attacks import ATTACKS, run
from attacks.frozen import frozen
from attacks.projections import project
from benchmarks.parity.libraries import PACKAGES
from benchmarks.parity.pairs import INF, Pair
from inference.data.base import Pictures

OURS = "Gibbon"


def outcome(
    folder: Path,
    network: str,
    row: str,
    pair: Pair,
    library: str,
    chunk: int,
    model: nn.Module,
    pictures: Pictures,
    *,
    only_kept: bool = False,
) -> dict[str, Any] | None:
    """From the folder if it is there and was made under the same conditions; computed and put there else.

    only_kept: nothing is computed; None where nothing was kept.
    """
    slug = pair.attack or row
    conditions = {
        "pictures": len(pictures),
        "options": dict(pair.options),
        "budget": pair.budgets[network] if pair.budgets else None,
        "weights": model.sha256,
        "versions": {"torch": version("torch")}
        | {library: version(PACKAGES[library]) if library != OURS else code_version(slug)},
    }
    path = folder / f"{network}-{row}-{library}-{chunk}.json"
    if path.exists():
        kept = json.loads(path.read_text(encoding="utf-8"))
        if kept["conditions"] == conditions:
            return kept
    if only_kept:
        return None
    made = {"conditions": conditions} | _computed(slug, pair, library, conditions["budget"], chunk, model, pictures)
    part = path.with_suffix(".part")
    part.write_text(json.dumps(made), encoding="utf-8")
    part.replace(path)
    return made


def _computed(
    slug: str, pair: Pair, library: str, budget: float | None, chunk: int, model: nn.Module, pictures: Pictures
) -> dict[str, Any]:
    record, images, labels = ATTACKS[slug], pictures.images.float() / 255, pictures.labels
    option = record.budget_option
    core = INF if budget is None else option.core(budget)
    calls = {name: lambda call=call: call(model, images, labels, core) for name, call in pair.libraries.items()}
    calls[OURS] = lambda: _ours(
        slug, pair.options | ({record.budget: budget} if option else {}), chunk, model, pictures
    )
    found, cost = _timed(calls[library], model, seed=chunk)
    broken = ~found.flatten(1).isfinite().all(1)  # a library may divide by nothing: that picture is as it was
    found = torch.where(broken[:, None, None, None], images, found)
    # What leaves budget or range by more than rounding is brought back, whoever made it.
    found = project(found, images, record.norm, None if budget is None else torch.tensor(core, dtype=images.dtype))
    with frozen(model), torch.no_grad():
        fooled = model(found).argmax(1) != labels
    change = (found - images).flatten(1)
    sizes = {"linf": change.abs().amax(1), "l2": change.norm(dim=1), "l0": (change != 0).sum(1)}[record.norm]
    return {"fooled": fooled.tolist(), "sizes": sizes.tolist(), "no_numbers": int(broken.sum())} | cost


def code_version(slug: str) -> str:
    """Of what an attack computes with: what was kept before a change to it is not ours any more."""
    digest = hashlib.sha256()
    for path in sorted(_modules(ATTACKS[slug].function.partition(":")[0], set())):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _modules(name: str, found: set[Path]) -> set[Path]:
    """The files of a module of `attacks`, and of all that it imports from there."""
    path = Path(*attacks.__path__, f"{name.removeprefix('attacks.').replace('.', '/')}.py")
    if path.is_file() and path not in found:
        found.add(path)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("attacks."):
                _modules(str(node.module), found)
    return found


def _ours(slug: str, options: Mapping[str, Any], chunk: int, model: nn.Module, pictures: Pictures) -> Tensor:
    own = [Generator().manual_seed(1000 * chunk + row) for row in range(len(pictures))]
    made = run(
        slug, model, pictures.images.float() / 255, pictures.labels, options, generator=own, until_fooled=True
    )  # fmt: skip
    return made.adversarial


def _timed(call: Callable[[], Tensor], model: nn.Module, *, seed: int) -> tuple[Tensor, dict[str, float]]:
    """(what it made, {seconds, forwards, gradients}), the passes counted in pictures."""
    with frozen(model), torch.random.fork_rng(), counted(model) as count, row_by_row(model):
        torch.manual_seed(seed)
        begun = time.perf_counter()
        found = call().detach()
        return found, {"seconds": time.perf_counter() - begun, **count}


@contextmanager
def counted(model: nn.Module) -> Iterator[dict[str, int]]:
    """How many pictures went through the model, forwards and back."""
    count = {"forwards": 0, "gradients": 0}

    def add(_gradient: Tensor, pictures: int) -> None:
        count["gradients"] += pictures

    def forward(_model: nn.Module, _inputs: Any, logits: Tensor) -> None:
        count["forwards"] += len(logits)
        if logits.requires_grad:
            logits.register_hook(lambda gradient: add(gradient, len(gradient)))

    hook = model.register_forward_hook(forward)
    try:
        yield count
    finally:
        hook.remove()


class _RowByRow(torch.autograd.Function):
    """The same pixels; their gradient in rows, whatever order the network has it in."""

    @staticmethod
    def forward(_ctx: Any, pixels: Tensor) -> Tensor:
        return pixels.view_as(pixels)

    @staticmethod
    def backward(_ctx: Any, gradient: Tensor) -> Tensor:
        return gradient.contiguous()


@contextmanager
def row_by_row(model: nn.Module) -> Iterator[None]:
    """Some libraries take views of gradients that a network in channels-last order gives them in its own."""
    hook = model.register_forward_pre_hook(lambda _model, given: (_RowByRow.apply(given[0]), *given[1:]))
    try:
        yield
    finally:
        hook.remove()
