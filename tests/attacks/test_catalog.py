"""The records of the attacks: they agree with the functions, and they let only true whole numbers through."""

import inspect
from dataclasses import replace

import pytest

from attacks import catalog
from attacks.catalog import ATTACKS, find, validate
from attacks.options import Limits, OptionError, json_schema
from attacks.record import ThreatModel
from attacks.runner import function

LIMITS = Limits(levels=32, classes=1000)
GIVEN = {"target", "generator", "on_step", "watch"}  # by run, to the functions that know them


@pytest.mark.parametrize("slug", ATTACKS)
def test_each_record_agrees_with_its_functions_signature(slug):
    record = ATTACKS[slug]
    signature = inspect.signature(function(record)).parameters
    assert list(signature)[:3] == ["model", "images", "labels"]
    declared = {it.name: it for it in record.options if it.used_by == "attack" and it.kind != "class"}
    if record.path == "ray":  # its only option says how far to go along what the function finds
        assert set(declared) == {record.budget}
    else:
        assert set(declared) <= set(signature)
        wanted = {name for name, it in signature.items() if it.kind is it.KEYWORD_ONLY and it.default is it.empty}
        assert wanted <= set(declared)
        for name, option in declared.items():
            if signature[name].default is not inspect.Parameter.empty:
                assert option.default == signature[name].default
    assert record.targeted == ("target" in signature)
    assert record.targeted == any(it.kind == "class" for it in record.options)


@pytest.mark.parametrize("slug", ATTACKS)
def test_each_default_is_within_its_bounds_and_each_text_is_there(slug):
    record = find(slug)
    for option in record.options:
        assert validate(slug, {option.name: option.default}, LIMITS)[option.name] == option.default
        assert option.label and option.help.endswith(".")
    assert record.paper_url.startswith("https://") and record.summary.endswith(".")
    assert str(record.year) in record.paper
    assert set(record.repeats) <= {option.name for option in record.options}


@pytest.mark.parametrize("slug", ATTACKS)
def test_presets_are_values_of_its_options_and_the_first_are_the_defaults(slug):
    record = find(slug)
    for preset in record.presets:
        assert preset.label and preset.why.endswith(".")
        assert validate(slug, preset.values, Limits())
    if record.presets:
        assert validate(slug, record.presets[0].values, Limits()) == validate(slug, {}, Limits())
    assert record.needs_classes == 2 or record.without_classes.endswith(".")


def test_an_attack_that_cannot_look_through_so_many_values_says_so(monkeypatch):
    small = replace(find("pgd"), slug="small", most_values=784)
    monkeypatch.setitem(catalog._DECLARED, "small", small)
    assert validate("small", {}, Limits(values=784))["steps"] == 20
    with pytest.raises(OptionError, match="at most 784 of them, and this one sees 150528") as refusal:
        validate("small", {}, Limits(values=150_528))
    assert refusal.value.field == "attack"


def test_jsma_is_for_networks_that_see_few_values():
    assert validate("jsma", {}, Limits(values=3 * 32 * 32))["distortion"] == 14.5
    with pytest.raises(OptionError, match="JSMA goes through a picture value by value"):
        validate("jsma", {}, Limits(values=3 * 224 * 224))


def test_missing_optional_parameters_are_completed():
    default = json_schema(ATTACKS["fgsm"].options, LIMITS)["properties"]["epsilon"]["default"]
    assert validate("fgsm", {}, LIMITS) == {"epsilon": default, "target": None, "seed": 0}
    assert validate("fgsm", {"epsilon": 2}, LIMITS) == {"epsilon": 2, "target": None, "seed": 0}
    assert validate("fgsm", {"epsilon": 32, "target": None, "seed": 2**31 - 1}, LIMITS)["seed"] == 2**31 - 1
    assert validate("fgsm", {"epsilon": 1, "target": 999}, LIMITS)["target"] == 999


NOT_NUMBERS = [float("nan"), float("inf"), "2", "", 2.5, 2.0, True, False, 1e308, [1], {}, (1,), b"1"]


@pytest.mark.parametrize("value", [*NOT_NUMBERS, None, -1, 0, 33, 10**30])
def test_epsilon_must_be_a_whole_number_of_levels(value):
    with pytest.raises(OptionError, match="epsilon must be a whole number from 1 to 32") as refusal:
        validate("fgsm", {"epsilon": value}, LIMITS)
    assert refusal.value.field == "epsilon"
    assert refusal.value.template % refusal.value.values == str(refusal.value)


MEANT = {0.03: 8, 8 / 255: 8, "8/255": 8, " 8 / 255": 8, 8.0: 8, "8": 8, "0.03": 8, 1 / 255: 1, "2/256": 2}


@pytest.mark.parametrize("value", MEANT)
def test_the_refusal_of_an_epsilon_names_its_unit_and_what_was_meant(value):
    with pytest.raises(
        OptionError, match=rf"grey levels of 255\. .* is about {MEANT[value]} of 255: give {MEANT[value]}"
    ):
        validate("fgsm", {"epsilon": value}, LIMITS)


