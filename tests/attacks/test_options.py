"""Options: every kind lets through what it names, refuses the rest with a sentence, and says so in its schema."""

import json

import pytest

from attacks.options import Limits, Option, OptionError, check, complete, json_schema

LIMITS = Limits(levels=32, classes=10)
LEVELS = Option("epsilon", "levels", 2, "Strength", "How far.", minimum=1, unit="/255")
CLASS = Option("target", "class", None, "Target", "Which.", nullable=True)
WHOLE = Option("steps", "integer", 20, "Steps", "How often.", minimum=1, maximum=100)
NUMBER = Option("radius", "number", 1.0, "Radius", "How long.", minimum=0.1, maximum=10.0)
CHOICE = Option("loss", "choice", "ce", "Loss", "What climbs.", choices=(("ce", "cross-entropy"), ("dlr", "DLR")))
AMOUNT = Option("momentum", "choice", 0.9, "Momentum", "How much.", choices=((0.0, "0"), (0.9, "0.9")))
SWITCH = Option("nesterov", "boolean", False, "Nesterov", "Looks ahead.")
ALL = (LEVELS, CLASS, WHOLE, NUMBER, CHOICE, AMOUNT, SWITCH)

GOOD = [
    (LEVELS, 1, 1), (LEVELS, 32, 32), (CLASS, None, None), (CLASS, 9, 9), (WHOLE, 100, 100), (NUMBER, 1, 1.0),
    (NUMBER, 0.1, 0.1), (CHOICE, "dlr", "dlr"), (AMOUNT, 0, 0.0), (AMOUNT, 0.9, 0.9), (SWITCH, True, True),
]  # fmt: skip
BAD = [
    *((LEVELS, given) for given in (0, 33, 2.0, True, "2", None, 8 / 255)),
    *((CLASS, given) for given in (10, -1, True, "3", 1.0)),
    *((WHOLE, given) for given in (0, 101, 1.5, None, float("nan"))),
    *((NUMBER, given) for given in (0, 10.1, True, "1", None, float("nan"), float("inf"))),
    *((CHOICE, given) for given in ("CE", 0, None, True)),
    *((AMOUNT, given) for given in (0.5, "0.9", False, None)),
    *((SWITCH, given) for given in (0, 1, "true", None)),
]


@pytest.mark.parametrize(("option", "given", "value"), GOOD)
def test_what_an_option_names_passes(option, given, value):
    found = check(option, given, LIMITS)
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(("option", "given"), BAD)
def test_what_it_does_not_name_is_refused_with_a_sentence(option, given):
    with pytest.raises(OptionError, match=f"{option.name} must be .*") as refusal:
        check(option, given, LIMITS)
    assert refusal.value.field == option.name
    assert refusal.value.template % refusal.value.values == str(refusal.value)


def test_what_is_left_out_has_its_default_and_unknown_names_are_refused():
    assert complete(ALL, {"steps": 7}, LIMITS) == {option.name: option.default for option in ALL} | {"steps": 7}
    with pytest.raises(OptionError, match="no option of that name here") as refusal:
        complete(ALL, {"x" * 100: 1}, LIMITS)
    assert refusal.value.field == "x" * 40
    for given in (None, [1], "steps"):
        with pytest.raises(OptionError, match="object"):
            complete(ALL, given, LIMITS)


@pytest.mark.parametrize("option", ALL)
def test_the_schema_says_what_check_does(option):
    described = json.loads(json.dumps(json_schema([option], LIMITS)))["properties"][option.name]
    assert described["title"] == option.label and described["default"] == option.default
    for known, given, _value in GOOD:
        assert known is not option or _fits(described, given)
    for known, given in BAD:
        assert known is not option or not _fits(described, given)


def test_levels_alone_are_converted_for_the_core():
    assert LEVELS.core(51) == 0.2 and WHOLE.core(51) == 51 and CLASS.core(None) is None
    assert LEVELS.text(2) == "2/255" and NUMBER.text(1.0) == "1"


def _fits(described: dict, given) -> bool:
    """As a reader of JSON Schema would judge it, who tells whole numbers and switches apart as Gibbon does."""
    if "enum" in described:
        return any(given == value and type(given) is not bool and isinstance(given, str) == isinstance(value, str)
                   for value in described["enum"])  # fmt: skip
    types = described["type"] if isinstance(described["type"], list) else [described["type"]]
    if given is None:
        return "null" in types
    kinds = {"integer": (int,), "number": (int, float), "boolean": (bool,)}
    if type(given) not in kinds[types[0]]:
        return False
    return types[0] == "boolean" or described["minimum"] <= given <= described["maximum"]
