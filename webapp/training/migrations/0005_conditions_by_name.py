"""What was different when a training went on was kept as an English sentence; now by name and values."""

from django.db import migrations, models


def parted(change):
    """The parts of "threads 2, before 1"."""
    name, _, values = change.partition(" ")
    now, _, before = values.rpartition(", before ")
    return {"name": name, "now": now, "before": None if before == "None" else before}


def told(change):
    return f"{change['name']} {change['now']}, before {change['before']}"


def rewritten(change_of, kind):
    def rewrite(apps, schema_editor):
        runs = apps.get_model("training", "TrainingRun").objects.using(schema_editor.connection.alias)
        for run in runs.exclude(conditions=[]):
            run.conditions = [change_of(one) if isinstance(one, kind) else one for one in run.conditions]
            run.save(update_fields=["conditions"])

    return rewrite


forwards, backwards = rewritten(parted, str), rewritten(told, dict)


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0004_conditions'),
    ]

    operations = [
        migrations.AlterField(
            model_name='trainingrun',
            name='conditions',
            field=models.JSONField(default=list, help_text='What was different when it went on: name, now, before.', verbose_name='other conditions'),
        ),
        migrations.RunPython(forwards, backwards),
    ]
