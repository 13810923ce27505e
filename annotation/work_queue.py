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
"""What a Redis raises that does not answer."""


@contextmanager
def quick_connection() -> Iterator[Connection]:
    """A connection to the queue that fails within a second. Raises one of AWAY."""
    pool = pools.connections[current_app.connection_for_write(transport_options=QUICK)]
    with pool.acquire(block=True) as connection:
        yield connection


def send(task: Task[..., None], *arguments: int | str | None, countdown: float = 0) -> bool:
    """Put a task into the queue. False, and a line in the log, where Redis does not answer."""
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
    """The Redis client of a connection, for keys of our own."""
    client: Redis = connection.default_channel.client  # type: ignore[attr-defined]  # Redis has it
    return client


def waiting_in(queue: str) -> int:
    """How many tasks wait in a queue. Raises one of AWAY."""
    with quick_connection() as connection:
        return redis_client(connection).llen(queue)


def kind(error: BaseException) -> str:
    """The kind of an error, for a log that must not have its words: they may hold note text."""
    return type(error).__name__
