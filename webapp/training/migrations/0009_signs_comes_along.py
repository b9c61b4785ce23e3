"""A dataset `signs` comes with Gibbon now: own pictures that somebody called so keep all they have under another slug."""

from itertools import chain, count

from django.db import migrations

TAKEN = "signs"


def make_room(apps, schema_editor):
    """The dataset's row, its trainings' settings, its versions' cards, its classifiers, its samples."""
    Dataset = apps.get_model("training", "Dataset")
    dataset = Dataset.objects.filter(slug=TAKEN).first()
    if dataset is None:
        return
    Classifier = apps.get_model("registry", "Classifier")
    taken = {*Dataset.objects.values_list("slug", flat=True), *Classifier.objects.values_list("slug", flat=True)}
    candidates = chain(["signs-own"], (f"signs-own-{number}" for number in count(2)))
    slug = next(one for one in candidates if not {one, f"{one}-hardened"} & taken)
    dataset.slug = slug
    dataset.save(update_fields=["slug"])
    for run in dataset.runs.all():
        run.config["dataset"] = slug
        run.save(update_fields=["config"])
    for version in apps.get_model("registry", "ModelVersion").objects.filter(card__dataset__slug=TAKEN):
        version.card["dataset"]["slug"] = slug
        version.save(update_fields=["card"])
    for ending, hardened in (("", ""), ("/hardened", "-hardened")):
        for classifier in Classifier.objects.filter(origin=f"dataset/{TAKEN}{ending}"):
            classifier.origin, classifier.slug = f"dataset/{slug}{ending}", f"{slug}{hardened}"
            classifier.save(update_fields=["origin", "slug"])
    for picture in apps.get_model("pictures", "Picture").objects.filter(facts__dataset=TAKEN):
        picture.facts["dataset"] = slug
        picture.save(update_fields=["facts"])


class Migration(migrations.Migration):
    dependencies = [
        ("training", "0008_promotion_apart"),
        ("registry", "0005_seconds"),
        ("pictures", "0001_initial"),
    ]

    operations = [migrations.RunPython(make_room, migrations.RunPython.noop)]
