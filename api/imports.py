"""The API's import of files of codings: into a study, or as a study of their own."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from rest_framework import serializers, status
from rest_framework.response import Response

from annotation.models import Study
from annotation.uploaded import refusal, uploaded_stream
from api.permissions import StaffRequest
from benchmark.selectors.import_plan import (
    KINDS,
    LONGEST_NAME,
    ImportOptions,
    ImportPlan,
    RaterPlan,
)
from benchmark.selectors.import_planning import plan_of_codings, plan_of_study
from benchmark.services.import_codings import plan_store, study_store
from files.checked import UNKNOWN
from files.codings import FORMS, Asked
from files.given import GivenFile
from files.problems import FileError
from files.score_cells import AskedScores
from icd.codes import KINDS as CODE_KINDS


class RemarksField(serializers.ListField):
    """How a file was read, and what of it was merged, dropped or kept."""

    child = serializers.CharField()


class CodingsFileSerializer(serializers.Serializer[None]):
    """A file of codings, and what is to be done with it: as the options of `import_codings`."""

    file = serializers.FileField(allow_empty_file=True)
    unknown = serializers.ChoiceField(
        choices=UNKNOWN,
        default="refuse",
        help_text="what to do with strings that are no codes: refuse the file; keep them as "
        "written, they count as given and are never right; drop them. A retired code is a code",
    )
    codes_are = serializers.ChoiceField(
        choices=CODE_KINDS,
        required=False,
        help_text="codes without dots are all diagnoses (dx) or all procedures (proc)",
    )
    reference_rater = serializers.CharField(
        max_length=LONGEST_NAME,
        required=False,
        allow_blank=True,
        default="",
        help_text="which of the file's raters is the reference: with the kind reference it alone "
        "is taken, else the others are",
    )
    reading = serializers.ChoiceField(
        choices=("plain", "caml"),
        default="plain",
        help_text="caml: the zeros of procedures were lost as in the tables that CAML's code makes",
    )
    input_format = serializers.ChoiceField(
        choices=sorted(set(FORMS.values())),
        required=False,
        help_text="whatever the file's ending is",
    )
    threshold = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        help_text="a code is given where its score is above it",
    )
    threshold_dev = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        help_text="the threshold that the model's own development notes chose",
    )
    floor = serializers.FloatField(
        required=False,
        min_value=0,
        max_value=1,
        help_text="every code with a score above it is in the file",
    )
    every_code = serializers.BooleanField(
        default=False,
        help_text="the file has every code that the model knows, for every note",
    )
    logits = serializers.BooleanField(default=False, help_text="the scores are logits")
    dry_run = serializers.BooleanField(
        default=False, help_text="answer with what would be stored, and store nothing"
    )


class CodingsUploadSerializer(CodingsFileSerializer):
    """Codings of a study's notes."""

    rater = serializers.CharField(
        max_length=LONGEST_NAME,
        required=False,
        allow_blank=True,
        default="",
        help_text="whose codings they are, where the file has no column of raters",
    )
    kind = serializers.ChoiceField(choices=[str(kind) for kind in KINDS])
    notes_of_study = serializers.BooleanField(
        default=False, help_text="leave out the notes that the study lacks, and count them"
    )


class CodingsStudySerializer(CodingsFileSerializer):
    """Reference codings that make a study."""

    slug = serializers.SlugField(max_length=40)


class ImportedRaterSerializer(serializers.Serializer[dict[str, object]]):
    rater = serializers.IntegerField()
    name = serializers.CharField()
    new = serializers.IntegerField(help_text="codings that were not here before")


class ImportedSerializer(serializers.Serializer[dict[str, object]]):
    rater = serializers.IntegerField(help_text="the first of `raters`")
    new = serializers.IntegerField(help_text="codings that were not here before, of all raters")
    raters = ImportedRaterSerializer(many=True)
    remarks = RemarksField(help_text=RemarksField.__doc__)


class PlannedRaterSerializer(serializers.Serializer[RaterPlan]):
    """What a dry run says of a rater."""

    name = serializers.CharField(help_text="empty for the reference of a study that is made")
    is_new = serializers.BooleanField(help_text="no rater of that name and kind is here yet")
    notes = serializers.IntegerField()
    codes = serializers.IntegerField(help_text="codes given, over all notes")
    distinct_codes = serializers.IntegerField()
    new = serializers.IntegerField(help_text="codings that are not here already")
    lacking = serializers.ListField(
        child=serializers.CharField(), help_text="the study's notes that would have no coding"
    )


