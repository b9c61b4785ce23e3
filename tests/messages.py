"""Collects every marked text into locale/, compiles the catalogues, and says what is left to translate.

    python -m tests.messages

Wants GNU gettext (xgettext, msgmerge, msgfmt), which no site needs: what it writes is committed.
"""

import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import polib

ROOT = Path(__file__).resolve().parents[1]
LOCALE = ROOT / "locale"
LANGUAGES = ("zh_Hans",)
DOMAINS = ("django", "djangojs")  # Python with templates, and the browser's scripts
ELSEWHERE = ["tests/*", "benchmarks/*", "static/vendor/*", "var/*"]
DATE = re.compile(rb'^"POT-Creation-Date: .*\n', re.MULTILINE)  # would be a changed line in every commit


def catalogues() -> list[Path]:
    """Every catalogue of messages."""
    return sorted(LOCALE.glob("*/LC_MESSAGES/*.po"))


def untranslated(path: Path) -> Iterator[str]:
    """What of a catalogue says nothing yet, or is marked as doubtful: the messages, with where they are found."""
    for entry in polib.pofile(str(path)):
        said = list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]
        if not all(said) or entry.fuzzy:
            yield f"{', '.join(place for place, _line in entry.occurrences)}: {entry.msgid!r}"


def collect() -> None:
    """Write the catalogues anew from the sources; what is translated stays, what is gone goes."""
    from django.core.management import call_command
    from django.core.management.commands import makemessages

    class Collecting(makemessages.Command):
        xgettext_options = [*makemessages.Command.xgettext_options, "--keyword=ngettext_noop:1,2"]
        msgmerge_options = [*makemessages.Command.msgmerge_options, "--no-fuzzy-matching"]

    os.chdir(ROOT)
    for domain in DOMAINS:
        call_command(
            Collecting(), domain=domain, locale=list(LANGUAGES), ignore_patterns=list(ELSEWHERE), no_wrap=True,
            add_location="file", no_obsolete=True, verbosity=0,
        )  # fmt: skip
    for path in catalogues():
        path.write_bytes(DATE.sub(b"", path.read_bytes()))
        polib.pofile(str(path)).save_as_mofile(str(path.with_suffix(".mo")))


def main() -> int:
    """Collect, compile, tell; 1 where something is left to translate."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    django.setup()
    collect()
    left = [f"{path.name}: {message}" for path in catalogues() for message in untranslated(path)]
    print(*left, f"{len(left)} left to translate.", sep="\n")
    return 1 if left else 0


if __name__ == "__main__":
    sys.exit(main())
