from django.urls import path

from webapp.promotion import views

urlpatterns = [
    path("versions/<slug:version>/promote/", views.promote, name="promote_version"),
    path("classifiers/<slug:slug>/roll-back/", views.roll_back, name="roll_back"),
    path("promotions/<uuid:job_id>/", views.promotion, name="promotion"),
]
