from django.urls import path

from webapp.pages import views

urlpatterns = [
    path("about/", views.about, name="about"),
    path("csrf.json", views.fresh_token, name="fresh_token"),
]
