"""Scores in any of their shapes are read back to the last bit, and what is not told stays so."""

from __future__ import annotations

import json

import numpy as np
from hypothesis import strategies as st

from files.codings import Asked, parse_codings
from files.score_cells import AskedScores
from files.source import from_bytes
from tests.generated import given, settings

CODES = ("401.9", "428.0", "038.9", "V10.3", "E885.9", "38.93")
SHARES = st.floats(0, 1, width=32)
NOTES = st.lists(
    st.dictionaries(st.sampled_from(CODES), SHARES, max_size=6), min_size=1, max_size=6
)


def long(notes: list[dict[str, float]]) -> bytes:
    lines = ["doc_id;icd9;p"]
    for number, scores in enumerate(notes):
        lines += [f"n{number};{code};{score!r}" for code, score in scores.items()]
        if not scores:
            lines.append(f"n{number};;")
    return "\n".join(lines).encode()


def lines(notes: list[dict[str, float]]) -> bytes:
    rows = [{"note_id": f"n{number}", "scores": scores} for number, scores in enumerate(notes)]
    return "\n".join(map(json.dumps, rows)).encode()


def listed(notes: list[dict[str, float]]) -> bytes:
    rows = []
    for number, scores in enumerate(notes):
        codes = [{"code": code, "probability": score} for code, score in scores.items()]
        rows.append({"note_id": f"n{number}", "codes": codes})
    return json.dumps(rows).encode()


SHAPES = {"long.csv": long, "lines.jsonl": lines, "listed.json": listed}


@settings(max_examples=120, deadline=None)
@given(NOTES, st.sampled_from(sorted(SHAPES)), SHARES)
def test_any_scores_are_read_back(notes, shape, threshold):
    asked = Asked(scores=AskedScores(threshold=threshold))
    file = parse_codings(from_bytes(shape, SHAPES[shape](notes)), asked)
    expected = {f"n{number}": scores for number, scores in enumerate(notes)}
    given_codes = {}
    for note, scores in expected.items():
        given_codes[note] = {code for code, score in scores.items() if score > threshold}
    assert file.raters[""].codings == given_codes
    if not any(notes):
        return  # a file of notes without a code
    told = file.scores[""]
    found: dict[str, dict[str, float]] = {note: {} for note in told.note_ids}
    for row, column in zip(*np.nonzero(~np.isnan(told.matrix)), strict=True):
        found[told.note_ids[row]][told.codes[column]] = float(told.matrix[row, column])
    assert found == expected
