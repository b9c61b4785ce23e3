"""Marking words for translation where there is no Django to translate them."""

from typing import Any


class Listed(list[Any]):
    """The items of a list, as a value of a message: what stands between them is the reader's language's."""

    def __str__(self) -> str:
        return ", ".join(map(str, self))


def gettext_noop(message: str) -> str:
    """The message itself; makemessages finds it by this function's name, the page translates it."""
    return message


BESIDE = gettext_noop("%(name)s (%(more)s)")  # a name with what tells it from others of that name
SAID_OF = gettext_noop("%(name)s: %(said)s")


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """A message that counts something, as it is for one and for more."""
    return one, many
