"""What a training may be told: every setting declared once, on the line of its default. Imports no torch.

The admin's form, the API's schema, the command line and a version's card all read these declarations.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from attacks.levels import sentence
from attacks.options import Kind, Option, OptionError, Value, complete
from attacks.options import json_schema as schema_of
from attacks.words import gettext_noop as _
from inference.catalog.datasets import DATASETS, DatasetRecord
from inference.catalog.messages import Words
from inference.catalog.networks import NETWORKS

GROUPS = {
    "what": _("What learns what"),
    "network": _("The network"),
    "learning": _("Learning"),
    "augmentation": _("Changed pictures"),
    "stopping": _("When to stop"),
    "attack": _("Under attack"),
}


def _setting(default: Value, kind: Kind, group: str, label: str, help: str, **more: Any) -> Any:
    """A dataclass field that carries its declaration; its name is filled in by SETTINGS."""
    declared = {"kind": kind, "default": default, "label": label, "help": help, "group": group, **more}
    return field(default=default, metadata=declared)


def _networks_with(option: str) -> tuple[str, tuple[str, ...]]:
    """The condition that the network takes this option."""
    return "network", tuple(record.slug for record in NETWORKS.values() if option in record.options)


LENET = ("network", ("lenet",))
SGD = ("optimiser", ("sgd",))


@dataclass(frozen=True)
class TrainingConfig:
    """A training, completely described.

    The same configuration gives the same network on the same CPU, with as many threads and the same libraries.
    """

    dataset: str = _setting(
        "mnist", "choice", "what", _("Dataset"), _("The pictures to learn from."),
        choices=tuple((record.slug, record.name) for record in DATASETS.values()),
    )  # fmt: skip
    network: str = _setting(
        "lenet", "choice", "what", _("Network"), _("What learns. LeNet suits digits, the small network colour pictures."),
        choices=tuple((record.slug, record.name) for record in NETWORKS.values()),
    )  # fmt: skip
    seed: int = _setting(
        0, "integer", "what", _("Seed"),
        _("All chance is drawn from it: the same network again on the same processor, with as many threads; not promised on a GPU."),
        minimum=0, maximum=2**31 - 1,
    )  # fmt: skip

    width: int = _setting(
        1, "integer", "network", _("Width"), _("So many times the channels: more to learn with, slower to learn."),
        minimum=1, maximum=8, only_with=_networks_with("width"),
    )  # fmt: skip
    pooling: str = _setting(
        "max", "choice", "network", _("Pooling"), _("What is kept of each two by two values: the largest, or their mean."),
        choices=(("max", _("largest")), ("average", _("average"))), only_with=LENET,
    )  # fmt: skip
    one_by_one: bool = _setting(
        False, "boolean", "network", _("1×1 convolutions"), _("One after each pooling: mixes channels, sees no neighbours."),
        only_with=LENET,
    )  # fmt: skip
    dropout: float = _setting(
        0.0, "number", "network", _("Dropout"), _("This share of the connected values is left out at random in each step."),
        minimum=0.0, maximum=0.9, offered=(0.0, 0.25, 0.5), only_with=_networks_with("dropout"),
    )  # fmt: skip
    activation: str = _setting(
        "relu", "choice", "network", _("Activation"), _("What bends between the layers. The original LeNet used tanh."),
        choices=(("relu", "ReLU"), ("tanh", "tanh"), ("sigmoid", _("sigmoid"))), only_with=LENET,
    )  # fmt: skip
    initialisation: str = _setting(
        "kaiming", "choice", "network", _("First weights"), _("How they are drawn. Zeros are there to see them fail."),
        choices=(("kaiming", "Kaiming"), ("xavier", "Xavier"), ("normal", _("normal, mean 0")), ("zeros", _("zeros"))),
        only_with=LENET,
    )  # fmt: skip
    sigma: float = _setting(
        0.1, "number", "network", _("Their spread σ"), _("Standard deviation of the first weights."),
        minimum=0.0, maximum=10.0, offered=(0.01, 0.1, 1.0), only_with=("initialisation", ("normal",)),
    )  # fmt: skip
    transfer: str = _setting(
        "head", "choice", "network", _("What is trained"), _("The new last layer alone is quick; the whole network can adapt."),
        choices=(("head", _("the new last layer")), ("whole", _("the whole network"))),
        only_with=("network", tuple(record.slug for record in NETWORKS.values() if record.pretrained)),
    )  # fmt: skip
    normalisation: str = _setting(
        "standard", "choice", "network", _("Pixels enter as"), _("Part of the network, so that ε always means pixels."),
        choices=(("unit", _("0 to 1")), ("symmetric", _("−1 to 1")), ("standard", _("mean 0, deviation 1"))),
        only_with=("network", tuple(record.slug for record in NETWORKS.values() if not record.pretrained)),
    )  # fmt: skip

    epochs: int = _setting(
        6, "integer", "learning", _("Epochs"), _("How often every picture is seen."), minimum=1, maximum=1000,
    )  # fmt: skip
    batch_size: int = _setting(
        64, "integer", "learning", _("Batch size"), _("Pictures in one step: few are noisy, many are slow to learn from."),
        minimum=1, maximum=1024, offered=(32, 64, 128),
    )  # fmt: skip
    optimiser: str = _setting(
        "sgd", "choice", "learning", _("Optimiser"), _("How a gradient becomes a step."),
        choices=(("sgd", "SGD"), ("adam", "Adam")),
    )  # fmt: skip
    learning_rate: float = _setting(
        0.05, "number", "learning", _("Learning rate"), _("The largest step. For Adam a fiftieth of SGD's is usual."),
        minimum=1e-6, maximum=10.0, offered=(0.001, 0.01, 0.05, 0.1),
    )  # fmt: skip
    schedule: str = _setting(
        "one-cycle", "choice", "learning", _("Schedule"), _("How the rate changes: up and down once, down only, or not."),
        choices=(("constant", _("constant")), ("one-cycle", _("one cycle")), ("cosine", _("cosine"))),
    )  # fmt: skip
    momentum: float = _setting(
        0.9, "choice", "learning", _("Momentum"), _("How much of the last step's direction is kept."),
        choices=((0.0, "0"), (0.9, "0.9"), (0.99, "0.99")), only_with=SGD,
    )  # fmt: skip
    nesterov: bool = _setting(
        False, "boolean", "learning", _("Nesterov"), _("Looks ahead along the momentum before it asks for the gradient."),
        only_with=SGD,
    )  # fmt: skip
    weight_decay: float = _setting(
        0.0005, "number", "learning", _("Weight decay"), _("Pulls weights towards zero, against overfitting."),
        minimum=0.0, maximum=1.0, offered=(0.0, 0.0005),
    )  # fmt: skip
    validation_share: float = _setting(
        0.2, "number", "learning", _("Validation share"), _("This part of the training pictures is kept aside to judge by."),
        minimum=0.05, maximum=0.5, offered=(0.1, 0.2),
    )  # fmt: skip

    shift: int = _setting(
        0, "integer", "augmentation", _("Shift"), _("Moved at random by up to so many pixels."), minimum=0, maximum=16,
    )  # fmt: skip
    rotation: int = _setting(
        0, "integer", "augmentation", _("Rotation"), _("Turned at random by up to so many degrees."), minimum=0, maximum=45,
    )  # fmt: skip
    scale: int = _setting(
        0, "integer", "augmentation", _("Scale"), _("Enlarged or reduced at random by up to so many per cent."),
        minimum=0, maximum=50,
    )  # fmt: skip
    flip: bool = _setting(
        False, "boolean", "augmentation", _("Mirror"), _("Half of the pictures are mirrored. Not for digits or signs."),
    )  # fmt: skip
    noise: int = _setting(
        0, "integer", "augmentation", _("Noise"), _("Random grain with this standard deviation, in levels of 255."),
        minimum=0, maximum=64,
    )  # fmt: skip
    erasing: bool = _setting(
        False, "boolean", "augmentation", _("Erasing"), _("In half of the pictures a random patch is greyed out."),
    )  # fmt: skip

    patience: int = _setting(
        0, "integer", "stopping", _("Patience"), _("Stop after so many epochs without a better one; 0 never stops early."),
        minimum=0, maximum=1000,
    )  # fmt: skip
    metric: str = _setting(
        "usual", "choice", "stopping", _("Best means"), _("The epoch that is kept: best by this figure."),
        choices=(
            ("usual", _("lowest validation error; in adversarial training, highest accuracy under PGD-10")),
            ("validation_error", _("lowest validation error")),
            ("validation_loss", _("lowest validation loss")),
            ("pgd_accuracy", _("highest accuracy under PGD-10")),
        ),
    )  # fmt: skip

    adversarial: str = _setting(
        "off", "choice", "attack", _("Adversarial training"),
        _("Learn from attacked pictures: a hardened network, paid for with time and some accuracy."),
        choices=(("off", _("off")), ("one-step", _("one step, random start")), ("pgd", _("PGD, several steps"))),
    )  # fmt: skip
    attack_steps: int = _setting(
        7, "integer", "attack", _("Steps of PGD in training"), _("More steps, a stronger teacher, a longer training."),
        minimum=1, maximum=100, only_with=("adversarial", ("pgd",)),
    )  # fmt: skip
    warmup: int = _setting(
        3, "integer", "attack", _("Epochs until full strength"), _("The attacks grow to ε over so many epochs: at once, large ones teach nothing."),
        minimum=0, maximum=1000, only_with=("adversarial", ("one-step", "pgd")),
    )  # fmt: skip
    epsilon: int | None = _setting(
        None, "levels", "attack", _("Strength ε"),
        _("Of the attacks learnt from and measured with, in levels of 255. Empty: what is usual for the dataset."),
        minimum=1, nullable=True,
    )  # fmt: skip
    robust_pictures: int = _setting(
        500, "integer", "attack", _("Pictures attacked per epoch"),
        _("So many validation pictures, always the same, after each epoch; 0 for none. With EfficientNet-Lite0 50 at most: it is slow."),
        minimum=0, maximum=10000, offered=(0, 500, 1000),
    )  # fmt: skip


SETTINGS: dict[str, Option] = {
    declared.name: Option(declared.name, **declared.metadata) for declared in fields(TrainingConfig)
}
DEFAULTS: dict[str, Value] = asdict(TrainingConfig())


def settings_for(datasets: Mapping[str, DatasetRecord] = DATASETS) -> dict[str, Option]:
    """Every setting, where these are the datasets there are."""
    choices = tuple((slug, record.name) for slug, record in datasets.items())
    return SETTINGS | {"dataset": replace(SETTINGS["dataset"], choices=choices)}


def validate(values: Any, *, datasets: Mapping[str, DatasetRecord] = DATASETS) -> TrainingConfig:
    """The configuration these values describe, completed with defaults; an OptionError naming the field otherwise."""
    config = TrainingConfig(**complete(settings_for(datasets).values(), values))
    _check_together(config, datasets[config.dataset])
    return config


def applies(setting: Option, config: TrainingConfig) -> bool:
    """Whether the setting makes a difference to this training."""
    if setting.only_with is None:
        return True
    other, values = setting.only_with
    return getattr(config, other) in values and applies(SETTINGS[other], config)


def metric_of(config: TrainingConfig) -> str:
    """The figure of an epoch that says which is best; robust overfitting (arXiv 2002.11569) is seen under attack only."""
    if config.metric != "usual":
        return config.metric
    return "pgd_accuracy" if config.adversarial != "off" and config.robust_pictures else "validation_error"


def json_schema(
    datasets: Mapping[str, DatasetRecord] = DATASETS, *, translate: Callable[[str], str] = str
) -> dict[str, Any]:
    """Every setting as JSON Schema, its words in whichever language."""
    return schema_of(list(settings_for(datasets).values()), translate=translate)


def _check_together(config: TrainingConfig, dataset: DatasetRecord) -> None:
    """What each setting allows and all together do not."""
    network = NETWORKS[config.network]
    if dataset.channels not in network.colours:
        template = _("%(network)s wants colour pictures; those of %(dataset)s are grey.")
        raise OptionError("network", template, network=Words(network.name), dataset=_named(dataset))
    if config.nesterov and config.optimiser == "sgd" and config.momentum == 0:
        raise OptionError("nesterov", _("Nesterov needs a momentum above 0."))
    if config.metric == "pgd_accuracy" and config.robust_pictures == 0:
        raise OptionError("metric", _("To go by the accuracy under PGD-10, some pictures must be attacked per epoch."))
    if config.epsilon is not None and config.epsilon > dataset.levels:
        template, values = sentence("epsilon", config.epsilon, low=1, high=dataset.levels)
        raise OptionError("epsilon", template, **values)
    if network.pretrained and config.transfer == "head":
        _check_head_alone(config)


def _named(dataset: DatasetRecord) -> str | Words:
    """What it is called; own pictures by their owner."""
    return Words(dataset.name) if dataset.slug in DATASETS else dataset.name


def _check_head_alone(config: TrainingConfig) -> None:
    """With the last layer alone, what comes before it is computed once: nothing may change the pictures."""
    changing = [name for name, setting in SETTINGS.items() if setting.group == "augmentation" and getattr(config, name)]
    if changing or config.adversarial != "off":
        template = _(
            "With the last layer alone the pictures stay as they are. Train the whole network, or leave this out."
        )
        raise OptionError(changing[0] if changing else "adversarial", template)
