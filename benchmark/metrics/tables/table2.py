"""Table 2, laid out from an evaluation document.

Each system with its published row below it; then its figures by parts of the label space, and how
it was trained.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from benchmark.metrics.certainty.bootstrap import REPLICATES
from benchmark.metrics.files.table2_document import UNFINISHED, ending, ranked
from benchmark.metrics.tables.columns import row_of
from benchmark.metrics.tables.paper import paper_rows
from benchmark.metrics.tables.rendering import Column, Row, Table
from files.spreadsheet_csv import spreadsheet_csv

TABLE2 = (
    Column("macro", "AUC", "auc_macro"),
    Column("micro", "AUC", "auc_micro"),
    Column("macro", "F1", "macro_f1_caml"),
    Column("micro", "F1", "micro_f1"),
    Column("5", "P@k", "p@5"),
    Column("8", "P@k", "p@8"),
    Column("15", "P@k", "p@15"),
    Column("codes", "a note", "codes_per_note"),
    Column("at", "dev's threshold", "threshold_tuned"),
    Column("F1", "micro, tuned", "micro_f1_tuned"),
    Column("P", "micro, tuned", "micro_precision_tuned"),
    Column("R", "micro, tuned", "micro_recall_tuned"),
    Column("F1", "macro, tuned", "macro_f1_caml_tuned"),
    Column("P", "macro, tuned", "macro_precision_tuned"),
    Column("R", "macro, tuned", "macro_recall_tuned"),
    Column("codes", "a note, tuned", "codes_per_note_tuned"),
)
PARTS = (
    Column("codes", "of the list", "codes"),
    Column("given", "by the reference", "reference"),
    Column("P", "micro, at .5", "micro_precision"),
    Column("R", "micro, at .5", "micro_recall"),
    Column("F1", "micro, at .5", "micro_f1"),
    Column("F1", "macro", "macro_f1_caml"),
    Column("P", "micro, at dev's threshold", "micro_precision_tuned"),
    Column("R", "micro, at dev's threshold", "micro_recall_tuned"),
    Column("F1", "micro, at dev's threshold", "micro_f1_tuned"),
    Column("F1", "macro", "macro_f1_caml_tuned"),
)
TRAINING = (
    Column("notes", "training", "training_notes"),
    Column("epochs", "training", "epochs"),
    Column("best", "training", "best_epoch"),
    Column("stop", "training", "stop"),
    Column("million tokens", "training", "tokens"),
    Column("minutes", "training", "minutes"),
    Column("processor minutes", "training", "cpu_minutes"),
    Column("notes a second", "training", "notes_per_second"),
    Column("device", "training", "device"),
    Column("seed", "training", "seed"),
    Column("low", "micro-F1 at .5, 95%", "low"),
    Column("high", "micro-F1 at .5, 95%", "high"),
)
BY = {
    "frequency": "by how often training notes have a code",
    "kind": "diagnoses and procedures apart",
}
NAMES = {"title-match": "Title matching"}
"""Presets without a row in the paper's Table 2 -> what they are called."""
RANKED = (
    "auc_macro",
    "auc_micro",
    "macro_f1_caml",
    "micro_f1",
    "p@5",
    "p@8",
    "p@15",
    "micro_f1_tuned",
)
"""Columns whose best value is marked."""


def table2(document: Mapping[str, Any]) -> Table:
    """A row for each checkpoint, the paper's below it; the best ranked of a column is marked."""
    rows: list[Row] = []
    paper = {row.name: row for row in paper_rows("table2")}
    checkpoints = document["checkpoints"]
    last_of = {row["system"]: place for place, row in enumerate(checkpoints)}
    best = _best(checkpoints)
    for place, label in enumerate(labels(checkpoints)):
        row = checkpoints[place]
        system = row["system"]
        rows.append(row_of("rater", label, TABLE2, row["metrics"], _marks(row, best)))
        if system in paper and last_of[system] == place:
            published = {key: percent / 100 for key, percent in paper[system].percent.items()}
            rows.append(row_of("paper", system, TABLE2, published))
    title = f"Table 2. Systems on the {document['split']} split of {document['data']}, per cent"
    return Table(title, "System", TABLE2, tuple(rows), tuple(_footnotes(document)))


