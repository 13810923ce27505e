"""What `evaluate` and `table` print of checkpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from benchmark.metrics.tables import table2 as layout
from benchmark.metrics.tables.rendering import render


def table2(document: Mapping[str, Any], output_format: str, by: Sequence[str] = ()) -> str:
    """An evaluation in a format of `evaluate`.

    `by` names further tables of text, md and tex; JSON and CSV have them anyway.
    """
    if output_format == "json":
        return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if output_format == "csv":
        return layout.evaluation_csv(document)
    tables = [layout.table2(document)]
    for name in by:
        if name == "training":
            tables.append(layout.training_table(document))
        else:
            tables.append(layout.parts_table(document, name))
    return "\n".join(render(table, output_format) for table in tables)
