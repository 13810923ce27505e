"""The page of a discharge summary: template or dictated style, wrapped lines, de-identification marks."""

from __future__ import annotations

import random
from datetime import date

from mimic.synthetic.mention_marks import unmark
from mimic.synthetic.sentences import phrases
from mimic.synthetic.stays import Stay

Found = list[tuple[int, int, int]]
"""(number of a mention, its start, its end)."""
TITLES = {
    "complaint": "Chief Complaint", "procedures": "Major Surgical or Invasive Procedure",
    "hpi": "History of Present Illness", "pmh": "Past Medical History", "social": "Social History",
    "family": "Family History", "exam": "Physical Exam", "results": "Pertinent Results",
    "course": "Brief Hospital Course", "admission": "Medications on Admission",
    "discharge": "Discharge Medications", "disposition": "Discharge Disposition",
    "diagnosis": "Discharge Diagnosis", "condition": "Discharge Condition",
    "instructions": "Discharge Instructions", "followup": "Followup Instructions",
}  # fmt: skip
DICTATED = {
    "complaint": "CHIEF COMPLAINT",
    "procedures": "PROCEDURES", "hpi": "HISTORY OF PRESENT ILLNESS", "pmh": "PAST MEDICAL HISTORY",
    "social": "SOCIAL HISTORY", "family": "FAMILY HISTORY", "exam": "PHYSICAL EXAMINATION ON ADMISSION",
    "results": "LABORATORY DATA", "course": "HOSPITAL COURSE", "admission": "MEDICATIONS ON ADMISSION",
    "discharge": "MEDICATIONS ON DISCHARGE", "disposition": "DISPOSITION", "diagnosis": "DISCHARGE DIAGNOSES",
    "condition": "CONDITION ON DISCHARGE", "instructions": "DISCHARGE INSTRUCTIONS", "followup": "FOLLOW-UP",
}  # fmt: skip
SHORT_SECTIONS = {"complaint", "procedures", "hpi", "pmh", "family", "results", "course", "discharge", "diagnosis"}
LISTS = {"procedures", "pmh", "diagnosis", "results", "exam", "admission", "discharge", "followup"}
NUMBERED = {"pmh", "admission", "discharge"}
TEMPLATE_SHARE = 0.7
"""How many summaries follow the Title-Case template; the others are dictated, with headings in capitals."""


def report(stay: Stay, rng: random.Random, sections: dict[str, list[str]], short: bool) -> tuple[str, Found]:
    """The summary as text and where its marks stood; `sections` maps names of TITLES to their lines."""
    template = rng.random() < TEMPLATE_SHARE
    width = rng.randrange(70, 80)
    parts = [_top(stay, rng, template)]
    for name, title in (TITLES if template else DICTATED).items():
        lines = list(sections[name])
        if not lines or (short and name not in SHORT_SECTIONS):
            continue
        rng.shuffle(lines)
        if name == "hpi":
            lines = _opened(stay, rng, lines, short)
        parts.append(f"{title}:" + ("\n" if template else "  ") + _flow(name, lines, template))
    parts.append(_bottom(stay, template))
    return _set("\n".join(part + "\n" for part in parts), width, rng)


def addendum(line: str, rng: random.Random) -> tuple[str, Found]:
    """A second document of the same stay, written later, and where its marks stood."""
    head = "Name:  [**Known lastname ####**], [**Known firstname ##**]   Unit No:  [**Numeric Identifier ####**]\n\n"
    return _set(f"{head}Addendum:\n{line}\n", 74, rng)


def _set(text: str, width: int, rng: random.Random) -> tuple[str, Found]:
    """Take out the marks, then wrap and number: both put one character for another and move nothing."""
    clean, found = unmark(text)
    return fill_digits(wrap(clean, width), rng), found


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
    return first + "".join(digit + piece for digit, piece in zip(digits, rest, strict=False))


def dated(day: date) -> str:
    """A date as de-identification leaves it: 2151-7-16."""
    return f"{day.year}-{day.month}-{day.day}"


def _top(stay: Stay, rng: random.Random, template: bool) -> str:
    dates = f"Admission Date:  [**{dated(stay.admitted)}**]       Discharge Date:  [**{dated(stay.left)}**]\n\n"
    born = f"Date of Birth:  [**{stay.born}-{1 + stay.k % 12}-1#**]       Sex:  {stay.sex}\n\n"
    if not template:
        return f"{dates}{born}Service:  {stay.profile.service}"
    allergies = phrases()["allergies"]
    allergy = allergies[int(rng.random() * len(allergies))]
    attending = "[**First Name3 (LF) ##**]" if rng.random() < 0.5 else "[**Attending Info ##**]"
    return f"{dates}{born}Service: {stay.profile.service}\n\nAllergies:\n{allergy}\n\nAttending:{attending}"


def _bottom(stay: Stay, template: bool) -> str:
    if template:
        return "Facility:\n[**Hospital1 ##**]"
    return (
        "                          [**First Name8 (NamePattern2) **] [**Last Name (NamePattern1) ####**], M.D.\n\n"
        f"Dictated By:[**Last Name (NamePattern1) ###**]\nMEDQUIST36\nD:  [**{dated(stay.left)}**]  1#:3#\n"
        "JOB NO:  [**Job Number ####**]"
    )


def _flow(name: str, lines: list[str], template: bool) -> str:
    """Lists as lines or, dictated, run together; prose as a paragraph, broken in two when long."""
    if name in LISTS and template:
        numbered = name in NUMBERED and len(lines) > 1
        return "\n".join(f"{at}. {line}" if numbered else line for at, line in enumerate(lines, 1))
    if name in LISTS:
        return "  ".join(f"{at}.  {line}" for at, line in enumerate(lines, 1))
    half = len(lines) // 2 if len(lines) > 9 else 0
    return "\n\n".join(" ".join(part) for part in (lines[:half], lines[half:]) if part)


def _opened(stay: Stay, rng: random.Random, lines: list[str], short: bool) -> list[str]:
    """The history begins with the patient; what is known ("with ...") belongs to that sentence."""
    known = ", ".join(line for line in lines if line.startswith("with "))
    told = [line for line in lines if not line.startswith("with ")]
    if stay.age == 0:
        baby = "girl" if stay.sex == "F" else "boy"
        return [f"Baby [**Known lastname ###**] is a newborn {baby} {known}".strip() + ".", *told]
    start = f"{stay.age} y/o {stay.sex}" if short else f"This is a {stay.age} year old {'wo' * (stay.sex == 'F')}man"
    return [f"{start} {known} who presents with {rng.choice(stay.profile.complaints)}.".replace("  ", " "), *told]
