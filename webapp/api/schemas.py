"""Shapes of the API's answers; they make the OpenAPI document, and a test checks the answers by them."""

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Schema
from pydantic import Field

from inference.catalog import results
from inference.catalog.preparations import PREPARATIONS
from webapp.api.declared import schema_of

WORDS = f"What a picture is prepared as: {', '.join(f'{slug} ({one.name})' for slug, one in PREPARATIONS.items())}."
Prepared = Annotated[str, Field(description=WORDS, json_schema_extra={"enum": list(PREPARATIONS)})]


class ImageOut(Schema):
    id: UUID
    preparation: Prepared
    width: int
    height: int
    url: str
    thumbnail: str = Field(description="A WebP of at most 5 kB.")
    sha256: str
    created: datetime
    expires: datetime | None


class Progress(Schema):
    done: int
    total: int
    text: str


class JobError(Schema):
    code: str
    message: str


class VersionOut(Schema):
    classifier: str
    identity: str = Field(
        description="What it is named by: a hash over the weights and what the card says of their use."
    )
    sha256: str = Field(description="Of the weights alone; names the version too while no other has the same.")
    name: str


class PartOut(Schema):
    text: str
    role: str = Field(description="before, after, control or waiting: whose colour it has; or nothing.")


class WordsOut(Schema):
    """What is said at one budget, in the reader's language; a note that does not apply is empty."""

    sentence: list[PartOut]
    subtitle: str
    control_title: str
    control: str
    gradient_note: str
    flat_note: str


class PictureNotes(Schema):
    wrong: str
    closed: str


class PredictOut(schema_of(results.PredictResult)):  # type: ignore[misc]
    start: WordsOut
    notes: PictureNotes


class SavedOut(schema_of(results.Saved)):  # type: ignore[misc]
    image_url: str
    file_words: str = Field(description="What was found in that file, which was written and read again.")


class TraceOut(schema_of(results.Trace)):  # type: ignore[misc]
    previews_url: str | None = Field(
        description="A JPEG to be looked at, no file that was judged: a column for each step of `previews`, above the "
        "picture, below its change, magnified."
    )
    sentence: str = Field(description="When the network named something else first, on the way.")


class AttackResultOut(schema_of(results.AttackResult)):  # type: ignore[misc]
    adversarial: SavedOut
    sign_url: str | None = Field(description="128 + 127 s for the signs s of a ray, along which the sweep goes.")
    perturbation_url: str | None = Field(description="The change, magnified, mid-grey where there is none; no ray's.")
    trace: TraceOut | None = Field(description="Of an attack of many steps; null of one step, and before 0.3.")
    sweep_job: UUID | None = Field(description="The job that judges every budget, or searches for the smallest.")
    search: str = Field(description="What a search for the smallest budget takes, where it can be asked for; or empty.")
    start: WordsOut = Field(description="With nothing changed.")
    words: WordsOut = Field(description="At the attack's own budget.")
    notes: PictureNotes


class PointOut(schema_of(results.SweepPoint)):  # type: ignore[misc]
    budget: str = Field(description="The value with its unit, as a sentence names it.")
    image_url: str | None = Field(description="The saved picture, where the attack ran again for this budget.")
    file_words: str = Field(description="What was found in that file; empty without one.")
    words: WordsOut


class Breaks(Schema):
    title: str
    rest: str


class SweepResultOut(schema_of(results.SweepResult)):  # type: ignore[misc]
    points: list[PointOut]
    breaks: Breaks = Field(description="When the first answer is left, in words.")


class PointResultOut(schema_of(results.PointResult)):  # type: ignore[misc]
    value: float
    image_url: str
    file_words: str = Field(description="What was found in that file, which was written and read again.")


class DrawnClass(schema_of(results.Class)):  # type: ignore[misc]
    draws: int = Field(description="Under so many draws this class was named.")


class DrawsOut(Schema):
    value: float
    of: int = Field(description="Draws of random noise at that value.")
    changed: int = Field(description="Under so many of them the answer was another.")
    named: list[DrawnClass]
    sentence: str


class Named(Schema):
    slug: str
    name: str


class VersionDetail(VersionOut):
    live: bool
    lab: str = Field(description="Where this version can be broken, promoted or not.")
    test: dict[str, Any] | None
    best_epoch: int | None
    made: dict[str, Any] | None


class VersionWithCard(VersionDetail):
    beside_live: list[str] = Field(description="How it compares with the live version, or why it does not.")
    card: dict[str, Any]


class EpochOut(Schema):
    number: int
    training_loss: float
    training_error: float
    validation_loss: float
    validation_error: float
    fgsm_accuracy: float | None
    pgd_accuracy: float | None
    gradient_norm: float
    learning_rate: float
    seconds: float
    pictures_per_second: float
    best: bool


