"""What `evaluate` and `table` print of checkpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.metrics.tables import table2 as layout
from benchmark.metrics.tables.rendering import render


def table2(document: Mapping[str, Any], output_format: str, by: Sequence[str] = ()) -> str:
    """An evaluation in a format of `evaluate`; `by` asks for further tables, which JSON and CSV have without asking."""
    if output_format == "json":
        return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if output_format == "csv":
        return layout.evaluation_csv(document)
    tables = [layout.table2(document)]
    tables += [
        layout.training_table(document)
        if name == "training"
        else layout.parts_table(document, name)
        for name in by
    ]
    return "\n".join(render(table, output_format) for table in tables)
