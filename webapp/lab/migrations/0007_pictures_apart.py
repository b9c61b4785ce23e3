"""Pictures belong to an app of their own."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("lab", "0006_pictures_table"), ("pictures", "0001_initial")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterField(
                    model_name="attack",
                    name="picture",
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="attacks", to="pictures.picture", verbose_name="picture"),
                ),
                migrations.AlterField(
                    model_name="prediction",
                    name="picture",
                    field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="predictions", to="pictures.picture", verbose_name="picture"),
                ),
                migrations.DeleteModel(name="Picture"),
            ]
        ),
    ]
