"""A list of attacks as it is typed: names, each with options of its own: "pgd:steps=40,apgd-t,square:queries=1000"."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from attacks.catalog import ATTACKS
from attacks.options import Option, OptionError, check
from attacks.record import AttackRecord
from inference.catalog.protocols import LISTED, NamedProtocol, norm_of, takes_steps
from inference.cli.common import BadInput
from inference.cli.words import gettext, listed, said_of, told

OURS = ("seed", "target")  # are the evaluation's own, as the budget is
NAMES = {"linf": "L-infinity", "l2": "L2", "l0": "L0"}
LIKE = "pgd:steps=40:restarts=2"


def listable() -> list[str]:
    """Every name that may stand in a list: those of protocols, and further attacks."""
    return list(dict.fromkeys([*LISTED, *ATTACKS]))


def attacks_in(text: str) -> list[NamedProtocol]:
    """The attacks that were typed, in their order; BadInput or an OptionError for what is none."""
    found = [_attack_in(item.strip()) for item in text.split(",")]
    if len({named.at(1, 1) for named in found}) < len(found):  # by whichever names: worst is PGD with options
        raise BadInput(gettext("--attack: an attack stands in the list twice."))
    _refuse_two_norms(found)
    return found


def norm_in(attacks: Sequence[NamedProtocol]) -> str:
    """What the changes of all these are measured in."""
    return norm_of(attacks[0].attack)


def budget_in(norm: str) -> Option:
    """The budget of a list in this norm, with its default: what the attack has that takes the largest."""
    options = [record.budget_option for record in ATTACKS.values() if record.norm == norm]
    return max((option for option in options if option), key=lambda option: option.bounds()[1])


def _refuse_two_norms(attacks: Sequence[NamedProtocol]) -> None:
    first = attacks[0]
    other = next((named for named in attacks if norm_of(named.attack) != norm_in(attacks)), None)
    if other:
        template = gettext(
            "--attack: a list is of one threat model, but %(one)s changes a picture within a budget in %(norm)s and "
            "%(other)s in %(others)s: evaluate them one after the other."
        )
        norms = {"norm": NAMES[norm_in(attacks)], "others": NAMES[norm_of(other.attack)]}
        raise BadInput(template % {"one": first.attack, "other": other.attack, **norms})


def _attack_in(item: str) -> NamedProtocol:
    name, *settings = item.split(":")
    if name not in listable():
        template = gettext("--attack: invalid choice: %(name)r (choose from %(known)s).")
        raise BadInput(template % {"name": name, "known": listed(listable())})
    named = LISTED.get(name) or _with_defaults(ATTACKS[name])
    for setting in settings:
        named = _set(named, *_pair(setting))
    return named


def _pair(setting: str) -> tuple[str, str]:
    option, equals, value = setting.partition("=")
    if not equals:
        raise BadInput(gettext("--attack: an option is given as in %(like)s.") % {"like": LIKE})
    return option, value


def _with_defaults(record: AttackRecord) -> NamedProtocol:
    steps = next((option.default for option in record.options if option.name == "steps"), 1)
    return NamedProtocol(record.slug, steps=int(steps or 1))


def _set(named: NamedProtocol, name: str, text: str) -> NamedProtocol:
    """With the option of the attack; starts are the evaluation's, which draws each picture's by itself."""
    record = ATTACKS[named.attack]
    declared = {option.name: option for option in record.options if option.name not in (*OURS, record.budget)}
    if name not in declared:
        known = listed(declared) or gettext("none")
        template = gettext("--attack: %(attack)s has no option %(name)s here; its options are: %(known)s.")
        raise BadInput(template % {"attack": named.attack, "name": name, "known": known})
    value = _checked(declared[name], text)
    if name == "restarts" or (name == "steps" and takes_steps(named.attack)):
        return replace(named, **{name: value})
    more = {**dict(named.more), name: value}
    return replace(named, more=tuple((one, more[one]) for one in declared if one in more))  # the same in any order


def _checked(option: Option, text: str) -> Any:
    try:
        return check(option, option.read(text))
    except OptionError as error:
        raise BadInput(said_of("--attack", told(error))) from error
