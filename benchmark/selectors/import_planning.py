"""Finding out what importing a file of codings would store, before anything is written."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Exists, OuterRef

from annotation.models import Code, Coding, CodingItem, Rater, Study
from annotation.selectors.codes import check_of_installation
from benchmark.selectors.import_scores import scores_kept
from files.checked import CheckedCodings, check_codings
from files.codings import CodingsFile, parse_codings
from files.given import GivenFile
from files.note_ids import (
    STUDY_ALONE,
    left_out,
    notes_outside,
    refuse_long_ids,
    refuse_outside,
    within,
    without_point_zero,
)
from files.problems import Problems, refused
from files.score_cells import AskedScores
from icd.check import CodeCheck

if TYPE_CHECKING:
    pass

from benchmark.selectors.import_plan import LONGEST_NAME, ImportOptions, ImportPlan, RaterPlan

NAMED = "--rater NAME"
REFERENCE_NAMED = "--reference-rater NAME"
SHOWN_RATERS = 5
"""Raters that a message names; of the others it gives the number."""


def plan_of_codings(
    *,
    study: Study,
    kind: str,
    file: GivenFile,
    name: str = "",
    options: ImportOptions | None = None,
) -> ImportPlan:
    """What would be stored in a study. `name`: the rater's, where the file names none.

    Raises FileError with everything that is wrong: a file that cannot be read, each row with a
    note that the study lacks or a code that is none, as far as the options do not allow them.
    Raises ValueError where a rater's name cannot be used.
    """
    options = options or ImportOptions()
    notes = sorted(study.notes.values_list("external_id", flat=True))
    check = replace(check_of_installation(), among=_in_use(study))
    parsed, said = _read(file, Rater.Kind(kind), options)
    names = _names(list(parsed.raters), name)
    plan = _plan(file, parsed, said, Rater.Kind(kind), options, check, set(notes))
    raters = []
    for rater in plan.raters:
        raters.append(_in_study(study, plan, rater, names[rater.name], notes))
    return replace(plan, raters=raters)


def plan_of_study(*, file: GivenFile, options: ImportOptions | None = None) -> ImportPlan:
    """What would be stored as a study of its own: the reference of notes known by their ids.

    Raises FileError, and ValueError where the options do not fit the file.
    """
    options = options or ImportOptions()
    if options.notes_of_study:
        raise ValueError(f"{STUDY_ALONE} needs a study whose notes are known; leave it out")
    check = replace(check_of_installation(), among=_given_by_anybody())
    parsed, said = _read(file, Rater.Kind.REFERENCE, options)
    plan = _plan(file, parsed, said, Rater.Kind.REFERENCE, options, check, None)
    if not plan.checked.kinds:
        raise refused("the file has no codes of the code system", file.shown)
    return plan


def rater_refusal(study: Study, name: str, kind: str) -> str:
    """Why codings cannot be imported under this name, in words; "" where they can."""
    if not name.strip() or len(name) > LONGEST_NAME:
        return f"a rater's name has 1 to {LONGEST_NAME} characters"
    rater = Rater.objects.filter(kind=kind, name=name).first()
    codes_here = rater is not None and (
        rater.user_id is not None
        or rater.checkpoint_sha256 != ""
        or study.workspaces.filter(rater=rater).exists()
    )
    if codes_here:
        return f"{name} codes on this installation; import under another name"
    other = kind == Rater.Kind.REFERENCE and study.reference is not None
    if other and study.reference != rater:
        return f"{study.slug} has a reference already, {study.reference}; import under that name"
    return ""


def source_key(study: Study, rater: Rater, digest: str) -> str:
    """What the source keys of a rater's codings from one file begin with."""
    return f"import:{study.pk}:{rater.pk}:{digest}:"


def _in_use(study: Study) -> frozenset[str]:
    """The codes of the study's list and of its reference."""
    listed = study.code_set.codes.values_list("code", flat=True)
    reference = CodingItem.objects.filter(coding__rater=study.reference_id)
    of_notes = reference.filter(coding__note__studies=study)
    return frozenset(listed) | frozenset(of_notes.values_list("code__code", flat=True).distinct())


def _given_by_anybody() -> frozenset[str]:
    """The codes that any rater gave to any note here."""
    given = CodingItem.objects.filter(code=OuterRef("pk"))
    codes = Code.objects.of_systems().filter(Exists(given))
    return frozenset(codes.values_list("code", flat=True))


def _read(
    given: GivenFile, kind: Rater.Kind, options: ImportOptions
) -> tuple[CodingsFile, list[str]]:
    """What the file says of the raters that are wanted, and what is to be said of the others.
    FileError, ValueError."""
    file = parse_codings(given.source(settings.UPLOAD_LIMIT), options.asked)
    file, remarks = _of_raters(file, kind, options)
    if not any(codings.codings for codings in file.raters.values()):
        raise refused("the file has no codings", given.shown)
    return file, remarks


def _plan(
    given: GivenFile,
    file: CodingsFile,
    remarks: list[str],
    kind: Rater.Kind,
    options: ImportOptions,
    check: CodeCheck,
    known: Collection[str] | None,
) -> ImportPlan:
    """What was read, checked. `known`: the study's notes; None where a study is made."""
    file, said = without_point_zero(file, known)
    remarks += said
    problems = Problems(given.shown)
    if known is None:
        refuse_long_ids(file.raters, problems)
    else:
        file, said = _of_study(file, known, options, problems)
        remarks += said
    checked = check_codings(file.raters, check, problems, options.unknown, file.scores)
    problems.refuse()
    repeats = sum(codings.repeats for codings in file.raters.values())
    if repeats:
        remarks.append(f"{repeats:,} repeated (note, code) collapsed")
    remarks += checked.remarks
    scores, said = scores_kept(file, checked, kind, options.asked.scores)
    remarks += said
    sha256 = given.sha256()
    digest = _digest(sha256, checked, options, scored=bool(file.scores))
    raters = []
    for name, codings in checked.raters.items():
        planned = RaterPlan(name, codings, new=len(codings))
        if name in scores:
            scored_as = scores[name].digest(digest, name)
            planned = replace(planned, scores=scores[name], scored_as=scored_as)
        raters.append(planned)
    return ImportPlan(
        file=given.shown,
        sha256=sha256,
        kind=kind,
        raters=raters,
        checked=checked,
        understood=file.understood,
        remarks=remarks,
        digest=digest,
        asked_scores=options.asked.scores,
    )


