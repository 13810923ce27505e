"""Closing a study, reopening it, and moving notes from coder to coder; each after a question."""

from __future__ import annotations

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from annotation.label_studio.client import LabelStudioError
from annotation.models import Rater, Role, Study
from annotation.selectors.desk import drafts_begun
from annotation.selectors.queues import study_progress, with_done
from annotation.selectors.studies import studies_of
from annotation.selectors.study_life import (
    in_words,
    left_undone,
    looked_since_closing,
    onlookers,
)
from annotation.services.reassign import notes_reassign
from annotation.services.study_life import reopening_refusal, study_close, study_reopen
from pages.access import AuthedRequest, roles, visible_study
from pages.choices import whole
from pages.questions import Question, question_page, way_to


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_close_view(request: AuthedRequest, slug: str) -> HttpResponse:
    """Close a study, after a question: its short name has to be typed."""
    study = visible_study(request, slug)
    if study.status != Study.Status.OPEN:
        messages.error(request, f"{slug} is {study.status}; only an open study can be closed.")
        return redirect("study", slug=slug)
    question = closing_question(study)
    if request.method == "GET":
        return question_page(request, question)
    refusal = question.refusal(request)
    if refusal:
        return question_page(request, question, refusal)
    try:
        study_close(study=study, actor=request.user)
    except (LabelStudioError, ValueError) as error:
        messages.error(request, f"{slug} is not closed: {error}. Close it again to go on.")
    else:
        messages.success(request, f"{slug} is closed; no more answers are taken.")
    return redirect("study", slug=slug)


def closing_question(study: Study) -> Question:
    """What closing the study leaves undone, and what it means."""
    undone = left_undone(study)
    if undone.left:
        first = f"{undone.left:,} of {undone.total:,} assignments are not done. They stay undone."
    else:
        first = f"All {undone.total:,} assignments are done."
    begun = drafts_begun(study)
    facts = [first]
    if begun:
        facts.append(f"Begun or changed on our page and not sent: {begun:,}. They do not count.")
    return Question(
        title=f"Close study {study.slug}?",
        button="Close the study",
        back=reverse("study", args=[study.slug]),
        trail=way_to(study),
        facts=[
            *facts,
            "The last answers are fetched, then none are taken any more, by Label Studio or by our "
            "own page; its coders' queues keep no note of it, and lead them to how they did.",
            "Researchers and admins who code in this study can see its results from then on.",
            "Only an admin can reopen it; answers given after that are marked in every report.",
        ],
        name=study.slug,
        head=("Coder", "Done", "Left"),
        rows=undone.rows,
    )


@require_http_methods(["GET", "POST"])
@roles(Role.ADMIN)
def study_reopen_view(request: AuthedRequest, slug: str) -> HttpResponse:
    """Reopen a closed study, after a question that says who could see results meanwhile.

    Its short name has to be typed.
    """
    study = visible_study(request, slug)
    refusal = reopening_refusal(study)
    if refusal:
        messages.error(request, f"Nothing was changed: {refusal}.")
        return redirect("study", slug=slug)
    question = reopening_question(study)
    if request.method == "GET":
        return question_page(request, question)
    refusal = question.refusal(request)
    if refusal:
        return question_page(request, question, refusal)
    try:
        study_reopen(study=study, actor=request.user)
    except (LabelStudioError, ValueError) as error:
        messages.error(request, f"{slug} could not be reopened: {error}. Reopen it again to go on.")
    else:
        messages.success(request, f"{slug} is open again; its coders find it in their queues.")
    return redirect("study", slug=slug)


def reopening_question(study: Study) -> Question:
    """Who could see results since the study was closed, and what reopening it means."""
    assert study.closed_at is not None  # one that was never closed has been refused
    people = "; ".join(onlookers(study)) or "nobody"
    looked = "; ".join(looked_since_closing(study)) or "nobody exported it or ran a benchmark"
    return Question(
        title=f"Reopen study {study.slug}?",
        button="Reopen the study",
        back=reverse("study", args=[study.slug]),
        trail=way_to(study),
        facts=[
            f"Since it was closed on {in_words(study.closed_at)} "
            f"its results could be seen by: {people}.",
            f"Recorded since then: {looked}. Who only looked at a page is not recorded.",
            "Answers given from now on are marked in exports, "
            "and said under Table 1 with the names above.",
            "The protocol stays as it was frozen. "
            "Answers given in Label Studio while it was closed do not count.",
            "Its coders find what is not done in their queues again, "
            f"assignments: {left_undone(study).left:,}.",
        ],
        name=study.slug,
    )


@require_http_methods(["GET", "POST"])
@roles(Role.RESEARCHER)
def study_reassign(request: AuthedRequest, slug: str) -> HttpResponse:
    """Move the notes that one coder has not submitted to another, after a question.

    Without a `taker` it asks for one.
    """
    studies = studies_of(request.user).select_related("batch")
    study = get_object_or_404(studies, slug=slug)
    sent = request.POST if request.method == "POST" else request.GET
    if request.method == "GET" and "taker" not in sent:
        return _taker_choice(request, study, whole(sent.get("giver", "")))
    giver = _rater(sent.get("giver", ""))
    taker = _rater(sent.get("taker", ""))
    if request.method == "GET":
        return question_page(request, reassigning_question(study, giver, taker))
    try:
        moved = notes_reassign(study=study, giver=giver, taker=taker, actor=request.user)
    except (LabelStudioError, ValueError) as error:
        messages.error(request, f"Nothing moved: {error}")
    else:
        messages.success(
            request, f"{moved} notes of {giver} are {taker}'s now, at the end of the queue."
        )
    return redirect("study", slug=slug)


def _taker_choice(request: AuthedRequest, study: Study, giver: int) -> HttpResponse:
    """A form that asks whose notes go to whom."""
    context = {
        "study": study,
        "tab": "overview",
        "below": True,
        "progress": study_progress(study),
        "giver": giver,
    }
    return render(request, "study/reassign.html", context)


def _rater(pk: str) -> Rater:
    return get_object_or_404(Rater, pk=whole(pk))


def reassigning_question(study: Study, giver: Rater, taker: Rater) -> Question:
    """Which notes would move from one coder to the other, and what becomes of the rest."""
    undone = with_done(study.assignments.filter(rater=giver)).filter(is_done=False)
    left = Counter(undone.values_list("role", flat=True))
    return Question(
        title=f"Move the notes of {giver} to {taker}?",
        button="Move the notes",
        back=reverse("study", args=[study.slug]),
        trail=way_to(study),
        facts=[
            f"Own notes that {giver} has not submitted, {left['primary']:,}, "
            f"go to the end of {taker}'s queue.",
            f"Shared notes that {giver} has not submitted, {left['overlap']:,}, "
            "are dropped: agreement lacks them.",
            f"What {giver} submits on them later in Label Studio is quarantined; "
            "our own page takes it no more. Drafts are lost to the study; "
            f"on our page {drafts_begun(study, giver):,} are begun.",
        ],
        fields=[("giver", str(giver.pk)), ("taker", str(taker.pk))],
    )
