"""Table 2, laid out from an evaluation document: each system with its published row beside it, and its parts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
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
BY = {"frequency": "by how often training notes have a code", "kind": "diagnoses and procedures apart"}
NAMES = {"title-match": "Title matching"}
"""Presets without a row in the paper's Table 2 -> what they are called."""
RANKED = ("auc_macro", "auc_micro", "macro_f1_caml", "micro_f1", "p@5", "p@8", "p@15", "micro_f1_tuned")


def table2(document: Mapping[str, Any]) -> Table:
    """A row a checkpoint, the paper's row below it; the best ranked value of a column is marked."""
    rows: list[Row] = []
    paper = {row.name: row for row in paper_rows("table2")}
    checkpoints = document["checkpoints"]
    last = {row["system"]: i for i, row in enumerate(checkpoints)}
    best = _best(checkpoints)
    for i, (label, row) in enumerate(zip(labels(checkpoints), checkpoints, strict=True)):
        marks = tuple(ranked(row) and row["metrics"][c.key] == best.get(c.key) for c in TABLE2)
        rows.append(row_of("rater", label, TABLE2, row["metrics"], marks))
        if row["system"] in paper and last[row["system"]] == i:
            published = {key: percent / 100 for key, percent in paper[row["system"]].percent.items()}
            rows.append(row_of("paper", row["system"], TABLE2, published))
    title = f"Table 2. Systems on the {document['split']} split of {document['data']}, per cent"
    return Table(title, "System", TABLE2, tuple(rows), tuple(_footnotes(document)))


def parts_table(document: Mapping[str, Any], by: str) -> Table:
    """A row a part of the label space and checkpoint; `by` is "frequency" or "kind"."""
    checkpoints = document["checkpoints"]
    known = [
        (label, part)
        for label, row in zip(labels(checkpoints), checkpoints, strict=True)
        for part in row[f"by_{by}"]
        if part["codes"]
    ]
    names = list(dict.fromkeys(part["part"] for _, part in known))
    known.sort(key=lambda pair: names.index(pair[1]["part"]))
    rows = [row_of("rater", f"{part['part']}: {label}", PARTS, part) for label, part in known]
    unknown = [label for label, row in zip(labels(checkpoints), checkpoints, strict=True) if not row[f"by_{by}"]]
    notes = [f"Training counts not known: {', '.join(unknown)}; evaluate with --train-data."] if unknown else []
    if by == "frequency":
        whose = ", ".join(document["training_counts"]) or "the notes that each checkpoint learned from"
        notes.insert(0, f"Training notes that have the code, in {whose}.")
    return Table(f"Table 2 {BY[by]}, per cent", "Part: system", PARTS, tuple(rows), tuple(notes))


def training_table(document: Mapping[str, Any]) -> Table:
    """How each checkpoint was trained, and how sure its micro-F1 is."""
    checkpoints = document["checkpoints"]
    rows = tuple(_training_row(label, row) for label, row in zip(labels(checkpoints), checkpoints, strict=True))
    notes = (
        f"Intervals: {REPLICATES:,} resamples of the notes scored, the same for all rows. "
        "-: not written down in training.",
    )
    return Table("Training of the systems", "System", TRAINING, rows, notes)


def evaluation_csv(document: Mapping[str, Any]) -> str:
    """A row a checkpoint with every figure of the document, nested names joined by ":"; fractions."""
    head = {key: value for key, value in document.items() if key != "checkpoints"}
    rows = [dict(_flat(row)) | {"ranked": ranked(row)} | dict(_flat(head)) for row in document["checkpoints"]]
    names = list(dict.fromkeys(name for row in rows for name in row))
    return spreadsheet_csv([names, *([row.get(name, "") for name in names] for row in rows)])


