"""What visitors do: start jobs on pictures, build upon them, share."""

import math
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from attacks.catalog import find as find_attack_record
from attacks.catalog import validate
from attacks.options import Limits, OptionError
from inference import images
from inference.catalog.budgets import runs_at_most
from inference.catalog.labels import find_class
from webapp.core import files
from webapp.core.errors import Refusal, not_found
from webapp.core.prepared import prepared
from webapp.core.queues import INTERACTIVE, SWEEP
from webapp.jobs.limits import refuse_when_hasty
from webapp.jobs.line import Forecast, refuse_when_full
from webapp.jobs.models import IN_VAIN, Job, JobQuerySet, Status
from webapp.jobs.services import create_job, drop, find_job, foresee, order
from webapp.lab.class_words import names_of
from webapp.lab.forecast import attack_seconds
from webapp.lab.models import Attack, Draws, Point, Prediction, Sweep
from webapp.pictures.models import Picture
from webapp.pictures.services import find_picture, refuse_when_bytes_are_used_up
from webapp.registry.models import ModelVersion
from webapp.registry.services import find_version
from webapp.visitors.models import Visitor

WHOLE = re.compile(r"\d{1,9}", re.ASCII)


def find_attack(visitor: Visitor | None, job_id: object) -> Attack:
    """A finished attack the visitor may build upon; 404, or 409 when it is not finished."""
    job = find_job(visitor, job_id)
    row = job.result()
    if not isinstance(row, Attack):
        raise not_found()
    if job.status != Status.DONE:
        raise Refusal(409, "not_done", gettext("This attack has not finished, so there is nothing to build upon."))
    return row


def start_predict(*, visitor: Visitor, picture: Picture, version: ModelVersion) -> Job:
    """Ask what the network sees."""
    _refuse_new_job(visitor, picture, version)
    with _while_it_exists():
        job = create_job(kind="predict", visitor=visitor, version=version)
        Prediction.objects.create(job=job, picture=picture)
    return job


def start_attack(*, visitor: Visitor | None, picture: Picture, version: ModelVersion, attack: str, params: Any) -> Job:
    """Attack a picture; parameters are checked against the attack's declaration before any row exists."""
    row = _checked_attack(visitor, picture, version, attack, params)
    _refuse_new_files(visitor)
    with _while_it_exists():
        drop(left_behind(visitor))
        return order(row, kind="attack", visitor=visitor, version=version, total=4, unasked=visitor is None)


def start_whole_attack(**asked: Any) -> Job:
    """The same with more draws of its noise, for a page without scripts: nothing else would ask for them."""
    job = start_attack(**asked)
    row = job.result()
    if row.record.path == "ray":
        with _while_it_exists():
            begin_draws(row)
    return job


def foresee_attack(
    *, visitor: Visitor | None, picture: Picture, version: ModelVersion, attack: str, params: Any
) -> Forecast:
    """What such an attack would be told, were it begun now; refused as it would be."""
    row = _checked_attack(visitor, picture, version, attack, params)
    return foresee(row, kind="attack", visitor=visitor, version=version)


def _checked_attack(
    visitor: Visitor | None, picture: Picture, version: ModelVersion, attack: str, params: Any
) -> Attack:
    """The row of an attack that may be begun, not saved yet."""
    row = Attack(picture=picture, attack=attack, params=checked_params(version, attack, params))
    _refuse_too_long(row, version)
    _refuse_unsuited(visitor, picture, version)
    return row


def find_same(
    *, visitor: Visitor | None, picture: Picture, version: ModelVersion, attack: str, params: Mapping[str, Any]
) -> Job | None:
    """The newest job that did, or is about to do, exactly this for everybody or for this visitor."""
    for_them = Q(job__visitor=None) | Q(job__visitor=visitor) if visitor else Q(job__visitor=None)
    same = _attacks_like(picture, version, attack).filter(for_them).exclude(job__status__in=IN_VAIN)
    return next((row.job for row in same if row.params == params), None)


def find_ended(
    *, visitor: Visitor | None, picture: Picture, version: ModelVersion, attack: str, params: Mapping[str, Any]
) -> Job | None:
    """This visitor's newest job that was to do exactly this, and was cancelled or has failed."""
    if visitor is None:
        return None
    same = _attacks_like(picture, version, attack).filter(job__visitor=visitor, job__status__in=IN_VAIN)
    return next((row.job for row in same if row.params == params), None)


def _attacks_like(picture: Picture, version: ModelVersion, attack: str) -> QuerySet[Attack]:
    """Newest first."""
    same = Attack.objects.filter(picture=picture, job__version=version, attack=attack).order_by("-job__created")
    return same.select_related("job__version__classifier")


def left_behind(visitor: Visitor | None) -> list[Job]:
    """The sweeps, and what is drawn after them, of a visitor who starts another attack."""
    return _open_sweeps(visitor.pk) if visitor else []


@prepared
def _open_sweeps(visitor: Any) -> JobQuerySet:
    return Job.objects.open().filter(visitor=visitor, queue=SWEEP.name)


