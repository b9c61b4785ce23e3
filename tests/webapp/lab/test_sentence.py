"""The sentence: true in every case, for every attack."""

import pytest

from webapp.lab.sentence import TEMPLATES, Facts, case, remarks, sentence, with_article


def a(label: str, probability: float, index: int) -> dict:
    return {"label": label, "probability": probability, "index": index}


ESPRESSO = a("espresso", 0.94, 967)
UNSURE = a("Egyptian cat", 0.31, 285)
HARMONICA, GLASS = a("harmonica", 0.564, 593), a("hourglass", 0.2, 604)
SEVEN, EIGHT = a("7", 0.99, 7), a("8", 0.6, 8)
GIBBON = a("gibbon", 0.002, 368)
NEVER = {"closest": {"budget": "6/255", "probability": 0.031}, "p_target": 0.012, "complete": True}


def at(value: int, *facts: dict, **more) -> Facts:
    """What is known at so many levels of one FGSM step."""
    return Facts(value, *facts, budget=f"{value}/255", **more)


BY_PGD = {"attack": "PGD", "ray": False}
BY_LENGTH = {"value": 1.5, "budget": "1.5", "size": "a change of length 1.42, pixels from 0 to 1", **BY_PGD}
BY_PIXEL = {
    "value": 1, "budget": "1 px", "size": "1 pixel changed", "attack": "One-pixel attack", "ray": False, "tries": 400,
}  # fmt: skip

