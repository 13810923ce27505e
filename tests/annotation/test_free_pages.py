"""PostgreSQL written anew: in its files no byte is left of what was deleted."""

from __future__ import annotations

from pathlib import Path

import environ
import psycopg
import pytest
from django.db import connections
from django.db.backends.postgresql.base import DatabaseWrapper

from label_studio_guard.free_pages import DatabaseBusyError, clean
from tests.on_file import holding
from tests.postgres import cluster

pytestmark = [pytest.mark.postgresql, pytest.mark.chaos]
GONE = "Quagga-7731"


def left(server: str) -> list[tuple[str, str]]:
    """The database's files, and its catalogue of statistics, that hold the word."""
    with psycopg.connect(f"{server}/kept", autocommit=True) as connection:
        connection.execute("CHECKPOINT")
        (folder,) = connection.execute("SHOW data_directory").fetchone()
        query = "SELECT count(*) FROM pg_statistic t WHERE t::text LIKE %s"
        (statistics,) = connection.execute(query, [f"%{GONE}%"]).fetchone()
    return holding(Path(folder) / "base", [GONE]) + [("pg_statistic", GONE)] * statistics


def wrapper(address: str) -> DatabaseWrapper:
    """Django's connection to it."""
    wanted = environ.Env.db_url_config(address)
    return DatabaseWrapper({**connections["default"].settings_dict, **wanted, "OPTIONS": {}}, "pg")


@pytest.mark.django_db
@pytest.mark.parametrize("emptied", [True, False])
def test_nothing_is_left_and_older_transactions_are_waited_for(emptied):
    with cluster("kept") as server, psycopg.connect(f"{server}/kept", autocommit=True) as other:
        other.execute("CREATE TABLE note (pk serial, name varchar(40), text text, more jsonb)")
        for k in range(200):
            long = f"{GONE} went on. " * (2000 if k % 2 else 1)
            values = [f"{GONE} {k}", f"{long}{k}", f'{{"text": "{GONE} {k}"}}']
            other.execute("INSERT INTO note (name, text, more) VALUES (%s, %s, %s)", values)
        other.execute("ANALYZE")
        assert ("pg_statistic", GONE) in left(server)
        older = psycopg.connect(f"{server}/kept")
        older.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        older.execute("SELECT count(*) FROM note")
        if emptied:
            other.execute("DELETE FROM note")
        else:
            other.execute("UPDATE note SET name = '', text = '', more = '{}'")
        connection = wrapper(f"{server}/kept")
        with pytest.raises(DatabaseBusyError, match="1 transactions"):
            clean(connection, patience=1)
        older.rollback()
        assert clean(connection, patience=5) == []
        connection.close()
        older.close()
        assert left(server) == []
