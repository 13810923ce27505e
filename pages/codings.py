"""The pages that import codings from a file: into a study, or as a study of their own."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import capfirst
from django.views.decorators.http import require_http_methods

from annotation.models import Role
from annotation.uploaded import report_of, uploaded_stream
from benchmark.selectors.import_plan import ImportOptions
from benchmark.services.import_codings import codings_import, study_from_codings
from files.problems import FileError
from pages.access import AuthedRequest, roles, visible_study
from pages.forms import CodingsForm, CodingsStudyForm


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_import(request: AuthedRequest, slug: str) -> HttpResponse:
    """Import a rater's codings into a study: the form, and what was wrong with a file."""
    found = visible_study(request, slug)
    form = CodingsForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            imported = codings_import(
                study=found,
                name=given["rater"],
                kind=given["kind"],
                file=given["file"].name,
                data=uploaded_stream(given["file"]),
                actor=request.user,
                options=ImportOptions(given["unknown"]),
            )
        except FileError as error:
            report = report_of(error)
        except ValueError as error:
            form.add_error("rater", str(error))
        else:
            for sentence in imported.plan.said():
                messages.info(request, f"{capfirst(sentence)}.")
            for stored in imported.raters:
                messages.success(
                    request,
                    f"{stored.rater.name}: {stored.new} new codings. "
                    "Run the benchmark to see them in Table 1.",
                )
            return redirect("study", slug=slug)
    status = 422 if report or form.errors else 200
    context = {"study": found, "form": form, "report": report}
    return render(request, "codings/import.html", context, status=status)


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_of_codings(request: AuthedRequest) -> HttpResponse:
    """Make a study of a file of reference codings, without notes' texts.

    The raters' files are imported into it afterwards.
    """
    form = CodingsStudyForm(request.POST or None, request.FILES or None)
    report = None
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made, plan = study_from_codings(
                slug=form.cleaned_data["slug"],
                file=file.name,
                data=uploaded_stream(file),
                actor=request.user,
                options=ImportOptions(form.cleaned_data["unknown"]),
            )
        except FileError as error:
            report = report_of(error)
        except ValueError as error:
            form.add_error("slug", str(error))
        else:
            for sentence in plan.said():
                messages.info(request, f"{capfirst(sentence)}.")
            messages.success(
                request,
                f"{made.slug}: {made.notes.count()} notes. Now import what raters gave them.",
            )
            return redirect("study-import", slug=made.slug)
    status = 422 if report or form.errors else 200
    return render(request, "codings/import.html", {"form": form, "report": report}, status=status)
