"""A version is identified by weights and card, a classifier by what it was taught: names take nothing over any more."""

from django.db import migrations, models

from inference.catalog.classifiers import CLASSIFIERS
from inference.catalog.identity import identity_of, origin_of


def identify(apps, schema_editor):
    """Every version gets its identity, every classifier its origin; versions that a name had led astray leave."""
    Classifier, Version = (apps.get_model("registry", name) for name in ("Classifier", "ModelVersion"))
    for version in Version.objects.all():
        version.identity = identity_of(version.sha256, version.card)
        version.save(update_fields=["identity"])
    for classifier in Classifier.objects.order_by("id"):
        classifier.origin = own_origin(classifier)
        classifier.save(update_fields=["origin"])
    for classifier in list(Classifier.objects.order_by("id")):
        strays = [version for version in classifier.versions.all() if origin(version) != classifier.origin]
        for version in strays:
            move(Classifier, version)
        if strays and not classifier.versions.filter(live=True).exists():
            bring_back(classifier)


def origin(version):
    return origin_of(version.card, shipped=version.source if version.source in CLASSIFIERS else None)


def own_origin(classifier):
    if classifier.slug in CLASSIFIERS:
        return f"shipped/{classifier.slug}"
    newest = classifier.versions.order_by("-live", "-created").first()
    return origin(newest) if newest else f"dataset/{classifier.slug}"


def move(Classifier, version):
    """To the classifier of its own dataset, where it goes on answering if it did."""
    where = origin(version)
    card, slug, number = version.card, where.split("/", 1)[1].replace("/", "-")[:40], 2
    home = Classifier.objects.filter(origin=where).first()
    if home is None:
        free = slug
        while free in CLASSIFIERS or Classifier.objects.filter(slug=free).exists():
            free, number = f"{slug}-{number}", number + 1
        name = card["dataset"]["name"] + (", hardened" if where.endswith("/hardened") else "")
        home = Classifier.objects.create(
            origin=where, slug=free, name=name[:100], preparation=card["preparation"], levels=card["levels"]
        )
    version.live = version.live and not home.versions.filter(live=True).exists()
    version.classifier = home
    version.save(update_fields=["live", "classifier"])


def bring_back(classifier):
    """What answered before it was taken over."""
    before = classifier.versions.order_by(models.F("promoted").desc(nulls_last=True)).first()
    if before:
        before.live = True
        before.save(update_fields=["live"])


class Migration(migrations.Migration):
    dependencies = [("registry", "0002_promote_permission")]

    operations = [
        migrations.AddField("classifier", "origin", models.CharField(max_length=100, null=True, editable=False)),
        migrations.AddField("modelversion", "identity", models.CharField(max_length=64, default="", editable=False)),
        migrations.RunPython(identify, migrations.RunPython.noop),
        migrations.AlterField(
            "classifier",
            "origin",
            models.CharField(
                editable=False,
                help_text="The shipped classifier it is, or the dataset its versions were taught.",
                max_length=100,
                unique=True,
                verbose_name="origin",
            ),
        ),
        migrations.AlterField(
            "modelversion",
            "identity",
            models.CharField(
                editable=False,
                help_text="SHA-256 over the weights and what the card says of their use.",
                max_length=64,
                verbose_name="identity",
            ),
        ),
        migrations.AlterField(
            "modelversion",
            "sha256",
            models.CharField(max_length=64, verbose_name="SHA-256 of the weights"),
        ),
        migrations.RemoveConstraint("modelversion", "one_version_per_weights"),
        migrations.AddConstraint(
            "modelversion",
            models.UniqueConstraint(fields=("classifier", "identity"), name="one_version_per_identity"),
        ),
    ]
