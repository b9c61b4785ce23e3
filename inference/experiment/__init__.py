"""One picture: predicted, attacked, judged at every level. May import catalog, images and networks."""

from inference.experiment.picture import (
    AttackResult,
    LevelResult,
    attack,
    judge_draws,
    judge_level,
    judge_levels,
    judge_steps,
    predict,
)
from inference.experiment.sweep import assemble_ladder

__all__ = [
    "AttackResult",
    "LevelResult",
    "assemble_ladder",
    "attack",
    "judge_draws",
    "judge_level",
    "judge_levels",
    "judge_steps",
    "predict",
]
