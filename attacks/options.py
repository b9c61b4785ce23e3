"""One kind of option for attacks, evaluations and trainings: declared once, checked and described by what is here.

Forms, the API's schema, the command line and the tests read the declarations. Imports no torch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from attacks.levels import sentence
from attacks.words import Listed, gettext_noop

Kind = Literal["levels", "class", "integer", "number", "choice", "boolean"]
Value = str | int | float | bool | None
BOOLEANS = {"true": True, "false": False, "1": True, "0": False}
LEVELS = 255  # grey levels that a value of a pixel can move through
SMALL = 3072  # values (colours times pixels) that a network sees: up to 32 x 32 in colour; photographs have more


@dataclass(frozen=True)
class Option:
    """One option, as it is given at the rim.

    kind: "levels" (8-bit grey levels), "class" (an index of the classifier's classes), "integer", "number", "choice"
    or "boolean". A bound of None is the classifier's. Every option may be left out and is then `default`. `choices`
    are (value, name in words), `offered` the values that a form shows first; it matters only if the option named first
    in `only_with` has one of the values there. `used_by` is the attack itself, or the control that stands beside it.
    `large` is the default for a network that sees more than SMALL values, where another suits it.
    """

    name: str
    kind: Kind
    default: Value
    label: str
    help: str
    unit: str = ""
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[tuple[Value, str], ...] = ()
    offered: tuple[Value, ...] = ()
    only_with: tuple[str, tuple[Value, ...]] | None = None
    nullable: bool = False  # None is an answer
    group: str = ""
    used_by: Literal["attack", "control"] = "attack"
    large: Value = None

    def usual(self, limits: "Limits | None" = None) -> Value:
        """What it is where nothing is given, for a classifier with such limits."""
        sees_much = limits is not None and (limits.values or 0) > SMALL
        return self.default if self.large is None or not sees_much else self.large

    def bounds(self, limits: "Limits | None" = None) -> tuple[float, float]:
        """Smallest and largest value, for a classifier with such limits."""
        ends = {"levels": (limits or Limits()).levels, "class": (limits or Limits()).classes - 1}
        highest = [end for end in (ends.get(self.kind), self.maximum) if end is not None]
        return self.minimum or 0, min(highest)

    @property
    def fixed(self) -> bool:
        """Whether there is but one value, so that nobody need be asked for it."""
        return self.minimum is not None and self.minimum == self.maximum

    def text(self, value: Value) -> str:
        """The value with its unit, as a sentence names it."""
        return f"{value:g}{self.unit}" if isinstance(value, float) else f"{value}{self.unit}"

    def read(self, text: Any) -> Any:
        """What was typed as a number or a truth value where one is wanted; what is none stays text, for `check`."""
        if self.kind == "boolean":
            return BOOLEANS.get(text, text)
        if any(isinstance(value, str) for value, _words in self.choices):
            return text
        try:
            return float(text) if self.kind in ("number", "choice") else int(text)
        except ValueError:
            return text

    def core(self, value: Value) -> Any:
        """The value in the core's unit: levels as a share of the range of a pixel, all else as it is."""
        return value / LEVELS if self.kind == "levels" and isinstance(value, int | float) else value


@dataclass(frozen=True)
class Limits:
    """What a classifier declares: how many levels its sweep goes through, how many classes it knows, and how many
    values (colours times pixels) its network sees; None if nobody asks.
    """

    levels: int = LEVELS
    classes: int = 1
    values: int | None = None


class OptionError(ValueError):
    """A value nobody can use: `field` names its option, `template` % `values` is the sentence (translatable)."""

    def __init__(self, field: str, template: str, **values: object) -> None:
        super().__init__(template % values)
        self.field = field
        self.template = template
        self.values = values


def complete(options: Iterable[Option], given: Any, limits: Limits | None = None) -> dict[str, Any]:
    """Every option's value: what was given, checked, or its default; an OptionError names what cannot be used."""
    if not isinstance(given, Mapping):
        raise OptionError("params", gettext_noop("The parameters must be an object with names and values."))
    known = {option.name: option for option in options}
    for name in given:
        if name not in known:
            template = gettext_noop("There is no option of that name here. The options are: %(known)s.")
            raise OptionError(str(name)[:40], template, known=Listed(known))
    return {
        name: check(option, given[name], limits) if name in given else option.usual(limits)
        for name, option in known.items()
    }


def check(option: Option, given: Any, limits: Limits | None = None) -> Any:
    """The value, or an OptionError. Only true numbers pass: no text, no bool, no NaN, and no 2.0 for a whole one."""
    if given is None and option.nullable:
        return None
    return CHECKS[option.kind](option, given, limits)


def json_schema(
    options: Sequence[Option], limits: Limits | None = None, *, translate: Callable[[str], str] = str
) -> dict[str, Any]:
    """The options as JSON Schema, for a classifier with such limits; its words in whichever language."""
    words = {
        option.name: {"title": translate(option.label), "description": translate(option.help)} for option in options
    }
    return {
        "type": "object",
        "properties": {option.name: _property(option, limits) | words[option.name] for option in options},
        "additionalProperties": False,
    }


def out_of_bounds(name: str, given: Any, *, low: float, high: float, kind: Kind = "integer") -> OptionError:
    """The refusal of a value that is no number of that kind within the bounds."""
    if kind == "levels":
        template, values = sentence(name, given, low=int(low), high=int(high))
        return OptionError(name, template, **values)
    if kind == "number":
        template = gettext_noop("%(name)s must be a number from %(low)g to %(high)g.")
    else:
        template = gettext_noop("%(name)s must be a whole number from %(low)d to %(high)d.")
    return OptionError(name, template, name=name, low=low, high=high)


def _whole(option: Option, given: Any, limits: Limits | None) -> int:
    low, high = option.bounds(limits)
    if type(given) is not int or not low <= given <= high:
        raise out_of_bounds(option.name, given, low=low, high=high, kind=option.kind)
    return given


def _number(option: Option, given: Any, limits: Limits | None) -> float:
    low, high = option.bounds(limits)
    if type(given) not in (int, float) or not low <= given <= high:  # NaN and the infinities are outside
        raise out_of_bounds(option.name, given, low=low, high=high, kind=option.kind)
    return float(given)


def _choice(option: Option, given: Any, limits: Limits | None) -> Value:
    for value, _words in option.choices:
        if given == value and not isinstance(given, bool) and isinstance(given, str) == isinstance(value, str):
            return value
    shown = Listed(value for value, _words in option.choices)
    template = gettext_noop("%(name)s must be one of: %(known)s.")
    raise OptionError(option.name, template, name=option.name, known=shown)


def _boolean(option: Option, given: Any, limits: Limits | None) -> bool:
    if type(given) is not bool:
        raise OptionError(option.name, gettext_noop("%(name)s must be true or false."), name=option.name)
    return given


CHECKS: Mapping[Kind, Any] = {
    "levels": _whole,
    "class": _whole,
    "integer": _whole,
    "number": _number,
    "choice": _choice,
    "boolean": _boolean,
}
TYPES: Mapping[Kind, str] = {
    "levels": "integer",
    "class": "integer",
    "integer": "integer",
    "number": "number",
    "boolean": "boolean",
}


def _property(option: Option, limits: Limits | None) -> dict[str, Any]:
    described: dict[str, Any] = {}
    if option.kind in TYPES:
        described["type"] = [TYPES[option.kind], "null"] if option.nullable else TYPES[option.kind]
    if option.kind == "choice":
        described["enum"] = [value for value, _words in option.choices]
    elif option.kind != "boolean":
        described["minimum"], described["maximum"] = option.bounds(limits)
    if option.large is not None:
        described["default_large"] = option.large  # of networks that see more than SMALL values
    return described | {"default": option.usual(limits)}
