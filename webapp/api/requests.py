"""Shapes of what the API is asked; they make the OpenAPI document."""

from typing import Annotated, Any, Literal

from ninja import Schema
from pydantic import ConfigDict, Field, StrictBool, StrictStr

from attacks.catalog import ATTACKS


class Strict(Schema):
    """Unknown fields are told, not ignored."""

    model_config = ConfigDict(extra="forbid")


PICTURE = "The `id` that `POST /api/v1/images` answered with, or a sample's."
CLASSIFIER = "Whose live version answers: a `slug` of `GET /api/v1/classifiers`. Either this or `version`."
VERSION = "Exactly this version answers, live or not: its `identity` (or its `sha256`, while no other has the same)."


class PredictIn(Strict):
    kind: Literal["predict"]
    image: StrictStr = Field(description=PICTURE)
    classifier: StrictStr | None = Field(default=None, description=CLASSIFIER)
    version: StrictStr | None = Field(default=None, description=VERSION)


class AttackIn(Strict):
    kind: Literal["attack"]
    image: StrictStr = Field(description=PICTURE)
    classifier: StrictStr | None = Field(default=None, description=CLASSIFIER)
    version: StrictStr | None = Field(default=None, description=VERSION)
    attack: StrictStr = Field(examples=list(ATTACKS))
    params: dict[str, Any] = Field(
        default_factory=dict,
        description="As declared by GET /api/v1/attacks; what is left out has its default.",
        examples=[{"epsilon": 2, "target": None, "seed": 0}],
    )


class SweepIn(Strict):
    """Judge every budget of a finished attack again (its own sweep was dropped)."""

    kind: Literal["sweep"]
    of: StrictStr = Field(description="The attack's job.")


class TrainingIn(Strict):
    config: dict[str, Any] = Field(
        default_factory=dict,
        description="Settings by name, as declared by GET /api/v1/training-settings; defaults for what is left out.",
        examples=[{"dataset": "mnist", "network": "lenet", "epochs": 3}],
    )


class ComputationIn(Strict):
    computation: StrictStr = Field(description="A `slug` of GET /api/v1/computations.")
    options: dict[str, Any] = Field(
        default_factory=dict, description="As declared there; defaults for what is left out."
    )
    picture: StrictStr | None = Field(default=None, description=f"{PICTURE} Where the computation takes one.")
    drawing: StrictStr | None = Field(
        default=None, description="Instead of a picture that is a digit: 28 rows of 28 grey bytes, in base64."
    )


class PromoteIn(Strict):
    confirmed: StrictBool = Field(
        default=False, description="Promote although it was refused as `worse`, `unchecked` or `incomparable`."
    )


JobIn = Annotated[PredictIn | AttackIn | SweepIn, Field(discriminator="kind")]
