"""The queue: Celery carries ids from the site to the workers; the database row is the truth."""

import os
from typing import Any
from urllib.parse import urlsplit

from celery import Celery
from celery.app.amqp import AMQP
from django.conf import settings
from kombu import Connection

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")


def broker_url(redis_url: str) -> str:
    """Celery's spelling of the address that redis-py calls `unix:///path`."""
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}" if parts.scheme == "unix" else redis_url


FIRST, AFTER_WHAT_HAS_BEGUN = 0, 3  # priorities within the queues, as kombu counts them
PATIENCE = 5  # seconds that a worker waits for an answer of the broker


class Reconnecting(Connection):
    """A worker that lost its broker looks for it every second; kombu waits 2, 4, 6, … 30."""

    def _ensure_connection(self, *args: Any, **options: Any) -> Any:
        every_second = {"interval_start": 1, "interval_step": 0, "interval_max": 1}
        return super()._ensure_connection(*args, **(every_second | options))


class Queues(AMQP):
    """Celery's own, with our connection."""

    Connection = Reconnecting


app = Celery("gibbon", amqp=Queues)
app.conf.update(
    broker_url=broker_url(settings.REDIS_URL),
    broker_connection_timeout=1,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,  # for ever
    broker_transport_options={
        "global_keyprefix": "gibbon-",
        "queue_order_strategy": "priority",  # queues are served in the order a worker names them
        "priority_steps": [FIRST, AFTER_WHAT_HAS_BEGUN],
        "sep": ":",
        "socket_connect_timeout": 0.5,
        "socket_timeout": 0.8,  # for those who send; a worker's parent, who waits for messages, has PATIENCE
        "visibility_timeout": 24 * 3600,  # lost deliveries are the keeper's business, not the broker's
        "max_retries": 0,
    },
    task_publish_retry=False,  # a broker that is down is answered by the outbox
    task_default_queue="interactive",
    task_acks_late=True,  # with prefetch 1 a worker holds nothing but the task it runs, so order is kept
    worker_prefetch_multiplier=1,
    task_ignore_result=True,
    task_store_errors_even_if_ignored=False,
    worker_pool_start_method="spawn",  # a fork after torch has run hangs, and CUDA does not survive one
    worker_proc_alive_timeout=300,  # a child says it is up when its networks are loaded; Celery would kill it after 4 s
    worker_hijack_root_logger=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_send_task_events=False,
    task_time_limit=None,
    task_serializer="json",
    accept_content=["json"],
    CELERY_DB_REUSE_MAX=1000,  # jobs; Celery closes the database around each, webapp.jobs.worker where there is need
    imports=["webapp.jobs.tasks", "webapp.jobs.worker"],
)
