"""What is said beside the sentence: at every point of a sweep, of the sweep as a whole, and of the picture."""

from dataclasses import asdict, replace

import pytest

from attacks.catalog import ATTACKS
from inference.catalog.results import Answer, Class, Control, PointControl, Scored, SweepPoint, SweepResult, Truth
from tests.support.finished import ATTACKED, TOP, scored
from webapp.lab import sweep_words, wording
from webapp.lab.sentence import Facts, sentence
from webapp.lab.wording import Shown

CAT, DOG, FOX = (Scored(index, label, 0.6) for index, label in enumerate(("cat", "dog", "fox")))
TRUTH = Truth("dog", 1)


def shown(tops: str = "cccc", *, attack: str = "fgsm", swept: bool = True, **changes) -> Shown:
    """An attack on a cat, whose sweep names a class at each value: c, d or f."""
    named = {"c": CAT, "d": DOG, "f": FOX}
    target = changes.get("target")
    points = [
        SweepPoint(value, named[top], [0.6, 0.2, 0.1 * value], PointControl(CAT, 0.5)) for value, top in enumerate(tops)
    ]
    breaks = next((value for value, top in enumerate(tops) if top != "c"), None)
    reached = next((point.value for point in points if target and point.top.index == target.index), None)
    classes = [Class(one.index, one.label) for one in (CAT, DOG, FOX)]
    sweep = SweepResult("epsilon", "/255", list(range(len(tops))), classes, None, breaks, reached, points)
    result = replace(ATTACKED, original=Answer([CAT, DOG, FOX]), label_from=CAT, **changes)
    options = {"epsilon": 2, "target": target and target.index, "seed": 0}
    return Shown(ATTACKS[attack], options, asdict(result), asdict(sweep) if swept else None, "LeNet")


BREAKS = {
    "cccc": ("One step changes it at no level up to 3/255.", ""),
    "ccdd": ("One step changes it at 2/255", "and at every level up to 3/255."),
    "cdcf": ("One step changes it at 1/255", "but not at every level up to 3/255."),
}


@pytest.mark.parametrize("tops", BREAKS)
def test_when_a_sweep_leaves_the_first_answer(tops):
    assert sweep_words.breaks_line(shown(tops)) == BREAKS[tops]


@pytest.mark.parametrize(
    ("tops", "line"),
    [
        ("cccc", ("Never reaches fox in one step.", "The first answer stays throughout.")),
        ("cddd", ("Never reaches fox in one step.", "It leaves the first answer at 1/255.")),
        ("cdff", ("Reaches fox at 2/255.", "It leaves the first answer at 1/255.")),
    ],
)
def test_when_a_sweep_reaches_the_target(tops, line):
    assert sweep_words.breaks_line(shown(tops, target=FOX)) == line


@pytest.mark.parametrize(
    ("tops", "rest"),
    [
        ("cfff", "It is right at no level."),
        ("cdff", "It is right at 1/255."),
        ("cddf", "It is right from 1 to 2/255."),
        ("cdfd", "It is right at 2 levels between 1 and 3/255."),
    ],
)
def test_where_an_answer_that_was_wrong_becomes_right(tops, rest):
    assert sweep_words.breaks_line(shown(tops, truth=TRUTH)) == ("One step changes it at 1/255.", rest)


def test_each_point_has_its_own_words():
    sweep = shown("ccdd").sweep
    start, held, broken = (wording.at_point(shown("ccdd"), sweep["points"][value]) for value in (0, 1, 2))
    assert start.subtitle == "LeNet · nothing is added: this is the picture itself"
    assert (start.control_title, start.control) == ("Random noise at 0/255:", "nothing is added at 0.")
    assert held.subtitle.endswith("no value moved by more than 1 of 255") and "one FGSM step away" in held.subtitle
    assert (held.control_title, held.control) == ("Random noise at 1/255:", "still cat, 60.0\u202f%.")
    assert "".join(part["text"] for part in broken.sentence) == "Two grey levels turn a\u00a0cat into a\u00a0dog."


def test_the_likeliest_point_is_named_where_the_target_is_not_reached():
    told = shown("cddd", target=FOX)
    words = wording.at_point(told, told.sweep["points"][1])
    assert "closest: 30\u202f% at 3/255" in "".join(part["text"] for part in words.sentence)


def test_an_attack_without_a_sweep_says_how_far_it_went_and_in_what():
    words = wording.at_own(shown(attack="pgd", swept=False))
    assert words.subtitle == "LeNet · PGD away from what the network said · no value moved by more than 2 of 255"


