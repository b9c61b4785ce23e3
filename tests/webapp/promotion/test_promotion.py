"""One version of a classifier answers; promoting another is one step; what is done keeps the version that did it."""

from typing import Any

import pytest
from django.db import IntegrityError, transaction

from inference.catalog.errors import BadWeights
from tests.support.cast import Person
from tests.support.finished import finish
from webapp.jobs.models import Job, Status
from webapp.lab.address import page_of
from webapp.pictures.models import Picture
from webapp.promotion.models import Promotion
from webapp.promotion.views import promotion_sentence
from webapp.registry import services
from webapp.registry.loading import classifier_of
from webapp.registry.models import Classifier, ModelVersion


@pytest.fixture
def candidate(version: ModelVersion) -> ModelVersion:
    """A second version, not live."""
    return ModelVersion.objects.create(
        classifier=version.classifier, sha256="c" * 64, name="candidate", source="x", card=version.card
    )


def live_versions(slug: str = "imagenet-lite0") -> list[str]:
    return list(ModelVersion.objects.filter(live=True, classifier__slug=slug).values_list("name", flat=True))


def test_the_database_refuses_a_second_live_version(candidate: ModelVersion) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.filter(pk=candidate.pk).update(live=True)
    with pytest.raises(IntegrityError), transaction.atomic():
        ModelVersion.objects.create(
            classifier=candidate.classifier, sha256=candidate.sha256, name="again", source="x", card=candidate.card
        )


def test_promoting_swaps_and_rolling_back_is_promoting(version: ModelVersion, candidate: ModelVersion) -> None:
    services.make_live(candidate)
    assert live_versions() == ["candidate"]
    assert ModelVersion.objects.get(pk=candidate.pk).promoted is not None

    services.make_live(version)
    assert live_versions() == [version.name]


def test_a_promotion_that_fails_leaves_the_live_version(
    version: ModelVersion, candidate: ModelVersion, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(ModelVersion, "save", fail)
    with pytest.raises(RuntimeError):
        services.make_live(candidate)

    assert live_versions() == [version.name]


def test_other_classifiers_are_not_affected(version: ModelVersion) -> None:
    letters = Classifier.objects.create(slug="letters", name="Letters", preparation="digit", levels=128)
    first = ModelVersion.objects.create(classifier=letters, sha256="d" * 64, name="lenet", source="x", card={})

    services.make_live(first)

    assert (live_versions(), live_versions("letters")) == ([version.name], ["lenet"])


def test_jobs_keep_the_version_that_was_live_when_they_were_asked_for(
    alice: Person, queued: Job, version: ModelVersion, candidate: ModelVersion
) -> None:
    done = finish(alice.predict(str(queued.attack.picture_id)).json()["id"])

    services.make_live(candidate)
    after = alice.predict(str(queued.attack.picture_id)).json()["id"]

    named = {job: alice.get(f"/api/v1/jobs/{job}").json()["version"]["sha256"] for job in (queued.pk, done.pk, after)}
    assert named == {queued.pk: version.sha256, done.pk: version.sha256, after: candidate.sha256}
    sweep = finish(queued.pk).attack.current_sweep()
    assert sweep and sweep.job.version == version


def test_an_old_version_can_be_asked_for_by_its_hash(
    alice: Person, picture: dict[str, Any], version: ModelVersion, candidate: ModelVersion
) -> None:
    services.make_live(candidate)

    job = alice.predict(picture["id"], classifier=None, version=version.sha256).json()

    assert alice.get(job["url"]).json()["version"]["name"] == version.name


def test_what_was_rolled_back_answers_no_more(version: ModelVersion, candidate: ModelVersion) -> None:
    job = Job.objects.create(kind="promote", version=candidate, status=Status.DONE)
    row = Promotion(job=job, version=candidate)
    services.make_live(candidate)
    assert promotion_sentence(row).startswith("From now on candidate")
    services.make_live(version)
    row.version.refresh_from_db()
    assert "by now another version answers" in promotion_sentence(row)


def test_a_page_of_before_does_not_bring_back_what_was_rolled_back(
    ada: Person, version: ModelVersion, candidate: ModelVersion
) -> None:
    """It shows the candidate as live still: what it orders is that the candidate answers no more."""
    services.make_live(candidate)
    services.make_live(version)
    answer = ada.send_form(f"/classifiers/{version.classifier.slug}/roll-back/", {"from": candidate.identity})
    assert answer.status_code == 409 and "another version" in answer.content.decode()
    assert not Promotion.objects.exists()
    assert ada.send_form(answer.wsgi_request.path, {"from": version.identity}).status_code == 302


def test_another_releases_shipped_version_gives_way_to_this_ones(version: ModelVersion) -> None:
    ModelVersion.objects.filter(pk=version.pk).update(identity="0" * 64, sha256="9" * 64, name="before")
    with pytest.raises(BadWeights, match="another release"):
        classifier_of(ModelVersion.objects.get(pk=version.pk))

    services.register_shipped()

    assert live_versions() == [version.name]


def test_two_classifiers_of_the_same_weights_have_addresses(version: ModelVersion, sample: Picture) -> None:
    """The same ZIP brought twice makes two datasets, and equal trainings the same version of both."""
    other = Classifier.objects.create(slug="twin", name="Twin", preparation="photo", levels=32, origin="dataset/twin")
    ModelVersion.objects.create(
        classifier=other, identity=version.identity, sha256=version.sha256, name="twin", source="x", card=version.card
    )
    assert "target=gibbon" in page_of(sample, version, "fgsm", {"epsilon": 2, "target": 368})


def test_registering_again_neither_promotes_nor_doubles(version: ModelVersion, candidate: ModelVersion) -> None:
    services.make_live(candidate)

    services.register_shipped()

    assert live_versions() == ["candidate"]
    assert version.classifier.versions.count() == 2
