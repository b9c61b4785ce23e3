"""The table of promotions gets the name it has in the app of its own; the next migration takes the model there."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("training", "0006_measured_with_pgd_10")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("promotion", "promotion_promotion")]
        ),
    ]
