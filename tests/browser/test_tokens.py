"""Colours: every pair that carries words or marks has the contrast WCAG AA wants, light and dark."""

import re

import pytest

from tests.support.paths import ROOT

TOKENS = (ROOT / "static" / "css" / "tokens.css").read_text()
PAIRS = {
    name: values
    for name, *values in re.findall(
        r"--([\w-]+): light-dark\((#\w{6}), (#\w{6})\)", TOKENS.split("prefers-contrast")[0]
    )
}
WORDS, GROUNDS = ("text", "text-soft", "original", "adversarial", "control"), ("paper", "card", "control-wash")
OWN_WASH = (("text", "original-wash"), ("text", "adversarial-wash"), ("original", "original-wash"))


def luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    lighter, darker = sorted((luminance(one), luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("pair", [*((word, ground) for word in WORDS for ground in GROUNDS), *OWN_WASH], ids="/".join)
def test_words_can_be_read(pair, mode):
    assert contrast(*(PAIRS[name][mode] for name in pair)) >= 4.5


@pytest.mark.parametrize("mode", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    "pair", [("edge", "paper"), ("edge", "card"), ("edge", "line"), ("focus", "paper")], ids="/".join
)
def test_edges_and_marks_can_be_seen(pair, mode):
    assert contrast(*(PAIRS[name][mode] for name in pair)) >= 3