class NewCodeSerializer(serializers.Serializer[None]):
    code = serializers.CharField()
    what = serializers.CharField()


class PlannedRowSerializer(serializers.Serializer[None]):
    rater = serializers.CharField()
    note = serializers.CharField()
    codes = serializers.ListField(child=serializers.CharField())


class DryRunSerializer(serializers.Serializer[dict[str, object]]):
    """What would be stored of a file."""

    understood = serializers.CharField(help_text="how the file was read")
    raters = PlannedRaterSerializer(many=True)
    notes = serializers.IntegerField()
    codes = serializers.IntegerField(help_text="distinct codes")
    new_codes = NewCodeSerializer(many=True, help_text="codes that this installation would get")
    remarks = RemarksField(help_text=RemarksField.__doc__)
    rows = PlannedRowSerializer(many=True, help_text="the first codings, as they would be stored")


def import_into(request: StaffRequest, study: Study) -> Response:
    """Import the request's file into a study, or say what would be stored."""
    form = CodingsUploadSerializer(data=request.data)
    form.is_valid(raise_exception=True)
    given = form.validated_data
    try:
        plan = plan_of_codings(
            study=study,
            kind=given["kind"],
            file=_file(given["file"]),
            name=given["rater"],
            options=_options(given),
        )
        if given["dry_run"]:
            return Response(_planned(plan))
        imported = plan_store(plan=plan, study=study, actor=request.user)
    except FileError as error:
        return _refused(error)
    except ValueError as error:
        raise serializers.ValidationError({"rater": [str(error)]}) from error
    raters = []
    for stored in imported.raters:
        raters.append({"rater": stored.rater.pk, "name": stored.rater.name, "new": stored.new})
    body = {
        "rater": raters[0]["rater"],
        "new": imported.new,
        "raters": raters,
        "remarks": plan.said(),
    }
    code = status.HTTP_201_CREATED if imported.new else status.HTTP_200_OK
    return Response(body, status=code)


def import_as_study(request: StaffRequest) -> tuple[Study, ImportPlan] | Response:
    """The study that the request's file makes; or the answer to a dry run or a refused file."""
    form = CodingsStudySerializer(data=request.data)
    form.is_valid(raise_exception=True)
    given = form.validated_data
    try:
        plan = plan_of_study(file=_file(given["file"]), options=_options(given))
        if given["dry_run"]:
            return Response(_planned(plan))
        return study_store(plan=plan, slug=given["slug"], actor=request.user), plan
    except FileError as error:
        return _refused(error)
    except ValueError as error:
        raise serializers.ValidationError({"slug": [str(error)]}) from error


def _file(upload: UploadedFile[bytes]) -> GivenFile:
    return GivenFile(upload.name or "", uploaded_stream(upload))


def _options(given: dict[str, Any]) -> ImportOptions:
    scores = AskedScores(
        threshold=given.get("threshold"),
        threshold_dev=given.get("threshold_dev"),
        floor=given.get("floor"),
        every_code=given["every_code"],
        logits=given["logits"],
    )
    asked = Asked(given.get("input_format"), given["reading"], given.get("codes_are"), scores)
    notes_of_study = given.get("notes_of_study", False)
    return ImportOptions(given["unknown"], notes_of_study, given["reference_rater"], asked)


def _planned(plan: ImportPlan) -> dict[str, object]:
    """The answer to a dry run."""
    raters = []
    for planned in plan.raters:
        raters.append(
            {
                "name": planned.name,
                "is_new": planned.rater is None,
                "notes": len(planned.codings),
                "codes": planned.pairs,
                "distinct_codes": len(planned.codes),
                "new": planned.new,
                "lacking": list(planned.lacking),
            }
        )
    rows = [{"rater": row.rater, "note": row.note, "codes": row.codes} for row in plan.rows]
    return {
        "understood": plan.understood,
        "raters": raters,
        "notes": len(plan.notes),
        "codes": len(plan.codes),
        "new_codes": [{"code": code, "what": what} for code, what in plan.new_codes],
        "remarks": plan.remarks,
        "rows": rows,
    }


def _refused(error: FileError) -> Response:
    """The answer to a file with wrong rows."""
    return Response(refusal(error), status=status.HTTP_422_UNPROCESSABLE_ENTITY)
