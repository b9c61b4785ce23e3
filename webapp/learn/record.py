"""What is declared of a lesson: its texts, its parts, its experiments and what each must show."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.functional import Promise

from webapp.learn.parts import Part, Text, Widget

Words = str | Promise  # marked with gettext_lazy; links to the glossary are written [words](slug)


@dataclass(frozen=True)
class Experiment:
    """What a reader does with a part, by a button that sets it.

    part: the name of a widget of the lesson; setting: what its script's `set` is given.
    text: what to do, and what to guess first; outcome: what is surprising about what was found.
    shown: the name of a number that the part shows (`data-shown`); expected: its lowest and highest right value, as
    the script's `data-value` has it (a share, not percents; infinities are written `float("inf")`).
    """

    part: str
    setting: Mapping[str, Any]
    text: Words
    outcome: Words
    shown: str
    expected: tuple[float, float]


@dataclass(frozen=True)
class Answer:
    """One answer to a question, and why it is right or wrong."""

    text: Words
    explanation: Words
    right: bool = False


@dataclass(frozen=True)
class Question:
    """One question, exactly one of whose answers is right."""

    text: Words
    answers: tuple[Answer, ...]


@dataclass(frozen=True)
class Link:
    """A page of the site with everything set: the name of its address, and what stands in it."""

    view: str
    args: tuple[str, ...] = ()
    query: Mapping[str, Any] = field(default_factory=dict)
    fragment: str = ""

    def url(self) -> str:
        """The address, below whatever path the site lies at."""
        query = f"?{urlencode(self.query)}" if self.query else ""
        return reverse(self.view, args=self.args) + query + (f"#{self.fragment}" if self.fragment else "")


@dataclass(frozen=True)
class Real:
    """The same in the lab or in a training: what to look at there, the link's words, where it leads."""

    text: Words
    label: Words
    link: Link


@dataclass(frozen=True)
class Source:
    """Who found it, when, and where it is read; titles stay in their language."""

    authors: str
    year: int
    title: str
    url: str


@dataclass(frozen=True)
class Lesson:
    """One page of the course.

    idea: what is learnt, in one sentence, for the map and the summary; hook: two sentences that make one curious.
    needs: slugs of earlier lessons; words: slugs of the glossary's entries that it introduces.
    """

    slug: str
    title: Words
    minutes: int
    idea: Words
    hook: Words
    parts: tuple[Part, ...]
    experiments: tuple[Experiment, ...]
    question: Question
    real: Real
    sources: tuple[Source, ...]
    needs: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        named = [widget.name for widget in self.widgets()]
        if len(set(named)) < len(named):
            raise ValueError(f"{self.slug}: two of its parts have one name: {named}. Give one of them another `name`.")
        for experiment in self.experiments:
            if experiment.part not in named:
                raise ValueError(f"{self.slug}: an experiment is for {experiment.part!r}, which is none of {named}.")
        if sum(answer.right for answer in self.question.answers) != 1:
            raise ValueError(f"{self.slug}: exactly one answer to its question must be right.")

    def widgets(self) -> list[Widget]:
        """The parts one can touch, in their order."""
        return [part for part in self.parts if isinstance(part, Widget)]

    def experiments_with(self, name: str) -> list[Experiment]:
        """Those that are done with the widget of that name."""
        return [experiment for experiment in self.experiments if experiment.part == name]

    def texts(self) -> Iterator[Words]:
        """Everything of it that may hold links to the glossary."""
        yield from (self.idea, self.hook, self.question.text, self.real.text)
        for part in self.parts:
            yield from part.paragraphs if isinstance(part, Text) else [part.caption]
        for experiment in self.experiments:
            yield from (experiment.text, experiment.outcome)
        for answer in self.question.answers:
            yield from (answer.text, answer.explanation)