def _of_raters(
    file: CodingsFile, kind: Rater.Kind, options: ImportOptions
) -> tuple[CodingsFile, list[str]]:
    """The file with the raters that are wanted, and what is to be said: the reference alone, or
    the others, where it was said which of the file's raters is the reference."""
    reference = options.reference_rater
    if not reference and kind == Rater.Kind.REFERENCE and len(file.raters) > 1:
        raise ValueError(
            f"the file has {_listed(list(file.raters))}; a study has one reference: say which it "
            f"is ({REFERENCE_NAMED}), then import the others"
        )
    if not reference:
        return file, []
    if reference not in file.raters:
        raise ValueError(f"the file has no rater {reference}; it has {_listed(list(file.raters))}")
    if kind == Rater.Kind.REFERENCE:
        wanted = [reference]
    else:
        wanted = [name for name in file.raters if name != reference]
    others = [name for name in file.raters if name not in wanted]
    raters = {name: file.raters[name] for name in wanted}
    scores = {name: told for name, told in file.scores.items() if name in raters}
    remarks = [f"left out: {_listed(others)}"] if others else []
    return replace(file, raters=raters, scores=scores), remarks


def _of_study(
    file: CodingsFile, known: Collection[str], options: ImportOptions, problems: Problems
) -> tuple[CodingsFile, list[str]]:
    """The file with the study's notes alone, and what is to be said; others are left out where
    that was asked for, or go to `problems`."""
    outside = notes_outside(file.raters, known)
    if not outside:
        return file, []
    if not options.notes_of_study:
        refuse_outside(outside, problems)
        return file, []
    total = len(set().union(*(codings.codings for codings in file.raters.values())))
    if len(outside) == total:
        raise refused(
            f"none of the file's {total:,} notes is of this study; check that the ids are the same",
            problems.name,
        )
    raters = {}
    for name, codings in file.raters.items():
        inside = within(codings, outside)
        if inside.codings:
            raters[name] = inside
    return replace(file, raters=raters), [left_out(outside, total)]


def _digest(sha256: str, checked: CheckedCodings, options: ImportOptions, *, scored: bool) -> str:
    """The file's hash; another where the options have changed what the file says."""
    changes = []
    if checked.as_written:
        changes.append(f"kept {sorted(checked.as_written)}")
    if checked.dropped:
        changes.append(f"dropped {sorted(checked.dropped)}")
    if options.asked.reading != "plain":
        changes.append(f"read as {options.asked.reading}")
    if options.asked.kind is not None:
        changes.append(f"codes are {options.asked.kind}")
    if scored and options.asked.scores != AskedScores():
        changes.append(f"scores as {options.asked.scores}")
    if options.reference_rater:
        changes.append(f"the reference is {options.reference_rater}")
    if not changes:
        return sha256
    return hashlib.sha256(f"{sha256} {'; '.join(changes)}".encode()).hexdigest()


def _names(in_file: Sequence[str], name: str) -> dict[str, str]:
    """The name in the file -> the rater's name. ValueError where it is not clear whose codings
    they are."""
    if list(in_file) == [""] and not name:
        raise ValueError(f"the file names no rater; say whose codings they are ({NAMED})")
    if len(in_file) == 1:
        return {in_file[0]: name or in_file[0]}
    if name:
        raise ValueError(
            f"the file has {_listed(in_file)}, and each is stored under its own name; leave the "
            f"name {name} out"
        )
    return {each: each for each in in_file}


def _listed(names: Sequence[str]) -> str:
    """For example "3 raters (Ada, Ben, Cid)"."""
    more = len(names) - SHOWN_RATERS
    shown = ", ".join(names[:SHOWN_RATERS])
    raters = "1 rater" if len(names) == 1 else f"{len(names)} raters"
    return f"{raters} ({shown}{f' and {more} more' if more > 0 else ''})"


def _in_study(
    study: Study, plan: ImportPlan, planned: RaterPlan, name: str, notes: Sequence[str]
) -> RaterPlan:
    """The rater's plan, with what is in the study already. ValueError where the name cannot be
    used."""
    refusal = rater_refusal(study, name, plan.kind)
    if refusal and planned.name == name:
        refusal += "; the file has this name, so change it there"
    if refusal:
        raise ValueError(refusal)
    rater = Rater.objects.filter(kind=plan.kind, name=name).first()
    stored: set[str] = set()
    same = 0
    if rater is not None:
        scope = None if plan.kind == Rater.Kind.REFERENCE else study
        given = Coding.objects.filter(rater=rater, study=scope, note__studies=study)
        stored = set(given.values_list("note__external_id", flat=True))
        same = given.filter(source_key__startswith=source_key(study, rater, plan.digest)).count()
    coded = stored | planned.codings.keys()
    return replace(
        planned,
        name=name,
        rater=rater,
        new=len(planned.codings) - same,
        earlier=len(stored & planned.codings.keys()),
        lacking=[note for note in notes if note not in coded],
    )
