"""Sending tasks to the queue (Redis), quickly or not at all.

A person who pressed a button must not wait for a dead Redis. A task that cannot be sent loses
nothing: the database says what is left to do, and sweeps find it when Redis is back.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from celery import Task, current_app
from kombu import pools
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

QUICK = {"max_retries": 0, "socket_connect_timeout": 0.5, "socket_timeout": 0.5}
"""No second try, and half a second for a Redis that takes the connection and then says nothing."""
AWAY = (OperationalError, RedisError, OSError)
"""The errors that are raised when Redis does not answer."""


@contextmanager
def quick_connection() -> Iterator[Connection]:
    """A connection to the queue. Where Redis does not answer, using it raises one of AWAY within a
    second."""
    pool = pools.connections[current_app.connection_for_write(transport_options=QUICK)]
    with pool.acquire(block=True) as connection:  # waits for another thread's, itself quick
        yield connection


def send(task: Task[..., None], *arguments: int | str | None, countdown: float = 0) -> bool:
    """Put a task into the queue; a worker may start it after `countdown` seconds.

    False, and a line in the log, where Redis does not answer. The log has the arguments: they are
    ids, never note text.
    """
    pool = pools.producers[current_app.connection_for_write(transport_options=QUICK)]
    try:
        with pool.acquire(block=True) as producer:
            task.apply_async(arguments, producer=producer, countdown=countdown, retry=False)
    except AWAY as error:
        logger.warning(
            "%s%r waits for a sweep, the queue does not answer: %s",
            task.name,
            arguments,
            kind(error),
        )
        return False
    return True


def redis_client(connection: Connection) -> Redis:
    """The Redis client under a connection to the queue, for what Celery does not offer."""
    client: Redis = connection.default_channel.client  # type: ignore[attr-defined]  # Redis has it
    return client


def waiting_in(queue: str) -> int:
    """How many tasks wait in a queue. Raises one of AWAY."""
    with quick_connection() as connection:
        return redis_client(connection).llen(queue)


def kind(error: BaseException) -> str:
    """The name of an error's class. Its words may hold note text, and stay out of logs."""
    return type(error).__name__
