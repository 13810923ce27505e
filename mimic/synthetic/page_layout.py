"""How a discharge summary looks on the page: headings, wrapped lines, de-identification marks.

Seven in ten follow the Title-Case template of an electronic record, the others are dictated.
"""

from __future__ import annotations

import random
from datetime import date

from mimic.synthetic.mentions import without_markers
from mimic.synthetic.stays import Stay
from mimic.synthetic.stock_sentences import stock_sentences

Places = list[tuple[int, int, int]]
"""(number of a mention, its start, its end) in characters."""
TEMPLATE_HEADINGS = {
    "complaint": "Chief Complaint",
    "procedures": "Major Surgical or Invasive Procedure",
    "hpi": "History of Present Illness",
    "pmh": "Past Medical History",
    "social": "Social History",
    "family": "Family History",
    "exam": "Physical Exam",
    "results": "Pertinent Results",
    "course": "Brief Hospital Course",
    "admission": "Medications on Admission",
    "discharge": "Discharge Medications",
    "disposition": "Discharge Disposition",
    "diagnosis": "Discharge Diagnosis",
    "condition": "Discharge Condition",
    "instructions": "Discharge Instructions",
    "followup": "Followup Instructions",
}
DICTATED_HEADINGS = {
    "complaint": "CHIEF COMPLAINT",
    "procedures": "PROCEDURES",
    "hpi": "HISTORY OF PRESENT ILLNESS",
    "pmh": "PAST MEDICAL HISTORY",
    "social": "SOCIAL HISTORY",
    "family": "FAMILY HISTORY",
    "exam": "PHYSICAL EXAMINATION ON ADMISSION",
    "results": "LABORATORY DATA",
    "course": "HOSPITAL COURSE",
    "admission": "MEDICATIONS ON ADMISSION",
    "discharge": "MEDICATIONS ON DISCHARGE",
    "disposition": "DISPOSITION",
    "diagnosis": "DISCHARGE DIAGNOSES",
    "condition": "CONDITION ON DISCHARGE",
    "instructions": "DISCHARGE INSTRUCTIONS",
    "followup": "FOLLOW-UP",
}
SHORT_SECTIONS = {
    "complaint",
    "procedures",
    "hpi",
    "pmh",
    "family",
    "results",
    "course",
    "discharge",
    "diagnosis",
}
"""What a short note prints."""
LISTS = {
    "procedures",
    "pmh",
    "diagnosis",
    "results",
    "exam",
    "admission",
    "discharge",
    "followup",
}
"""Sections that are lists; the others are prose."""
NUMBERED = {"pmh", "admission", "discharge"}
"""Lists that the template numbers; a dictated summary numbers all."""
TEMPLATE_SHARE = 0.7
ADDENDUM_WIDTH = 74
ADDENDUM_HEAD = (
    "Name:  [**Known lastname ####**], [**Known firstname ##**]   "
    "Unit No:  [**Numeric Identifier ####**]\n\n"
)


def report(
    stay: Stay, rng: random.Random, sections: dict[str, list[str]], short: bool
) -> tuple[str, Places]:
    """(the summary's text, where its mentions stand).

    `sections` has the lines of each section, with markers around mentions.
    """
    template = rng.random() < TEMPLATE_SHARE
    width = rng.randrange(70, 80)
    if template:
        headings = TEMPLATE_HEADINGS
        after_heading = ":\n"
    else:
        headings = DICTATED_HEADINGS
        after_heading = ":  "
    parts = [_top(stay, rng, template)]
    for name, heading in headings.items():
        lines = list(sections[name])
        if not lines or (short and name not in SHORT_SECTIONS):
            continue
        rng.shuffle(lines)
        if name == "hpi":
            lines = _with_opening(stay, rng, lines, short)
        parts.append(heading + after_heading + _section_text(name, lines, template))
    parts.append(_bottom(stay, template))
    text = "\n".join(part + "\n" for part in parts)
    return _finished(text, width, rng)


def addendum(line: str, rng: random.Random) -> tuple[str, Places]:
    """(text of a second document of the same stay, written later; where its mentions stand)."""
    return _finished(f"{ADDENDUM_HEAD}Addendum:\n{line}\n", ADDENDUM_WIDTH, rng)


