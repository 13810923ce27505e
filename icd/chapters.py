"""The chapters of ICD-9-CM, of diagnoses and of procedures."""

from __future__ import annotations

from bisect import bisect_right

from icd.codes import Kind, category, has_shape
from icd.tables import kind_of

NO_CHAPTER = "Not a code of ICD-9-CM"
"""Where strings that are no code at all are put."""

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
CHAPTERS: dict[Kind, tuple[tuple[str, str], ...]] = {"dx": DX_CHAPTERS, "proc": PROC_CHAPTERS}


def chapter(code: str, kind: Kind) -> str:
    """Name of the chapter of a dotted code or category; NO_CHAPTER where it looks like none of
    its kind.

    >>> chapter("401.9", "dx"), chapter("38.93", "proc")
    ('Diseases of the circulatory system', 'Operations on the cardiovascular system')
    >>> chapter("38.93", "dx")
    'Not a code of ICD-9-CM'
    """
    if not has_shape(code, kind):
        return NO_CHAPTER
    return CHAPTERS[kind][chapter_number(code, kind) - 1][1]


def chapter_number(code: str, kind: Kind) -> int:
    """Place of the chapter among those of its kind, from 1.

    >>> chapter_number("001.0", "dx"), chapter_number("V10", "dx"), chapter_number("00.66", "proc")
    (1, 19, 1)
    """
    return bisect_right([first for first, _ in CHAPTERS[kind]], category(code))


def chapter_of(code: str) -> str:
    """Chapter of a dotted string of which nothing else is known; see `icd.tables.kind_of`.

    >>> chapter_of("428.0"), chapter_of(".786.2"), chapter_of("E11.65")
    ('Diseases of the circulatory system', 'Not a code of ICD-9-CM', 'Not a code of ICD-9-CM')
    """
    kind = kind_of(code)
    return chapter(code, kind) if kind else NO_CHAPTER
