"""Promotions belong to an app of their own."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [("training", "0007_promotion_table"), ("promotion", "0001_initial")]

    operations = [migrations.SeparateDatabaseAndState(state_operations=[migrations.DeleteModel(name="Promotion")])]