@pytest.mark.parametrize(
    ("attack", "kind", "tries", "title"),
    [
        ("few-pixels", "pixels", 400, "The best of 400 tries of 3 random pixels:"),
        ("one-pixel", "pixels", 1, "One try of 1 random pixel:"),
        ("jsma", "pixels", 20, "The best of 20 tries of 890 random pixels:"),
        ("square", "search", 500, "The best of 500 tries of random noise at 2/255:"),
        ("square", "signs", None, "Random noise at 2/255:"),
        ("pgd-l2", "gaussian", None, "A random change of the same length:"),
    ],
)
def test_the_control_is_called_what_it_is(attack, kind, tries, title):
    own = shown(attack=attack, swept=False, control=Control([CAT], kind, l2=1.0, reach=0.8, tries=tries))
    budget = {"one-pixel": 1, "few-pixels": 3}.get(attack, 2)
    words = wording.at_own(replace(own, options=own.options | {"pixels": budget, "radius": 1.5}))
    assert (words.control_title, words.control) == (title, "still cat, 60.0\u202f%.")


def test_a_control_stored_before_tries_were_counted_is_one_draw():
    own = shown(attack="pgd", swept=False)
    del own.result["control"]["tries"]
    assert wording.at_own(own).control_title == "Random noise at 2/255:"


def test_where_the_attack_changed_nothing_there_is_nothing_to_compare():
    words = wording.at_own(shown(attack="jsma", swept=False, control=None))
    assert words.control == "the attack changed nothing that it could be compared with."


@pytest.mark.parametrize(
    ("share", "p_noise", "begins"), [(0.2, 0.1, ""), (0.3, 0.1, "Random noise"), (0.3, 0.9, "The gradient")]
)
def test_where_the_gradient_is_zero_at_many_pixels_it_is_said(share, p_noise, begins):
    told = shown("cc", zero_gradient_share=share)
    told.sweep["points"][1]["control"]["p_original"] = p_noise
    note = wording.at_point(told, told.sweep["points"][1]).gradient_note
    assert note.startswith(begins) and bool(note) == bool(begins)


def test_from_the_level_on_where_plain_grey_is_in_reach_it_is_said():
    told = shown("cccc", flat_from=2)
    notes = [wording.at_point(told, point).flat_note for point in told.sweep["points"]]
    assert [bool(note) for note in notes] == [False, False, True, True] and "From 2/255 on" in notes[2]


def test_of_a_picture_it_is_said_what_the_network_cannot_know():
    own = wording.picture_notes(shown(known=10).result)
    assert not own["wrong"] and "one of its 10 classes" in own["closed"]
    sure = wording.picture_notes(shown(known=1000).result)
    assert sure == {"wrong": "", "closed": ""}
    unsure = replace(ATTACKED, original=Answer(TOP), label_from=scored(0, 0.3), known=1000)
    assert wording.picture_notes(asdict(replace(unsure, original=Answer([scored(0, 0.3)]))))["closed"]
    sample = wording.picture_notes(shown(truth=Truth("mug", None), known=10).result)
    assert "never taught that class" in sample["wrong"] and not sample["closed"]


def test_draws_are_counted_in_words():
    assert sweep_words.draws_line(20, 0) == "None of 20 draws changes the answer."
    assert sweep_words.draws_line(20, 1) == "1 of 20 draws changes the answer."
    assert sweep_words.draws_line(20, 3) == "3 of 20 draws change the answer."


def test_a_sentence_as_json_keeps_its_roles():
    facts = Facts(1, asdict(CAT), asdict(DOG), budget="1/255")
    assert wording.parts(sentence(facts)) == [{"text": text, "role": role} for text, role in sentence(facts)] and {
        "before",
        "after",
    } <= {part["role"] for part in wording.parts(sentence(facts))}


def way(first: int | None, starts: list[int]) -> dict:
    """A trace of every step of so many starts, the first that fools at that place."""
    steps = [{"start": start, "step": step} for start, taken in enumerate(starts) for step in range(taken + 1)]
    return {"steps": steps, "starts": starts, "fooled_at": first}


@pytest.mark.parametrize(
    ("target", "first", "starts", "line"),
    [
        (None, 7, [40], "Named otherwise first at step 7 of 40."),
        (None, 0, [40], "Named otherwise first at step 0 of 40."),
        (None, None, [40], "No step was named otherwise."),
        (None, 6, [3, 3, 3], "Named otherwise first at step 2 of 3, in start 2 of 3."),
        (FOX, 7, [40], "Named fox first at step 7 of 40."),
        (FOX, 6, [3, 3, 3], "Named fox first at step 2 of 3, in start 2 of 3."),
        (FOX, None, [3, 3, 3], "No step was named fox."),
    ],
)
def test_when_an_attack_of_many_steps_was_there_first(target, first, starts, line):
    assert wording.trace_line(shown(attack="pgd", swept=False, target=target), way(first, starts)) == line
