"""People: visitors, their tokens, wrong passwords, and users, who leave together with what they brought."""

from typing import Any, ClassVar

from axes.models import AccessAttempt
from django.contrib import admin, messages
from django.contrib.auth import get_user_model
from django.contrib.auth.admin import UserAdmin
from django.contrib.auth.models import AbstractBaseUser
from django.db.models import CharField, Count, ForeignKey, QuerySet
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from webapp.core.admin_site import LookedAt, may
from webapp.core.clean_names import CleanCharField
from webapp.jobs.models import Job
from webapp.pictures.deleting import delete_all
from webapp.pictures.models import Picture
from webapp.pictures.services import kept
from webapp.visitors.models import Token, Visitor

User = get_user_model()


class LeavesWithEverything:
    """Mixin: deleting the row deletes pictures, jobs and files through the service that knows them all."""

    def visitor_of(self, row: Any) -> Visitor | None:
        raise NotImplementedError

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> tuple[list, dict[str, int], set[str], list]:
        """What goes along needs no permission of its own."""
        gone, counts, needed, protected = super().get_deleted_objects(objs, request)  # type: ignore[misc]
        taken = {str(model._meta.verbose_name) for model in (Visitor, Token, Job, Picture)}
        return gone, counts, {name for name in needed if str(name) not in taken}, protected

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        if visitor := self.visitor_of(obj):
            delete_all(visitor)
        obj.delete()

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet) -> None:
        for row in queryset:
            self.delete_model(request, row)


@admin.register(Visitor)
class VisitorAdmin(LeavesWithEverything, LookedAt, admin.ModelAdmin):
    """Read-only; deleting one forgets the browser and everything it brought."""

    list_display = ("__str__", "user", "created", "pictures", "jobs")
    list_filter = (("user", admin.EmptyFieldListFilter), "created")
    search_fields = ("user__username",)
    list_select_related = ("user",)
    fields = ("id", "user", "created", "pictures", "jobs", "disk")
    readonly_fields = ("id", "created", "pictures", "jobs", "disk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Visitor]:
        counts = {"picture_count": Count("pictures", distinct=True), "job_count": Count("jobs", distinct=True)}
        return super().get_queryset(request).annotate(**counts).order_by("-created")

    def visitor_of(self, row: Visitor) -> Visitor:
        return row

    @admin.display(description=_("pictures"), ordering="picture_count")
    def pictures(self, visitor: Any) -> int:
        return visitor.picture_count

    @admin.display(description=_("jobs"), ordering="job_count")
    def jobs(self, visitor: Any) -> int:
        return visitor.job_count

    @admin.display(description=_("on the disk"))
    def disk(self, visitor: Visitor) -> str:
        return filesizeformat(kept(visitor).bytes)

    def has_delete_permission(self, request: HttpRequest, obj: Visitor | None = None) -> bool:
        return may(request, "visitors.delete_visitor")


@admin.register(Token)
class TokenAdmin(LookedAt, admin.ModelAdmin):
    """Issued and revoked, never changed. The secret is shown once; only its digest is kept, and that is never shown."""

    list_display = ("name", "user", "is_valid", "created", "last_used", "revoked")
    list_filter = (("revoked", admin.EmptyFieldListFilter),)
    search_fields = ("name", "user__username")
    list_select_related = ("user",)
    actions = ("revoke",)
    formfield_overrides: ClassVar = {CharField: {"form_class": CleanCharField}}

    def get_fields(self, request: HttpRequest, obj: Token | None = None) -> tuple[str, ...]:
        return ("user", "name") + (("created", "last_used", "revoked") if obj else ())

    def get_readonly_fields(self, request: HttpRequest, obj: Token | None = None) -> tuple[str, ...]:
        return ("created", "last_used", "revoked") if obj else ()

    def has_add_permission(self, request: HttpRequest, obj: Token | None = None) -> bool:
        return may(request, "visitors.add_token")

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return may(request, "visitors.change_token")

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        return {"user": request.user.pk}

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Only a superuser issues tokens in another's name."""
        if not request.user.is_superuser:
            kwargs["queryset"] = User._default_manager.filter(username=request.user.get_username())
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Token, form: Any, change: bool) -> None:
        secret = obj.set_secret()
        super().save_model(request, obj, form, change)
        message = gettext("The token is %(secret)s — copy it now, it is not shown again.")
        self.message_user(request, message % {"secret": secret}, messages.WARNING)

    @admin.display(description=_("valid"), boolean=True)
    def is_valid(self, token: Token) -> bool:
        return token.revoked is None and token.user.is_active

    @admin.action(description=_("Revoke the selected tokens"), permissions=["revoke"])
    def revoke(self, request: HttpRequest, tokens: QuerySet[Token]) -> None:
        count = tokens.filter(revoked=None).update(revoked=timezone.now())
        message = ngettext("%(count)s token was revoked.", "%(count)s tokens were revoked.", count)
        self.message_user(request, message % {"count": count})


@admin.register(AccessAttempt)
class WrongPasswordAdmin(LookedAt, admin.ModelAdmin):
    """Wrong passwords of the last minutes, by account and address. Who deletes a row lets that person try again."""

    list_display = ("username", "ip_address", "failures_since_start", "attempt_time")
    search_fields = ("username", "ip_address")
    fields = ("username", "ip_address", "user_agent", "failures_since_start", "attempt_time")
    readonly_fields = ("attempt_time",)

    def has_delete_permission(self, request: HttpRequest, obj: AccessAttempt | None = None) -> bool:
        return may(request, "axes.delete_accessattempt")


class PersonAdmin(LeavesWithEverything, UserAdmin):
    """Django's page for users; a user who is deleted takes pictures, jobs and files along."""

    def visitor_of(self, row: AbstractBaseUser) -> Visitor | None:
        return Visitor.objects.filter(user_id=row.pk).first()


admin.site.unregister(User)
admin.site.register(User, PersonAdmin)
