from django.urls import path

from webapp.pages import views

urlpatterns = [path("about/", views.about, name="about")]
