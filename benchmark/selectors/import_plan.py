"""What importing a file of codings would store: all of it is found out before anything is written.

Commands, pages and the API show a plan, or have it stored by `benchmark.services.import_codings`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

from django.conf import settings

from annotation.models import Code, CodeSystem, Coding, Rater, Study
from annotation.selectors.codes import check_of_installation
from benchmark.selectors.import_scores import scores_kept
from files.checked import CheckedCodings, Unknown, check_codings
from files.codings import Asked, CodingsFile, parse_codings
from files.given import GivenFile
from files.note_ids import (
    left_out,
    notes_outside,
    refuse_long_ids,
    refuse_outside,
    within,
    without_point_zero,
)
from files.problems import Problems, refused
from files.score_cells import AskedScores
from icd.tables import kinds

if TYPE_CHECKING:
    from files.checked_scores import CheckedScores

KINDS = (Rater.Kind.CODER, Rater.Kind.MODEL, Rater.Kind.REFERENCE)
"""What a rater whose codings are imported can be."""
LONGEST_NAME = 80
FIRST_ROWS = 5
"""Codings that a plan shows as they would be stored."""
AT_ONCE = 500
"""Codes that one query asks after."""
RETIRED = "retired"
AS_WRITTEN = "no code, kept as written"


@dataclass(frozen=True)
class ImportOptions:
    """What a person says of a file of codings, and of what is to be done with it."""

    unknown: Unknown = "refuse"
    """What to do with strings that are no codes."""
    notes_of_study: bool = False
    """Leave out the notes that the study lacks, instead of refusing the file."""
    asked: Asked = field(default_factory=Asked)
    """How the file is to be read, where that is not found out."""


@dataclass(frozen=True)
class RaterPlan:
    """What one rater's codings would be."""

    name: str
    codings: dict[str, set[str]]
    """Note id -> codes; an empty set: coded, with no code."""
    rater: Rater | None = None
    """The rater of that name and kind, where there is one already."""
    new: int = 0
    """Codings that are not stored already, from the same file."""
    earlier: int = 0
    """Notes that the rater has coded before: these codings are newer answers."""
    lacking: Sequence[str] = ()
    """The study's notes that would have no coding of the rater, in order."""
    scores: CheckedScores | None = None
    """What the file tells of a model's probabilities."""
    scored_as: str = ""
    """Names these probabilities, and how they were read."""

    @property
    def pairs(self) -> int:
        """Codes given, over all notes."""
        return sum(map(len, self.codings.values()))

    @cached_property
    def codes(self) -> set[str]:
        """The distinct codes."""
        return set().union(*self.codings.values())


@dataclass(frozen=True)
class Row:
    """A coding as it would be stored."""

    rater: str
    note: str
    codes: list[str]


