"""A list of attacks as it is typed: names, each with options of its own: "pgd:steps=40,apgd-t,square:queries=1000"."""

from dataclasses import replace
from typing import Any

from attacks.catalog import ATTACKS
from attacks.options import Option, OptionError, check
from attacks.record import AttackRecord
from inference.catalog.protocols import LISTED, NamedProtocol, takes_steps
from inference.cli.common import BadInput
from inference.cli.words import gettext, told

OURS = ("epsilon", "seed", "target")  # are the evaluation's own
LIKE = "pgd:steps=40:restarts=2"


def listable() -> list[str]:
    """Every name that may stand in a list: those of protocols, and further attacks within an ε of L-infinity."""
    return list(dict.fromkeys([*LISTED, *(slug for slug, record in ATTACKS.items() if record.budget == "epsilon")]))


def attacks_in(text: str) -> list[NamedProtocol]:
    """The attacks that were typed, in their order; BadInput or an OptionError for what is none."""
    found = [_attack_in(item.strip()) for item in text.split(",")]
    if len(set(found)) < len(found):
        raise BadInput(gettext("--attack: an attack stands in the list twice."))
    return found


def _attack_in(item: str) -> NamedProtocol:
    name, *settings = item.split(":")
    if name not in listable():
        template = gettext("--attack: invalid choice: %(name)r (choose from %(known)s).")
        raise BadInput(template % {"name": name, "known": ", ".join(listable())})
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
    declared = {option.name: option for option in ATTACKS[named.attack].options if option.name not in OURS}
    if name not in declared:
        known = ", ".join(declared) or gettext("none")
        template = gettext("--attack: %(attack)s has no option %(name)s here; its options are: %(known)s.")
        raise BadInput(template % {"attack": named.attack, "name": name, "known": known})
    value = _checked(declared[name], text)
    if name == "restarts" or (name == "steps" and takes_steps(named.attack)):
        return replace(named, **{name: value})
    return replace(named, more=tuple({**dict(named.more), name: value}.items()))


def _checked(option: Option, text: str) -> Any:
    try:
        return check(option, option.read(text))
    except OptionError as error:
        raise BadInput(f"--attack: {told(error)}") from error
