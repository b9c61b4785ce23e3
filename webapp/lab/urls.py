from django.urls import path

from webapp.lab import views

urlpatterns = [
    path("", views.home, name="home"),
    path("lab/<uuid:job_id>/", views.lab, name="lab"),
    path("lab/<uuid:job_id>/beside.json", views.comparison, name="comparison"),
    path("lab/<uuid:job_id>/steps.json", views.steps, name="other_steps"),
    path("lab/sample/<slug:slug>/", views.lab_sample, name="lab_sample"),
    path("lab/picture/<uuid:picture_id>/", views.lab_picture, name="lab_picture"),
    path("lab/with/<slug:slug>/", views.lab_with, name="lab_with"),
    path("lab/version/<slug:version>/", views.lab_version, name="lab_version"),
    path("lab/recipe/<slug:slug>/", views.attack_recipe, name="attack_recipe"),
    path("lab/recipe/<slug:slug>/source/", views.attack_source, name="attack_source"),
    path("upload/", views.upload, name="upload"),
    path("pictures/", views.pictures, name="pictures"),
    path("results/<uuid:job_id>/<slug:which>.<slug:ending>", views.result_file, name="result_file"),
    path("s/<slug:token>/", views.shared, name="shared"),
    path("s/<slug:token>/state.json", views.shared_state, name="shared_state"),
    path("s/<slug:token>/<slug:which>.<slug:ending>", views.shared_file, name="shared_file"),
]
