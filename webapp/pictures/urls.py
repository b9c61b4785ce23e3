from django.urls import path

from webapp.pictures import views

urlpatterns = [
    path("pictures/delete-all/", views.delete_all, name="delete_all"),
    path("pictures/<uuid:picture_id>/delete/", views.delete, name="delete_picture"),
    path("images/<uuid:picture_id>.png", views.picture_file, name="picture"),
    path("thumbnails/<uuid:picture_id>/<slug:digest>.webp", views.thumbnail_file, name="thumbnail"),
]
