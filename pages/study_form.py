"""The pages of a draft: the form with its preview of who codes what, discarding, opening."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotation.label_studio.client import LabelStudioError
from annotation.models import Role, Study, WeightList
from annotation.selectors.codes import WHOLE_SYSTEM, ListPreview, list_preview
from annotation.selectors.queues import study_progress
from annotation.selectors.studies import studies_of
from annotation.services.drafts import draft_change, draft_discard, draft_refusal
from annotation.services.statements import no_weight, weighted_words, weights_keep
from annotation.services.studies import study_draft, study_opening_ask, study_shares
from annotation.tasks import queue_opening
from benchmark.metrics.certainty.planning import Design
from benchmark.tables.plan import plan_answer, plan_instead, plan_lines
from pages.access import AuthedRequest, roles, visible_study
from pages.forms import StudyForm
from pages.questions import Question, question_page, way_to

SETTINGS = (
    "title",
    "slug",
    "sample",
    "overlap",
    "interface",
    "guideline",
    "seed",
    "margin",
)
"""Fields of a study that its form has as they are."""


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_new(request: AuthedRequest) -> HttpResponse:
    """The form of a new study. One button shows the plan, the other drafts the study.

    Looking at the plan stores nothing but a file of weights, which any study may then choose.
    `?like=` fills the form with the settings of another study.
    """
    like = studies_of(request.user).filter(slug=request.GET.get("like", "")).first()
    initial = None
    if like:
        initial = {**settings_of(like), "slug": free_name(like.slug), "title": ""}
    form = StudyForm(request.POST or None, request.FILES or None, initial=initial)

    def store(given: dict[str, Any]) -> HttpResponse:
        study = study_draft(**fields_of(given), actor=request.user)
        messages.success(request, f"{study.slug} is drafted. Coders see it once it is open.")
        return redirect("study", slug=study.slug)

    return study_form(request, form, store, {"like": like})


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_edit(request: AuthedRequest, slug: str) -> HttpResponse:
    """Change a draft: the same form, filled with its settings."""
    draft = visible_study(request, slug)
    seen = request.POST.get("seen", draft.protocol_sha256)
    refusal = draft_refusal(draft, seen)
    if refusal and request.method == "GET":
        messages.error(request, f"Nothing was changed: {refusal}.")
        return redirect("study", slug=slug)
    form = StudyForm(
        request.POST or None, request.FILES or None, initial=settings_of(draft), own=draft.slug
    )

    def store(given: dict[str, Any]) -> HttpResponse:
        study = draft_change(study=draft, seen=seen, actor=request.user, **fields_of(given))
        messages.success(request, f"{study.slug} is changed and planned anew.")
        return redirect("study", slug=study.slug)

    return study_form(request, form, store, {"draft": draft, "seen": seen})


def study_form(
    request: AuthedRequest,
    form: StudyForm,
    store: Callable[[dict[str, Any]], HttpResponse],
    context: dict[str, object],
) -> HttpResponse:
    """The form, with a preview of the plan or with what is wrong; or the answer of `store`."""
    context = {"form": form, **context}
    right = form.is_valid()
    if form.is_bound:
        keep_weights(form)
    if right:
        given = form.cleaned_data
        try:
            if "preview" not in request.POST:
                return store(given)
            context |= preview_of(given)
        except ValidationError as error:
            form.add_error(None, error)
        except (ValueError, LabelStudioError) as error:
            form.add_error(None, str(error))
    return render(request, "study/form.html", context, status=422 if form.errors else 200)


def keep_weights(form: StudyForm) -> None:
    """Keep a file of weights that was sent and is right, and have it chosen in the form.

    Also where another field is wrong, or the plan is only looked at: a file would have to be
    chosen again.
    """
    file = form.cleaned_data.get("weights_file")
    if file:
        form.choose_weights(weights_keep(*file))


def preview_of(given: dict[str, Any]) -> dict[str, object]:
    """What a draft with these settings would be, and what it could show.

    Raises ValueError where no such study can be planned.
    """
    names = ("batch", "sample", "overlap", "interface", "seed")
    study = Study(**{name: given[name] for name in names})
    coders = list(given["coders"])
    shares = study_shares(study, coders)
    drawn = sum(own for _, own, _ in shares)
    codes = list_preview(given["code_set"], given["batch"], study.arms, given["weights"])
    return {
        "preview": shares,
        "drawn": drawn,
        "each": sorted({own + shared for _, own, shared in shares}),
        "given": given,
        "codes": codes,
        "weighted": weighted_of(given["weights"], codes),
        "arms": [Study.Interface(arm).label for arm in study.arms],
        **expected_of(Design(len(coders), drawn, given["overlap"]), given["margin"]),
    }


def weighted_of(weights: WeightList | None, codes: ListPreview) -> str:
    """How many codes of the list have a weight. Raises ValueError where none has."""
    if weights is None:
        return ""
    if not codes.weighted:
        raise ValueError(no_weight(weights.name, codes.name))
    return weighted_words(weights.name, codes.weighted, codes.size)


def expected_of(design: Design, margin: float | None) -> dict[str, object]:
    """What a study of this design could show."""
    several = design.coders > 1 and design.notes > 1
    return {
        "answer": plan_answer(design),
        "lines": plan_lines(design, margin),
        "instead": plan_instead(design) if several else "",
    }


def fields_of(given: dict[str, Any]) -> dict[str, Any]:
    """The settings in a form that was sent, as `study_draft` and `draft_change` take them."""
    names = ("batch", "code_set", "weights", *SETTINGS)
    fields = {name: given[name] for name in names}
    fields["coders"] = list(given["coders"])
    return fields


def settings_of(study: Study) -> dict[str, Any]:
    """The settings of a study, as its form shows them."""
    settings = {name: getattr(study, name) for name in SETTINGS}
    settings["weights"] = study.weights_id
    settings["batch"] = study.batch_id
    settings["code_set"] = str(study.code_set_id)
    if study.code_set.name == WHOLE_SYSTEM:
        settings["code_set"] = WHOLE_SYSTEM
    settings["coders"] = list(study.workspaces.values_list("rater", flat=True).distinct())
    return settings


def free_name(slug: str) -> str:
    """A short name like another one that is still free: audit-2 or audit-3 for audit."""
    taken = set(Study.objects.values_list("slug", flat=True))
    number = 2
    while f"{slug[:36]}-{number}" in taken:
        number += 1
    return f"{slug[:36]}-{number}"


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_discard(request: AuthedRequest, slug: str) -> HttpResponse:
    """Discard a draft, after a question."""
    draft = visible_study(request, slug)
    refusal = draft_refusal(draft, draft.protocol_sha256)
    if refusal:
        messages.error(request, f"Nothing was discarded: {refusal}.")
        return redirect("study-settings", slug=slug)
    if request.method == "GET":
        loaded = draft.workspaces.filter(project_id__isnull=False).count()
        facts = [
            f"Its settings and its plan of {draft.assignments.count():,} assignments are removed.",
            "Notes, lists of codes and people stay.",
        ]
        if loaded:
            facts.append(
                "It was loaded into Label Studio in part: "
                f"{loaded} of its projects are deleted there too."
            )
        question = Question(
            f"Discard the draft {slug}?", "Discard the draft", reverse("study", args=[slug]), facts
        )
        return question_page(request, question)
    try:
        draft_discard(study=draft, actor=request.user)
    except (ValueError, LabelStudioError) as error:
        messages.error(request, f"Nothing was discarded: {error}.")
        return redirect("study", slug=slug)
    messages.success(request, f"The draft {slug} is discarded.")
    return redirect("home")


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_open_view(request: AuthedRequest, slug: str) -> HttpResponse:
    """Ask a worker to open a study (freeze its protocol, load Label Studio), after a question.

    The study's page says how far it is. After a failure its button goes on where it stopped.
    """
    study = get_object_or_404(studies_of(request.user), slug=slug, status=Study.Status.DRAFT)
    if request.method == "POST":
        study_opening_ask(study=study, actor=request.user, queue=queue_opening)
        return redirect("study", slug=slug)
    question = Question(
        title=f"Open study {slug}?",
        button="Open the study",
        back=reverse("study", args=[slug]),
        trail=way_to(study),
        facts=[
            "The protocol freezes: notes, coders, codes and guideline cannot be changed any more.",
            _where_notes_go(study),
        ],
        head=("Coder", "Notes"),
        rows=[(row.rater, row.total) for row in study_progress(study)],
        danger=False,
    )
    return question_page(request, question)


def _where_notes_go(study: Study) -> str:
    """Where coders find their notes, by what they work with."""
    if not study.with_label_studio:
        return "The coders find their notes in their queues, on Coderbench's own page."
    if Study.Interface.PAGE in study.arms:
        return (
            "The coders find their notes in their queues: those of one arm in Label Studio, "
            "those of the other on Coderbench's own page."
        )
    return (
        "Each coder's notes are loaded into Label Studio, and the coders find them in their queues."
    )
