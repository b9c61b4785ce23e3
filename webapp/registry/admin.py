"""Classifiers and their versions: immutable rows to look at, and the one thing done to them, promoting."""

import json
from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from webapp.core.admin_site import NOTHING, LookedAt, link_to, may, named, shown_name
from webapp.core.shown import preparation_name
from webapp.core.words import listed, said_of
from webapp.lab.class_words import names_of
from webapp.promotion.views import promote_or_ask, roll_back_to_previous
from webapp.registry.models import Classifier, ModelVersion

SHOWN = 5  # classes of a version
NAME: Any = shown_name  # a field, too: Django takes a function there
PREPARATION = named("preparation", preparation_name, _("pictures are prepared as"))


class VersionInline(LookedAt, admin.TabularInline):
    """A classifier's versions, newest first."""

    model = ModelVersion
    fields = ("version", "live", "created", "promoted")
    readonly_fields = ("version", "created")
    can_delete = False

    @admin.display(description=_("version"))
    def version(self, version: ModelVersion) -> str:
        return link_to(version)


@admin.register(Classifier)
class ClassifierAdmin(LookedAt, admin.ModelAdmin):
    """Read-only: a classifier is declared in the code or made by a training."""

    list_display = ("slug", shown_name, PREPARATION, "levels", "live_version")
    fields = ("slug", NAME, PREPARATION, "levels")
    readonly_fields = (NAME, PREPARATION)
    inlines = (VersionInline,)
    actions = ("roll_back",)

    def has_promote_permission(self, request: HttpRequest) -> bool:
        return may(request, "registry.promote_modelversion")

    @admin.action(description=_("Roll back: let the version answer that was live before"), permissions=["promote"])
    def roll_back(self, request: HttpRequest, classifiers: QuerySet[Classifier]) -> HttpResponse | None:
        if len(classifiers) != 1:
            self.message_user(request, gettext("Choose exactly one classifier to roll back."), messages.ERROR)
            return None
        return roll_back_to_previous(request, classifiers[0])

    @admin.display(description=_("live version"))
    def live_version(self, classifier: Classifier) -> str:
        return link_to(classifier.versions.filter(live=True).defer("card").first())


@admin.register(ModelVersion)
class ModelVersionAdmin(LookedAt, admin.ModelAdmin):
    """Read-only; who holds the permission `promote_modelversion` decides which version answers."""

    list_display = (shown_name, "classifier", "short_identity", "live", "created", "promoted")
    list_filter = ("classifier", "live")
    search_fields = ("name", "identity", "sha256")
    fields = (
        "classifier",
        NAME,
        "identity",
        "sha256",
        "source",
        "live",
        "created",
        "promoted",
        "accuracy",
        "labels",
        "facts",
    )
    readonly_fields = (NAME, "created", "accuracy", "labels", "facts")
    actions = ("promote",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[ModelVersion]:
        return super().get_queryset(request).select_related("classifier")

    @admin.display(description="SHA-256")
    def short_identity(self, version: ModelVersion) -> str:
        return version.identity[:12]

    @admin.display(description=_("accuracy, as measured"))
    def accuracy(self, version: ModelVersion) -> str:
        return pretty(version.card["accuracy"]) if "accuracy" in version.card else NOTHING

    @admin.display(description=_("classes"))
    def labels(self, version: ModelVersion) -> str:
        names = names_of(version)
        return said_of(str(len(names)), listed([*names[:SHOWN], *(["…"] if len(names) > SHOWN else [])]))

    @admin.display(description=_("card"))
    def facts(self, version: ModelVersion) -> str:
        return pretty({key: value for key, value in version.card.items() if key not in ("labels", "accuracy")})

    def has_promote_permission(self, request: HttpRequest) -> bool:
        return may(request, "registry.promote_modelversion")

    @admin.action(description=_("Promote: let this version answer from now on"), permissions=["promote"])
    def promote(self, request: HttpRequest, versions: QuerySet[ModelVersion]) -> HttpResponse | None:
        if len(versions) != 1:
            self.message_user(request, gettext("Choose exactly one version to promote."), messages.ERROR)
            return None
        return promote_or_ask(request, versions[0])


def pretty(facts: object) -> str:
    """JSON that people can read."""
    return format_html("<pre>{}</pre>", json.dumps(facts, indent=2, ensure_ascii=False))
