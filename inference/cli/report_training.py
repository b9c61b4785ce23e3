"""What the command line says about a training and about a network's figures, as JSON and in words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attacks.catalog import ATTACKS
from inference.catalog.masking_checks import TITLES, Found
from inference.catalog.protocols import EPOCH, TESTED

if TYPE_CHECKING:
    from inference.training.loop import Epoch
    from inference.training.versions import Version


def epoch_line(epoch: "Epoch") -> str:
    """The figures of an epoch on one line."""
    attacked = {ATTACKS[named.attack].name: getattr(epoch, figure) for figure, named in EPOCH.items()}
    shown = ", ".join(f"{name} {accuracy:.1%}" for name, accuracy in attacked.items() if accuracy is not None)
    return (
        f"Epoch {epoch.number} of {epoch.of}: "
        f"validation error {epoch.validation_error:.2%}, loss {epoch.validation_loss:.4f}; "
        f"training error {epoch.training_error:.2%}, loss {epoch.training_loss:.4f}; "
        + (f"right under {shown}; " if shown else "")
        + f"{epoch.seconds:.1f} s"
    )


def version_json(version: "Version") -> dict[str, Any]:
    """The last line of a training that was finished."""
    return {
        "done": True,
        "test_accuracy": version.card["test"]["accuracy"],
        "version": version.identity,
        "path": str(version.folder),
    }


def version_lines(version: "Version") -> list[str]:
    """What the kept epoch came to on the test pictures, and where it lies."""
    test = version.card["test"]
    return [
        f"The network of epoch {version.card['best_epoch']} was kept.",
        *figure_lines(test, [test[name] for name in TESTED]),
        f"Version {version.identity[:12]} is in {version.folder}",
    ]


def figure_lines(clean: Mapping[str, Any], attacked: Sequence[Mapping[str, Any]]) -> list[str]:
    """Accuracy as it is and under attacks, each with its interval and what it depends on."""
    return [
        f"Test:   {_figure(clean)}",
        *(f"Attack: {_figure(figure)} under {figure['protocol']['text']}" for figure in attacked),
    ]


def check_lines(found: Found) -> list[str]:
    """What the checks for masked gradients found, a line each."""
    return [
        f"Checks for masked gradients, {found.pictures} pictures, eps {found.epsilon}/255, {found.seconds:.0f} s:",
        *(f"{check.state:7} {TITLES[check.name]}. {check.detail}" for check in found.checks),
        *(f"not run {TITLES[name]}." for name in found.not_run),
        *found.remarks,
    ]


def _figure(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    return f"{figure['accuracy']:.2%} right, {figure['right']} of {figure['of']} (95% interval {low:.2%} to {high:.2%})"
