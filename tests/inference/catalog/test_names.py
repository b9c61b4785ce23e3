"""Names that people give: what is kept of them, and how they are shown."""

import pytest

from inference.catalog.names import cleaned, shortened


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Cats \t and\ndogs ", "Cats and dogs"),
        ("cat\u200b", "cat"),
        ("\ufeffcat", "cat"),
        ("c\u00ada\u2060t", "cat"),
        ("x\u202egpj.exe", "xgpj.exe"),
        ("a\u2066b\u2069", "ab"),
        ("cat\u200d", "cat"),
        ("Ka\u0308se", "Käse"),
        ("\u3164", ""),
        ("\u200b\u200d\ufeff", ""),
        ("\u2800 \u115f", ""),
        ("\U000e0041tag", "tag"),
        ("نامه\u200cها", "نامه\u200cها"),  # Persian's joiner is of the word
        ("👩\u200d🔬", "👩\u200d🔬"),
        ("猫", "猫"),
    ],
)
def test_nothing_invisible_and_nothing_that_turns_the_text_around_is_kept(typed, kept):
    assert cleaned(typed) == kept
    assert cleaned(kept) == kept


def test_a_long_name_shows_how_it_begins_and_ends():
    long = "n01440764 tench Tinca tinca freshwater fish of the family Cyprinidae - wild caught"
    assert (
        len(shortened(long)) <= 60
        and shortened(long).startswith("n01440764 tench")
        and "wild caught" in shortened(long)
    )
    assert shortened("cat") == "cat"
