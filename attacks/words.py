"""Marking words for translation where there is no Django to translate them."""


def gettext_noop(message: str) -> str:
    """The message itself; makemessages finds it by this function's name, the page translates it."""
    return message


def ngettext_noop(one: str, many: str) -> tuple[str, str]:
    """A message that counts something, as it is for one and for more."""
    return one, many
