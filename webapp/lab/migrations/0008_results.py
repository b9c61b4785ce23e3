"""Results in one column each, as inference.catalog.results declares them; sweeps and points by the field's names."""

import django.db.models.deletion
from django.db import migrations, models

SAME = ("fooled", "reached", "verified", "flat_from")
DISTANCES = ("linf_levels", "l2", "ssim", "changed_pixels", "attacked_pixels", "attacked_values")


def gather(apps, schema_editor):
    """What lay in columns, as JSON; what was not measured then is null."""
    database = schema_editor.connection.alias
    models_of = {name: apps.get_model("lab", name).objects.using(database) for name in ("Prediction", "Attack", "Sweep", "Point")}
    for row in models_of["Prediction"].filter(top__isnull=False).select_related("picture", "job__version").iterator():
        truth, known = told_besides(row)
        models_of["Prediction"].filter(pk=row.pk).update(result={"top": row.top, "truth": truth, "known": known})
    for row in models_of["Attack"].filter(original_top__isnull=False).select_related("picture", "job__version").iterator():
        models_of["Attack"].filter(pk=row.pk).update(result=attack_result(row))
    for row in models_of["Sweep"].filter(result__isnull=False).iterator():
        models_of["Sweep"].filter(pk=row.pk).update(result=sweep_result(row.result))
    for row in models_of["Point"].filter(top__isnull=False).iterator():
        result = {"top": row.top, "sha256": row.sha256, "verified": row.verified, "distances": None}
        models_of["Point"].filter(pk=row.pk).update(result=result)


def told_besides(row):
    """What a sample shows, and how many classes the network knows."""
    labels = row.job.version.card["labels"]
    label = (row.picture.facts or {}).get("truth_label")
    truth = label and {"label": label, "index": labels.index(label) if label in labels else None}
    return truth or None, len(labels)


def attack_result(row):
    truth, known = told_besides(row)
    succeeded = row.fooled if row.reached is None else row.reached
    still, pixels = row.zero_gradient_pixels, row.attacked_pixels
    share = float(row.zero_gradient) if still is None else still / pixels
    return {name: getattr(row, name) for name in SAME} | {
        "original": {"top": row.original_top},
        "truth": truth,
        "known": known,
        "adversarial": {"top": row.adversarial_top, "sha256": row.adversarial_sha256},
        "control": {"top": row.control_top, "kind": "signs", "l2": row.control_l2, "reach": row.control_reach},
        "label_from": row.label_from,
        "target": row.target,
        "state": "invalid" if not row.verified else "success" if succeeded else "failed",
        "zero_gradient_share": share,
        "distances": {name: getattr(row, name) for name in DISTANCES} | {"rms_levels": rms(row)},
        "cost": {"forwards": None, "gradients": None, "seconds": row.seconds},
    }


def rms(row):
    return row.l2 * 255 / row.attacked_values**0.5 if row.attacked_values else None


def sweep_result(before):
    rungs = before.pop("rungs")
    points = [{"value": rung.pop("k"), **rung} for rung in rungs]
    return {"option": "epsilon", "unit": "/255", "values": [point["value"] for point in points], **before, "points": points}


def rename_jobs(apps, schema_editor):
    """Jobs under their new names; those that wait are told to the broker anew, in the new queue."""
    jobs = apps.get_model("jobs", "Job").objects.using(schema_editor.connection.alias)
    jobs.filter(queue="ladder", status="queued").update(enqueued=None)
    jobs.filter(queue="ladder").update(queue="sweep")
    for before, after in (("ladder", "sweep"), ("level", "point")):
        jobs.filter(kind=before).update(kind=after)


GATHERED = (
    "adversarial_sha256", "adversarial_top", "attacked_pixels", "attacked_values", "changed_pixels", "control_l2",
    "control_reach", "control_top", "flat_from", "fooled", "l2", "label_from", "linf_levels", "original_top", "reached",
    "seconds", "ssim", "target", "verified", "zero_gradient", "zero_gradient_pixels",
)


class Migration(migrations.Migration):

    dependencies = [("lab", "0007_pictures_apart"), ("jobs", "0005_error_values"), ("registry", "0004_clothes"), ("pictures", "0001_initial")]

    operations = [
        migrations.RemoveConstraint("level", "one_level_once"),
        migrations.RemoveConstraint("draws", "drawn_once_at_each_level"),
        migrations.RenameModel("Ladder", "Sweep"),
        migrations.RenameModel("Level", "Point"),
        migrations.AlterModelOptions("sweep", {"verbose_name": "sweep", "verbose_name_plural": "sweeps"}),
        migrations.AlterModelOptions("point", {"verbose_name": "point of a sweep", "verbose_name_plural": "points of sweeps"}),
        migrations.AlterField("sweep", "attack", models.ForeignKey("lab.attack", django.db.models.deletion.CASCADE, related_name="sweeps", verbose_name="attack")),
        migrations.AlterField("point", "attack", models.ForeignKey("lab.attack", django.db.models.deletion.CASCADE, related_name="points", verbose_name="attack")),
        migrations.AlterField("sweep", "result", models.JSONField("result", null=True, help_text="inference.catalog.results.SweepResult")),
        migrations.RenameField("point", "k", "value"),
        migrations.RenameField("draws", "k", "value"),
        migrations.RenameField("draws", "said", "named"),
        migrations.AlterField("point", "value", models.FloatField("value", help_text="Of the option that is swept.")),
        migrations.AlterField("draws", "value", models.FloatField("value", help_text="Of the option that is swept.")),
        migrations.AddConstraint("point", models.UniqueConstraint(fields=("attack", "value"), name="one_point_once")),
        migrations.AddConstraint("draws", models.UniqueConstraint(fields=("attack", "value"), name="drawn_once_at_each_value")),
        migrations.AddField("prediction", "result", models.JSONField("result", null=True, help_text="inference.catalog.results.PredictResult")),
        migrations.AddField("attack", "result", models.JSONField("result", null=True, help_text="inference.catalog.results.AttackResult")),
        migrations.AddField("point", "result", models.JSONField("result", null=True, help_text="inference.catalog.results.PointResult")),
        migrations.AddField("attack", "change_file", models.CharField("file of the change, where there are no signs", max_length=200, blank=True, default=""), preserve_default=False),
        migrations.RunPython(gather, elidable=True),
        migrations.RunPython(rename_jobs, elidable=True),
        migrations.RemoveField("prediction", "top"),
        *(migrations.RemoveField("attack", name) for name in GATHERED),
        *(migrations.RemoveField("point", name) for name in ("sha256", "top", "verified", "linf_levels")),
    ]
