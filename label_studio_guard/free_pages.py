"""Cleaning a database of what was deleted from it: free pages, the log beside it, statistics.

A deleted row's bytes stay where they were until something else is written there. This writes the
database anew, so that they are gone. Both databases are cleaned by it: Label Studio's from inside
its own process, and our site's.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import OperationalError

PATIENCE = 30.0
"""Seconds that it waits for others who read or write."""
PAUSE = 0.5
TEXT_TYPES = ("text", "character varying", "jsonb", "json")

OLDER_ONES = """
SELECT
  (SELECT count(*) FROM pg_stat_activity
   WHERE (datname = current_database() OR datname IS NULL) AND pid <> pg_backend_pid()
     AND age(backend_xmin) >= age(%s::text::xid))
  + (SELECT count(*) FROM pg_prepared_xacts
     WHERE database = current_database() AND age(transaction) >= age(%s::text::xid))
  + (SELECT count(*) FROM pg_replication_slots WHERE age(xmin) >= age(%s::text::xid))
"""
"""How many of those that PostgreSQL keeps deleted rows for began before a transaction's number."""


class DatabaseBusyError(RuntimeError):
    """Others are at work in the database. The words say what to do; it can be tried again."""


def clean(connection: Any, patience: float = PATIENCE) -> list[str]:
    """Write the whole database anew, so that nothing of a deleted row is left in its files.

    Outside of any transaction. Returns what was beyond reach, a sentence each. Doing it twice does
    no harm. Raises DatabaseBusyError.
    """
    if connection.in_atomic_block:
        raise DatabaseBusyError("a database is not cleaned in the midst of a transaction")
    if connection.vendor == "sqlite":
        _clean_sqlite(connection, patience)
        return []
    if connection.vendor == "postgresql":
        return _clean_postgresql(connection, patience)
    raise DatabaseBusyError(f"nobody knows how to clean a database of {connection.vendor}")


def _clean_sqlite(connection: Any, patience: float) -> None:
    """VACUUM writes the database into its log (WAL); the checkpoint moves it over the old file.

    It then cuts the log to nothing. Nobody may be reading in that moment.
    """
    end = time.monotonic() + patience
    while True:
        try:
            with connection.cursor() as cursor:
                cursor.execute("VACUUM")
                cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
                busy, _, _ = cursor.fetchone()
        except OperationalError:
            busy = True
        if not busy:
            return
        if time.monotonic() > end:
            raise DatabaseBusyError(
                "somebody reads or writes in the SQLite database all the time; stop what is at "
                "work, then try again"
            )
        time.sleep(PAUSE)


def _clean_postgresql(connection: Any, patience: float) -> list[str]:
    """Write each table anew, and the statistics that the planner keeps of values."""
    with connection.cursor() as cursor:
        _wait_for_older_ones(cursor, patience)
        with _short_waits(cursor, patience):
            try:
                for table in sorted(connection.introspection.table_names(cursor)):
                    _table_anew(cursor, table)
                return _statistics_anew(cursor)
            except OperationalError as error:
                raise DatabaseBusyError(
                    f"PostgreSQL could not lock its tables ({type(error).__name__}): somebody is "
                    "at work in one; try again"
                ) from None


def _wait_for_older_ones(cursor: Any, patience: float) -> None:
    """Wait until nothing is left that began before now: PostgreSQL keeps deleted rows for it.

    Transactions, of a dump for example, prepared ones, and replicas. Raises DatabaseBusyError.
    """
    cursor.execute("SELECT txid_current()")
    mark = str(cursor.fetchone()[0] % 2**32)
    end = time.monotonic() + patience
    while True:
        cursor.execute(OLDER_ONES, [mark] * 3)
        older = cursor.fetchone()[0]
        if not older:
            return
        if time.monotonic() > end:
            raise DatabaseBusyError(
                f"{older} transactions or replicas of PostgreSQL are older than the removal (a "
                "dump?), and rows are kept for them; try again when they have ended"
            )
        time.sleep(PAUSE)


@contextmanager
def _short_waits(cursor: Any, patience: float) -> Iterator[None]:
    """While it waits for a table everybody else waits for it; so not for long."""
    cursor.execute("SELECT set_config('lock_timeout', %s, false)", [f"{patience:.0f}s"])
    try:
        yield
    finally:
        cursor.execute("SELECT set_config('lock_timeout', '0', false)")


def _table_anew(cursor: Any, table: str) -> None:
    """A table with its long values (TOAST), its indexes and its statistics.

    Of a table without rows no statistics are made, and the old ones would stay, which hold values.
    They go where a column is given the type that it has.
    """
    name = '"' + table.replace('"', '""') + '"'
    cursor.execute(f"VACUUM (FULL, ANALYZE) {name}")
    cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [name])
    if cursor.fetchone()[0] > 0:
        return
    cursor.execute(
        "SELECT a.attname, format_type(a.atttypid, a.atttypmod) FROM pg_attribute a"
        " JOIN pg_stats s ON s.attname = a.attname AND s.tablename = %s"
        " AND s.schemaname = current_schema()"
        " WHERE a.attrelid = %s::regclass AND a.attnum > 0",
        [table, name],
    )
    for column, kind in cursor.fetchall():
        if kind.partition("(")[0] in TEXT_TYPES:
            cursor.execute(f'ALTER TABLE {name} ALTER COLUMN "{column}" TYPE {kind}')


def _statistics_anew(cursor: Any) -> list[str]:
    """The table of statistics, which only the database's owner may write anew."""
    cursor.execute(
        "SELECT pg_has_role(datdba, 'MEMBER') FROM pg_database WHERE datname = current_database()"
    )
    if not cursor.fetchone()[0]:
        return [
            "PostgreSQL's statistics (pg_statistic): old ones may hold short texts; have the "
            "database's owner run VACUUM FULL pg_statistic"
        ]
    cursor.execute("VACUUM FULL pg_catalog.pg_statistic")
    return []
