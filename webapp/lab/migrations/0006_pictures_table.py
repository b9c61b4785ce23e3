"""The table of pictures gets the name it has in the app of its own; the next migration takes the model there."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("lab", "0005_clothes")]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[migrations.AlterModelTable("picture", "pictures_picture")]
        ),
    ]
