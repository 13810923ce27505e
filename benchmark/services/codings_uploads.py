"""Uploaded files of codings: checked and shown first, stored when that is confirmed.

The file waits in the folder of uploads (`annotation.services.uploads`). Small ones are worked on
in the request, large ones by a worker.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import ValidationError

from annotation.models import Study, Upload, User
from annotation.selectors.uploads import Progress, names_of_parts
from annotation.services.uploads import Outcome, upload_work, uploads_sweep
from annotation.uploaded import groups_of
from benchmark.selectors.import_plan import (
    ImportOptions,
    ImportPlan,
)
from benchmark.selectors.import_planning import plan_of_codings, plan_of_study
from benchmark.selectors.import_words import found_in
from benchmark.services.import_codings import plan_store, study_store
from files.codings import Asked, Reading
from files.given import GivenFile
from files.problems import FileError
from files.score_cells import AskedScores
from icd.codes import Kind

State = Upload.State
LARGE = 4 * 2**20
"""Bytes of a file, packed, that a worker reads; smaller ones are read while the person waits."""


def codings_upload_work(upload_id: int) -> None:
    """Check or store an upload, whichever is asked for. One process at a time does it."""
    if not upload_work(upload_id, State.WAITING, _check):
        upload_work(upload_id, State.CONFIRMED, _store)


def codings_uploads_sweep() -> None:
    """Check and store what no worker was told of."""
    uploads_sweep(Upload.Kind.CODINGS, _check, _store)


def plan_again(upload: Upload) -> ImportPlan:
    """What would be stored of an upload, with what its owner chose. Raises what
    `plan_of_codings` raises; FileNotFoundError where its file was removed."""
    asked = upload.asked
    with _opened(upload) as file:
        if not asked["study"]:
            return plan_of_study(file=file, options=options_of(asked))
        return plan_of_codings(
            study=Study.objects.get(pk=asked["study"]),
            kind=asked["kind"],
            file=file,
            name=asked["rater"],
            options=options_of(asked),
        )


def options_of(asked: Mapping[str, Any]) -> ImportOptions:
    """The options of an import as a form or an upload has them."""
    reading: Reading = asked["reading"] or "plain"
    codes_are: Kind | None = asked["codes_are"] or None
    return ImportOptions(
        unknown=asked["unknown"] or "refuse",
        notes_of_study=bool(asked["notes_of_study"]),
        reference_rater=asked["reference_rater"],
        asked=Asked(None, reading, codes_are, _scores_of(asked)),
    )


def _scores_of(asked: Mapping[str, Any]) -> AskedScores:
    """What was said of scores."""
    return AskedScores(
        threshold=asked.get("threshold"),
        threshold_dev=asked.get("threshold_dev"),
        floor=asked.get("floor"),
        every_code=bool(asked.get("every_code")),
        logits=bool(asked.get("logits")),
    )


@contextmanager
def _opened(upload: Upload) -> Iterator[GivenFile]:
    name, path = names_of_parts(upload)[0]
    with path.open("rb") as stream:
        yield GivenFile(name, stream)


def _check(upload: Upload, progress: Progress) -> Outcome:
    """What would be stored, or everything that is wrong."""

    def checked(plan: ImportPlan) -> Outcome:
        return Outcome(State.CHECKED, {"plan": found_in(plan)})

    return _planned(upload, checked)


def _store(upload: Upload, progress: Progress) -> Outcome:
    """Store it, unless that is something else by now than what was shown."""

    def stored(plan: ImportPlan) -> Outcome:
        shown = found_in(plan)
        if shown != upload.found.get("plan"):
            return Outcome(State.CHECKED, {"plan": shown, "changed": True})
        owner = upload.owner
        if upload.asked["study"]:
            return Outcome(State.STORED, _stored_in_study(upload, plan, owner), remove=True)
        study = study_store(plan=plan, slug=upload.asked["slug"], actor=owner)
        found = {"study": study.slug, "said": plan.said()}
        return Outcome(State.STORED, found, study.batch, remove=True)

    return _planned(upload, stored)


def _stored_in_study(upload: Upload, plan: ImportPlan, owner: User) -> dict[str, object]:
    study = Study.objects.get(pk=upload.asked["study"])
    imported = plan_store(plan=plan, study=study, actor=owner)
    raters = [{"name": stored.rater.name, "new": stored.new} for stored in imported.raters]
    return {"study": study.slug, "raters": raters, "said": plan.said()}


def _planned(upload: Upload, then: Callable[[ImportPlan], Outcome]) -> Outcome:
    """What comes of the upload's plan; where there is none, why it is refused."""
    try:
        return then(plan_again(upload))
    except FileError as error:
        return Outcome(State.REFUSED, {"refused": groups_of(error)})
    except ValidationError as error:
        return Outcome(State.REFUSED, {"words": "; ".join(error.messages)})
    except ValueError as error:
        return Outcome(State.REFUSED, {"words": str(error)})
