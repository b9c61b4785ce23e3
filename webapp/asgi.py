"""The site's front door: a cap on every body, then HTTP to Django and sockets to Channels."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

from asgiref.sync import sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter
from django.core.asgi import get_asgi_application

django = get_asgi_application()

from django.urls import path  # noqa: E402 - after Django is set up

from inference import images  # noqa: E402
from webapp.bodycap import BodyCap  # noqa: E402
from webapp.lab.consumers import JobConsumer  # noqa: E402
from webapp.sockets import same_origin  # noqa: E402


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The picture decoders start with the server, before the first visitor, and end with it."""
    steps = {"startup": images.start, "shutdown": images.shutdown}
    for event, step in steps.items():
        await receive()
        await sync_to_async(step)()
        await send({"type": f"lifespan.{event}.complete"})


sockets = URLRouter([path("ws/jobs/<uuid:job_id>", JobConsumer.as_asgi())])
application = BodyCap(ProtocolTypeRouter({"http": django, "websocket": same_origin(sockets), "lifespan": lifespan}))
