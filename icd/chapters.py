"""The chapters of ICD-9-CM, of diagnoses and of procedures."""

from __future__ import annotations

from bisect import bisect_right

from icd.codes import kind_of, shaped_as

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


def chapter(code: str, kind: str) -> str:
    """Name of the ICD-9-CM chapter of a code, dotted or not.

    >>> chapter("401.9", "dx"), chapter("38.93", "proc")
    ('Diseases of the circulatory system', 'Operations on the cardiovascular system')
    """
    chapters = DX_CHAPTERS if kind == "dx" else PROC_CHAPTERS
    at = bisect_right([first for first, _ in chapters], code)
    return chapters[max(at - 1, 0)][1]


def chapter_of(code: str) -> str:
    """Chapter of a dotted code of which nothing else is known.

    >>> chapter_of("428.0"), chapter_of(".786.2")
    ('Diseases of the circulatory system', 'Not a code of ICD-9-CM')
    """
    return chapter(code, kind_of(code)) if shaped_as(code) else NO_CHAPTER
