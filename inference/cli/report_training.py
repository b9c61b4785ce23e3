"""What the command line says about a training and about a network's figures, as JSON and in words."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from attacks.catalog import ATTACKS
from attacks.words import gettext_noop as _
from inference.catalog.masking_checks import SENTENCES, TITLES, Check, Found
from inference.catalog.protocols import EPOCH, TESTED, worded
from inference.cli.words import gettext, listed, ngettext

if TYPE_CHECKING:
    from inference.training.loop import Epoch
    from inference.training.versions import Version


STATES = {"passed": _("passed"), "noted": _("noted"), "failed": _("not passed")}


def epoch_line(epoch: "Epoch") -> str:
    """The figures of an epoch on one line."""
    attacked = {ATTACKS[named.attack].name: getattr(epoch, figure) for figure, named in EPOCH.items()}
    shown = listed(f"{name} {accuracy:.1%}" for name, accuracy in attacked.items() if accuracy is not None)
    template = gettext(
        "Epoch %(number)s of %(of)s: validation error %(error)s, loss %(loss)s; training error %(training_error)s, "
        "loss %(training_loss)s; %(seconds)s s"
    )
    if shown:
        template = gettext(
            "Epoch %(number)s of %(of)s: validation error %(error)s, loss %(loss)s; training error "
            "%(training_error)s, loss %(training_loss)s; right under %(attacks)s; %(seconds)s s"
        )
    return template % {
        "number": epoch.number,
        "of": epoch.of,
        "error": f"{epoch.validation_error:.2%}",
        "loss": f"{epoch.validation_loss:.4f}",
        "training_error": f"{epoch.training_error:.2%}",
        "training_loss": f"{epoch.training_loss:.4f}",
        "attacks": shown,
        "seconds": f"{epoch.seconds:.1f}",
    }


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
        gettext("The network of epoch %(epoch)s was kept.") % {"epoch": version.card["best_epoch"]},
        *figure_lines(test, [test[name] for name in TESTED]),
        gettext("Version %(version)s is in %(folder)s") % {"version": version.identity[:12], "folder": version.folder},
    ]


def figure_lines(clean: Mapping[str, Any], attacked: Sequence[Mapping[str, Any]]) -> list[str]:
    """Accuracy as it is and under attacks, each with its interval and what it depends on."""
    return [
        gettext("Test:   %(figure)s") % {"figure": _figure(clean)},
        *(
            gettext("Attack: %(figure)s under %(protocol)s")
            % {"figure": _figure(figure), "protocol": _protocol(figure["protocol"])}
            for figure in attacked
        ),
    ]


def check_lines(found: Found) -> list[str]:
    """What the checks for masked gradients found, a line each."""
    return [
        gettext("Checks for masked gradients, %(pictures)s pictures, eps %(epsilon)s/255, %(seconds)s s:")
        % {"pictures": found.pictures, "epsilon": found.epsilon, "seconds": f"{found.seconds:.0f}"},
        *(_check_line(check) for check in found.checks),
        *(gettext("not run %(title)s.") % {"title": gettext(TITLES[name])} for name in found.not_run),
        *map(gettext, found.remarks),
    ]


def _check_line(check: Check) -> str:
    detail = gettext(SENTENCES[check.sentence]) % check.params
    words = {"state": f"{gettext(STATES[check.state]):10}", "title": gettext(TITLES[check.name]), "detail": detail}
    return gettext("%(state)s %(title)s. %(detail)s") % words


def _protocol(told: Mapping[str, Any]) -> str:
    return worded(told, gettext, ngettext)


def _figure(figure: Mapping[str, Any]) -> str:
    low, high = figure["interval"]
    template = gettext("%(share)s right, %(right)s of %(of)s (95%% interval %(low)s to %(high)s)")
    interval = {"low": f"{low:.2%}", "high": f"{high:.2%}"}
    return template % {"share": f"{figure['accuracy']:.2%}", "right": figure["right"], "of": figure["of"], **interval}
