"""Every address of the site."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import JavaScriptCatalog

from webapp.api.views import api
from webapp.pages import health

urlpatterns = [
    path("", include("webapp.lab.urls")),
    path("", include("webapp.pictures.urls")),
    path("", include("webapp.training.urls")),
    path("", include("webapp.learn.urls")),
    path("", include("webapp.promotion.urls")),
    path("", include("webapp.pages.urls")),
    path("api/v1/", api.urls),
    path("admin/workers/", RedirectView.as_view(pattern_name="admin:jobs_worker_changelist"), name="workers"),
    path("admin/", admin.site.urls),
    path("jsi18n/", JavaScriptCatalog.as_view(), name="javascript-catalog"),
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("metrics", health.metrics),
]

handler400 = "webapp.core.answers.bad_request"
handler403 = "webapp.core.answers.permission_denied"
handler404 = "webapp.core.answers.page_not_found"
handler500 = "webapp.core.answers.server_error"
