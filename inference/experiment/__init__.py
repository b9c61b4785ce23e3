"""One picture: predicted, attacked, judged at every budget. May import catalog, images and networks."""

from inference.experiment.noise import judge_draws
from inference.experiment.picture import Attacked, Point, attack, judge_point, judge_steps, limits_of, predict
from inference.experiment.search import Tried, judge_again, judge_original, try_budget
from inference.experiment.sweep import Judged, Step, assemble_ray, assemble_sweep, steps_of
from inference.experiment.together import Asked, directions
from inference.experiment.trace import Recorder

__all__ = [
    "Asked",
    "Attacked",
    "Judged",
    "Point",
    "Recorder",
    "Step",
    "Tried",
    "assemble_ray",
    "assemble_sweep",
    "attack",
    "directions",
    "judge_again",
    "judge_draws",
    "judge_original",
    "judge_point",
    "judge_steps",
    "limits_of",
    "predict",
    "steps_of",
    "try_budget",
]
