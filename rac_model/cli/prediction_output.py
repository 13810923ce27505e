"""What `predict` prints of a note: its codes, likeliest first, with their evidence if asked for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from rac_model.inference.predict import Explanation, Predictor, Span


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
        code: dict[str, Any] = {
            "code": why.code,
            "title": titles[why.code],
            "probability": probability,
            "logit": why.logit,
            "bias": why.bias,
        }
        if evidence:
            code |= _evidence(why, top)
        codes.append(code)
    return {"note_id": note_id, "codes": codes}


def as_jsonl(result: dict[str, Any]) -> str:
    """One line."""
    return json.dumps(result, ensure_ascii=False)


def as_text(result: dict[str, Any]) -> str:
    """A line a code: note, code, probability, title.

    Evidence is given by its place, so that no note text is copied.
    """
    lines = []
    for code in result["codes"]:
        fields = [
            result["note_id"],
            code["code"],
            f"{code['probability']:.3f}",
            code["title"],
        ]
        for span in code.get("evidence", []):
            fields.append(f"{span['start']}-{span['end']} {span['weight']:+.3f}")
        lines.append("\t".join(fields))
    return "\n".join(lines or [f"{result['note_id']}\tno code"])


def _evidence(why: Explanation, top: int | None) -> dict[str, Any]:
    """All spans; or the strongest, with the weights of the others summed as "rest"."""
    if top is None:
        return {"evidence": _spans(why.spans)}
    strongest, rest = why.strongest(top)
    return {"evidence": _spans(strongest), "rest": rest}


def _spans(spans: Sequence[Span]) -> list[dict[str, Any]]:
    return [{"start": start, "end": end, "weight": weight} for start, end, weight in spans]
