"""For migrations that take a model to another app."""

from typing import Any

from django.db import migrations


def permissions(before: str, after: str, model: str) -> migrations.RunPython:
    """Who was given permissions on the model keeps them."""

    def renamed(source: str, target: str) -> Any:
        def rename(apps: Any, schema_editor: Any) -> None:
            types = apps.get_model("contenttypes", "ContentType").objects.using(schema_editor.connection.alias)
            types.filter(app_label=source, model=model).update(app_label=target)

        return rename

    return migrations.RunPython(renamed(before, after), renamed(after, before))
