#!/usr/bin/env python
"""Django's command line for Gibbon."""

import os
import sys


def main() -> None:
    """Run one management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    from django.core.management import execute_from_command_line

    from inference.cli.terminal import printing

    with printing():
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
