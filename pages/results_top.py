"""The upper half of a study's results: the answer, Table 1, charts, where the difference lies."""

from __future__ import annotations

from typing import Any

from benchmark.selectors.table1 import given_since, interim_words, study_table
from benchmark.tables.charts import CHARTS
from benchmark.tables.codes_a_note import spread_table
from benchmark.tables.summary import headline
from pages.choices import Choice


def top_context(choice: Choice) -> dict[str, Any]:
    """What the upper half shows of a benchmark."""
    newest = choice.run
    assert newest is not None  # the page asks only then
    document = newest.result
    tally = newest.tally
    return {
        "table": study_table(newest),
        "headline": headline(document),
        "interim": interim_words(newest),
        "given_since": given_since(newest) if document.label_space.name == "union" else [],
        "charts": {name: draw(document, tally) for name, draw in CHARTS.items()},
        "spread_table": spread_table(document, tally) if tally else None,
        "document": document,
    }