def parts_table(document: Mapping[str, Any], by: str) -> Table:
    """A row for each part of the label space and checkpoint; `by` is "frequency" or "kind"."""
    checkpoints = document["checkpoints"]
    by_part: dict[str, list[Row]] = {}
    unknown = []
    for label, row in zip(labels(checkpoints), checkpoints, strict=True):
        if not row[f"by_{by}"]:
            unknown.append(label)
        for part in row[f"by_{by}"]:
            if part["codes"]:
                name = part["part"]
                in_part = by_part.setdefault(name, [])
                in_part.append(row_of("rater", f"{name}: {label}", PARTS, part))
    rows = list(chain.from_iterable(by_part.values()))
    notes = []
    if by == "frequency":
        counted = document["training_counts"] or ["the notes that each checkpoint learned from"]
        notes.append(f"Training notes that have the code, in {', '.join(counted)}.")
    if unknown:
        labels_of = ", ".join(unknown)
        notes.append(f"Training counts not known: {labels_of}; evaluate with --train-data.")
    return Table(f"Table 2 {BY[by]}, per cent", "Part: system", PARTS, tuple(rows), tuple(notes))


def training_table(document: Mapping[str, Any]) -> Table:
    """How each checkpoint was trained, and how sure its micro-F1 is."""
    checkpoints = document["checkpoints"]
    rows = tuple(map(_training_row, labels(checkpoints), checkpoints))
    notes = (
        f"Intervals: {REPLICATES:,} resamples of the notes scored, the same for all rows. "
        "-: not written down in training.",
    )
    return Table("Training of the systems", "System", TRAINING, rows, notes)


def evaluation_csv(document: Mapping[str, Any]) -> str:
    """A row for each checkpoint with every figure of the document, as fractions.

    Nested names are joined by ":".
    """
    head = {key: value for key, value in document.items() if key != "checkpoints"}
    rows = []
    columns: dict[str, None] = {}  # in the order in which rows bring them
    for row in document["checkpoints"]:
        flat = {**_flat(row), "ranked": ranked(row), **_flat(head)}
        columns.update(dict.fromkeys(flat))
        rows.append(flat)
    lines = [list(columns)]
    for flat in rows:
        lines.append([flat.get(name, "") for name in columns])
    return spreadsheet_csv(lines)


def labels(checkpoints: Sequence[Mapping[str, Any]]) -> list[str]:
    """What each checkpoint is called: the system's row of Table 2, or the preset's name.

    The folder follows where several have one name, then why a row is marked.

    >>> row = {"system": "LAAT", "name": "laat", "folder": "a", "remark": "", "training": None}
    >>> unfinished = row | {"folder": "b", "training": {"stop": "budget"}}
    >>> labels([row, unfinished, row | {"system": ""}])
    ['LAAT [a]', 'LAAT [b] (budget)', 'laat']
    """
    names = [row["system"] or NAMES.get(row["name"], row["name"]) for row in checkpoints]
    times = Counter(names)
    found = []
    for name, row in zip(names, checkpoints, strict=True):
        label = name
        if times[name] > 1:
            label += f" [{row['folder']}]"
        marks = []
        if row["remark"]:
            marks.append(row["remark"])
        if not ranked(row):
            marks.append(ending(row))
        if marks:
            label += f" ({', '.join(marks)})"
        found.append(label)
    return found