@pytest.mark.parametrize("value", [0, -1, 1e3, 2.5, 0.5, "1/0", "8/", "nan", float("nan"), True, None, "0"])
def test_where_nothing_sensible_was_meant_nothing_is_guessed(value):
    with pytest.raises(OptionError, match=r"from 1 to 32, in grey levels of 255\.$"):
        validate("fgsm", {"epsilon": value}, LIMITS)


@pytest.mark.parametrize("value", [*NOT_NUMBERS, -1, 1000])
def test_target_must_be_null_or_a_class(value):
    with pytest.raises(OptionError, match="target must be a whole number from 0 to 999"):
        validate("fgsm", {"epsilon": 1, "target": value}, LIMITS)


@pytest.mark.parametrize("value", [*NOT_NUMBERS, None, -1, 2**31])
def test_seed_must_be_a_whole_number(value):
    with pytest.raises(OptionError, match="seed must be a whole number from 0 to 2147483647"):
        validate("fgsm", {"epsilon": 1, "seed": value}, LIMITS)


def test_unknown_names_and_unknown_attacks_are_refused():
    for params, field in (
        ({"epsilon": 1, "steps": 10**9}, "steps"),
        ([1], "params"),
        (None, "params"),
    ):
        with pytest.raises(OptionError) as refusal:
            validate("fgsm", params, LIMITS)
        assert refusal.value.field == field
    for slug in ("FGSM", "", None, 3, ["fgsm"]):
        with pytest.raises(OptionError, match="fgsm"):
            validate(slug, {"epsilon": 1}, LIMITS)


def test_the_bounds_are_the_classifiers():
    assert validate("fgsm", {"epsilon": 128, "target": 9}, Limits(levels=128, classes=10))["epsilon"] == 128
    with pytest.raises(OptionError, match="from 0 to 9"):
        validate("fgsm", {"epsilon": 1, "target": 10}, Limits(levels=128, classes=10))


def test_an_option_may_be_narrower_than_the_classifier():
    narrow = replace(ATTACKS["fgsm"].budget_option, maximum=8)
    assert narrow.bounds(Limits(levels=32, classes=10)) == (1, 8)
    assert narrow.bounds(Limits(levels=4, classes=10)) == (1, 4)


def test_a_ray_is_swept_from_nothing_to_all_levels_and_nothing_else_is():
    assert [ATTACKS["fgsm"].swept_value(value, LIMITS) for value in (0, 32)] == [0, 32]
    for value in (-1, 33, 2.5, "2", None):
        with pytest.raises(OptionError, match="from 0 to 32"):
            ATTACKS["fgsm"].swept_value(value, LIMITS)
    with pytest.raises(OptionError, match="no sweep"):
        ATTACKS["pgd"].swept_value(2, LIMITS)


def test_records_cannot_be_edited():
    with pytest.raises(TypeError):
        ATTACKS["other"] = ATTACKS["fgsm"]
    with pytest.raises(AttributeError):
        ATTACKS["fgsm"].slug = "other"


def test_a_norm_without_words_is_no_norm() -> None:
    """The page that explains the attacks, as every other, could not tell of it."""
    with pytest.raises(ValueError, match="l7"):
        ThreatModel("l7", "White box.")


def test_a_record_that_contradicts_itself_is_refused() -> None:
    with pytest.raises(ValueError, match="direction"):
        replace(ATTACKS["fgsm"], threat_model=ThreatModel("l2", "White box."))
    with pytest.raises(ValueError, match="none of its options"):
        replace(ATTACKS["pgd"], budget="radius")


# Beside each attack's paper: what the authors, or where they leave it open their code, chose; every option that has a
# say in how far an attack comes. Few pixels: F 0.5 and no crossover are in the function itself.
PAPERS = {
    "bim": {"steps": 10, "step_size": 1},  # min(epsilon + 4, 1.25 epsilon) steps of one level, for epsilon 8
    "mi-fgsm": {"steps": 10, "decay": 1.0},
    "pgd": {"steps": 40, "restarts": 1},
    "apgd-ce": {"steps": 100, "restarts": 1},
    "apgd-t": {"steps": 100, "targets": 9},
    "square": {"queries": 10_000, "share": 0.05},
    "pgd-l2": {"steps": 100, "restarts": 1},
    "deepfool": {"steps": 50, "candidates": 10, "overshoot": 0.02},
    "cw": {"binary_steps": 9, "steps": 10_000, "learning_rate": 0.01, "initial_c": 0.001, "confidence": 0.0},
    "ddn": {"steps": 1000, "gamma": 0.05},
    "one-pixel": {"population": 400, "generations": 100, "parent": "random"},
    "few-pixels": {"population": 400, "generations": 100, "parent": "random"},
    "jsma": {"theta": 1.0, "distortion": 14.5},
}


@pytest.mark.parametrize("values", [3 * 768 * 768, 784])
@pytest.mark.parametrize("slug", PAPERS)
def test_the_papers_values_are_the_papers(slug, values):
    """On photographs, which have defaults of their own, as on digits."""
    last = find(slug).presets[-1]
    assert last.label == "As in the paper"
    limits = Limits(levels=32, classes=1000, values=min(values, find(slug).most_values or values))
    assert PAPERS[slug].items() <= validate(slug, last.values, limits).items()


def test_every_attack_with_a_choice_of_values_has_the_papers():
    assert {record.slug for record in ATTACKS.values() if record.repeats} == set(PAPERS)
