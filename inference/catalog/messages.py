"""A sentence as it is kept: a template and the values of its places, put together in the language of whoever reads it.

A number or a text stands as it is. What each language calls otherwise is one of the kinds below or a list
(`attacks.words.Listed`): plain JSON, so that a job's row or another process can keep it, and English where it is
printed as it is. Imports no torch.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from inference.catalog.class_names import class_name

FULL_WIDTH = ("zh",)  # languages whose punctuation brings its own space
Translate = Callable[[str], str]


class Words(dict[str, Any]):
    """A message within a message: a text that is marked for translation, with the values of its own places."""

    def __init__(self, message: str, **params: Any) -> None:
        super().__init__(message=message, params=params)

    def __str__(self) -> str:
        return worded(self["message"], self["params"])


class ClassName(dict[str, Any]):
    """A class of the dataset with that slug ("": somebody's own, or not known)."""

    def __init__(self, dataset: str, index: int, label: str) -> None:
        super().__init__(dataset=dataset, index=index, label=label)

    def __str__(self) -> str:
        return str(self["label"])


def worded(
    template: str, values: Mapping[str, Any] | None = None, translate: Translate = str, language: str | None = "en"
) -> str:
    """The sentence in that language, by its catalogue's `translate`; without values the template is taken as it is."""
    text = translate(template) if template else ""
    return text % {name: _told(value, translate, language) for name, value in values.items()} if values else text


def full_width(language: str | None) -> bool:
    """Whether punctuation of that language needs no space beside it."""
    return (language or "").startswith(FULL_WIDTH)


def run_on(sentences: Iterable[str], language: str | None = "en") -> str:
    """Sentences one after the other."""
    return ("" if full_width(language) else " ").join(sentences)


def listed(items: Iterable[str], language: str | None = "en") -> str:
    """The items of a list."""
    return ("、" if full_width(language) else ", ").join(items)


def clauses(items: Iterable[str], language: str | None = "en") -> str:
    """Items that are long, or hold commas of their own."""
    return ("；" if full_width(language) else "; ").join(items)


def counted_sentences(found: Sequence[Mapping[str, Any]], translate: Translate, language: str | None) -> str:
    """Sentences that follow another one, each with how often it holds: {"message", "params", "count"}."""
    told = [f"{one['count']} × {worded(one['message'], one['params'], translate, language)}" for one in found]
    return run_on(["", *told], language)


def _told(value: Any, translate: Translate, language: str | None) -> Any:
    if isinstance(value, Mapping) and "message" in value:
        return worded(value["message"], value["params"], translate, language)
    if isinstance(value, Mapping):
        return class_name(value["dataset"], value["index"], value["label"], language)
    if not isinstance(value, list):
        return value
    if value and isinstance(value[0], Mapping) and "count" in value[0]:
        return counted_sentences(value, translate, language)
    return listed((str(_told(one, translate, language)) for one in value), language)
