"""Which attack of ours stands beside which of theirs, by the name of the row. More attacks are more rows."""

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
    median length of what it finds (its calls get an infinite budget). attack: its slug, where the row has another
    name. pictures: so many at most.
    """

    options: Mapping[str, Any]
    budgets: Mapping[str, float] | None
    libraries: Mapping[str, Call]
    attack: str | None = None
    pictures: int | None = None


def carlini_wagner(binary_steps: int, steps: int) -> Mapping[str, Call]:
    """Every library's with as many steps; torchattacks', which does not search, takes all of them with its one c."""
    return {
        "torchattacks": torchattacks("CW", budget_as=(), c=1, steps=binary_steps * steps, lr=0.01),
        "foolbox": foolbox("L2CarliniWagnerAttack", binary_search_steps=binary_steps, steps=steps),
        "adv-lib": adv_lib("carlini_wagner_l2", (), binary_search_steps=binary_steps, max_iterations=steps),
        "ART": art(
            "CarliniL2Method", binary_search_steps=binary_steps, max_iter=steps, learning_rate=0.01, initial_const=1e-3
        ),
    }


PAPERS_CW = {"binary_steps": 9, "learning_rate": 0.01, "initial_c": 0.001}


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
    "deepfool": Pair(
        {"steps": 50, "candidates": 10, "overshoot": 0.02},
        None,
        {
            "torchattacks": torchattacks("DeepFool", budget_as=(), steps=50, overshoot=0.02),
            "foolbox": foolbox("L2DeepFoolAttack", steps=50, candidates=10, overshoot=0.02),
            "adv-lib": adv_lib("df", (), steps=50, overshoot=0.02),
            "ART": art("DeepFool", max_iter=50, epsilon=0.02, nb_grads=10),
        },
    ),
    "ddn": Pair(
        {"steps": 1000},
        None,
        {
            "foolbox": foolbox("DDNAttack", steps=1000),
            "adv-lib": adv_lib("ddn", (), steps=1000, levels=None),
        },
    ),
    "cw": Pair(PAPERS_CW | {"steps": 1000}, None, carlini_wagner(9, 1000)),
    "cw-10000": Pair(PAPERS_CW | {"steps": 10_000}, None, carlini_wagner(9, 10_000), attack="cw", pictures=50),
}

# On photographs, where a pass takes a thousand times as long: few steps, and nobody who asks for the gradient of each
# of a thousand classes. What comes of it is listed.
LEVELS, LENGTHS = {"imagenet-lite0": 1}, {"imagenet-lite0": 0.3}
PHOTO_PAIRS: Mapping[str, Pair] = {
    "bim": Pair({"steps": 10}, LEVELS, PAIRS["bim"].libraries),
    "mi-fgsm": Pair({"steps": 10}, LEVELS, PAIRS["mi-fgsm"].libraries),
    "pgd": Pair(
        {"steps": 10},
        LEVELS,
        {
            "torchattacks": torchattacks("PGD", share=0.25, steps=10),
            "foolbox": foolbox("LinfProjectedGradientDescentAttack", share=0.25, steps=10),
            "adv-lib": adv_lib("pgd_linf", ("ε",), steps=10, relative_step_size=0.25),
            "ART": art("ProjectedGradientDescent", share=0.25, max_iter=10, num_random_init=1),
        },
    ),
    "pgd-l2": Pair(
        {"steps": 10},
        LENGTHS,
        {
            "torchattacks": torchattacks("PGDL2", share=0.25, steps=10),
            "foolbox": foolbox("L2ProjectedGradientDescentAttack", share=0.25, steps=10),
            "ART": art("ProjectedGradientDescent", share=0.25, max_iter=10, num_random_init=1, norm=2),
        },
    ),
    "apgd-ce": Pair(
        {"steps": 20},
        LEVELS,
        {
            "torchattacks": torchattacks("APGD", steps=20),
            "adv-lib": adv_lib("apgd", norm=INF, n_iter=20, loss_function="ce"),
            "ART": art(
                "AutoProjectedGradientDescent", share=2.0, max_iter=20, nb_random_init=1, loss_type="cross_entropy"
            ),
        },
    ),
    "apgd-t": Pair(
        {"steps": 5, "targets": 9},
        LEVELS,
        {
            "torchattacks": torchattacks("APGDT", steps=5),
            "adv-lib": adv_lib("apgd_targeted", norm=INF, n_iter=5, num_targets=9),
        },
    ),
    "deepfool": Pair(PAIRS["deepfool"].options, None, {"foolbox": PAIRS["deepfool"].libraries["foolbox"]}),
    "ddn": Pair(
        {"steps": 50},
        None,
        {"foolbox": foolbox("DDNAttack", steps=50), "adv-lib": adv_lib("ddn", (), steps=50, levels=None)},
    ),
    "cw": Pair(
        {"binary_steps": 3, "steps": 30, "learning_rate": 0.01, "initial_c": 1.0},
        None,
        {
            "torchattacks": torchattacks("CW", budget_as=(), c=1, steps=90, lr=0.01),
            "foolbox": foolbox("L2CarliniWagnerAttack", binary_search_steps=3, steps=30, initial_const=1.0),
            "adv-lib": adv_lib("carlini_wagner_l2", (), binary_search_steps=3, max_iterations=30, initial_const=1.0),
            "ART": art("CarliniL2Method", binary_search_steps=3, max_iter=30, learning_rate=0.01, initial_const=1.0),
        },
    ),
}