@dataclass(frozen=True)
class ImportPlan:
    """What a file says, checked, and what would be stored of it."""

    file: str
    """The file's name."""
    sha256: str
    kind: Rater.Kind
    raters: list[RaterPlan]
    checked: CheckedCodings
    understood: str
    """How the file was read."""
    remarks: list[str]
    """What was folded, merged, left out, marked or kept, a sentence each."""
    digest: str
    """Names what is stored of the file: with strings kept it is another than with them refused."""
    asked_scores: AskedScores = field(default_factory=AskedScores)
    """What was said of the file's scores."""

    @cached_property
    def notes(self) -> set[str]:
        """The notes that any rater coded."""
        return set().union(*(rater.codings for rater in self.raters))

    @cached_property
    def codes(self) -> set[str]:
        """The distinct codes of all raters."""
        return set().union(*(rater.codes for rater in self.raters))

    @cached_property
    def new_codes(self) -> list[tuple[str, str]]:
        """(code, what it is) of those that the database lacks and would get."""
        kept = self.codes & self.checked.as_written
        known = _here(kept, as_written=True)
        found = [(code, AS_WRITTEN) for code in kept - known]
        others = self.codes - kept - kinds().keys()
        found += [(code, RETIRED) for code in others - _here(others, as_written=False)]
        return sorted(found)

    @property
    def rows(self) -> list[Row]:
        """The first codings, of each rater in turn."""
        each = max(1, FIRST_ROWS // len(self.raters))
        found = []
        for rater in self.raters:
            for note in sorted(rater.codings)[:each]:
                found.append(Row(rater.name, note, sorted(rater.codings[note])))
        return found[:FIRST_ROWS]

    def said(self) -> list[str]:
        """How the file was read, then the remarks."""
        return [f"read as {self.understood}", *self.remarks]


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
    plan = _plan(file, Rater.Kind(kind), options, set(_note_ids(study)))
    names = _names(plan, name)
    notes = sorted(_note_ids(study))
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
        raise ValueError("--notes-of-study needs a study whose notes are known; leave it out")
    plan = _plan(file, Rater.Kind.REFERENCE, options, None)
    if len(plan.raters) > 1:
        raise ValueError(
            f"the file has {_listed(plan.raters)}; a study is made of one reference: give its "
            "codings in a file alone, then import the others into the study"
        )
    if not plan.checked.kinds:
        raise refused("the file has no codes of the code system", file.name)
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


def _note_ids(study: Study) -> list[str]:
    return list(study.notes.values_list("external_id", flat=True))


def _plan(
    given: GivenFile, kind: Rater.Kind, options: ImportOptions, known: Collection[str] | None
) -> ImportPlan:
    """The file read and checked. `known`: the study's notes; None where a study is made."""
    source = given.source(settings.UPLOAD_LIMIT)
    file, remarks = without_point_zero(parse_codings(source, options.asked))
    if not any(codings.codings for codings in file.raters.values()):
        raise refused("the file has no codings", given.name)
    problems = Problems(source.name)
    if known is None:
        refuse_long_ids(file.raters, problems)
    else:
        file, said = _of_study(file, known, options, problems)
        remarks += said
    checked = check_codings(
        file.raters, check_of_installation(), problems, options.unknown, file.scores
    )
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
        file=source.name,
        sha256=sha256,
        kind=kind,
        raters=raters,
        checked=checked,
        understood=file.understood,
        remarks=remarks,
        digest=digest,
        asked_scores=options.asked.scores,
    )


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
    if not changes:
        return sha256
    return hashlib.sha256(f"{sha256} {'; '.join(changes)}".encode()).hexdigest()


def _names(plan: ImportPlan, name: str) -> dict[str, str]:
    """The name in the file -> the rater's name. ValueError where it is not clear whose codings
    they are."""
    in_file = [rater.name for rater in plan.raters]
    if in_file == [""]:
        if not name:
            raise ValueError("the file names no rater; say whose codings they are (--rater NAME)")
        return {"": name}
    if "" in in_file:
        raise refused("some rows name no rater; fill the column of raters", plan.file)
    if len(in_file) == 1:
        return {in_file[0]: name or in_file[0]}
    if name:
        raise ValueError(
            f"the file has {_listed(plan.raters)}, and each is stored under its own name; leave "
            f"the name {name} out"
        )
    if plan.kind == Rater.Kind.REFERENCE:
        raise ValueError(
            f"the file has {_listed(plan.raters)}; a study has one reference: give its codings in "
            "a file alone"
        )
    return {each: each for each in in_file}


def _listed(raters: Sequence[RaterPlan]) -> str:
    """For example "3 raters (Ada, Ben, Cid)"."""
    names = [rater.name for rater in raters]
    shown = ", ".join(names[:FIRST_ROWS])
    more = len(names) - FIRST_ROWS
    return f"{len(names)} raters ({shown}{f' and {more} more' if more > 0 else ''})"


def _in_study(
    study: Study, plan: ImportPlan, planned: RaterPlan, name: str, notes: Sequence[str]
) -> RaterPlan:
    """The rater's plan, with what is in the study already. ValueError where the name cannot be
    used."""
    refusal = rater_refusal(study, name, plan.kind)
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


def _here(codes: Collection[str], *, as_written: bool) -> set[str]:
    """Those of the codes that the database has: kept as written, or of a code system."""
    wanted = sorted(codes)
    found: set[str] = set()
    for start in range(0, len(wanted), AT_ONCE):
        rows = Code.objects.filter(code__in=wanted[start : start + AT_ONCE])
        if as_written:
            rows = rows.filter(system__name=CodeSystem.AS_WRITTEN)
        else:
            rows = rows.of_systems()
        found.update(rows.values_list("code", flat=True))
    return found
