"""The command that trains a network: its options are the settings, its folder is where it can go on."""

import argparse
import json
import os
import secrets
import shlex
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from attacks.options import OptionError
from attacks.words import gettext_noop as _
from inference.catalog.configuration import DEFAULTS, GROUPS, SETTINGS, TrainingConfig, settings_for, validate
from inference.catalog.datasets import DATASETS, DatasetRecord
from inference.cli.common import (
    BadInput,
    Stopped,
    add_command,
    add_option,
    alone,
    check_folder,
    help_of,
    load_own,
    option,
    reading,
    settings_in_words,
)
from inference.cli.own import is_zip, names_encoding, prepared, report
from inference.cli.progress import Bar
from inference.cli.report_training import epoch_line, version_json, version_lines
from inference.cli.words import clauses, gettext, listed, said_of, told
from inference.data.zip_names import GUESS

if TYPE_CHECKING:
    from inference.data.base import Data

PLAN = "config.json"
COMPLETED: Mapping[str, Any] = {  # what the command line knows besides, or completes in its own way
    "dataset": {"more": _("Or a ZIP of your own pictures, or the file they were prepared to.")},
    "network": {"default": _("what suits the dataset")},
}


@dataclass(frozen=True)
class Plan:
    """One training: its settings, what it learns from, and the folder it writes to."""

    config: TrainingConfig
    data: "Data"
    folder: Path
    pictures: Path | None  # one's own, prepared


def add_to(commands: Any) -> None:
    """Its options: one for each setting."""
    parser = add_command(commands, train)
    for group, words in GROUPS.items():
        titled = parser.add_argument_group(gettext(words))
        for setting in settings_for().values():
            if setting.group == group:
                add_option(titled, setting, help_of(setting, **COMPLETED.get(setting.name, {})))
    place = parser.add_mutually_exclusive_group()
    place.add_argument(
        "--out", type=Path, metavar="FOLDER", help=gettext("a new folder (default: one under var/trainings)")
    )
    place.add_argument("--resume", type=Path, metavar="FOLDER", help=gettext("go on with the training that lies there"))
    own = parser.add_argument_group(gettext("Own pictures from a ZIP"))
    own.add_argument(
        "--names-encoding",
        type=names_encoding,
        metavar="NAME",
        help=gettext(
            "of names that the ZIP does not tell of, such as gbk, shift_jis or cp866 (default: found out and told)"
        ),
    )
    own.add_argument("--report", action="store_true", help=gettext("only tell what there is in the ZIP to learn from"))
    parser.add_argument(
        "--json", action="store_true", help=gettext("print one JSON object for each epoch, and one at the end")
    )


def train(options: argparse.Namespace) -> None:
    """A network learns from a dataset, and is tested. All settings have a default; Ctrl-C stops, --resume goes on."""
    encoding = options.names_encoding or GUESS
    if encoding or options.report:
        archive = _zip_for(options.dataset, "--report" if options.report else "--names-encoding")
    if options.report:
        report(archive, encoding, as_json=options.json)
        return
    plan = _resumed(options) if options.resume else _begun(options)
    template = gettext("Another training is writing to %(folder)s: wait until it has ended.")
    with alone(plan.folder, template % {"folder": plan.folder}):
        if not options.resume:
            _keep(plan)
        _go_on(plan, as_json=options.json)


# --- From options to a plan ---------------------------------------------------------------------------------------


