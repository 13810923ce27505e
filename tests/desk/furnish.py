"""Fills an empty installation for the tests of the coding page: people, notes, one open study.

Run as `python -m tests.desk.furnish`, with CODERBENCH_HOME set.
"""

from __future__ import annotations

import os

import django

STUDY = "small"
NOTES = 60
SHORT = 3
"""Notes of the coder who comes to the end of her queue."""
WHOLE_CATEGORIES = ("250", "276", "285", "401", "427", "428", "486", "584", "585", "38", "96")
PRACTICE = ("427.31", "250.00")
"""The reference's codes of each practice note."""
MISSING = "428.21"
"""A code that the study does not list, between others that it does."""


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _furnish()


def _furnish() -> None:
    from annotation.models import Role
    from annotation.services.batches import batch_create, sha256_of
    from annotation.services.codes import code_set_create, icd9_load
    from annotation.services.people import user_create
    from files.notes import NoteRow
    from mimic.folder import read_admissions
    from tests.cast import MIMIC_30, PASSWORD

    icd9_load()
    for name in ("ada", "ben"):
        user_create(username=name, password=PASSWORD, role=Role.CODER)
    user_create(username="rae", password=PASSWORD, role=Role.RESEARCHER)
    user_create(username="sam", password=PASSWORD, role=Role.ADMIN)
    texts = [each.text for each in read_admissions(MIMIC_30)]
    rows = []
    for number in range(NOTES):
        text = f"Unit No: {number}\n{texts[number % len(texts)]}"
        rows.append(NoteRow(f"2022400{number:03}", text, ("401.9",)))
    practice = [NoteRow(f"p{k}", f"To practise on: {k}\n{texts[k]}", PRACTICE) for k in range(3)]
    batch_create(
        name="practice",
        sha256=sha256_of("practice"),
        origin="synthetic",
        rows=practice,
        split="",
        user=None,
        for_practice=True,
    )
    listed = code_set_create(name="desk", codes=_listed())
    for slug, coder, own in ((STUDY, "ada", rows[SHORT:]), ("end", "ben", rows[:SHORT])):
        batch, _ = batch_create(
            name=slug, sha256=sha256_of(slug), origin="synthetic", rows=own, split="", user=None
        )
        _open(slug, batch, listed, coder)


def _listed() -> list[str]:
    """A list as long as a study's: some categories as a whole, and every fifth code."""
    from icd.codes import category
    from icd.tables import read_icd9_tables

    codes = []
    for number, row in enumerate(read_icd9_tables()):
        whole = category(row.code) in WHOLE_CATEGORIES
        if (whole or number % 5 == 0) and row.code != MISSING:
            codes.append(row.code)
    return codes


def _open(slug: str, batch: object, listed: object, coder: str) -> None:
    """A study opened without Label Studio, and its guideline accepted."""
    from annotation.models import Rater, Study, User
    from annotation.services.studies import guideline_acknowledge, study_draft

    user = User.objects.get(username=coder)
    rater = Rater.objects.get(user=user)
    study = study_draft(
        slug=slug, batch=batch, code_set=listed, coders=[rater], seed=1, interface="page"
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.OPEN)
    guideline_acknowledge(study=study, user=user)


if __name__ == "__main__":
    main()