class VerdictOut(Schema):
    code: str
    title: str
    message: str
    advice: str


class TrainingResult(Schema):
    """What a training has come to so far; told from its first epoch on."""

    dataset: Named
    network: Named
    config: dict[str, Any]
    parent: UUID | None
    url: str
    sentence: list[dict[str, str]] = Field(description="What is happening, in pieces of text with their role.")
    note: str = Field(description="How much longer it takes, or what it took.")
    epochs: list[EpochOut]
    verdict: VerdictOut | None
    mistakes: list[dict[str, Any]]
    mistakes_url: str | None
    stop_requested: bool
    stopped_early: bool
    version: VersionDetail | None


class PreparationResult(Schema):
    dataset: str
    facts: dict[str, Any] | None


class PromotionResult(VersionOut):
    live: bool


class ComputationResult(Schema):
    found: Any = Field(description="What was computed; its shape is the computation's own.")


class ComputationOut(Schema):
    slug: str
    long: bool = Field(description="Done in turns with others' long work; tells what there is so far.")
    classifier: str = Field(description="Whose live version is asked; empty where none is.")
    picture: str = Field(description="What a picture must be prepared as; empty where none is taken.")
    options: dict[str, Any] = Field(description="JSON Schema.")


class DatasetOut(Schema):
    slug: str
    name: str
    about: str
    own: bool
    licence: str
    source: str
    labels: list[str]
    facts: dict[str, Any] | None = Field(description="Counts and statistics; null until it was looked at.")
    problem: str
    report: dict[str, Any] | None = Field(
        description="What was found in the ZIP of own pictures, taken or refused: files left out by reason and by "
        "class, and notes, each with a code and a sentence."
    )


class ForecastOut(Schema):
    begins: bool = Field(description="False where it would be refused, for reasons that the sentence tells.")
    queue: str | None = Field(description="`study` where it takes turns with others' long work.")
    position: int | None = Field(description="1 is next.")
    work_seconds: int | None = Field(description="Of work; null before a worker has measured this network.")
    expected_seconds: int | None = Field(description="Until it will have ended, beside what else is open now.")
    sentence: str


class JobOut(Schema):
    id: UUID
    kind: str
    status: Literal["queued", "running", "done", "failed", "cancelled"]
    progress: Progress
    position: int | None = Field(description="While queued: 1 is next.")
    expected_seconds: int | None = Field(
        description="In how many seconds it will have ended, beside what else is open now; null where nobody can tell."
    )
    created: datetime
    started: datetime | None
    finished: datetime | None
    attempts: int
    error: JobError | None
    version: VersionOut | None = Field(description="None for a training that has not made one.")
    about: dict[str, Any] = Field(description="What was asked: image, attack and params, or the attack it builds upon.")
    live: schema_of(results.Trace) | dict[str, Any] | None = Field(  # type: ignore[valid-type]
        description="While it runs: the trace of an attack of many steps so far, what a long computation has found."
    )
    page: str | None = Field(description="Where a browser shows it; null if nowhere by itself.")
    result: (
        AttackResultOut
        | SweepResultOut
        | PointResultOut
        | DrawsOut
        | PredictOut
        | TrainingResult
        | PreparationResult
        | PromotionResult
        | ComputationResult
        | None
    )


class Accepted(Schema):
    id: UUID
    kind: str
    status: str
    url: str
    page: str | None = Field(description="Where a browser shows it; null if nowhere by itself.")


class ShareOut(Schema):
    url: str | None


class ErrorBody(Schema):
    code: str
    message: str
    field: str | None = None
    job: str | None = None  # one's own, in the way of what was asked for


class ErrorOut(Schema):
    error: ErrorBody


class ClassifierOut(Schema):
    slug: str
    name: str
    preparation: Prepared
    levels: int
    live: VersionOut
    labels: list[str]
    card: dict[str, Any]


class AttackOut(Schema):
    slug: str
    name: str
    paper: str
    paper_url: str
    year: int
    threat_model: str
    norm: str
    summary: str
    targeted: bool
    budget: str | None = Field(description="The parameter that bounds the change; null: the smallest is sought.")
    path: str = Field(
        description="ray: every budget lies along one map of signs, and a sweep judges all; rerun: it runs again for "
        "each, and a sweep searches for the smallest that works; single: it has no budget."
    )
    control: str | None = Field(
        description="The random change beside it: signs, gaussian, pixels or search, as a result's `control` has it; "
        "or null."
    )
    params: dict[str, Any] = Field(description="JSON Schema, with the widest bounds of any classifier.")
