"""MIMIC-III's tables as CSV text: headers to the byte, texts quoted, numbers and dates bare."""

from __future__ import annotations

import json
import random
from collections.abc import Collection, Iterable

from icd.codes import undotted
from mimic.folder import CODE_TABLES
from mimic.synthetic.letter import write_letter
from mimic.synthetic.mention_marks import Mention
from mimic.synthetic.stays import Stay
from mimic.synthetic.world import World

HEADERS = {
    "NOTEEVENTS": "ROW_ID SUBJECT_ID HADM_ID CHARTDATE CHARTTIME STORETIME CATEGORY DESCRIPTION CGID ISERROR TEXT",
    "DIAGNOSES_ICD": "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE",
    "PROCEDURES_ICD": "ROW_ID SUBJECT_ID HADM_ID SEQ_NUM ICD9_CODE",
    "D_ICD_DIAGNOSES": "ROW_ID ICD9_CODE SHORT_TITLE LONG_TITLE",
    "D_ICD_PROCEDURES": "ROW_ID ICD9_CODE SHORT_TITLE LONG_TITLE",
    "ADMISSIONS": "ROW_ID SUBJECT_ID HADM_ID ADMITTIME DISCHTIME DEATHTIME ADMISSION_TYPE ADMISSION_LOCATION "
    "DISCHARGE_LOCATION INSURANCE LANGUAGE RELIGION MARITAL_STATUS ETHNICITY EDREGTIME EDOUTTIME DIAGNOSIS "
    "HOSPITAL_EXPIRE_FLAG HAS_CHARTEVENTS_DATA",
    "PATIENTS": "ROW_ID SUBJECT_ID GENDER DOB DOD DOD_HOSP DOD_SSN EXPIRE_FLAG",
}
TRUTH = "SYNTHETIC_TRUTH"
"""The side file of the latent truth, SYNTHETIC_TRUTH.jsonl. Nothing that reads notes or codes reads it."""
REPEATED, EMPTY, OTHER_NOTE = 0.04, 0.02, 0.05
"""Chance a stay has a repeated procedure row, an empty code row, a note that is no summary."""


def header(table: str) -> str:
    """First line of a table, as in the full dump.

    >>> header("D_ICD_DIAGNOSES")
    '"ROW_ID","ICD9_CODE","SHORT_TITLE","LONG_TITLE"\\n'
    """
    return ",".join(f'"{name}"' for name in HEADERS[table].split()) + "\n"


def quote(text: str) -> str:
    """A text cell; empty stays empty."""
    return '"' + text.replace('"', '""') + '"' if text else ""


def stay_rows(world: World, seed: int, stay: Stay, short: bool, style: str = "all") -> list[tuple[str, str]]:
    """(table, line without its ROW_ID) of everything a stay leaves behind, and (TRUTH, line) of what was true of it."""
    rng = random.Random(f"{seed}:rows:{stay.k}")
    ids = f"{stay.subject_id},{stay.hadm_id}"
    left = stay.left.isoformat()
    rows = [("ADMISSIONS", _admission(stay, ids, rng))]
    if stay.first:
        rows.append(("PATIENTS", f'{stay.subject_id},"{stay.sex}",{stay.born}-01-01 00:00:00,,,,0'))
    rows += _code_rows(world, stay, ids, rng)
    letter = write_letter(world, seed, stay, short, style)
    rows.append((TRUTH, truth_line(world, stay, letter.mentions)))
    for kind, text in (("Report", letter.report), ("Addendum", letter.addendum)):
        if text:
            rows.append(("NOTEEVENTS", f'{ids},{left},,,"Discharge summary","{kind}",,,{quote(text)}'))
    if rng.random() < OTHER_NOTE:
        text = "CHEST (PORTABLE AP)\nReason: line placement\nNo acute process."
        kind = '"Radiology","CHEST (PORTABLE AP)"'
        rows.append(("NOTEEVENTS", f"{stay.subject_id},,{left},,,{kind},,,{quote(text)}"))
    return rows


def truth_line(world: World, stay: Stay, mentions: Collection[Mention]) -> str:
    """JSON of the latent truth: dotted codes true of the stay, what became of them, and where the text says them."""
    names, coded = world.codes, stay.coded
    told = [[names[m.code], m.form, m.sense, m.start, m.end] for m in mentions]
    said = {m.code for m in mentions if m.sense == "said" and m.form != "medication"}
    return json.dumps(
        {
            "hadm_id": stay.hadm_id,
            "profile": stay.profile.name,
            "said": [names[c] for c in stay.truth if c in said],
            "unsaid": [names[c] for c in stay.truth if c not in said],
            "dropped": [names[c] for c in coded.dropped],
            "swapped": [[names[c], names[given]] for c, given in coded.swapped],
            "strayed": [names[c] for c in coded.strayed],
            "mentions": told,
        },
        separators=(",", ":"),
    )


def _admission(stay: Stay, ids: str, rng: random.Random) -> str:
    kind = "NEWBORN" if stay.age == 0 else rng.choice(("EMERGENCY", "EMERGENCY", "EMERGENCY", "ELECTIVE", "URGENT"))
    insurance = "Medicare" if stay.age > 64 else rng.choice(("Private", "Medicaid", "Government", "Self Pay"))
    diagnosis = stay.profile.complaints[0].upper()
    return (
        f'{ids},{stay.admitted} 1{rng.randrange(10)}:00:00,{stay.left} 14:00:00,,"{kind}","EMERGENCY ROOM ADMIT",'
        f'"HOME","{insurance}","ENGL","NOT SPECIFIED","MARRIED","UNKNOWN/NOT SPECIFIED",,,"{diagnosis}",0,1'
    )


def _code_rows(world: World, stay: Stay, ids: str, rng: random.Random) -> Iterable[tuple[str, str]]:
    for table, kind in CODE_TABLES:
        codes = [undotted(world.codes[c]) for c in stay.reference if world.kinds[c] == kind]
        if kind == "proc" and codes and rng.random() < REPEATED:
            codes.append(codes[0])
        for number, code in enumerate(codes, 1):
            yield table, f'{ids},{number},"{code}"'
        if rng.random() < EMPTY:
            yield table, f"{ids},,"
