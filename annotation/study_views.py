"""Studies made by hand: a form, a preview of who codes what, a draft, the button that opens it, notes that move on."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from annotation.forms import StudyForm
from annotation.label_studio import LabelStudioError
from annotation.models import Rater, Role, Study
from annotation.permissions import roles, whole
from annotation.selectors import studies_of
from annotation.services.codes import code_set_of
from annotation.services.events import event_record
from annotation.services.reassign import notes_reassign
from annotation.services.studies import study_draft, study_opening_ask, study_plan
from annotation.tasks import queue_opening


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_new(request: HttpRequest) -> HttpResponse:
    """Preview shows the plan and stores nothing; draft stores it, for the study's page to open."""
    form = StudyForm(request.POST or None)
    context: dict[str, object] = {"form": form}
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if "preview" in request.POST:
                dealt = planned(given)
                context |= {"preview": dealt, "drawn": sum(own for _, own, _ in dealt), "given": given}
            else:
                study = drafted(given)
                event_record(actor=request.user, verb="study.drafted", object=f"study:{study.slug}")
                messages.success(request, f"{study.slug} is drafted. Coders see it once it is open.")
                return redirect("study", slug=study.slug)
        except ValidationError as error:
            form.add_error(None, error)
        except ValueError as error:
            form.add_error(None, str(error))
    return render(request, "study_new.html", context, status=422 if form.errors else 200)


def planned(given: dict) -> list[tuple[Rater, int, int]]:
    """(coder, own notes, shared notes of other coders) of the plan that a draft would have. ValueError as there."""
    coders = list(given["coders"])
    fields = {name: given[name] for name in ("batch", "sample", "overlap", "interface", "seed")}
    counts = Counter((each.coder, each.role) for each in study_plan(Study(**fields), coders))
    return [(coder, counts[coder.pk, "primary"], counts[coder.pk, "overlap"]) for coder in coders]


@transaction.atomic
def drafted(given: dict) -> Study:
    """The study of a filled form; nothing is stored where it is refused."""
    return study_draft(
        slug=given["slug"], batch=given["batch"], code_set=given["code_set"] or code_set_of(given["batch"]),
        coders=list(given["coders"]), sample=given["sample"], overlap=given["overlap"],
        interface=given["interface"], guideline=given["guideline"], seed=given["seed"],
    )  # fmt: skip


@require_POST
@roles(Role.RESEARCHER)
def study_open_view(request: HttpRequest, slug: str) -> HttpResponse:
    """Have a worker freeze the protocol and load Label Studio; the study's page says how far it is. After a failure the
    same button goes on where it stopped."""
    study = get_object_or_404(studies_of(request.user), slug=slug, status=Study.Status.DRAFT)
    study_opening_ask(study=study, actor=request.user, queue=queue_opening)
    return redirect("study", slug=slug)


@require_POST
@roles(Role.RESEARCHER)
def study_reassign(request: HttpRequest, slug: str) -> HttpResponse:
    """What one coder has not submitted goes to another."""
    study = get_object_or_404(studies_of(request.user), slug=slug)
    giver, taker = (get_object_or_404(Rater, pk=whole(request.POST.get(side))) for side in ("giver", "taker"))
    try:
        moved = notes_reassign(study=study, giver=giver, taker=taker, actor=request.user)
    except (LabelStudioError, ValueError) as error:
        messages.error(request, f"Nothing moved: {error}")
    else:
        messages.success(request, f"{moved} notes of {giver} are {taker}'s now, at the end of the queue.")
    return redirect("study", slug=slug)
