"""Pictures as an administrator sees them: to find one that must go, and to let it go with all its files."""

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.defaultfilters import filesizeformat
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.translation import gettext, gettext_noop, ngettext
from django.utils.translation import gettext_lazy as _

from webapp.core import files
from webapp.core.admin_site import NOTHING, LookedAt, filtered_by_name, link_to, named
from webapp.core.errors import not_found
from webapp.core.shown import attack_name, preparation_name
from webapp.core.words import beside, said_of
from webapp.lab.models import Attack
from webapp.pictures.deleting import delete_picture, jobs_of
from webapp.pictures.models import Picture

THUMBNAIL = 96  # pixels

STATES = {
    "success": gettext_noop("it works"),
    "failed": gettext_noop("it does not work"),
    "invalid": gettext_noop("the file differs"),
}


ATTACK = named("attack", attack_name, _("attack"))
PREPARATION = named("preparation", preparation_name, _("prepared as"))


class AttackInline(LookedAt, admin.TabularInline):
    """What was done to the picture, one line an attack."""

    model = Attack
    fields = ("job_link", ATTACK, "params", "state")
    readonly_fields = ("job_link", ATTACK, "state")
    can_delete = False

    @admin.display(description=_("job"))
    def job_link(self, attack: Attack) -> str:
        return link_to(attack.job)

    @admin.display(description=_("what came of it"))
    def state(self, attack: Attack) -> str:
        return gettext(STATES[attack.result["state"]]) if attack.result else NOTHING


@admin.register(Picture)
class PictureAdmin(LookedAt, admin.ModelAdmin):
    """Read-only; who may delete pictures deletes files, jobs and results with them. The samples stay."""

    list_display = ("thumbnail", "owner", PREPARATION, "measures", "size", "created", "expires")
    list_display_links = ("thumbnail",)
    list_filter = (
        filtered_by_name("preparation", preparation_name),
        ("visitor", admin.EmptyFieldListFilter),
        "created",
    )
    search_fields = ("sha256", "sample")
    list_select_related = ("visitor__user",)
    list_per_page = 25
    fields = ("large", "owner", PREPARATION, "measures", "size", "sha256", "created", "expires")
    readonly_fields = ("large", "owner", PREPARATION, "measures", "size")
    inlines = (AttackInline,)

    def get_urls(self) -> list[URLPattern]:
        image = path(
            "<uuid:picture_id>/picture.png", self.admin_site.admin_view(self.image), name="pictures_picture_image"
        )
        return [image, *super().get_urls()]

    def image(self, request: HttpRequest, picture_id: UUID) -> HttpResponse:
        """The PNG, for who may look at pictures here; its owner's address would not let an administrator in."""
        if not self.has_view_permission(request):
            raise not_found()
        picture = get_object_or_404(Picture, pk=picture_id)
        try:
            content = files.read(picture.file)
        except FileNotFoundError as error:
            raise not_found() from error
        return HttpResponse(content, content_type="image/png", headers={"Cache-Control": "private, no-cache"})

    @admin.display(description=_("picture"))
    def thumbnail(self, picture: Picture) -> str:
        return image_tag(picture, THUMBNAIL)

    @admin.display(description=_("picture"))
    def large(self, picture: Picture) -> str:
        return image_tag(picture, 4 * THUMBNAIL)

    @admin.display(description=_("owner"), ordering="visitor")
    def owner(self, picture: Picture) -> str:
        return link_to(picture.visitor) if picture.visitor else said_of(gettext("sample"), str(picture))

    @admin.display(description=_("width × height"), ordering="width")
    def measures(self, picture: Picture) -> str:
        return f"{picture.width} × {picture.height}"

    @admin.display(description=_("size"), ordering="bytes")
    def size(self, picture: Picture) -> str:
        return filesizeformat(picture.bytes)

    def has_delete_permission(self, request: HttpRequest, obj: Picture | None = None) -> bool:
        allowed = admin.ModelAdmin.has_delete_permission(self, request, obj)
        return allowed and (obj is None or obj.visitor_id is not None)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list[str], dict[str, int], set[str], list]:
        """What goes along: the jobs, by number; they need no permission of their own."""
        pictures = [picture for picture in objs if picture.visitor_id]
        jobs = sum(len(jobs_of(picture)) for picture in pictures)
        counts = {str(Picture._meta.verbose_name_plural): len(pictures), str(_("jobs")): jobs}
        return [beside(str(picture), self.measures(picture)) for picture in pictures], counts, set(), []

    def delete_model(self, request: HttpRequest, obj: Picture) -> None:
        delete_picture(obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Picture]) -> None:
        own = [picture for picture in queryset if picture.visitor_id]
        for picture in own:
            delete_picture(picture)
        if samples := len(queryset) - len(own):
            message = ngettext("%(count)s sample stays.", "%(count)s samples stay.", samples)
            self.message_user(request, message % {"count": samples}, messages.WARNING)


def image_tag(picture: Picture, longest: int) -> str:
    """The picture at most `longest` pixels wide and high, its proportions kept."""
    scale = longest / max(picture.width, picture.height)
    address = reverse("admin:pictures_picture_image", args=[picture.pk])
    width, height = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    tag = '<img src="{}" width="{}" height="{}" alt="{}" loading="lazy">'
    return format_html(tag, address, width, height, picture)