def start_sweep(*, visitor: Visitor, attack: Attack) -> Job:
    """Judge every budget again, for an attack whose sweep was dropped; the one there is if it was not.

    Of an attack that runs again for each budget: search for the smallest that succeeds.
    """
    if attack.record.path == "single":
        raise Refusal(422, "invalid", gettext("This attack has no budget to go through: it looks for the smallest."))
    with _while_it_exists(attack):
        current = attack.current_sweep()
        if current and current.job.status not in IN_VAIN:
            return current.job
        if attack.record.path == "rerun":
            _refuse_unsuited(visitor, attack.picture, attack.job.answered_by)
            _refuse_new_files(visitor)
            return create_search(attack, unasked=False)
        _refuse_new_job(visitor, attack.picture, attack.job.answered_by)
        return create_sweep(attack, unasked=False)


def create_sweep(attack: Attack, *, unasked: bool, judged: bytes = b"") -> Job:
    """The job that judges every budget of `attack`; in a transaction. judged: what is known already, packed."""
    attack.forget_sweeps()
    version = attack.job.answered_by
    # what is made of a sample's attack belongs, like the attack, to nobody, and is for everybody
    total = len(swept_values(version.classifier.levels))
    job = create_job(kind="sweep", visitor=attack.job.visitor, version=version, total=total, unasked=unasked)
    Sweep.objects.create(job=job, attack=attack, partial=judged or None)
    return job


def begin_draws(attack: Attack) -> None:
    """Queue more draws of the noise at the attack's own budget, unless there are some; in a transaction."""
    Attack.objects.select_for_update().filter(pk=attack.pk).first()  # one after the other with whoever asks just now
    if not attack.draws.filter(value=attack.budget).exists():
        version, unasked = attack.job.answered_by, attack.job.unasked
        job = create_job(kind="draws", visitor=attack.job.visitor, version=version, unasked=unasked)
        Draws.objects.create(job=job, attack=attack, value=attack.budget)


def create_search(attack: Attack, *, unasked: bool) -> Job:
    """The job that looks for the smallest budget at which `attack` succeeds; in a transaction."""
    attack.forget_sweeps()
    version, row = attack.job.answered_by, Sweep(attack=attack)
    return order(row, kind="search", visitor=attack.job.visitor, version=version, unasked=unasked)


def search_runs(attack: Attack, version: ModelVersion) -> int:
    """How often a search for the smallest budget runs the attack again, at most."""
    option, levels = attack.record.budget_option, version.classifier.levels
    assert option is not None  # noqa: S101 - asked of what has a budget; this narrows the type
    succeeded = attack.result["state"] == "success"
    return runs_at_most(option, attack.budget, succeeded=succeeded, limits=Limits(levels=levels))


def search_seconds(row: Sweep, version: ModelVersion) -> float | None:
    """How long a worker will take for a search, at most; None before any worker has measured its network."""
    once = attack_seconds(row.attack, version)
    return None if once is None else once * search_runs(row.attack, version)


def swept_values(levels: int) -> range:
    """The budgets that a sweep goes through, for a classifier with so many levels; 0 is the picture itself."""
    return range(levels + 1)


def request_point(*, visitor: Visitor, attack: Attack, value: str) -> Job:
    """Have the picture at one point of the sweep saved, reread and judged; the job there is if it was asked before."""
    return _once_for_each_value("point", Point, visitor=visitor, attack=attack, value=value)


def request_draws(*, visitor: Visitor, attack: Attack, value: str) -> Job:
    """Have many draws of the noise judged at one point; the job that did it if it was asked before."""
    return _once_for_each_value("draws", Draws, visitor=visitor, attack=attack, value=value)


def _once_for_each_value(kind: str, model: type[Point | Draws], *, visitor: Visitor, attack: Attack, value: str) -> Job:
    number = _swept(attack, value)
    with _while_it_exists(attack):
        existing = model._default_manager.select_related("job").filter(attack=attack, value=number).first()
        if existing and existing.job.status not in IN_VAIN:
            return existing.job
        _refuse_new_job(visitor, attack.picture, attack.job.answered_by)
        if model.FILES:
            _refuse_new_files(visitor)
        if existing:
            existing.job.delete()
        # the picture's owner owns it; what is made of a sample's attack belongs, like the attack, to nobody
        job = create_job(kind=kind, visitor=attack.job.visitor, version=attack.job.answered_by)
        model._default_manager.create(job=job, attack=attack, value=number)
    return job


def _swept(attack: Attack, value: Any) -> Any:
    """The value as a number that the attack's sweep goes through; a Refusal for any other."""
    try:
        number = int(value) if WHOLE.fullmatch(str(value)) else value
        return attack.record.swept_value(number, attack.job.answered_by.limits)
    except OptionError as error:
        raise Refusal(422, "invalid", error.template, error.values, field="value") from error


