"""A checkpoint that stands for a row of Table 2, and what lies beside it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmark.metrics.tables.paper import paper_rows
from icd.codes import Kind
from rac_model import checkpoint as checkpoints
from rac_model.checkpoint import Checkpoint, CheckpointError
from rac_model.config import Coder
from rac_model.data.held_out import Reading, read_as
from rac_model.inference.predict import predictor
from rac_model.models.registry import SYSTEMS

TRAINING = "training.json"


@dataclass(frozen=True)
class Entry:
    """What is kept of a checkpoint in memory: all but its weights."""

    folder: Path
    label: str
    """The folder's name, with its parent's where two have the same."""
    name: str
    config: Coder
    sha256: str
    codes: list[str]
    """In the order of the model's output, as they are read: two of them may then be one."""
    kinds: dict[str, Kind]
    """Code, as it is read -> its kind, by the checkpoint's own list."""
    counts: dict[str, int]
    """Training notes with each code; empty where the checkpoint does not say."""
    training: dict[str, Any] | None

    def head(self) -> dict[str, Any]:
        """What the document says of it beside its figures."""
        return {
            "system": self.config.row,
            "name": self.name,
            "kind": self.config.kind,
            "folder": self.label,
            "sha256": self.sha256,
            "remark": SYSTEMS[self.config.kind].remark,
            "published": published(self.config.row),
            "training": self.training,
        }


def entries(folders: Sequence[Path], reading: Reading) -> list[Entry]:
    """The checkpoints in the order of Table 2, all others after it.

    Each is loaded whole, so that a damaged one is met before any work. CheckpointError names one
    that cannot be used.
    """
    order = {row.name: place for place, row in enumerate(paper_rows("table2"))}
    found = []
    for folder, label in zip(folders, _labels(folders), strict=True):
        found.append(_entry(folder, label, reading))
    return sorted(found, key=lambda entry: order.get(entry.config.row, len(order)))


def published(row: str) -> dict[str, float]:
    """The paper's figures of a row of Table 2, as fractions; empty for another system."""
    for paper_row in paper_rows("table2"):
        if paper_row.name == row:
            return {name: round(value / 100, 6) for name, value in paper_row.percent.items()}
    return {}


def _entry(folder: Path, label: str, reading: Reading) -> Entry:
    """CheckpointError where the checkpoint cannot be used with this reading."""
    loaded = checkpoints.load(folder)
    predictor(loaded)
    codes = _codes(loaded, label, reading)
    as_read = {row.code: code for row, code in zip(loaded.codes, codes, strict=True)}
    counts: Counter[str] = Counter()
    for code, count in loaded.metrics.get("code_counts", {}).items():
        if code not in as_read:
            raise CheckpointError(
                f"{label}: metrics.json counts {code}, which codes.csv lacks; restore both files"
            )
        counts[as_read[code]] += int(count)
    return Entry(
        folder=folder,
        label=label,
        name=loaded.name,
        config=loaded.config,
        sha256=checkpoints.sha256(folder),
        codes=codes,
        kinds={as_read[row.code]: row.kind for row in loaded.codes},
        counts=dict(counts),
        training=_training(folder),
    )


def _codes(loaded: Checkpoint, label: str, reading: Reading) -> list[str]:
    """Codes of a checkpoint as they are read; one that learned them in that reading has them so."""
    if loaded.config.reading == "caml":
        if reading == "correct":
            raise CheckpointError(
                f"{label} learned codes as published tables read them, so it cannot be scored on "
                "correct ones; give --reading caml"
            )
        return [row.code for row in loaded.codes]
    return [read_as(row.code, row.kind, reading) for row in loaded.codes]


def _training(folder: Path) -> dict[str, Any] | None:
    """What `train` wrote beside the checkpoint: how long, and why it stopped."""
    path = folder / TRAINING
    if not path.is_file():
        return None
    try:
        facts = json.loads(path.read_text())
        return {**facts, "stop": str(facts["stop"])}
    except (ValueError, KeyError, TypeError):
        raise CheckpointError(
            f"{folder.name}: {TRAINING} is not what `train` writes; restore or delete it"
        ) from None


def _labels(folders: Sequence[Path]) -> list[str]:
    """A name for each folder: its own, with its parent's where two have the same."""
    resolved = [folder.resolve() for folder in folders]
    times = Counter(path.name for path in resolved)
    labels = []
    for path in resolved:
        if times[path.name] == 1:
            labels.append(path.name)
        else:
            labels.append(f"{path.parent.name}-{path.name}")
    for label, count in Counter(labels).items():
        if count > 1:
            raise CheckpointError(
                f"{label} is given {count} times; "
                "give each checkpoint once, in folders of own names"
            )
    return labels
