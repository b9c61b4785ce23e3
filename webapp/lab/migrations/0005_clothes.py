"""Pictures of Fashion-MNIST, and those that only its classifiers were asked about, are clothes and no longer digits."""

from django.db import migrations
from django.db.models import Q


def call_them_clothes(apps, schema_editor):
    """A picture that another classifier was asked about as well stays the digit it was to that one."""
    Picture = apps.get_model("lab", "Picture")
    for picture in Picture.objects.filter(facts__dataset="fashion-mnist", preparation="digit"):
        picture.preparation = picture.facts["preparation"] = "clothes"
        picture.save(update_fields=["preparation", "facts"])
    asked = {"clothes": set(), "other": set()}
    for model in ("Prediction", "Attack"):
        rows = apps.get_model("lab", model).objects.filter(picture__preparation="digit")
        of_clothes = Q(job__version__card__dataset__slug="fashion-mnist")
        asked["clothes"].update(rows.filter(of_clothes).values_list("picture", flat=True))
        asked["other"].update(
            rows.exclude(job__in=rows.filter(of_clothes).values("job")).values_list("picture", flat=True)
        )
    Picture.objects.filter(pk__in=asked["clothes"] - asked["other"]).update(preparation="clothes")


class Migration(migrations.Migration):
    dependencies = [("lab", "0004_draws_and_measures"), ("registry", "0004_clothes"), ("jobs", "0004_pause")]

    operations = [migrations.RunPython(call_them_clothes, migrations.RunPython.noop)]
