"""Simulated coders: they answer through Label Studio's API with accounts of their own."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from annotation.models import Study, Workspace
from annotation.services.workstation import workstation
from icd.codes import as_kind
from icd.titles import Title
from mimic.synthetic.coders import SimulatedCoder


def coders_simulate(
    *, study: Study, progress: Callable[[int], object] = lambda answers: None
) -> int:
    """Have every simulated coder of a study submit the notes that are left. Returns how many.

    They are given the note's text and the titles of the shortlist, never the reference. Each
    coder works in a thread; `progress` is told of each answer.
    """
    titles = {}
    for code in study.code_set.codes.all():
        titles[code.code] = Title(as_kind(code.kind), code.short_title, code.long_title)
    work = []
    for workspace in study.workspaces.filter(rater__simulated=True).select_related("rater__user"):
        mine = study.assignments.filter(rater=workspace.rater, arm=workspace.arm)
        queue = mine.order_by("position").values_list("task_id", "note__text")
        work.append((workspace, list(queue)))
    with ThreadPoolExecutor(max_workers=max(len(work), 1)) as threads:
        jobs = []
        for workspace, notes in work:
            jobs.append(threads.submit(_answer_all, workspace, notes, titles, study.seed, progress))
        return sum(job.result() for job in jobs)


def _answer_all(
    workspace: Workspace,
    notes: list[tuple[int | None, str]],
    titles: dict[str, Title],
    seed: int,
    progress: Callable[[int], object],
) -> int:
    """Submit what one coder has left in one project. Returns how many answers."""
    user = workspace.rater.user
    project = workspace.project_id
    assert user is not None and project is not None  # the study is open
    client = workstation()
    account = client.ensure_account(user.email, user.first_name)
    answered = {answer.task_id for answer in client.changed(project)}
    coder = SimulatedCoder(workspace.rater.name, seed, titles)
    left = [(task, text) for task, text in notes if task not in answered]
    for task, text in left:
        assert task is not None  # every note of an open study is a task
        codes, seconds = coder.code(text)
        client.submit(account.token, task, codes, seconds)
        progress(1)
    return len(left)
