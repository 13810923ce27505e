"""Tables that pages and downloads of results share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from benchmark.metrics.tables.rendering import Table
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import AgreementDocument
from benchmark.scoring.presets import Preset
from benchmark.tables.agreement import AGREEMENT
from benchmark.tables.summary import definitions_table

D = TypeVar("D")


def definitions(newest: Mapping[str, BenchmarkRun], presets: Sequence[Preset]) -> Table | None:
    """The raters' figures by each preset that the study was scored by; it names the other presets.

    `newest` is the newest run of each preset, by the preset's name.
    """
    scored = {}
    unscored = []
    for preset in presets:
        if preset.name in newest:
            scored[preset.title] = newest[preset.name].result
        else:
            unscored.append(preset.title)
    return definitions_table(scored, unscored)


def agreement_tables(found: AgreementDocument | None) -> dict[str, Table]:
    """The raters compared with each other, in a study that has no reference: tables by name.

    Empty until two raters have coded the same note.
    """
    if found is None or not any(pair.notes for pair in found.pairs):
        return {}
    return _filled(AGREEMENT, found)


def _filled(by_name: Mapping[str, Callable[[D], Table | None]], document: D) -> dict[str, Table]:
    """The tables that the document has something for, by name."""
    tables = {}
    for name, lay_out in by_name.items():
        table = lay_out(document)
        if table:
            tables[name] = table
    return tables
