"""The queue: Celery carries ids from the site to the workers; the database row is the truth."""

import os
from urllib.parse import urlsplit

from celery import Celery
from django.conf import settings

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")


def broker_url(redis_url: str) -> str:
    """Celery's spelling of the address that redis-py calls `unix:///path`."""
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}" if parts.scheme == "unix" else redis_url


app = Celery("gibbon")
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_timeout=1,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "global_keyprefix": "gibbon-",
        "queue_order_strategy": "priority",  # queues are served in the order a worker names them
        "socket_connect_timeout": 1,
        "socket_timeout": 5,
        "visibility_timeout": 24 * 3600,  # lost deliveries are the keeper's business, not the broker's
        "max_retries": 1,
    },
    task_publish_retry=False,  # a broker that is down is answered by the outbox
    task_default_queue="interactive",
    task_acks_late=True,  # with prefetch 1 a worker holds nothing but the task it runs, so order is kept
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_pool_start_method="spawn",  # a fork after torch has run hangs, and CUDA does not survive one
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=False,
    task_time_limit=None,
    task_serializer="json",
    accept_content=["json"],
    imports=["webapp.jobs.tasks", "webapp.jobs.worker"],
)
