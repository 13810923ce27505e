"""A tiny MIMIC-shaped folder whose codes can be read off the words, for training in seconds."""

from __future__ import annotations

import csv
import random
from pathlib import Path

TITLES = {
    "4019": "Essential hypertension benign",
    "4280": "Congestive heart failure",
    "5849": "Acute kidney injury",
    "48241": "Staphylococcal pneumonia",
    "78039": "Convulsions seizure",
    "2724": "Hyperlipidemia mixed",
    "4240": "Mitral valve disorder",
    "5715": "Cirrhosis liver nonalcoholic",
    "71590": "Osteoarthrosis generalized",
    "53081": "Esophageal reflux",
    "2449": "Hypothyroidism acquired",
    "4275": "Cardiac arrest",
    "5990": "Urinary tract infection",
    "49390": "Asthma wheezing",
}
NORMAL_STAY = "patient was seen stable home today plan per team follow exam normal"
FILLER = NORMAL_STAY.split()
SPLITS = {"train": range(100, 180), "dev": range(180, 192), "test": range(192, 210)}


def write_folder(folder: Path, seed: int = 1) -> Path:
    """Notes of filler sentences, with the title of each code in a sentence of its own."""
    draw = random.Random(seed)
    folder.mkdir(parents=True, exist_ok=True)
    notes, codes = [], []
    for hadm in range(100, 210):
        chosen = draw.sample(sorted(TITLES), 2)
        sentences = [" ".join(draw.choices(FILLER, k=6)) for _ in range(4)]
        sentences += [TITLES[code] for code in chosen]
        draw.shuffle(sentences)
        notes.append((hadm, hadm, hadm, "Discharge summary", "Report", ". ".join(sentences) + "."))
        codes += [(hadm, code) for code in chosen]
    _write(
        folder / "NOTEEVENTS.csv",
        ("ROW_ID", "SUBJECT_ID", "HADM_ID", "CATEGORY", "DESCRIPTION", "TEXT"),
        notes,
    )
    _write(folder / "DIAGNOSES_ICD.csv", ("HADM_ID", "ICD9_CODE"), codes)
    of_a_stay_without_a_note = [(999, "0066")]
    _write(folder / "PROCEDURES_ICD.csv", ("HADM_ID", "ICD9_CODE"), of_a_stay_without_a_note)
    rows = [(code, title[:24], title) for code, title in TITLES.items()]
    _write(folder / "D_ICD_DIAGNOSES.csv", ("ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"), rows)
    _write(
        folder / "D_ICD_PROCEDURES.csv",
        ("ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"),
        [("0066", "PTCA", "Angioplasty")],
    )
    for split, ids in SPLITS.items():
        (folder / f"{split}_full_hadm_ids.csv").write_text("".join(f"{hadm}\n" for hadm in ids))
    return folder


def _write(path: Path, header: tuple[str, ...], rows: list[tuple]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([header, *rows])
