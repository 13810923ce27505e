"""How fast files of notes and of codings are read and checked.

Beside Python's own csv and json, which check nothing.
"""

from __future__ import annotations

import csv
import io
import json
import random

import pandas as pd

from files.codings import parse_codings
from files.notes import parse_notes
from files.source import from_bytes
from icd.tables import kinds
from tests.bench.clock import timed

NOTES, CHARACTERS = 5000, 8000
CODES = ["250.00", "38.93", "401.9", "428.0"]


def texts() -> list[str]:
    line = "Patient with hypertension, diabetes and congestive heart failure; seen today."
    lines = "\n".join([line] * (CHARACTERS // len(line)))
    return [f"{lines}\n{number}" for number in range(NOTES)]


def as_csv() -> bytes:
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(("note_id", "text", "codes"))
    for number, text in enumerate(texts()):
        writer.writerow((f"n{number}", text, "|".join(CODES)))
    return buffer.getvalue().encode()


def as_jsonl() -> bytes:
    notes = enumerate(texts())
    lines = [
        json.dumps({"note_id": f"n{number}", "text": text, "codes": CODES})
        for number, text in notes
    ]
    return "\n".join(lines).encode()


def plainly(name: str, data: bytes) -> int:
    """The rows, by Python's own reader."""
    text = io.StringIO(data.decode(), newline="")
    if name == "n.csv":
        return sum(1 for _ in csv.reader(text)) - 1
    return sum(1 for _ in map(json.loads, text))


PAIRS = 53_000
FREQUENT = sorted(kinds())[::6]


def pairs() -> list[tuple[str, str]]:
    """Codings of ten codes a note."""
    pick = random.Random(1)
    return [(f"n{number // 10}", pick.choice(FREQUENT)) for number in range(PAIRS)]


def codings() -> dict[str, bytes]:
    """The same codings by the name of their file."""
    frame = pd.DataFrame(pairs(), columns=["note_id", "code"])
    by_note = frame.groupby("note_id", sort=False)["code"].agg(list)
    rows = [json.dumps({"note_id": note, "codes": codes}) for note, codes in by_note.items()]
    workbook, parquet = io.BytesIO(), io.BytesIO()
    frame.to_excel(workbook, index=False, engine="xlsxwriter")
    frame.to_parquet(parquet)
    return {
        "c.csv": frame.to_csv(index=False).encode(),
        "c.psv": "\n".join("|".join([note, *codes]) for note, codes in by_note.items()).encode(),
        "c.jsonl": "\n".join(rows).encode(),
        "c.json": json.dumps(by_note.to_dict()).encode(),
        "c.xlsx": workbook.getvalue(),
        "c.parquet": parquet.getvalue(),
    }


def show_codings() -> None:
    for name, data in codings().items():
        seconds = timed(lambda name=name, data=data: parse_codings(from_bytes(name, data)))
        print(f"{PAIRS:,} codings in {name} ({len(data) / 1e6:.1f} MB): read {seconds:.2f} s")


def show() -> None:
    show_codings()
    for name, data in (("n.csv", as_csv()), ("n.jsonl", as_jsonl())):
        assert len(parse_notes(from_bytes(name, data)).rows) == plainly(name, data) == NOTES
        ours = timed(lambda name=name, data=data: parse_notes(from_bytes(name, data)))
        plain = timed(lambda name=name, data=data: plainly(name, data))
        size = f"{len(data) / 1e6:.0f} MB"
        print(
            f"{NOTES} notes in {name} ({size}): read, checked {ours:.2f} s; "
            f"Python's own reader alone {plain:.2f} s"
        )
