"""What lessons have computed: one record a computation, read by the API, the pages, the workers and the tests.

Imports no torch: `function` is named, and only workers look it up. It takes the options by their names, besides
`classifier` and `picture` where the record says so, and gives what JSON can hold. A long one is a generator that
yields (share done, result so far) at least every 0.3 s and returns the result.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType
from typing import Any

from attacks.options import Option, complete
from inference.catalog import course, races
from webapp.learn.races import prepared as prepared_races

Options = Mapping[str, Any]


@dataclass(frozen=True)
class Computation:
    """One computation.

    seconds: what one worker takes for these options, about; of long ones it is told how long the last such took here.
    `picture` names the preparation of the picture that it wants (its bytes are given as `picture`, uint8 (H, W) or
    (H, W, 3)), `classifier` the one whose live version it asks. What is `prepared` is computed when the site is set up.
    """

    slug: str
    function: str  # "inference.course.module:function"
    options: tuple[Option, ...]
    seconds: Callable[[Options], float]
    long: bool = False
    classifier: str = ""
    picture: str = ""
    prepared: tuple[Options, ...] = ()
    revision: int = 1  # counted up where results change although the function's own file does not

    def complete(self, given: Any) -> dict[str, Any]:
        """All options, checked; an OptionError names what cannot be used."""
        return complete(self.options, given)

    def key(self, options: Options, *, identity: str = "", picture: str = "") -> str:
        """What names a result: everything that it depends on. `identity` of the version, `picture` by its SHA-256."""
        what = [self.slug, self.revision, _source(self.function), dict(options), identity, picture]
        return hashlib.sha256(json.dumps(what, sort_keys=True).encode()).hexdigest()


@cache
def _source(function: str) -> str:
    """The SHA-256 of the file that computes: another release may compute something else."""
    spec = find_spec(function.partition(":")[0])
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"{function} is nowhere")
    return hashlib.sha256(Path(spec.origin).read_bytes()).hexdigest()


RACE = Computation(
    "race",
    "inference.course.races:race",
    races.OPTIONS,
    races.seconds_of,
    long=True,
    prepared=prepared_races(),
)


def _short(
    slug: str,
    function: str,
    options: tuple[Option, ...] = (),
    *,
    seconds: float,
    picture: str = "",
    prepared: tuple[Options, ...] = (),
) -> Computation:
    name, takes = f"inference.course.{function}", lambda _options: seconds
    return Computation(slug, name, options, takes, picture=picture, prepared=prepared)


def _long(
    slug: str,
    function: str,
    options: tuple[Option, ...],
    *,
    seconds: Callable[[Options], float],
    prepared: tuple[Options, ...] = ({},),
) -> Computation:
    return Computation(slug, f"inference.course.{function}", options, seconds, long=True, prepared=prepared)


def _by_pictures(each: float) -> Callable[[Options], float]:
    """Seconds that grow with the pictures learnt from."""
    return lambda options: each * options["pictures"]


OF_LENET = (
    _short("inside", "layers:inside", picture="digit", seconds=0.01),
    _short("unit", "layers:unit", course.UNIT, picture="digit", seconds=0.01),
    _short("shifted", "layers:shifted", course.MOVED, picture="digit", seconds=0.01),
    _short("layer-costs", "layers:costs", seconds=0.01),
    _short("fooled", "fooling:attacked", course.FOOLED, picture="digit", seconds=0.1),
    _short("fooled-crowd", "fooling:crowd", course.CROWD, seconds=0.7),
    _short("nudged", "weights:nudged", seconds=1.2),
    _short("nudging-costs", "weights:costs", seconds=0.1),
)
OF_PICTURES = (
    _short("augmented", "pictures:augmented", course.AUGMENTED, picture="digit", seconds=0.02),
    _short("augmented-photo", "pictures:augmented", course.AUGMENTED, picture="photo", seconds=0.1),
    _short("mirrored-digits", "pictures:mirrored_digits", seconds=0.4, prepared=({},)),
    _short("mirrored-photos", "pictures:mirrored_photos", seconds=1.0, prepared=({},)),
    _short("unnormalised-digits", "pictures:unnormalised", seconds=0.4, prepared=({},)),
    _short("unnormalised-photos", "pictures:unnormalised_photos", seconds=1.0, prepared=({},)),
)
OF_NOISE = (
    _short("pixel", "noise:pixels", course.PIXEL, picture="digit", seconds=0.02),
    _short(
        "noise-crowd",
        "noise:crowd",
        course.CROWD,
        seconds=0.3,
        prepared=tuple({"epsilon": epsilon} for epsilon in (10, 25, 51)),
    ),
    _short(
        "linear", "noise:linear", course.LINEAR, seconds=0.7, prepared=tuple({"side": side} for side in (7, 14, 28))
    ),
    _long(
        "cameras",
        "cameras:compared",
        course.CAMERAS,
        seconds=lambda options: {"digits": 6.0, "signs": 12.0}[options["subject"]],
        prepared=({}, {"subject": "signs", "epsilon": 8, "radius": 2.0}),
    ),
)
OF_SIGNS = (
    _short(
        "stop-sign",
        "stop_sign:attacked",
        course.STOP_SIGN,
        seconds=0.2,
        prepared=({}, {"hardened": True, "epsilon": 8}, {"hardened": True, "epsilon": 16}),
    ),
)
OF_LEARNING = (
    _long(
        "augmentation",
        "pictures:learnt",
        course.AUGMENTATION,
        seconds=_by_pictures(0.013),
        prepared=(*({"change": change} for change in ("none", "shift", "rotation", "flip")), {"pictures": 600}),
    ),
    _long(
        "exam",
        "exam:learnt",
        course.EXAM,
        seconds=_by_pictures(0.008),
        prepared=({"labels": "true"}, {"labels": "random"}),
    ),
    _long(
        "variant",
        "overfitting:variant",
        course.VARIANT,
        seconds=_by_pictures(0.02),
        prepared=tuple(course.VARIANTS.values()),
    ),
    _long("batches", "descent:gradient_noise", course.BATCHES, seconds=lambda _options: 3.0),
)

_ALL = (RACE, *OF_LENET, *OF_PICTURES, *OF_NOISE, *OF_SIGNS, *OF_LEARNING)
_DECLARED: dict[str, Computation] = {one.slug: one for one in _ALL}
COMPUTATIONS: Mapping[str, Computation] = MappingProxyType(_DECLARED)
