"""`manage.py token USER NAME`: issue a personal API token, shown once."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from webapp.core.words import clauses, run_on, said_of
from webapp.visitors.models import Token


class Command(BaseCommand):
    help = "Issue a personal token for the API; it is shown once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("user", help="whose token it is")
        parser.add_argument("name", help="what it is for")

    def handle(self, *args: Any, user: str, name: str, **options: Any) -> None:
        owner = get_user_model()._default_manager.filter(username=user).first()
        if owner is None:
            raise CommandError(f"There is no user called {user}.", returncode=2)
        token = Token(user=owner, name=name)
        secret = token.set_secret()
        try:
            token.full_clean()
        except ValidationError as error:
            said = clauses(said_of(field, run_on(words)) for field, words in error.message_dict.items())
            raise CommandError(said, returncode=2) from error
        token.save()
        self.stdout.write(secret)