def _finished(text: str, width: int, rng: random.Random) -> tuple[str, Places]:
    """Take out the markers, then wrap and fill in digits: both replace characters and move none."""
    clean, places = without_markers(text)
    return fill_digits(wrap(clean, width), rng), places


def wrap(text: str, width: int) -> str:
    """Break lines longer than `width` characters at spaces, de-identification marks too.

    >>> wrap("one two three", 9)
    'one two\\nthree'
    """
    lines: list[str] = []
    for line in text.split("\n"):
        while len(line) > width:
            at = line.rfind(" ", 0, width + 1)
            if at <= 0:
                break
            lines.append(line[:at])
            line = line[at + 1 :]
        lines.append(line)
    return "\n".join(lines)


def fill_digits(text: str, rng: random.Random) -> str:
    """Put a random digit for each `#`."""
    first, *rest = text.split("#")
    digits = str(rng.randrange(10 ** max(len(rest), 1))).zfill(len(rest))
    pieces = [first]
    for digit, piece in zip(digits, rest, strict=False):
        pieces += (digit, piece)
    return "".join(pieces)


def deidentified(day: date) -> str:
    """A date as de-identification leaves it: 2151-7-16."""
    return f"{day.year}-{day.month}-{day.day}"


def _top(stay: Stay, rng: random.Random, template: bool) -> str:
    """Dates, sex and service; the template has allergies and the attending physician too."""
    admitted = deidentified(stay.admitted)
    discharged = deidentified(stay.discharged)
    dates = f"Admission Date:  [**{admitted}**]       Discharge Date:  [**{discharged}**]\n\n"
    birthday = f"{stay.birth_year}-{1 + stay.number % 12}-1#"
    born = f"Date of Birth:  [**{birthday}**]       Sex:  {stay.sex}\n\n"
    if not template:
        return f"{dates}{born}Service:  {stay.profile.service}"
    allergies = stock_sentences()["allergies"]
    allergy = allergies[int(rng.random() * len(allergies))]
    attending = "[**First Name3 (LF) ##**]" if rng.random() < 0.5 else "[**Attending Info ##**]"
    service = stay.profile.service
    return f"{dates}{born}Service: {service}\n\nAllergies:\n{allergy}\n\nAttending:{attending}"


def _bottom(stay: Stay, template: bool) -> str:
    """The signature."""
    if template:
        return "Facility:\n[**Hospital1 ##**]"
    indent = 26 * " "
    return (
        f"{indent}[**First Name8 (NamePattern2) **] [**Last Name (NamePattern1) ####**], M.D.\n\n"
        "Dictated By:[**Last Name (NamePattern1) ###**]\nMEDQUIST36\n"
        f"D:  [**{deidentified(stay.discharged)}**]  1#:3#\n"
        "JOB NO:  [**Job Number ####**]"
    )


def _section_text(name: str, lines: list[str], template: bool) -> str:
    """Lists as lines or, dictated, run together; prose as a paragraph, broken in two when long."""
    if name in LISTS and template:
        if name in NUMBERED and len(lines) > 1:
            lines = [f"{number}. {line}" for number, line in enumerate(lines, 1)]
        return "\n".join(lines)
    if name in LISTS:
        return "  ".join(f"{number}.  {line}" for number, line in enumerate(lines, 1))
    if len(lines) <= 9:
        return " ".join(lines)
    half = len(lines) // 2
    return " ".join(lines[:half]) + "\n\n" + " ".join(lines[half:])


def _with_opening(stay: Stay, rng: random.Random, lines: list[str], short: bool) -> list[str]:
    """The history begins with the patient; what is known ("with ...") belongs to that sentence."""
    known = ", ".join(line for line in lines if line.startswith("with "))
    others = [line for line in lines if not line.startswith("with ")]
    if stay.age == 0:
        baby = "girl" if stay.sex == "F" else "boy"
        opening = f"Baby [**Known lastname ###**] is a newborn {baby} {known}".strip() + "."
        return [opening, *others]
    if short:
        patient = f"{stay.age} y/o {stay.sex}"
    elif stay.sex == "F":
        patient = f"This is a {stay.age} year old woman"
    else:
        patient = f"This is a {stay.age} year old man"
    complaint = rng.choice(stay.profile.complaints)
    opening = f"{patient} {known} who presents with {complaint}."
    return [opening.replace("  ", " "), *others]
