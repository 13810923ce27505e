"""What Django's query language lacks and both databases have."""

from __future__ import annotations

from typing import Any

from django.db.models import Func, IntegerField


class JSONLength(Func):
    """How many members a JSON list has."""

    function = "jsonb_array_length"
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        return self.as_sql(compiler, connection, function="json_array_length", **context)