def _best(checkpoints: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Highest ranked value of each column; none where fewer than two rows are ranked."""
    found = [row["metrics"] for row in checkpoints if ranked(row)]
    if len(found) < 2:
        return {}
    return {key: max(metrics[key] for metrics in found) for key in RANKED}


def _marks(row: Mapping[str, Any], best: Mapping[str, float]) -> tuple[bool, ...]:
    """Which columns of Table 2 the row is best in."""
    if not ranked(row):
        return (False,) * len(TABLE2)
    return tuple(row["metrics"][column.key] == best.get(column.key) for column in TABLE2)


def _footnotes(document: Mapping[str, Any]) -> list[str]:
    """What a reader of Table 2 must know, in the order of how much it matters."""
    space = document["label_space"]
    dev = document["dev"]
    remark = ""
    if document["synthetic"]:
        remark = " (synthetic: no result about people)"
    notes = [
        f"n = {document['notes']:,} notes{remark}, "
        f"{document['reference_codes_per_note']:.1f} reference codes a note. "
        f"Label space: {space['name']}, {space['size']:,} codes, sha256 {space['sha256'][:12]}; "
        f"{document['reading']} reading of codes."
    ]
    if document["reference_outside"]:
        outside = document["reference_outside"]
        notes.append(f"{outside:,} reference codes lie outside the label space: misses.")
    notes.append(
        "AUC, F1 and codes a note: a code is given above .5. Then the same at the threshold with "
        f"the best micro-F1 on the {dev['notes']:,} notes of {dev['data']}'s dev split; "
        "no threshold is tuned on test."
    )
    if document["split"] == "dev":
        notes.append("These are the dev notes: dev's threshold was tuned on the very notes scored.")
    notes += [
        "Macro-F1: harmonic mean of macro precision and macro recall (CAML's definition); "
        "JSON and CSV have two more.",
        "*: best of the ranked rows.",
        f"(paper): Kim and Ganapathi 2021, {paper_rows('table2')[0].notes:,} notes of MIMIC-III, "
        "which are others.",
    ]
    unfinished = {ending(row) for row in document["checkpoints"] if not ranked(row)}
    for end in sorted(unfinished):
        notes.append(f"({end}): {UNFINISHED[end]} before it stopped improving; not ranked.")
    return notes


def _training_row(label: str, row: Mapping[str, Any]) -> Row:
    """What a checkpoint's training wrote down; - for what it did not."""
    written = row["training"] or {}
    facts = {
        **written,
        "training_notes": (written.get("notes") or {}).get("train"),
        "tokens": _quotient(written.get("tokens"), 1e6),
        "minutes": _quotient(written.get("seconds"), 60),
        "cpu_minutes": _quotient(written.get("cpu_seconds"), 60),
    }
    interval = row["intervals"].get("micro_f1", {})
    cells = [_fact(facts.get(column.key)) for column in TRAINING[:-2]]
    for end in ("low", "high"):
        if end in interval:
            cells.append(f"{100 * interval[end]:.1f}")
        else:
            cells.append("-")
    return Row("rater", label, tuple(cells), tuple(cells))


def _quotient(value: float | None, unit: float) -> float | None:
    """A value in a larger unit; None where it was not written down."""
    if value is None:
        return None
    return value / unit


def _fact(value: Any) -> str:
    if value is None:
        return "-"
    if isinstance(value, float):
        return f"{value:,.1f}"
    if isinstance(value, int):
        return f"{value:,}"
    return str(value)


def _flat(value: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """A nested document as one level, names joined by ":"; parts in a list go by their names."""
    found: dict[str, Any] = {}
    for key, item in value.items():
        name = f"{prefix}{key}"
        if isinstance(item, list) and item and isinstance(item[0], dict):
            for part in item:
                figures = {inner: figure for inner, figure in part.items() if inner != "part"}
                found.update(_flat(figures, f"{name}:{part['part']}:"))
        elif isinstance(item, list):
            found[name] = " ".join(map(str, item))
        elif isinstance(item, Mapping):
            found.update(_flat(item, f"{name}:"))
        else:
            found[name] = item
    return found
