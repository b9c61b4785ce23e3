from axes.apps import AppConfig as AxesAppConfig
from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class VisitorsConfig(AppConfig):
    name = "webapp.visitors"
    verbose_name = _("Visitors and tokens")
    default = True


class WrongPasswordsConfig(AxesAppConfig):
    """django-axes under a name that says what it counts."""

    verbose_name = _("Wrong passwords")
