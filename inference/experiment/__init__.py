"""One picture: predicted, attacked, judged at every budget. May import catalog, images and networks."""

from inference.experiment.noise import judge_draws
from inference.experiment.picture import Attacked, Point, attack, judge_levels, judge_point, limits_of, predict
from inference.experiment.search import Tried, judge_again, judge_original, try_budget
from inference.experiment.sweep import Judged, assemble_ray, assemble_sweep
from inference.experiment.trace import Recorder

__all__ = [
    "Attacked",
    "Judged",
    "Point",
    "Recorder",
    "Tried",
    "and",
    "assemble_ray",
    "assemble_sweep",
    "attack",
    "catalog",
    "images",
    "judge_again",
    "judge_draws",
    "judge_levels",
    "judge_original",
    "judge_point",
    "limits_of",
    "networks",
    "predict",
    "try_budget",
]
