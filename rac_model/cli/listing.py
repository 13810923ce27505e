"""What `list` prints: the rows of Table 2 with their presets, every preset, every field."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from benchmark.metrics.tables.paper import paper_rows
from rac_model.models.base import System
from rac_model.models.registry import SYSTEMS, published


def lines() -> Iterator[str]:
    """Line by line."""
    presets = "presets, the one with the published hyper-parameters first"
    yield f"{'row of Table 2':36} {'kind':14} {presets}"
    for row in paper_rows("table2"):
        yield from _row(row.name)
    yield "\npresets:"
    for system in SYSTEMS.values():
        for name, preset in system.presets.items():
            yield f"  {name:42} {preset.about}"
    for system in SYSTEMS.values():
        yield f"\nfields of {system.kind}, as published:"
        config = published(system.kind)
        for item in fields(config):
            yield f"  {item.name:20} {item.metadata['meaning']} ({getattr(config, item.name)})"


def presets_of(row: str) -> dict[str, System]:
    """Preset -> its system, of a row of Table 2, in the order of the registry."""
    found = {}
    for system in SYSTEMS.values():
        for name, preset in system.presets.items():
            if preset.config.row == row:
                found[name] = system
    return found


def _row(name: str) -> Iterator[str]:
    presets = presets_of(name)
    kinds: dict[str, None] = {}
    remarks: dict[str, None] = {}
    for system in presets.values():
        kinds[system.kind] = None
        if system.remark:
            remarks[f" ({system.remark})"] = None
    shown = ", ".join(presets) + "".join(remarks)
    yield f"{name:36} {', '.join(kinds) or '-':14} {shown or '-'}"
