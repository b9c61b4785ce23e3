"""One picture: predicted, attacked, judged at every budget. May import catalog, images and networks."""

from inference.experiment.noise import judge_draws
from inference.experiment.picture import Attacked, Point, attack, judge_levels, judge_point, predict
from inference.experiment.sweep import assemble_sweep
from inference.experiment.trace import Recorder

__all__ = [
    "Attacked",
    "Point",
    "Recorder",
    "assemble_sweep",
    "attack",
    "judge_draws",
    "judge_levels",
    "judge_point",
    "predict",
]
