from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PromotionConfig(AppConfig):
    name = "webapp.promotion"
    verbose_name = _("Promotion")
