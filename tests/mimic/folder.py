"""A tiny MIMIC-shaped folder written by hand, in the schema of the full dump."""

import csv
import gzip
from pathlib import Path

NOTE_HEADER = [
    "ROW_ID",
    "SUBJECT_ID",
    "HADM_ID",
    "CHARTDATE",
    "CHARTTIME",
    "STORETIME",
    "CATEGORY",
    "DESCRIPTION",
    "CGID",
    "ISERROR",
    "TEXT",
]
CODE_HEADER = ["ROW_ID", "SUBJECT_ID", "HADM_ID", "SEQ_NUM", "ICD9_CODE"]
TITLE_HEADER = ["ROW_ID", "ICD9_CODE", "SHORT_TITLE", "LONG_TITLE"]

NOTES = [
    (1, 11, 101, "Discharge summary", "Report", 'Chest pain, "crushing".\nSeen by cardiology.'),
    (2, 12, 102, "Discharge summary", "Report", "Fall at home."),
    (3, 11, "", "Nursing", "Note", "No admission."),
    (4, 12, 102, "Radiology", "CT", "Not a summary."),
    (5, 11, 101, "Discharge summary", "Addendum", "Aspirin was stopped."),
    (6, 13, 103, "Discharge summary", "Report", "Observation only."),
]
DIAGNOSES = [(101, "4019"), (101, "4019"), (101, ""), (102, "E8490"), (102, "0030"), (999, "4280")]
PROCEDURES = [(101, "0066"), (101, "0066"), (102, "331")]


def write(folder: Path, *, lower: bool = False, gz: bool = False) -> Path:
    notes = [
        (row, s, h, "2151-07-16", "", "", c, d, "", "", text) for row, s, h, c, d, text in NOTES
    ]
    tables = {
        "NOTEEVENTS": (NOTE_HEADER, notes),
        "DIAGNOSES_ICD": (CODE_HEADER, _codes(DIAGNOSES)),
        "PROCEDURES_ICD": (CODE_HEADER, _codes(PROCEDURES)),
        "D_ICD_DIAGNOSES": (
            TITLE_HEADER,
            [(1, "4019", "Hypertension NOS", "Unspecified essential hypertension")],
        ),
        "D_ICD_PROCEDURES": (TITLE_HEADER, [(1, "0331", "Spinal tap", "Spinal tap")]),
    }
    for name, (header, rows) in tables.items():
        opener = gzip.open if gz else open
        with opener(folder / f"{name}.csv{'.gz' if gz else ''}", "wt", newline="") as file:
            out = csv.writer(file, quoting=csv.QUOTE_NONNUMERIC)
            out.writerow([column.lower() for column in header] if lower else header)
            out.writerows(rows)
    return folder


def _codes(pairs: list[tuple[int, str]]) -> list[tuple[object, ...]]:
    return [(row, 10, hadm, row if code else "", code) for row, (hadm, code) in enumerate(pairs, 1)]
