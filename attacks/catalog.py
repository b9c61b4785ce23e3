"""What every attack is called, what it may be given and within which bounds. Imports no torch.

Forms, the API's schema and checks, the command line and the tests all read these records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Literal

from attacks.levels import sentence
from attacks.words import gettext_noop


@dataclass(frozen=True)
class Parameter:
    """One knob of an attack, as it is turned at the rim: whole numbers only.

    kind: "levels" (8-bit grey levels, up to what the classifier declares), "class" (an index of the classifier's
    classes) or "integer". A bound of None is the classifier's. An optional parameter may be left out and is then
    `default`; for the others `default` is only what a form starts with. used_by: the attack itself, or the noise
    control that stands beside it.
    """

    name: str
    kind: Literal["levels", "class", "integer"]
    default: int | None
    minimum: int
    maximum: int | None
    unit: str
    label: str
    help: str
    optional: bool = False
    used_by: Literal["attack", "control"] = "attack"

    @property
    def nullable(self) -> bool:
        """Whether null is an answer: an optional parameter whose default it is."""
        return self.optional and self.default is None

    def bounds(self, *, levels: int, classes: int) -> tuple[int, int]:
        """Smallest and largest value for a classifier with so many levels and classes."""
        declared = {"levels": levels, "class": classes - 1, "integer": self.maximum}[self.kind]
        ends = [end for end in (declared, self.maximum) if end is not None]
        return self.minimum, min(ends)


NORMS = {
    "linf": gettext_noop("L∞: the largest change of any value of any pixel"),
    "l2": gettext_noop("L2: the length of the whole change"),
    "l0": gettext_noop("L0: how many pixels are changed"),
}


@dataclass(frozen=True)
class AttackRecord:
    """One attack: what it is, what its paper is, and where its function lives."""

    slug: str
    name: str
    paper: str
    paper_url: str
    threat_model: str
    norm: str  # a key of NORMS
    summary: str
    targeted: bool
    parameters: tuple[Parameter, ...]
    function: str

    def __post_init__(self) -> None:
        if self.norm not in NORMS:
            raise ValueError(f"{self.slug}: the norm {self.norm!r} has no words in NORMS")


class OptionError(ValueError):
    """A parameter nobody can use: `field` names it, `template` % `values` is the sentence (template translatable)."""

    def __init__(self, field: str, template: str, **values: object) -> None:
        super().__init__(template % values)
        self.field = field
        self.template = template
        self.values = values


EPSILON = Parameter(
    name="epsilon",
    kind="levels",
    default=2,
    minimum=1,
    maximum=None,
    unit="/255",
    label=gettext_noop("Strength ε"),
    help=gettext_noop("How far each colour value may move, in grey levels out of 255."),
    optional=True,
)
TARGET = Parameter(
    name="target",
    kind="class",
    default=None,
    minimum=0,
    maximum=None,
    unit="",
    label=gettext_noop("Target class"),
    help=gettext_noop("The class the network should name. Without one, any class but the present one will do."),
    optional=True,
)
SEED = Parameter(
    name="seed",
    kind="integer",
    default=0,
    minimum=0,
    maximum=2**31 - 1,
    unit="",
    label=gettext_noop("Seed of the noise"),
    help=gettext_noop("The random noise beside the attack is drawn from this number: the same number, the same noise."),
    optional=True,
    used_by="control",
)

FGSM = AttackRecord(
    slug="fgsm",
    name="FGSM",
    paper="Goodfellow, Shlens, Szegedy: Explaining and Harnessing Adversarial Examples (2015)",
    paper_url="https://arxiv.org/abs/1412.6572",
    threat_model=gettext_noop("White box: the attacker knows the network and its weights."),
    norm="linf",
    summary=gettext_noop("One step: every colour value moves by ε in the direction that raises the loss."),
    targeted=True,
    parameters=(EPSILON, TARGET, SEED),
    function="attacks.fgsm:fgsm",
)

ATTACKS: Mapping[str, AttackRecord] = MappingProxyType({record.slug: record for record in (FGSM,)})


def find(slug: object) -> AttackRecord:
    """The record of that name, or a sentence listing the names there are."""
    if not isinstance(slug, str) or slug not in ATTACKS:
        raise OptionError(
            "attack", gettext_noop("There is no such attack. The attacks are: %(known)s."), known=", ".join(ATTACKS)
        )
    return ATTACKS[slug]


def validate(slug: str, params: Mapping[str, Any], *, levels: int, classes: int) -> dict[str, int | None]:
    """Every parameter of the attack, checked and completed with defaults, or a OptionError.

    Only true whole numbers pass: no bool, no text, no 2.0, so that what is stored is what was asked for.
    """
    record = find(slug)
    if not isinstance(params, Mapping):
        raise OptionError("params", gettext_noop("The parameters must be an object with names and values."))
    known = {parameter.name: parameter for parameter in record.parameters}
    for name in params:
        if name not in known:
            raise OptionError(
                str(name),
                gettext_noop("This attack has no such parameter. Its parameters are: %(known)s."),
                known=", ".join(known),
            )
    return {name: _value(known[name], params, levels=levels, classes=classes) for name in known}


def _value(parameter: Parameter, params: Mapping[str, Any], *, levels: int, classes: int) -> int | None:
    name = parameter.name
    if name not in params:
        if not parameter.optional:
            raise OptionError(name, gettext_noop("%(name)s is missing."), name=name)
        return parameter.default
    value = params[name]
    if value is None and parameter.nullable:
        return None
    low, high = parameter.bounds(levels=levels, classes=classes)
    if type(value) is not int or not low <= value <= high:
        raise out_of_bounds(name, value, low=low, high=high, levels=parameter.kind == "levels")
    return value


def out_of_bounds(name: str, value: Any, *, low: int, high: int, levels: bool = False) -> OptionError:
    """The refusal of a value that is no whole number within the bounds; `levels` if it counts grey levels of 255."""
    if levels:
        template, values = sentence(name, value, low=low, high=high)
        return OptionError(name, template, **values)
    template = gettext_noop("%(name)s must be a whole number from %(low)d to %(high)d.")
    return OptionError(name, template, name=name, low=low, high=high)


def json_schema(record: AttackRecord, *, levels: int, classes: int) -> dict[str, Any]:
    """The attack's parameters as JSON Schema, for a classifier with so many levels and classes."""
    return {
        "type": "object",
        "properties": {
            parameter.name: _property(parameter, levels=levels, classes=classes) for parameter in record.parameters
        },
        "required": [parameter.name for parameter in record.parameters if not parameter.optional],
        "additionalProperties": False,
    }


def _property(parameter: Parameter, *, levels: int, classes: int) -> dict[str, Any]:
    low, high = parameter.bounds(levels=levels, classes=classes)
    return {
        "type": ["integer", "null"] if parameter.nullable else "integer",
        "minimum": low,
        "maximum": high,
        "default": parameter.default,
        "title": parameter.label,
        "description": parameter.help,
    }
