#!/usr/bin/env python
"""Django's command line for Gibbon."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    from inference.cli.terminal import printing

    with printing():
        try:
            execute_from_command_line(sys.argv)
        except ImproperlyConfigured as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(2)


if __name__ == "__main__":
    main()
