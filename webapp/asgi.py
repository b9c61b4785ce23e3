"""The site's front door: a cap on every body, then HTTP to Django and sockets to Channels."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

django = get_asgi_application()

from django.urls import path  # noqa: E402 - after Django is set up

from webapp.bodycap import BodyCap  # noqa: E402
from webapp.lab.consumers import JobConsumer  # noqa: E402
from webapp.sockets import same_origin  # noqa: E402

sockets = URLRouter([path("ws/jobs/<uuid:job_id>", JobConsumer.as_asgi())])
application = BodyCap(ProtocolTypeRouter({"http": django, "websocket": same_origin(sockets)}))
