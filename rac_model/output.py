"""What `predict` prints of a note (codes, likeliest first, evidence if asked for), and `evaluate` of checkpoints."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

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
    """{"note_id", "codes": [...]}, as docs/rac.md has it: bias + all weights (+ rest) = logit."""
    codes = []
    for probability, why in predictor.code(text, threshold)[1]:
        code = {"code": why.code, "title": titles[why.code], "probability": probability}
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
    spans, rest = (why.spans, None) if top is None else why.strongest(top)
    shown = [{"start": start, "end": end, "weight": weight} for start, end, weight in spans]
    return {"evidence": shown} if rest is None else {"evidence": shown, "rest": rest}
