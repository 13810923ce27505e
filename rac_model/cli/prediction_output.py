"""What `predict` prints of a note: its codes, likeliest first, with their evidence if asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from rac_model.inference.predict import Explanation, Predictor


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
    for probability, why in predictor.code(text, threshold).given:
        code = {"code": why.code, "title": titles[why.code], "probability": probability}
        codes.append(
            {
                **code,
                "logit": why.logit,
                "bias": why.bias,
                **(_evidence(why, top) if evidence else {}),
            }
        )
    return {"note_id": note_id, "codes": codes}


def as_jsonl(result: dict[str, Any]) -> str:
    """One line."""
    return json.dumps(result, ensure_ascii=False)


def as_text(result: dict[str, Any]) -> str:
    """A line a code: note, code, probability, title. Evidence is given by its place, so that no note text is copied."""
    lines = []
    for code in result["codes"]:
        places = [
            f"{item['start']}-{item['end']} {item['weight']:+.3f}"
            for item in code.get("evidence", [])
        ]
        fields = [
            result["note_id"],
            code["code"],
            f"{code['probability']:.3f}",
            code["title"],
            *places,
        ]
        lines.append("\t".join(fields))
    return "\n".join(lines or [f"{result['note_id']}\tno code"])


def _evidence(why: Explanation, top: int | None) -> dict[str, Any]:
    spans, rest = (why.spans, None) if top is None else why.strongest(top)
    shown = [{"start": start, "end": end, "weight": weight} for start, end, weight in spans]
    return {"evidence": shown} if rest is None else {"evidence": shown, "rest": rest}
