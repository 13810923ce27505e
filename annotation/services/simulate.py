"""Simulated coders at work: they answer through Label Studio's API with their own accounts, like anyone else."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from annotation.models import Study, Workspace
from annotation.services.workstation import workstation
from icd.titles import Title
from mimic.synthetic.coders import SimulatedCoder


def coders_simulate(*, study: Study, progress: Callable[[int], object] = lambda answers: None) -> int:
    """Every simulated coder of the study submits all notes not answered yet, each in a thread. Returns answers sent.

    They are given the note's text and the shortlist's titles, never a reference.
    """
    titles = {code.code: Title(code.kind, code.short_title, code.long_title) for code in study.code_set.codes.all()}
    work = []
    for workspace in study.workspaces.filter(rater__simulated=True).select_related("rater__user"):
        assert workspace.rater.user is not None and workspace.project_id is not None  # the study is open
        notes = study.assignments.filter(rater=workspace.rater, arm=workspace.arm).order_by("position")
        work.append((workspace, list(notes.values_list("task_id", "note__text"))))
    with ThreadPoolExecutor(max_workers=max(len(work), 1)) as threads:
        jobs = [
            threads.submit(_answer_all, workspace, notes, titles, study.seed, progress) for workspace, notes in work
        ]
        return sum(job.result() for job in jobs)


def _answer_all(
    workspace: Workspace,
    notes: list[tuple[int, str]],
    titles: dict[str, Title],
    seed: int,
    progress: Callable[[int], object],
) -> int:
    client = workstation()
    user, project = workspace.rater.user, workspace.project_id
    account = client.ensure_account(user.email, user.first_name)  # type: ignore[union-attr]
    answered = {answer.task_id for answer in client.changed(project)}  # type: ignore[arg-type]
    coder = SimulatedCoder(workspace.rater.name, seed, titles)
    left = [(task, text) for task, text in notes if task not in answered]
    for task, text in left:
        codes, seconds = coder.code(text)
        client.submit(account.token, task, codes, seconds)
        progress(1)
    return len(left)
