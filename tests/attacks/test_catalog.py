"""The records of the attacks: they agree with the functions, and they let only true whole numbers through."""

import inspect
import json
from dataclasses import replace

import pytest

from attacks.catalog import ATTACKS, OptionError, Parameter, find, json_schema, validate
from attacks.runner import function

SIZES = {"levels": 32, "classes": 1000}
RUN_GIVES = {"generator", "on_step"}


@pytest.mark.parametrize("slug", ATTACKS)
def test_each_record_agrees_with_its_functions_signature(slug):
    record = ATTACKS[slug]
    signature = inspect.signature(function(slug)).parameters
    assert list(signature)[:3] == ["model", "images", "labels"]
    options = {name: it for name, it in signature.items() if it.kind is it.KEYWORD_ONLY and name not in RUN_GIVES}
    declared = {it.name: it for it in record.parameters if it.used_by == "attack"}
    assert set(options) == set(declared)
    for name, option in options.items():
        if option.default is not inspect.Parameter.empty:  # how strong it is, the function wants to be told
            assert declared[name].optional and option.default == declared[name].default
    assert record.targeted == ("target" in options)


@pytest.mark.parametrize("slug", ATTACKS)
def test_each_default_is_within_its_bounds_and_each_text_is_there(slug):
    record = find(slug)
    for parameter in record.parameters:
        low, high = parameter.bounds(**SIZES)
        assert parameter.nullable or low <= parameter.default <= high
        assert parameter.label and parameter.help.endswith(".")
    assert record.paper_url.startswith("https://") and record.summary.endswith(".")


def test_missing_optional_parameters_are_completed():
    default = json_schema(ATTACKS["fgsm"], **SIZES)["properties"]["epsilon"]["default"]
    assert validate("fgsm", {}, **SIZES) == {"epsilon": default, "target": None, "seed": 0}
    assert validate("fgsm", {"epsilon": 2}, **SIZES) == {"epsilon": 2, "target": None, "seed": 0}
    assert validate("fgsm", {"epsilon": 32, "target": None, "seed": 2**31 - 1}, **SIZES)["seed"] == 2**31 - 1
    assert validate("fgsm", {"epsilon": 1, "target": 999}, **SIZES)["target"] == 999


NOT_NUMBERS = [float("nan"), float("inf"), "2", "", 2.5, 2.0, True, False, 1e308, [1], {}, (1,), b"1"]


@pytest.mark.parametrize("value", [*NOT_NUMBERS, None, -1, 0, 33, 10**30])
def test_epsilon_must_be_a_whole_number_of_levels(value):
    with pytest.raises(OptionError, match="epsilon must be a whole number from 1 to 32") as refusal:
        validate("fgsm", {"epsilon": value}, **SIZES)
    assert refusal.value.field == "epsilon"
    assert refusal.value.template % refusal.value.values == str(refusal.value)


MEANT = {0.03: 8, 8 / 255: 8, "8/255": 8, " 8 / 255": 8, 8.0: 8, "8": 8, "0.03": 8, 1 / 255: 1, "2/256": 2}


@pytest.mark.parametrize("value", MEANT)
def test_the_refusal_of_an_epsilon_names_its_unit_and_what_was_meant(value):
    with pytest.raises(
        OptionError, match=rf"grey levels of 255\. .* is about {MEANT[value]} of 255: give {MEANT[value]}"
    ):
        validate("fgsm", {"epsilon": value}, **SIZES)


@pytest.mark.parametrize("value", [0, -1, 1e3, 2.5, 0.5, "1/0", "8/", "nan", float("nan"), True, None, "0"])
def test_where_nothing_sensible_was_meant_nothing_is_guessed(value):
    with pytest.raises(OptionError, match=r"from 1 to 32, in grey levels of 255\.$"):
        validate("fgsm", {"epsilon": value}, **SIZES)


@pytest.mark.parametrize("value", [*NOT_NUMBERS, -1, 1000])
def test_target_must_be_null_or_a_class(value):
    with pytest.raises(OptionError, match="target must be a whole number from 0 to 999"):
        validate("fgsm", {"epsilon": 1, "target": value}, **SIZES)


@pytest.mark.parametrize("value", [*NOT_NUMBERS, None, -1, 2**31])
def test_seed_must_be_a_whole_number(value):
    with pytest.raises(OptionError, match="seed must be a whole number from 0 to 2147483647"):
        validate("fgsm", {"epsilon": 1, "seed": value}, **SIZES)


def test_unknown_names_and_unknown_attacks_are_refused():
    for params, field in (
        ({"epsilon": 1, "steps": 10**9}, "steps"),
        ([1], "params"),
        (None, "params"),
    ):
        with pytest.raises(OptionError) as refusal:
            validate("fgsm", params, **SIZES)
        assert refusal.value.field == field
    for slug in ("FGSM", "", None, 3, ["fgsm"]):
        with pytest.raises(OptionError, match="fgsm"):
            validate(slug, {"epsilon": 1}, **SIZES)


def test_the_bounds_are_the_classifiers():
    assert validate("fgsm", {"epsilon": 128, "target": 9}, levels=128, classes=10)["epsilon"] == 128
    with pytest.raises(OptionError, match="from 0 to 9"):
        validate("fgsm", {"epsilon": 1, "target": 10}, levels=128, classes=10)


def test_a_parameter_may_be_narrower_than_the_classifier():
    narrow = Parameter("epsilon", "levels", 2, 1, 8, "/255", "", "")
    assert narrow.bounds(levels=32, classes=10) == (1, 8)
    assert narrow.bounds(levels=4, classes=10) == (1, 4)


def test_the_schema_says_what_validate_does():
    schema = json.loads(json.dumps(json_schema(ATTACKS["fgsm"], **SIZES)))
    assert schema["required"] == [] and schema["additionalProperties"] is False
    epsilon, target, seed = (schema["properties"][name] for name in ("epsilon", "target", "seed"))
    assert (epsilon["type"], epsilon["minimum"], epsilon["maximum"]) == ("integer", 1, 32)
    assert (target["type"], target["maximum"], target["default"]) == (["integer", "null"], 999, None)
    assert (seed["type"], seed["maximum"]) == ("integer", 2**31 - 1)


def test_records_cannot_be_edited():
    with pytest.raises(TypeError):
        ATTACKS["other"] = ATTACKS["fgsm"]
    with pytest.raises(AttributeError):
        ATTACKS["fgsm"].slug = "other"


def test_a_norm_without_words_is_no_norm() -> None:
    """The page that explains the attacks, as every other, could not tell of it."""
    with pytest.raises(ValueError, match="l7"):
        replace(ATTACKS["fgsm"], norm="l7")
    assert replace(ATTACKS["fgsm"], norm="l2").norm == "l2"