def _given(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that were typed, each as what it is; `validate` says what is wrong with the rest."""
    given = {name: getattr(options, name) for name in SETTINGS if getattr(options, name) is not None}
    return {name: SETTINGS[name].read(text) for name, text in given.items()}


def _begun(options: argparse.Namespace) -> Plan:
    given = _given(options)
    pictures = _own_file(given.get("dataset"))
    _check_unused(options.out)
    if pictures and is_zip(pictures):
        pictures = prepared(pictures, options.names_encoding or GUESS)
    own = load_own(pictures) if pictures else None
    if own:
        given["dataset"] = own.record.slug
    config = _checked(given, _datasets(own))
    data = own or _load_data(config)
    folder = options.out or _named_by(config)
    folder.mkdir(parents=True, exist_ok=True)
    return Plan(config, data, folder, pictures)


def _keep(plan: Plan) -> None:
    """So that the training can go on, in a folder that may have been taken while the pictures were read."""
    from inference.networks.checkpoints import write_atomically

    _check_unused(plan.folder)
    told = {"config": asdict(plan.config), "pictures": str(plan.pictures) if plan.pictures else None}
    write_atomically(plan.folder / PLAN, json.dumps(told, indent=1).encode())


def _resumed(options: argparse.Namespace) -> Plan:
    if given := _given(options):
        names = listed(option(name) for name in given)
        template = gettext("A training goes on with the settings it began with: leave out %(names)s.")
        raise BadInput(template % {"names": names})
    folder: Path = options.resume
    try:
        plan = json.loads((folder / PLAN).read_text(encoding="utf-8"))
        given, pictures = plan["config"], plan["pictures"] and Path(plan["pictures"])
    except (OSError, ValueError, LookupError, TypeError, RecursionError) as error:
        template = gettext("There is no training in %(folder)s to go on with.")
        raise BadInput(template % {"folder": folder}) from error
    check_folder(folder)
    own = load_own(pictures) if pictures else None
    config = validate(given, datasets=_datasets(own))
    return Plan(config, own or _load_data(config), folder, pictures)


def _checked(given: Mapping[str, Any], datasets: Mapping[str, DatasetRecord]) -> TrainingConfig:
    """Completed with the network that suits the dataset, and with defaults."""
    record = datasets.get(given.get("dataset", DEFAULTS["dataset"]))
    suited = {"network": record.network} if record else {}
    try:
        return validate({**suited, **given}, datasets=datasets)
    except OptionError as error:
        raise BadInput(said_of(option(error.field), told(error))) from error


def _datasets(own: "Data | None") -> Mapping[str, DatasetRecord]:
    return {**DATASETS, own.record.slug: own.record} if own else DATASETS


def _own_file(dataset: str | None) -> Path | None:
    """The file of prepared pictures that --dataset names, if it names one."""
    if not dataset or dataset in DATASETS:
        return None
    with reading(dataset):
        if not Path(dataset).is_file():
            return None
        Path(dataset).open("rb").close()
    return Path(dataset).resolve()


def _zip_for(dataset: str | None, wanted_by: str) -> Path:
    """The ZIP that --dataset names."""
    if (path := _own_file(dataset)) and is_zip(path):
        return path
    if dataset and dataset not in DATASETS and not Path(dataset).exists():
        raise BadInput(gettext("There is no file %(file)s.") % {"file": dataset})
    template = gettext("%(option)s is for a ZIP of your own pictures: name it with --dataset.")
    raise BadInput(template % {"option": wanted_by})


def _load_data(config: TrainingConfig) -> "Data":
    from inference.data.base import load_data

    return load_data(config.dataset)


def _check_unused(folder: Path | None) -> None:
    """A folder that is asked for is new, or empty, and can be written to."""
    if folder is None:
        return
    check_folder(folder)
    if folder.exists() and any(folder.iterdir()):
        template = gettext("%(folder)s is not empty. To go on with a training there: --resume %(folder)s")
        raise BadInput(template % {"folder": folder})


def _named_by(config: TrainingConfig) -> Path:
    """A folder below the data folder, named by dataset, network and time."""
    home = Path(os.environ.get("GIBBON_DATA") or "var") / "trainings"
    return home / f"{config.dataset}-{config.network}-{datetime.now(UTC):%Y%m%d-%H%M%S}-{secrets.token_hex(2)}"


# --- The work -----------------------------------------------------------------------------------------------------


def _go_on(plan: Plan, *, as_json: bool) -> None:
    """The work; what stops it tells how to go on."""
    again = f"python -m inference train --resume {shlex.quote(str(plan.folder))}"
    try:
        _work(plan, as_json=as_json)
    except KeyboardInterrupt as error:
        template = gettext("Stopped. To go on after the last whole epoch: %(command)s")
        raise Stopped(template % {"command": again}) from error
    except OSError as error:
        reason = error.strerror or str(error)
        template = gettext("%(reason)s. What was finished is kept; to go on: %(command)s")
        raise OSError(template % {"reason": reason, "command": again}) from error


def _work(plan: Plan, *, as_json: bool) -> None:
    from inference.catalog.conditions_words import worded
    from inference.networks.device import choose_device
    from inference.networks.threads import set_threads
    from inference.training.conditions import changed_since
    from inference.training.loop import LAST
    from inference.training.loop import train as epochs_of
    from inference.training.versions import conclude

    with settings_in_words():
        set_threads()
        device = choose_device()
    if changed := changed_since(plan.folder / LAST, device):
        template = gettext(
            "Goes on under other conditions than before: %(changes)s. The weights will not be, bit for bit, those of a "
            "training that was never interrupted."
        )
        print(template % {"changes": clauses(worded(one, gettext) for one in changed)}, file=sys.stderr)
    with Bar(gettext("Learning")) as bar:
        for epoch in epochs_of(plan.config, plan.data, folder=plan.folder, device=device, on_step=bar.show):
            bar.clear()
            _say(json.dumps(epoch.figures(), allow_nan=False) if as_json else epoch_line(epoch))
    with Bar(gettext("Testing")) as bar:
        version = conclude(plan.config, plan.data, folder=plan.folder, device=device, on_step=bar.show)
    _say(*[json.dumps(version_json(version))] if as_json else version_lines(version))


def _say(*lines: str) -> None:
    """At once, for whoever reads along through a pipe."""
    print(*lines, sep="\n", flush=True)
