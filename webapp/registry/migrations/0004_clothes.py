"""Fashion-MNIST shows clothes: its classifiers' pictures are prepared as such, no longer as digits."""

from django.db import migrations

from inference.catalog.identity import identity_of


def call_them_clothes(apps, schema_editor):
    """The cards of its versions, what identifies them, and their classifiers."""
    Version = apps.get_model("registry", "ModelVersion")
    for version in Version.objects.filter(card__dataset__slug="fashion-mnist", card__preparation="digit"):
        version.card["preparation"] = "clothes"
        version.identity = identity_of(version.sha256, version.card)
        version.save(update_fields=["card", "identity"])
    learnt = Version.objects.filter(card__dataset__slug="fashion-mnist").values("classifier")
    apps.get_model("registry", "Classifier").objects.filter(pk__in=learnt).update(preparation="clothes")


class Migration(migrations.Migration):
    dependencies = [("registry", "0003_identity")]

    operations = [migrations.RunPython(call_them_clothes, migrations.RunPython.noop)]
