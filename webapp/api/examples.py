"""What the API's document shows as examples: pictures and results that are really there, so that trying them works."""

from typing import Any

from webapp.jobs.models import Job, Status
from webapp.jobs.serializers import job_json
from webapp.lab.models import Attack
from webapp.pictures.serializers import picture_json

ONE_JOB = "jobs/{job_id}"


def add_examples(paths: dict[str, Any]) -> None:
    """Fill in requests, answers and keys from the newest attack on a sample; nothing where there is none yet."""
    done = Attack.objects.filter(job__status=Status.DONE, job__visitor=None).order_by("job__created")
    attack = done.select_related("picture").last()
    if attack is None:
        return
    job = Job.objects.with_version().get(pk=attack.pk)
    one_job = next(path for path in paths if path.endswith(ONE_JOB))
    root = one_job.removesuffix(ONE_JOB)
    _answer(paths[one_job]["get"], job_json(job))
    _answer(paths[f"{root}images/{{image_id}}"]["get"], picture_json(attack.picture))
    _answer(paths[f"{root}images"]["post"], picture_json(attack.picture), status=201)
    _key(paths[one_job]["get"], str(job.pk))
    _key(paths[f"{root}images/{{image_id}}"]["get"], str(attack.picture_id))
    _orders(paths[f"{root}jobs"]["post"], attack, job)


def _orders(operation: dict[str, Any], attack: Attack, job: Job) -> None:
    """One request of each kind."""
    asked = {"image": str(attack.picture_id), "classifier": job.answered_by.classifier.slug}
    orders = {
        "attack": {"kind": "attack", **asked, "attack": attack.attack, "params": attack.params},
        "predict": {"kind": "predict", **asked},
        "sweep": {"kind": "sweep", "of": str(job.pk)},
    }
    operation["requestBody"]["content"]["application/json"]["examples"] = {
        kind: {"summary": kind, "value": order} for kind, order in orders.items()
    }


def _answer(operation: dict[str, Any], example: dict[str, Any], *, status: int = 200) -> None:
    operation["responses"][status]["content"]["application/json"]["example"] = example


def _key(operation: dict[str, Any], example: str) -> None:
    operation["parameters"][0]["example"] = example
