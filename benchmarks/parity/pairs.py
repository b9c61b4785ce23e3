"""Which attack of ours stands beside which of theirs: one row for each of ours. More attacks are more rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.parity.libraries import Call, adv_lib, art, foolbox, torchattacks

INF = float("inf")
EPSILONS = {"digits": 25, "digits-hardened": 77}  # grey levels: at these some pictures hold
RADII = {"digits": 1.2, "digits-hardened": 2.5}  # lengths, in pixels of [0, 1]


@dataclass(frozen=True)
class Pair:
    """One attack of ours with its options, its budget on each network, and the libraries' calls.

    budgets: by network, at the rim; None for an attack that looks for the smallest change, which is judged by the
    median length of what it finds (its calls get an infinite budget).
    """

    options: Mapping[str, Any]
    budgets: Mapping[str, float] | None
    libraries: Mapping[str, Call]


PAIRS: Mapping[str, Pair] = {
    "bim": Pair(
        {"steps": 10},
        EPSILONS,
        {
            "torchattacks": torchattacks("BIM", share=0.25, steps=10),
            "foolbox": foolbox("LinfBasicIterativeAttack", share=0.25, steps=10),
            "adv-lib": adv_lib("pgd_linf", ("ε",), steps=10, random_init=False, relative_step_size=0.25),
            "ART": art("BasicIterativeMethod", share=0.25, max_iter=10),
        },
    ),
    "mi-fgsm": Pair(
        {"steps": 10},
        EPSILONS,
        {
            "torchattacks": torchattacks("MIFGSM", share=0.1, steps=10),
            "foolbox": foolbox("LinfMomentumIterativeFastGradientMethod", share=0.1, steps=10),
            "ART": art("MomentumIterativeMethod", share=0.1, max_iter=10),
        },
    ),
    "pgd": Pair(
        {"steps": 40},
        EPSILONS,
        {
            "torchattacks": torchattacks("PGD", share=2.5 / 40, steps=40),
            "foolbox": foolbox("LinfProjectedGradientDescentAttack", share=2.5 / 40, steps=40),
            "adv-lib": adv_lib("pgd_linf", ("ε",), steps=40, relative_step_size=2.5 / 40),
            "ART": art("ProjectedGradientDescent", share=2.5 / 40, max_iter=40, num_random_init=1),
        },
    ),
    "pgd-l2": Pair(
        {"steps": 20},
        RADII,
        {
            "torchattacks": torchattacks("PGDL2", share=0.125, steps=20),
            "foolbox": foolbox("L2ProjectedGradientDescentAttack", share=0.125, steps=20),
            "ART": art("ProjectedGradientDescent", share=0.125, max_iter=20, num_random_init=1, norm=2),
        },
    ),
    "apgd-ce": Pair(
        {"steps": 100},
        EPSILONS,
        {
            "torchattacks": torchattacks("APGD", steps=100),
            "adv-lib": adv_lib("apgd", norm=INF, n_iter=100, loss_function="ce"),
            "ART": art(
                "AutoProjectedGradientDescent", share=2.0, max_iter=100, nb_random_init=1, loss_type="cross_entropy"
            ),
        },
    ),
    "apgd-t": Pair(
        {"steps": 20, "targets": 9},
        EPSILONS,
        {
            "torchattacks": torchattacks("APGDT", steps=20),
            "adv-lib": adv_lib("apgd_targeted", norm=INF, n_iter=20, num_targets=9),
        },
    ),
}