CASES = {
    "With nothing added, the network sees an espresso: 94 %.": at(0, ESPRESSO, ESPRESSO),
    "With nothing added, the network’s best guess is an Egyptian cat, at 31 %: it was not sure to begin with.": at(
        0, UNSURE, UNSURE
    ),
    "One grey level turns an espresso into a harmonica.": at(1, ESPRESSO, HARMONICA, control=ESPRESSO),
    "A change of at most 77/255 in every value makes the network say 8 instead of 7.": at(
        77, SEVEN, EIGHT, control=SEVEN
    ),
    "Two grey levels turn an espresso into an hourglass.": at(2, ESPRESSO, GLASS, control=ESPRESSO),
    "Twelve grey levels turn an espresso into an hourglass. One draw of random noise as strong changes the answer "
    "too.": at(12, ESPRESSO, GLASS, control=HARMONICA),
    "Four grey levels turn an Egyptian cat into an hourglass. One draw of random noise as strong changes the answer "
    "too. At 31 % the network was not sure to begin with.": at(4, UNSURE, GLASS, control=GLASS),
    "At 2/255 it is still an espresso, but sure no more: 94 % became 13 %.": at(2, ESPRESSO, a("espresso", 0.13, 967)),
    "At 2/255 it is still an espresso, but less sure: 94 % became 71 %.": at(2, ESPRESSO, a("espresso", 0.71, 967)),
    "At 2/255 it is still an espresso: 94 % before, 96 % now.": at(2, ESPRESSO, a("espresso", 0.96, 967)),
    "At 2/255 it is still an espresso: 94 % before, 94 % now. One draw of random noise as strong makes it an "
    "hourglass.": at(2, ESPRESSO, ESPRESSO, control=GLASS),
    "At 2/255 it is still an Egyptian cat, at 9.0 %. At 31 % the network was not sure to begin with.": at(
        2, UNSURE, a("Egyptian cat", 0.09, 285)
    ),
    "Three grey levels turn an espresso into a gibbon, the chosen class.": at(
        3, ESPRESSO, GIBBON, target=GIBBON, p_target=0.4, control=ESPRESSO
    ),
    "One grey level turns an espresso into a gibbon, the chosen class. One draw of random noise as strong changes "
    "the answer too.": at(1, ESPRESSO, GIBBON, target=GIBBON, p_target=0.4, control=GLASS),
    "Six grey levels turn an Egyptian cat into a gibbon, the chosen class. At 31 % the network was not sure to "
    "begin with.": at(6, UNSURE, GIBBON, target=GIBBON, p_target=0.4),
    "A change of at most 20/255 in every value makes the network say gibbon, the chosen class.": at(
        20, ESPRESSO, GIBBON, target=GIBBON, p_target=0.4
    ),
    "One step does not reach gibbon; closest: 3.1 % at 6/255.": at(2, ESPRESSO, HARMONICA, target=GIBBON, **NEVER),
    "At 2/255 the network sees a harmonica; it first sees a gibbon at 5/255.": at(
        2, ESPRESSO, HARMONICA, target=GIBBON, reached_at="5/255", **NEVER
    ),
    "At 2/255 the network sees a harmonica; gibbon gets < 0.1 %.": at(
        2, ESPRESSO, HARMONICA, target=GIBBON, p_target=0.0002
    ),
    "At 2/255 the network sees a harmonica; gibbon is not among its ten likeliest.": at(
        2, ESPRESSO, HARMONICA, target=GIBBON
    ),
    "With nothing added, the network sees an espresso: 94 %. The picture shows a mug of eggnog: the answer was wrong "
    "before anything was changed.": at(0, ESPRESSO, ESPRESSO, truth={"index": None, "label": "mug of eggnog"}),
    "At 20/255 the network changes its answer from an espresso to a harmonica. The picture shows an hourglass: the "
    "answer was wrong before anything was changed.": at(20, ESPRESSO, HARMONICA, truth=GLASS),
    "At 3/255 the network says an hourglass, which is right; before, it said an espresso. One draw of random noise as "
    "strong changes the answer too.": at(3, ESPRESSO, GLASS, control=HARMONICA, truth=GLASS),
    "At 2/255 it is still an espresso: 94 % before, 96 % now. The picture shows an hourglass: the answer was wrong "
    "before anything was changed.": at(2, ESPRESSO, a("espresso", 0.96, 967), truth=GLASS),
    "PGD makes the network say harmonica instead of espresso: a change of length 1.42, pixels from 0 to 1.": Facts(
        original=ESPRESSO, top=HARMONICA, **BY_LENGTH
    ),
    "PGD makes the network say gibbon, the chosen class: a change of length 1.42, pixels from 0 to 1.": Facts(
        original=ESPRESSO, top=GIBBON, target=GIBBON, **BY_LENGTH
    ),
    "PGD leaves it an espresso: 94 % before, 96 % now.": Facts(None, ESPRESSO, a("espresso", 0.96, 967), **BY_PGD),
    "One-pixel attack leaves it an espresso: 94 % before, 96 % now. A search at random makes it an hourglass (tries: "
    "400).": Facts(original=ESPRESSO, top=a("espresso", 0.96, 967), control=GLASS, **BY_PIXEL),
    "One-pixel attack makes the network say harmonica instead of espresso: 1 pixel changed. A search at random changes "
    "the answer too (tries: 400).": Facts(original=ESPRESSO, top=HARMONICA, control=GLASS, **BY_PIXEL),
    "One-pixel attack makes the network change its answer from an espresso to a harmonica: 1 pixel changed. The "
    "picture shows an hourglass: the answer was wrong before anything was changed.": Facts(
        original=ESPRESSO, top=HARMONICA, truth=GLASS, **BY_PIXEL
    ),
    "One-pixel attack makes the network say an hourglass, which is right; before, it said an espresso: 1 pixel "
    "changed.": Facts(original=ESPRESSO, top=GLASS, truth=GLASS, **BY_PIXEL),
    "PGD does not reach gibbon: it gets 40 %, and the network sees a harmonica.": at(
        2, ESPRESSO, HARMONICA, target=GIBBON, p_target=0.4, **BY_PGD
    ),
    "One grey level turns an espresso into a gibbon, the chosen class.": at(
        1, ESPRESSO, GIBBON, target=GIBBON, **BY_PGD
    ),
    "The gradient is zero everywhere in this picture, so one step changes nothing. The attack is blind here; that does "
    "not make the network strong.": at(2, ESPRESSO, ESPRESSO, zero_gradient=True),
}


@pytest.mark.parametrize("words", CASES)
def test_every_outcome_has_its_sentence(words):
    assert plain(sentence(CASES[words])) == words


def test_no_case_is_untold():
    told = {name for facts in CASES.values() for name in (case(facts), *remarks(facts))}
    assert told == set(TEMPLATES)


def test_articles_follow_the_sound():
    expected = {"unicycle": "a unicycle", "umbrella": "an umbrella", "hourglass": "an hourglass", "hen": "a hen"}
    expected |= {"European gallinule": "a European gallinule", "sunglasses": "sunglasses", "iPod": "an iPod"}
    expected |= {"Road works": "Road works", "Stop": "Stop", "11": "an 11", "110": "a 110", "80": "an 80"}
    assert {label: with_article(label).replace("\u00a0", " ") for label in expected} == expected


def plain(parts: list[tuple[str, str]]) -> str:
    return "".join(text for text, _ in parts).replace("\u202f", " ").replace("\u00a0", " ")
