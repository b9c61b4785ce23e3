"""Pictures in an app of their own: the table is there already (lab 0006), only Django is told."""

import uuid

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import webapp.core.moved
import webapp.pictures.models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ("visitors", "0001_initial"),
        ("lab", "0006_pictures_table"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name="Picture",
                    fields=[
                        ("id", models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                        ("sample", models.SlugField(max_length=64, null=True, unique=True, verbose_name="sample")),
                        ("facts", models.JSONField(editable=False, null=True, verbose_name="facts of a sample")),
                        ("preparation", models.CharField(max_length=10, verbose_name="prepared as")),
                        ("width", models.PositiveSmallIntegerField(verbose_name="width")),
                        ("height", models.PositiveSmallIntegerField(verbose_name="height")),
                        ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                        ("file", models.CharField(max_length=200, verbose_name="file")),
                        ("bytes", models.PositiveIntegerField(verbose_name="bytes")),
                        ("created", models.DateTimeField(default=django.utils.timezone.now, verbose_name="created")),
                        ("expires", models.DateTimeField(default=webapp.pictures.models.default_expiry, null=True, verbose_name="expires")),
                        ("visitor", models.ForeignKey(null=True, on_delete=django.db.models.deletion.CASCADE, related_name="pictures", to="visitors.visitor", verbose_name="visitor")),
                    ],
                    options={
                        "verbose_name": "picture",
                        "verbose_name_plural": "pictures",
                        "ordering": ("-created",),
                        "indexes": [models.Index(fields=["visitor", "-created"], name="picture_of_visitor")],
                        "constraints": [models.CheckConstraint(condition=models.Q(models.Q(("expires", None), ("visitor", None)), ("visitor__isnull", False), _connector="OR"), name="samples_do_not_expire")],
                    },
                ),
            ]
        ),
        webapp.core.moved.permissions("lab", "pictures", "picture"),
    ]
