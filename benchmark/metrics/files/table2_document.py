"""The document that `python -m rac_model evaluate --format json` prints.

It is checked before anybody relies on it.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

FORMAT = "coderbench-evaluation-1"
Types = dict[str, type | tuple[type, ...]]
"""Field -> what it must be."""
HEAD: Types = {
    "split": str,
    "data": str,
    "synthetic": bool,
    "notes": int,
    "notes_sha256": str,
    "reading": str,
    "reference_codes_per_note": (int, float),
    "reference_outside": int,
    "label_space": dict,
    "dev": dict,
    "training_counts": list,
    "checkpoints": list,
}
ROW: Types = {
    "system": str,
    "name": str,
    "kind": str,
    "folder": str,
    "sha256": str,
    "remark": str,
    "published": dict,
    "training": (dict, type(None)),
    "metrics": dict,
    "intervals": dict,
    "by_frequency": list,
    "by_kind": list,
}
SHARES = (
    "auc_macro",
    "auc_micro",
    "macro_f1_caml",
    "macro_f1_mean_all",
    "macro_f1_mean_present",
    "micro_f1",
    "micro_precision",
    "micro_recall",
    "p@5",
    "p@8",
    "p@15",
    "threshold_tuned",
    "micro_f1_tuned",
    "micro_precision_tuned",
    "micro_recall_tuned",
    "macro_f1_caml_tuned",
    "macro_precision_tuned",
    "macro_recall_tuned",
)
"""Figures of a checkpoint between 0 and 1."""
NUMBERS = ("codes_per_note", "codes_per_note_tuned")
"""Figures of a checkpoint that may be more than 1."""
ANEW = "write the file anew with evaluate --format json"
UNFINISHED = {"budget": "its time was up", "interrupted": "it was interrupted"}
"""Ends of a training before the model stopped improving: such a row is marked and not ranked."""


class BadEvaluationError(ValueError):
    """The document cannot be used; the message names the row, what is wrong with it and the fix."""


def read_evaluation(text: str) -> dict[str, Any]:
    """The document of a JSON text, every row checked. Raises BadEvaluationError."""
    try:
        document = json.loads(text)
    except ValueError as error:
        problem = f"not JSON ({error}); write it with evaluate --format json"
        raise BadEvaluationError(problem) from None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        problem = f"not a document of format {FORMAT}; write it with evaluate --format json"
        raise BadEvaluationError(problem)
    _check_fields("the head", document, HEAD)
    _check_fields("label_space", document["label_space"], {"name": str, "size": int, "sha256": str})
    _check_fields("dev", document["dev"], {"data": str, "notes": int})
    if document["notes"] < 1 or not document["checkpoints"]:
        raise BadEvaluationError(
            "no notes or no checkpoints were measured; run evaluate with at least one of each"
        )
    for number, row in enumerate(document["checkpoints"], start=1):
        _check_row(f"row {number}", row)
    return document


def ranked(row: Mapping[str, Any]) -> bool:
    """Whether the row's model was trained until it stopped improving, as far as is known."""
    return ending(row) not in UNFINISHED


def ending(row: Mapping[str, Any]) -> str:
    """Why the training of the row's model stopped; empty where it is not known."""
    return str((row["training"] or {}).get("stop", ""))


def _check_row(where: str, row: Any) -> None:
    """A checkpoint: its fields, its figures, their intervals, and its parts."""
    if not isinstance(row, dict):
        raise BadEvaluationError(f"{where} is no object; {ANEW}")
    where = f"{where} ({row.get('system') or row.get('name') or 'no name'})"
    _check_fields(where, row, ROW)
    if not re.fullmatch(r"[0-9a-f]{64}", row["sha256"]):
        raise BadEvaluationError(
            f"{where}: sha256 is not 64 hex digits; it is the checkpoint's identity"
        )
    for key in SHARES:
        _check_number(where, key, row["metrics"].get(key), most=1.0)
    for key in NUMBERS:
        _check_number(where, key, row["metrics"].get(key), most=math.inf)
    for key, value in row["published"].items():
        _check_number(where, f"published {key}", value, most=1.0)
    for name, bounds in row["intervals"].items():
        for end in ("low", "high"):
            _check_number(where, f"interval of {name}, {end}", dict(bounds).get(end), most=1.0)
    for part in (*row["by_frequency"], *row["by_kind"]):
        _check_part(where, part)


def _check_part(where: str, part: Any) -> None:
    """The figures of a part of the label space."""
    if not isinstance(part, dict) or not isinstance(part.get("part"), str):
        raise BadEvaluationError(f"{where}: a part has no name; {ANEW}")
    for key, value in part.items():
        if key == "part":
            continue
        most = 1.0
        if key in ("codes", "reference"):
            most = math.inf
        _check_number(f"{where}, part {part['part']}", key, value, most)


def _check_fields(where: str, found: Mapping[str, Any], wanted: Types) -> None:
    """Every field wanted is there and of its type."""
    for name, kind in wanted.items():
        if name not in found:
            raise BadEvaluationError(f"{where}: {name} is missing; {ANEW}")
        value = found[name]
        # Python counts True as an int.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise BadEvaluationError(f"{where}: {name} is {type(value).__name__}; {ANEW}")


def _check_number(where: str, name: str, value: Any, most: float) -> None:
    """A number from 0 up to `most`; never NaN."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if number and 0 <= value <= most:
        return
    wanted = "a number, 0 or more"
    if most == 1:
        wanted = "a share between 0 and 1"
    raise BadEvaluationError(
        f"{where}: {name} is {value!r}, not {wanted}; write the file anew with evaluate"
    )
