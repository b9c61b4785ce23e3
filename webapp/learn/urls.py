from django.urls import path

from webapp.learn import views

urlpatterns = [
    path("learn/", views.overview, name="learn"),
    path("learn/words/", views.words, name="words"),
    path("learn/summary/", views.summary, name="summary"),
    path("learn/race/", views.race, name="race"),
    path("learn/<slug:slug>/", views.lesson, name="lesson"),
]
