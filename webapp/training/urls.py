from django.urls import path

from webapp.training import views

urlpatterns = [
    path("training/", views.runs, name="training_runs"),
    path("training/<uuid:job_id>/", views.run, name="training_run"),
    path("training/<uuid:job_id>/epochs.csv", views.run_csv, name="training_csv"),
    path("training/<uuid:job_id>/run.json", views.run_json, name="training_json"),
    path("training/<uuid:job_id>/mistakes.png", views.mistakes, name="training_mistakes"),
    path("training/<uuid:job_id>/<slug:action>/", views.steer, name="steer_training"),
    path("versions/<slug:version>/checks/", views.check_version, name="version_checks"),
    path("datasets/", views.datasets, name="datasets"),
    path("datasets/<slug:slug>/", views.dataset, name="dataset"),
    path("datasets/<slug:slug>/<slug:which>.png", views.dataset_picture, name="dataset_picture"),
]
