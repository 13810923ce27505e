"""What `predict` prints of a note (codes, likeliest first, evidence if asked for), and `evaluate` of checkpoints."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from benchmark.metrics import table2 as layout
from benchmark.metrics.rendering import render
from rac_model.predict import Explanation, Predictor


def prediction(
    predictor: Predictor,
    titles: Mapping[str, str],
    note_id: str,
    text: str,
    *,
    threshold: float,
    evidence: bool,
    top: int | None = None,
) -> dict[str, Any]:
    """{"note_id", "codes": [...]}, as INTERFACES of the docs has it: bias + all weights (+ rest) = logit."""
    probabilities = predictor.probabilities([text])[0]
    given = np.flatnonzero(probabilities > threshold)
    columns = [int(i) for i in given[np.argsort(-probabilities[given], kind="stable")]]
    codes = []
    for column, why in zip(columns, predictor.explain(text, columns), strict=True):
        code = {"code": why.code, "title": titles[why.code], "probability": float(probabilities[column])}
        codes.append({**code, "logit": why.logit, "bias": why.bias, **(_evidence(why, top) if evidence else {})})
    return {"note_id": note_id, "codes": codes}


def as_jsonl(result: dict[str, Any]) -> str:
    """One line."""
    return json.dumps(result, ensure_ascii=False)


def as_text(result: dict[str, Any]) -> str:
    """A line a code: note, code, probability, title. Evidence is given by its place, so that no note text is copied."""
    lines = []
    for code in result["codes"]:
        places = [f"{item['start']}-{item['end']} {item['weight']:+.3f}" for item in code.get("evidence", [])]
        fields = [result["note_id"], code["code"], f"{code['probability']:.3f}", code["title"], *places]
        lines.append("\t".join(fields))
    return "\n".join(lines or [f"{result['note_id']}\tno code"])


def table2(document: Mapping[str, Any], output_format: str, by: Sequence[str] = ()) -> str:
    """An evaluation in a format of `evaluate`; `by` asks for further tables, which JSON and CSV have without asking."""
    if output_format == "json":
        return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False) + "\n"
    if output_format == "csv":
        return layout.evaluation_csv(document)
    tables = [layout.table2(document)]
    tables += [
        layout.training_table(document) if name == "training" else layout.parts_table(document, name) for name in by
    ]
    return "\n".join(render(table, output_format) for table in tables)


def _evidence(why: Explanation, top: int | None) -> dict[str, Any]:
    spans = why.spans if top is None else sorted(why.spans, key=lambda span: -abs(span[2]))[:top]
    shown = [{"start": start, "end": end, "weight": weight} for start, end, weight in spans]
    if top is None:
        return {"evidence": shown}
    rest = math.fsum(weight for _, _, weight in why.spans) - math.fsum(weight for _, _, weight in spans)
    return {"evidence": shown, "rest": rest}
