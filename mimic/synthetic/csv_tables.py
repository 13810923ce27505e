"""MIMIC-III's tables as CSV text: headers to the byte, texts quoted, numbers and dates bare."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterator

from icd.codes import undotted
from mimic.folder import CODE_TABLES
from mimic.synthetic.discharge_summary import write_discharge_summary
from mimic.synthetic.mentions import Mention
from mimic.synthetic.stays import Stay
from mimic.synthetic.world import World

HEADERS = {
    "NOTEEVENTS": "ROW_ID SUBJECT_ID HADM_ID CHARTDATE CHARTTIME STORETIME CATEGORY DESCRIPTION "
    "CGID ISERROR TEXT",
    "DIAGNOSES_ICD": "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE",
    "PROCEDURES_ICD": "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE",
    "D_ICD_DIAGNOSES": "ROW_ID ICD9_CODE SHORT_TITLE LONG_TITLE",
    "D_ICD_PROCEDURES": "ROW_ID ICD9_CODE SHORT_TITLE LONG_TITLE",
    "ADMISSIONS": "ROW_ID SUBJECT_ID HADM_ID ADMITTIME DISCHTIME DEATHTIME ADMISSION_TYPE "
    "ADMISSION_LOCATION DISCHARGE_LOCATION INSURANCE LANGUAGE RELIGION MARITAL_STATUS ETHNICITY "
    "EDREGTIME EDOUTTIME DIAGNOSIS HOSPITAL_EXPIRE_FLAG HAS_CHARTEVENTS_DATA",
    "PATIENTS": "ROW_ID SUBJECT_ID GENDER DOB DOD DOD_HOSP DOD_SSN EXPIRE_FLAG",
}
TRUTH = "SYNTHETIC_TRUTH"
"""SYNTHETIC_TRUTH.jsonl lies beside the tables and says what was true of each stay. Nothing that
reads notes or codes reads it."""
REPEATED = 0.04
EMPTY = 0.02
OTHER_NOTE = 0.05
"""Chance that a stay has a repeated procedure row, an empty code row, a note that is no summary."""
OTHER_TEXT = "CHEST (PORTABLE AP)\nReason: line placement\nNo acute process."
ADMISSION_TYPES = ("EMERGENCY", "EMERGENCY", "EMERGENCY", "ELECTIVE", "URGENT")
INSURANCES = ("Private", "Medicaid", "Government", "Self Pay")


def header(table: str) -> str:
    """First line of a table, as in the full dump.

    >>> header("D_ICD_DIAGNOSES")
    '"ROW_ID","ICD9_CODE","SHORT_TITLE","LONG_TITLE"\\n'
    """
    return ",".join(f'"{name}"' for name in HEADERS[table].split()) + "\n"


def quote(text: str) -> str:
    """A text cell; empty stays empty."""
    if not text:
        return ""
    return '"' + text.replace('"', '""') + '"'


def stay_rows(
    world: World, seed: int, stay: Stay, short: bool, style: str = "all"
) -> list[tuple[str, str]]:
    """Everything a stay leaves behind: (table, line without its ROW_ID), and (TRUTH, line)."""
    rng = random.Random(f"{seed}:rows:{stay.number}")
    ids = f"{stay.subject_id},{stay.hadm_id}"
    day = stay.discharged.isoformat()
    rows = [("ADMISSIONS", _admission(stay, ids, rng))]
    if stay.is_first:
        born = f"{stay.birth_year}-01-01 00:00:00"
        rows.append(("PATIENTS", f'{stay.subject_id},"{stay.sex}",{born},,,,0'))
    rows += _code_rows(world, stay, ids, rng)
    summary = write_discharge_summary(world, seed, stay, short, style)
    rows.append((TRUTH, truth_line(world, stay, summary.mentions)))
    for document, text in (("Report", summary.report), ("Addendum", summary.addendum)):
        if text:
            row = f'{ids},{day},,,"Discharge summary","{document}",,,{quote(text)}'
            rows.append(("NOTEEVENTS", row))
    if rng.random() < OTHER_NOTE:
        kind = '"Radiology","CHEST (PORTABLE AP)"'
        rows.append(("NOTEEVENTS", f"{stay.subject_id},,{day},,,{kind},,,{quote(OTHER_TEXT)}"))
    return rows


def truth_line(world: World, stay: Stay, mentions: Collection[Mention]) -> str:
    """JSON of what was true of a stay.

    Its dotted codes, what the hospital's coders made of them, and where the text says them.
    """
    dotted = world.codes
    places = []
    said = set()
    for mention in mentions:
        code, form, sense, start, end = mention
        places.append([dotted[code], form, sense, start, end])
        if sense == "said" and form != "medication":
            said.add(code)
    coded = stay.coded
    return json.dumps(
        {
            "hadm_id": stay.hadm_id,
            "profile": stay.profile.name,
            "said": [dotted[code] for code in stay.truth if code in said],
            "unsaid": [dotted[code] for code in stay.truth if code not in said],
            "dropped": [dotted[code] for code in coded.dropped],
            "swapped": [[dotted[code], dotted[given]] for code, given in coded.swapped],
            "strayed": [dotted[code] for code in coded.strayed],
            "mentions": places,
        },
        separators=(",", ":"),
    )


def _admission(stay: Stay, ids: str, rng: random.Random) -> str:
    kind = "NEWBORN" if stay.age == 0 else rng.choice(ADMISSION_TYPES)
    insurance = "Medicare" if stay.age > 64 else rng.choice(INSURANCES)
    diagnosis = stay.profile.complaints[0].upper()
    hour = f"1{rng.randrange(10)}"
    return (
        f"{ids},{stay.admitted} {hour}:00:00,{stay.discharged} 14:00:00,,"
        f'"{kind}","EMERGENCY ROOM ADMIT","HOME","{insurance}","ENGL","NOT SPECIFIED","MARRIED",'
        f'"UNKNOWN/NOT SPECIFIED",,,"{diagnosis}",0,1'
    )


def _code_rows(world: World, stay: Stay, ids: str, rng: random.Random) -> Iterator[tuple[str, str]]:
    for table, kind in CODE_TABLES:
        codes = []
        for code in stay.reference:
            if world.kinds[code] == kind:
                codes.append(undotted(world.codes[code]))
        if kind == "proc" and codes and rng.random() < REPEATED:
            codes.append(codes[0])
        for number, written in enumerate(codes, 1):
            yield table, f'{ids},{number},"{written}"'
        if rng.random() < EMPTY:
            yield table, f"{ids},,"
