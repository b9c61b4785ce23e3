"""The site's settings with a language that nobody speaks in the place of Chinese: each marked text in ⟦brackets⟧.

What stands on a page outside of them is not marked, or put together elsewhere. For tests/browser/test_languages.py:

    started_site(folder, DJANGO_SETTINGS_MODULE="tests.support.pseudo_settings")
"""

import os
from pathlib import Path

import polib

from webapp.settings import *  # noqa: F403 - these are the site's settings

OPENS, CLOSES = "⟦", "⟧"
PSEUDO = Path(os.environ["GIBBON_DATA"]) / "pseudo"


def _write(catalogue: Path) -> None:
    """Every message as its own translation, in brackets."""
    compiled = PSEUDO / catalogue.relative_to(BASE_DIR / "locale").with_suffix(".mo")  # noqa: F405 - as above
    if compiled.exists():
        return
    compiled.parent.mkdir(parents=True, exist_ok=True)
    messages = polib.pofile(str(catalogue))
    for entry in messages:
        if entry.msgid_plural:
            entry.msgstr_plural = {0: f"{OPENS}{entry.msgid_plural}{CLOSES}"}
        else:
            entry.msgstr = f"{OPENS}{entry.msgid}{CLOSES}"
    draft = compiled.with_suffix(f".{os.getpid()}")
    messages.save_as_mofile(str(draft))
    draft.rename(compiled)


for path in (BASE_DIR / "locale").glob("*/LC_MESSAGES/*.po"):  # noqa: F405 - as above
    _write(path)
LOCALE_PATHS = [PSEUDO]
