"""`manage.py setup`: everything a fresh or updated installation needs before it serves. Safe to repeat."""

import os
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.management.base import BaseCommand

from webapp.lab.samples import ensure_samples
from webapp.learn.services import ensure_prepared
from webapp.registry.live_cards import tell_all
from webapp.registry.services import register_shipped
from webapp.training.datasets import register_declared

UNUSED = ["redoc*"]  # what packages bring and no page asks for


class Command(BaseCommand):
    help = "Migrate, collect static files, register the shipped classifiers and samples, create the first admin."

    def handle(self, *args: Any, **options: Any) -> None:
        call_command("migrate", verbosity=0)
        call_command("collectstatic", verbosity=0, interactive=False, ignore_patterns=UNUSED)
        register_shipped()
        tell_all()
        register_declared()
        ensure_samples()
        if settings.PREPARE_COURSE:
            ensure_prepared()
        self._create_admin()

    def _create_admin(self) -> None:
        """The first administrator, whose random password is shown this once and kept nowhere."""
        users = get_user_model()._default_manager
        if users.filter(is_superuser=True).exists():
            return
        password = os.environ.get("GIBBON_ADMIN_PASSWORD") or secrets.token_urlsafe(12)
        users.create_superuser("admin", password=password)
        shown = "as given in GIBBON_ADMIN_PASSWORD" if os.environ.get("GIBBON_ADMIN_PASSWORD") else password
        self.stdout.write(f"Admin: user admin, password {shown} (shown only now)")
