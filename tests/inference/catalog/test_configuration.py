"""What a training may be told: one declaration of every setting, read by everyone."""

import json
from dataclasses import asdict, replace

import pytest

from attacks.options import OptionError
from inference.catalog.configuration import (
    DEFAULTS,
    GROUPS,
    SETTINGS,
    TrainingConfig,
    applies,
    json_schema,
    validate,
)
from inference.catalog.datasets import DATASETS, MNIST
from inference.catalog.networks import NETWORKS

NUMBERS = [name for name, setting in SETTINGS.items() if setting.kind in ("levels", "integer", "number")]
INTEGERS = [name for name in NUMBERS if SETTINGS[name].kind != "number"]
BOOLEANS = [name for name, setting in SETTINGS.items() if setting.kind == "boolean"]
CHOICES = [name for name, setting in SETTINGS.items() if setting.kind == "choice"]


def refused(values, **more):
    """(field, sentence) of the refusal."""
    with pytest.raises(OptionError) as error:
        validate(values, **more)
    return error.value.field, str(error.value)


# --- Each setting by itself ---------------------------------------------------------------------------------------


def test_nothing_said_is_the_defaults():
    assert validate({}) == TrainingConfig() and asdict(TrainingConfig()) == DEFAULTS


@pytest.mark.parametrize("name", NUMBERS)
def test_numbers_keep_to_their_bounds(name):
    low, high = SETTINGS[name].bounds()
    for value in (low, high):
        if name != "epsilon":  # which is bounded by its dataset, too
            assert getattr(validate({name: value}), name) == value
    step = 1 if name in INTEGERS else 1e-7
    for value in (low - step, high + step, 10**400, -(10**400)):
        assert refused({name: value})[0] == name


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf"), "1", True, None, [1], {}])
@pytest.mark.parametrize("name", NUMBERS)
def test_only_true_numbers_are_numbers(name, value):
    if value is None and SETTINGS[name].nullable:
        assert getattr(validate({name: None}), name) is None
    else:
        field, sentence = refused({name: value})
        assert field == name and name in sentence and sentence.endswith(".")


@pytest.mark.parametrize("name", INTEGERS)
def test_whole_numbers_are_whole(name):
    assert refused({name: float(SETTINGS[name].bounds()[0]) + 1})[0] == name


@pytest.mark.parametrize("name", BOOLEANS)
def test_yes_and_no_are_nothing_else(name):
    assert getattr(validate({name: False}), name) is False
    for value in (0, 1, "true", None):
        assert refused({name: value}) == (name, f"{name} must be true or false.")


@pytest.mark.parametrize("name", CHOICES)
def test_a_choice_is_one_of_those_offered(name):
    for value, _words in SETTINGS[name].choices:
        fitting = {"network": DATASETS[value].network} if name == "dataset" else {}
        fitting |= {"dataset": "gtsrb"} if name == "network" and 1 not in NETWORKS[value].colours else {}
        assert getattr(validate(fitting | {name: value}), name) == value
    for value in ("nothing of the kind", "", 7, True, None, ["lenet"], float("nan")):
        field, sentence = refused({name: value})
        assert field == name and all(str(known) in sentence for known, _words in SETTINGS[name].choices)


def test_a_setting_nobody_declared_is_refused_by_name():
    assert refused({"epoch": 3})[0] == "epoch"
    assert len(refused({"x" * 1000: 3})[0]) == 40


# --- Together -----------------------------------------------------------------------------------------------------

TRANSFER = {"dataset": "gtsrb", "network": "tf_efficientnet_lite0"}
CONTRADICTIONS = {
    "grey pictures for a colour network": (TRANSFER | {"dataset": "mnist"}, "network", "wants colour pictures"),
    "Nesterov without momentum": ({"nesterov": True, "momentum": 0}, "nesterov", "momentum above 0"),
    "best by attacks never made": ({"metric": "pgd_accuracy", "robust_pictures": 0}, "metric", "must be attacked"),
    "more levels than its pictures are swept over": ({"dataset": "signs", "epsilon": 33}, "epsilon", "from 1 to 32"),
    "the last layer and shifts": (TRANSFER | {"shift": 2}, "shift", "last layer alone"),
    "the last layer and attacks": (TRANSFER | {"adversarial": "pgd"}, "adversarial", "last layer alone"),
}


@pytest.mark.parametrize("name", CONTRADICTIONS)
def test_what_contradicts_itself_is_refused_with_the_setting_to_change(name):
    values, field, words = CONTRADICTIONS[name]
    assert refused(values)[0] == field and words in refused(values)[1]


def test_what_contradicts_nothing_is_taken():
    validate({"nesterov": True, "momentum": 0, "optimiser": "adam"})  # Adam does not listen to either
    validate(TRANSFER | {"transfer": "whole", "shift": 2, "adversarial": "pgd"})
    validate({"metric": "pgd_accuracy", "robust_pictures": 1})


def test_a_dataset_of_ones_own_may_be_named_where_it_is_known():
    own = replace(MNIST, slug="my-digits", name="My digits")
    assert validate({"dataset": "my-digits"}, datasets={"my-digits": own}).dataset == "my-digits"
    assert "my-digits" in json_schema({"my-digits": own})["properties"]["dataset"]["enum"]
    assert refused({"dataset": "my-digits"})[0] == "dataset"


def test_a_setting_applies_only_where_it_makes_a_difference():
    assert not applies(SETTINGS["sigma"], TrainingConfig())
    assert applies(SETTINGS["sigma"], TrainingConfig(initialisation="normal"))
    assert not applies(SETTINGS["sigma"], TrainingConfig(initialisation="normal", network="convnet"))
    assert applies(SETTINGS["epochs"], TrainingConfig())


# --- One declaration, many readers --------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_every_declaration_is_complete(setting):
    assert setting.group in GROUPS and setting.label and setting.help.endswith(".")
    if setting.kind == "choice":
        assert DEFAULTS[setting.name] in [value for value, _words in setting.choices]
    if setting.kind in ("integer", "number"):
        assert setting.minimum < setting.maximum
        assert all(setting.minimum <= value <= setting.maximum for value in setting.offered)
    if setting.only_with:
        other, values = setting.only_with
        assert set(values) <= {value for value, _words in SETTINGS[other].choices}


@pytest.mark.parametrize("setting", SETTINGS.values(), ids=SETTINGS)
def test_the_schema_says_what_the_declaration_says(setting):
    told = json_schema()["properties"][setting.name]
    assert (told["title"], told["description"]) == (setting.label, setting.help)
    assert told["default"] == DEFAULTS[setting.name]
    if setting.kind not in ("choice", "boolean"):
        assert (told["minimum"], told["maximum"]) == setting.bounds()
    kind = {"levels": "integer", "integer": "integer", "number": "number", "boolean": "boolean"}.get(setting.kind)
    assert told.get("type") == ([kind, "null"] if setting.nullable else kind)
    assert told.get("enum", []) == [value for value, _words in setting.choices]


@pytest.mark.parametrize("name", SETTINGS)
def test_a_versions_card_holds_the_setting_as_it_was_asked_for(trained, name):
    config, _folder, _epochs, version = trained
    written = json.loads((version.folder / "card.json").read_text(encoding="utf-8"))
    assert written["config"][name] == getattr(config, name)
    assert set(written["config"]) == set(SETTINGS)


def test_the_schema_knows_no_other_settings():
    schema = json_schema()
    assert set(schema["properties"]) == set(SETTINGS) and schema["additionalProperties"] is False
    json.dumps(schema, allow_nan=False)
