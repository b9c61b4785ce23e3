"""The site's front door: a cap on every body, then HTTP to Django and sockets to Channels."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

import django
from asgiref.sync import sync_to_async
from channels.routing import ProtocolTypeRouter, URLRouter

django.setup(set_prefix=False)

from django.conf import settings  # noqa: E402 - after Django is set up
from django.urls import path, set_script_prefix  # noqa: E402

from inference import images  # noqa: E402
from webapp.core.body_cap import BodyCap  # noqa: E402
from webapp.core.handler import Handler, close_connections  # noqa: E402
from webapp.core.root_path import placed  # noqa: E402
from webapp.core.set_up import wait_until_set_up  # noqa: E402
from webapp.core.sockets import same_origin  # noqa: E402
from webapp.lab.consumers import JobConsumer  # noqa: E402


async def lifespan(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """The picture decoders start with the server, before the first visitor, and end with it."""
    steps = {"startup": (images.start,), "shutdown": (images.shutdown, close_connections)}
    for event, actions in steps.items():
        await receive()
        for action in actions:
            await sync_to_async(action)()
        await send({"type": f"lifespan.{event}.complete"})


def below(app: Any) -> Any:
    """Gives every request the path that visitors see, cut off by a proxy or not, and every address made here too."""

    async def at_its_path(scope: dict[str, Any], receive: Any, send: Any) -> None:
        if settings.BELOW and "path" in scope:
            scope = scope | {"path": placed(scope["path"], settings.BELOW), "root_path": settings.BELOW}
            set_script_prefix(f"{settings.BELOW}/")
        await app(scope, receive, send)

    return at_its_path


wait_until_set_up()  # static files are looked up once, now
sockets = URLRouter([path("ws/jobs/<uuid:job_id>", JobConsumer.as_asgi())])
protocols = ProtocolTypeRouter({"http": Handler(), "websocket": same_origin(sockets), "lifespan": lifespan})
application = below(BodyCap(protocols))