def labels(checkpoints: Sequence[Mapping[str, Any]]) -> list[str]:
    """Row of Table 2, or the preset's name; the folder where that is not enough; marks after it.

    >>> row = {"system": "LAAT", "name": "laat", "folder": "a", "remark": "", "training": {"stop": "budget"}}
    >>> labels([row, row | {"system": "", "folder": "b", "training": None}])
    ['LAAT (budget)', 'laat']
    """
    names = [row["system"] or NAMES.get(row["name"], row["name"]) for row in checkpoints]
    times = Counter(names)
    return [_marked(name, row, times[name] > 1) for name, row in zip(names, checkpoints, strict=True)]


def _marked(name: str, row: Mapping[str, Any], several: bool) -> str:
    marks = [row["remark"], "" if ranked(row) else ending(row)]
    shown = ", ".join(mark for mark in marks if mark)
    return name + (f" [{row['folder']}]" if several else "") + (f" ({shown})" if shown else "")


def _best(checkpoints: Sequence[Mapping[str, Any]]) -> dict[str, float]:
    """Highest ranked value of each column; none where fewer than two rows are ranked."""
    found = [row["metrics"] for row in checkpoints if ranked(row)]
    return {key: max(metrics[key] for metrics in found) for key in RANKED} if len(found) > 1 else {}


def _footnotes(document: Mapping[str, Any]) -> list[str]:
    space, dev = document["label_space"], document["dev"]
    notes = [
        f"n = {document['notes']:,} notes{' (synthetic: no result about people)' if document['synthetic'] else ''}, "
        f"{document['reference_codes_per_note']:.1f} reference codes a note. Label space: {space['name']}, "
        f"{space['size']:,} codes, sha256 {space['sha256'][:12]}; {document['reading']} reading of codes.",
        "AUC, F1 and codes a note: a code is given above .5. Then the same at the threshold with the best micro-F1 on "
        f"the {dev['notes']:,} notes of {dev['data']}'s dev split; no threshold is tuned on test.",
        "Macro-F1: harmonic mean of macro precision and macro recall (CAML's definition); JSON and CSV have two more.",
        "*: best of the ranked rows.",
        f"(paper): Kim and Ganapathi 2021, {paper_rows('table2')[0].notes:,} notes of MIMIC-III, which are others.",
    ]
    if document["split"] == "dev":
        notes.insert(2, "These are the dev notes: dev's threshold was tuned on the very notes scored.")
    if document["reference_outside"]:
        notes.insert(1, f"{document['reference_outside']:,} reference codes lie outside the label space: misses.")
    ends = sorted({ending(row) for row in document["checkpoints"] if not ranked(row)})
    return notes + [f"({end}): {UNFINISHED[end]} before it stopped improving; not ranked." for end in ends]


def _training_row(label: str, row: Mapping[str, Any]) -> Row:
    facts, interval = row["training"] or {}, row["intervals"].get("micro_f1", {})
    found = {key: facts.get(key) for key in ("epochs", "best_epoch", "stop", "notes_per_second", "device", "seed")}
    found["training_notes"] = (facts.get("notes") or {}).get("train")
    found["tokens"] = facts["tokens"] / 1e6 if "tokens" in facts else None
    found["minutes"] = facts["seconds"] / 60 if "seconds" in facts else None
    found["cpu_minutes"] = facts["cpu_seconds"] / 60 if "cpu_seconds" in facts else None
    shown = [_fact(found.get(column.key)) for column in TRAINING[:-2]]
    bounds = [f"{100 * interval[end]:.1f}" if end in interval else "-" for end in ("low", "high")]
    return Row("rater", label, (*shown, *bounds), (*shown, *bounds))


def _fact(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:,.1f}" if isinstance(value, float) else f"{value:,}" if isinstance(value, int) else str(value)


def _flat(value: Mapping[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    """Nested names joined by ":"; an item of a list of parts by the part's name."""
    pairs: list[tuple[str, Any]] = []
    for key, item in value.items():
        if isinstance(item, list):
            item = {part.pop("part"): part for part in map(dict, item)} if item and isinstance(item[0], dict) else item
            item = " ".join(map(str, item)) if isinstance(item, list) else item
        if isinstance(item, Mapping):
            pairs += _flat(item, f"{prefix}{key}:")
        else:
            pairs.append((f"{prefix}{key}", item))
    return pairs
