"""What is kept of an attack of many steps: evenly spread steps, the first that fools, the last, small previews."""

import io
import json
from dataclasses import asdict

import numpy as np
import pytest
import torch
from PIL import Image

from attacks.shapes import Seen
from inference.experiment.picture import attack
from inference.experiment.trace import PREVIEWS, SIDE, STEPS, Recorder, Thinned
from inference.networks.classifier import load
from tests.support.pictures import digit_png

LABELS = list("abcdef")
MOST_BYTES = 1_000_000


def recorder(side: int = 8, **options) -> Recorder:
    """Of a grey picture whose likeliest class is a."""
    made = Recorder()
    made.begin(torch.full((1, 1, side, side), 0.5), np.array([0.5, 0.1, 0.1, 0.1, 0.1, 0.1]), LABELS, **options)
    return made


def seen(likeliest: int = 0, *, moved: float = 0.0, start: int = 0, side: int = 8, loss: float = 1.5) -> Seen:
    logits = torch.zeros(1, 6)
    logits[0, likeliest] = 2.0
    images = torch.full((1, 1, side, side), 0.5)
    images[0, 0, 0, 0] += moved
    return Seen(torch.tensor([0]), images, logits, torch.tensor([loss]), start)


def test_few_items_all_stay_and_many_are_evenly_spread():
    few, many = Thinned[int](4), Thinned[int](4)
    for number in range(4):
        few.add(number, number)
    for number in range(100):
        if many.wants(number) or number == 77:
            many.add(number, number, stays=number == 77)
    assert list(few.items) == [0, 1, 2, 3]
    assert list(many.items) == [0, 32, 64, 77, 96]


def test_each_step_is_measured_against_the_original():
    made = recorder()
    made(seen(moved=0.25))
    [step] = made.trace().steps
    assert (step.start, step.step, step.loss, step.top.label) == (0, 0, 1.5, "a")
    assert (step.linf_levels, step.l2, step.changed_pixels) == (63.75, 0.25, 1)
    expected = torch.tensor([2.0, 0, 0, 0, 0, 0]).softmax(0)[:5]
    assert step.probabilities == pytest.approx(expected.tolist(), abs=1e-6)
    assert [one.label for one in made.trace().classes] == LABELS[:5]  # nothing else came on top


def test_less_than_half_a_level_is_no_changed_pixel():
    made = recorder()
    made(seen(moved=0.4 / 255))
    assert made.trace().steps[0].changed_pixels == 0


@pytest.mark.parametrize(("target", "first"), [(None, 130), (2, 171)])
def test_of_a_thousand_steps_the_first_that_fools_and_the_last_are_among_those_kept(target, first):
    made = recorder(target=target)
    for number in range(1000):
        made(seen(0 if number < 130 else 1 if number < 171 else 2))
    trace, sheet = made.finish()
    assert trace.steps[trace.fooled_at].step == first and trace.steps[-1].step == 999 and trace.starts == [999]
    assert len(trace.steps) <= STEPS + 2 and len(trace.previews.steps) <= PREVIEWS + 2
    assert {trace.fooled_at, len(trace.steps) - 1, 0} <= set(trace.previews.steps)
    strides = {later.step - earlier.step for earlier, later in zip(trace.steps, trace.steps[1:], strict=False)}
    assert max(strides) <= 2 * 1000 / STEPS
    assert Image.open(io.BytesIO(sheet)).size == (len(trace.previews.steps) * 96, 2 * 96)


def test_starts_are_told_apart_and_counted_by_themselves():
    made = recorder()
    for start in range(3):
        for step in range(4):
            made(seen(int(start == 1 and step == 2), start=start))
    trace = made.trace()
    assert trace.starts == [3, 3, 3]
    assert [(step.start, step.step) for step in trace.steps] == [
        (start, step) for start in range(3) for step in range(4)
    ]
    assert (trace.steps[trace.fooled_at].start, trace.steps[trace.fooled_at].step) == (1, 2)


def test_nothing_seen_is_no_trace_and_a_loss_without_end_is_none():
    made = recorder()
    assert made.trace() is None and made.finish() == (None, None)
    made(seen(loss=float("inf")))
    assert made.trace().steps[0].loss is None
    json.dumps(asdict(made.trace()), allow_nan=False)


def test_a_trace_so_far_changes_nothing_of_what_follows():
    watched, alone = recorder(), recorder()
    for number in range(100):
        for made in (watched, alone):
            made(seen(int(number > 50), moved=number / 1000))
        watched.trace()
    assert watched.finish() == alone.finish()


def test_many_steps_leave_a_trace_that_ends_where_the_attack_did():
    watcher, told = Recorder(), []

    def step(done, total, text):
        told.append((done, total, watcher.trace()))

    digits = load("digits")
    made = attack(digits, digit_png(), "pgd", {"epsilon": 60, "steps": 10}, on_step=step, recorder=watcher)
    trace = made.result.trace
    assert trace.starts == [10] and [one.step for one in trace.steps] == list(range(11))
    assert all(one.linf_levels <= 60.001 for one in trace.steps)
    assert trace.fooled_at is not None and trace.steps[trace.fooled_at].top.index != made.result.label_from.index
    assert all(one.top.index == made.result.label_from.index for one in trace.steps[: trace.fooled_at])
    assert made.result.target is None and made.result.label_from.index in {one.index for one in trace.classes}
    size = Image.open(io.BytesIO(made.trace_jpeg)).size
    assert size == (11 * 112, 2 * 112) and len(made.trace_jpeg) < MOST_BYTES and trace.previews.steps == list(range(11))
    assert [total for _done, total, _trace in told] == [4, *[14] * 14]  # its own steps, and three stages
    assert len(told[5][2].steps) == 5 and told[5][2].previews is None
    one_step = attack(digits, digit_png(), "fgsm", {"epsilon": 60})
    assert one_step.result.trace is None and one_step.trace_jpeg is None


def test_previews_of_noise_as_large_as_they_come_stay_below_a_megabyte():
    made = Recorder()
    generator = torch.Generator().manual_seed(0)
    original = torch.rand(1, 3, 768, 768, generator=generator)
    made.begin(original, np.array([0.6, 0.4]), ["a", "b"], magnification=16)
    for _ in range(40):
        change = 16 / 255 * torch.randn(original.shape, generator=generator)
        made(Seen(torch.tensor([0]), (original + change).clamp(0, 1), torch.zeros(1, 2), torch.zeros(1)))
    trace, sheet = made.finish()
    assert Image.open(io.BytesIO(sheet)).size == (len(trace.previews.steps) * SIDE, 2 * SIDE)
    assert len(sheet) < MOST_BYTES


def test_a_large_picture_is_measured_pixel_by_pixel_at_every_fourth_step_the_first_that_fools_and_the_last():
    made = recorder(320)
    for number in range(12):
        made(seen(int(number >= 6), moved=0.01 * number, side=320))
    trace, _sheet = made.finish()
    assert [step.step for step in trace.steps if step.l2 is not None] == [0, 4, 6, 8, 11]
    assert [step.step for step in trace.steps] == list(range(12))
    assert trace.previews.steps == [0, 4, 6, 8, 11]
