"""A batch's way out: withdrawn, put back, its notes removed for good; and the receipt."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from annotation.models import Batch, Purge, Role
from annotation.selectors.removal import closed_studies_of, withdrawal_refusal
from annotation.services.withdraw import batch_put_back, batch_withdraw
from benchmark.selectors.purges import (
    name_to_type,
    purge_facts,
    purge_refusal,
    receipt_lines,
    status_words,
    steps_told,
)
from benchmark.services.purge import purge_ask
from benchmark.tasks import queue_purge
from pages.access import AuthedRequest, roles
from pages.questions import Question, question_page


@require_http_methods(["GET", "POST"])
@roles(Role.ADMIN)
def withdraw(request: AuthedRequest, batch_id: int) -> HttpResponse:
    """Take a batch out of the choices for new studies, after a question."""
    batch = get_object_or_404(Batch, pk=batch_id)
    refusal = withdrawal_refusal(batch)
    if refusal:
        messages.error(request, f"Nothing was changed: {refusal}.")
        return redirect(_back(batch))
    if request.method == "GET":
        return question_page(request, _withdrawing(batch))
    try:
        batch_withdraw(batch=batch, actor=request.user)
    except ValueError as error:
        messages.error(request, f"Nothing was changed: {error}.")
    else:
        messages.success(request, f"{batch.name} is withdrawn; no new study can have it.")
    return redirect(_back(batch))


def _withdrawing(batch: Batch) -> Question:
    studies = ", ".join(study.slug for study in closed_studies_of(batch)) or "none"
    return Question(
        title=f"Withdraw batch {batch.name}?",
        button="Withdraw the batch",
        back=_back(batch),
        trail=_way(batch),
        facts=[
            "It is in no choice for new studies any more.",
            f"Its notes stay for closed studies: {studies}.",
            "It can be put back at any time.",
        ],
        danger=False,
    )


@require_POST
@roles(Role.ADMIN)
def put_back(request: AuthedRequest, batch_id: int) -> HttpResponse:
    """Let new studies have a withdrawn batch again."""
    batch = get_object_or_404(Batch, pk=batch_id)
    try:
        batch_put_back(batch=batch, actor=request.user)
    except ValueError as error:
        messages.error(request, f"Nothing was changed: {error}.")
    else:
        messages.success(request, f"{batch.name} is back; new studies can have it.")
    return redirect(_back(batch))


@require_http_methods(["GET", "POST"])
@roles(Role.ADMIN)
def purge(request: AuthedRequest, batch_id: int) -> HttpResponse:
    """Remove a batch's notes for good, after a question: the batch's name has to be typed."""
    batch = get_object_or_404(Batch, pk=batch_id)
    under_way = batch.purges.filter(finished_at=None).first()
    if under_way:
        return redirect("purge", purge_id=under_way.pk)
    refusal = purge_refusal(batch)
    if refusal:
        messages.error(request, f"Nothing was removed: {refusal}.")
        return redirect(_back(batch))
    question = Question(
        title=f"Remove the notes of batch {batch.name} for good?",
        button="Remove the notes",
        back=_back(batch),
        trail=_way(batch),
        facts=purge_facts(batch),
        name=name_to_type(batch),
        name_is="name",
    )
    if request.method == "GET":
        return question_page(request, question)
    refusal = question.refusal(request)
    if refusal:
        return question_page(request, question, refusal)
    try:
        asked = purge_ask(batch=batch, actor=request.user, queue=queue_purge)
    except ValueError as error:
        messages.error(request, f"Nothing was removed: {error}.")
        return redirect(_back(batch))
    return redirect("purge", purge_id=asked.pk)


@require_GET
@roles(Role.ADMIN)
def receipt(request: AuthedRequest, purge_id: int) -> HttpResponse:
    """A removal: what was asked for, what is done, and what could not be reached."""
    found = get_object_or_404(Purge.objects.select_related("asked_by"), pk=purge_id)
    context = {"purge": found, "steps": steps_told(found), "status": status_words(found)}
    return render(request, "purges/receipt.html", context)


@require_GET
@roles(Role.ADMIN)
def receipt_file(request: AuthedRequest, purge_id: int) -> HttpResponse:
    """The receipt as text, to be kept elsewhere."""
    found = get_object_or_404(Purge.objects.select_related("asked_by"), pk=purge_id)
    text = "\n".join(receipt_lines(found)) + "\n"
    headers = {"Content-Disposition": f'attachment; filename="removal-{found.pk}.txt"'}
    return HttpResponse(text, content_type="text/plain; charset=utf-8", headers=headers)


@require_POST
@roles(Role.ADMIN)
def go_on(request: AuthedRequest, purge_id: int) -> HttpResponse:
    """Ask a worker to go on with a removal at once, without waiting for the clock."""
    found = get_object_or_404(Purge, pk=purge_id)
    if found.finished_at is None:
        queue_purge(found.pk)
        messages.info(request, "A worker goes on with it.")
    return redirect("purge", purge_id=found.pk)


def _way(batch: Batch) -> list[tuple[str, str]]:
    """The way to the batch's page."""
    return [("Data", reverse("batches")), (batch.name, _back(batch))]


def _back(batch: Batch) -> str:
    """The page that a batch is left from."""
    return reverse("batch", args=[batch.pk])
