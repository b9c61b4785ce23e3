"""Promotions in an app of their own: the table is there already (training 0007), only Django is told."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import webapp.core.moved


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("jobs", "0004_pause"),
        ("registry", "0004_clothes"),
        ("training", "0007_promotion_table"),
        ("contenttypes", "0002_remove_content_type_name"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Promotion",
                    fields=[
                        ("job", models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, serialize=False, to="jobs.job")),
                        ("asked_by", models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="asked by")),
                        ("version", models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name="promotions", to="registry.modelversion", verbose_name="model version")),
                    ],
                    options={"verbose_name": "promotion", "verbose_name_plural": "promotions"},
                ),
            ]
        ),
        webapp.core.moved.permissions("training", "promotion", "promotion"),
    ]
