"""`manage.py worker --queues interactive,sweep,study`: one process that computes, watched by a small parent."""

import os
import sys
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from webapp.core.queues import FORMER_NAMES, QUEUES


class Command(BaseCommand):
    help = "Serve queues, in the order given. One worker per GPU: CUDA_VISIBLE_DEVICES=1 python manage.py worker"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", default=settings.WORKER_QUEUES, help="comma-separated, most urgent first")

    def handle(self, *args: Any, queues: str, **options: Any) -> None:
        asked = [queue.strip() for queue in queues.split(",") if queue.strip()]
        named = [FORMER_NAMES.get(queue, queue) for queue in asked]
        if not named or set(named) - set(QUEUES):
            raise CommandError(f"The queues are: {', '.join(QUEUES)}.", returncode=2)
        os.environ["GIBBON_WORKER_QUEUES"] = ",".join(named)  # the children read their settings anew
        from webapp.celery import PATIENCE, app

        app.conf.broker_transport_options |= {"socket_timeout": PATIENCE}
        served = named + [QUEUES[name].unasked for name in named]
        arguments = ["--quiet", "worker", "--pool=prefork", "--concurrency=1", "--loglevel=WARNING", "--without-mingle"]
        arguments += ["--without-gossip", "--without-heartbeat", f"--queues={','.join(served)}"]
        arguments += [f"--hostname={named[0]}-{os.getpid()}@%h"]
        app.worker_main(arguments)
        sys.exit(0)