@contextmanager
def _while_it_exists(attack: Attack | None = None) -> Iterator[None]:
    """A transaction that begins something on a picture or on an `attack`; 404 if that was deleted meanwhile.

    Two who ask the same of an attack come one after the other, so that the second finds what the first began.
    """
    try:
        with transaction.atomic():
            if attack:
                if not Attack.objects.select_for_update().filter(pk=attack.pk).values_list("pk").first():
                    raise not_found()
                attack.forget_sweeps()
            yield
    except IntegrityError as error:  # at the commit: the foreign key names a row that is gone
        raise not_found() from error


def start_job(*, visitor: Visitor, request: dict[str, Any]) -> Job:
    """The API's one door: `{kind, image, classifier|version, …}` as validated by its schema."""
    if request["kind"] == "sweep":
        return start_sweep(visitor=visitor, attack=find_attack(visitor, request["of"]))
    asked = _asked(visitor, request)
    if request["kind"] == "predict":
        return start_predict(visitor=visitor, **asked)
    return start_attack(visitor=visitor, **asked, attack=request["attack"], params=request["params"])


def foresee_job(*, visitor: Visitor | None, request: dict[str, Any]) -> Forecast:
    """The same door, only looked through."""
    asked = _asked(visitor, request)
    return foresee_attack(visitor=visitor, **asked, attack=request["attack"], params=request["params"])


def _asked(visitor: Visitor | None, request: dict[str, Any]) -> dict[str, Any]:
    return {
        "picture": find_picture(visitor, _id_of_picture(request["image"])),
        "version": find_version(classifier=request["classifier"], version=request["version"]),
    }


def checked_params(version: ModelVersion, attack: str, params: Any) -> dict[str, Any]:
    """The attack's parameters as its declaration wants them, or a 422 that names the field."""
    try:
        _refuse_class_names(attack, params, version)
        return validate(attack, params, version.limits)
    except OptionError as error:
        raise Refusal(422, "invalid", error.template, error.values, field=error.field[:40]) from error


def _id_of_picture(given: str) -> UUID:
    """404, as for any id that names nothing, with a word for who sends the picture itself or its name."""
    try:
        return UUID(given)
    except ValueError as error:
        message = gettext("image is the id that the upload answered with: first send the picture to %(address)s.")
        raise Refusal(404, "not_found", message % {"address": reverse("api:upload_image")}, field="image") from error


def _refuse_class_names(attack: str, params: Any, version: ModelVersion) -> None:
    """A class is meant by its number: whoever gives a name is told the number, or what names come near."""
    for option in find_attack_record(attack).options:
        given = params.get(option.name) if isinstance(params, Mapping) else None
        if option.kind == "class" and isinstance(given, str):
            names = names_of(version)
            index = find_class(version.labels, given, names)
            template = gettext_noop("%(name)s is the number of a class, without quotes: %(label)s is %(index)d.")
            raise OptionError(option.name, template, name=option.name, label=names[index], index=index)


def share(job: Job) -> str:
    """Make the attack's page visible to whoever has its address; returns the address's token."""
    if not isinstance(job.result(), Attack) or job.visitor_id is None:
        raise Refusal(409, "not_shareable", gettext("Only your own attacks can be shared."))
    return job.draw_share_token()


def unshare(job: Job) -> None:
    """The address stops working at once."""
    Job.objects.filter(pk=job.pk).update(share_token=None)


def _refuse_too_long(row: Attack, version: ModelVersion) -> None:
    """There are limits to what one visitor may ask of a worker that serves all."""
    seconds, most = attack_seconds(row, version), settings.ATTACK_SECONDS
    if seconds and seconds > most:
        message = gettext_noop(
            "This would take up to %(seconds)s seconds here, and one attack may take %(most)s. "
            "Give smaller numbers, or run it on a machine of your own: python -m inference attack --attack %(slug)s"
        )
        values = {"seconds": math.ceil(seconds), "most": most, "slug": row.attack}
        raise Refusal(422, "too_much_work", message, values, field=next(iter(row.record.repeats), None))


def refuse_wrong_preparation(picture: Picture, version: ModelVersion) -> None:
    """422 for a network that wants its pictures prepared otherwise."""
    if picture.preparation != version.classifier.preparation:
        message = gettext(
            "This picture was prepared as %(picture)s; this classifier wants %(wanted)s. Send it again as that."
        )
        kinds = {"picture": picture.preparation, "wanted": version.classifier.preparation}
        values = {role: gettext(images.PREPARATIONS[kind].name) for role, kind in kinds.items()}
        raise Refusal(422, "wrong_preparation", message % values, field="image")


def _refuse_new_job(visitor: Visitor | None, picture: Picture, version: ModelVersion) -> None:
    _refuse_unsuited(visitor, picture, version)
    if visitor:
        refuse_when_full(INTERACTIVE)


def _refuse_unsuited(visitor: Visitor | None, picture: Picture, version: ModelVersion) -> None:
    refuse_wrong_preparation(picture, version)
    if visitor:
        refuse_when_hasty(visitor)


def _refuse_new_files(visitor: Visitor | None) -> None:
    """Results fill disk and quota as pictures do."""
    if visitor:
        refuse_when_bytes_are_used_up(visitor)
        files.refuse_when_disk_is_low()
