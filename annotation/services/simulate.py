"""Simulated coders: they answer by the doors that people have.

Notes of Label Studio's interfaces they submit through its API with accounts of their own, notes of
our page by the page's own service.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from annotation.models import Assignment, Study, Workspace
from annotation.selectors.queues import with_done
from annotation.services.desk import Seen, Ticked, coding_submit
from annotation.services.workstation import workstation
from icd.codes import as_kind
from icd.titles import Title
from mimic.synthetic.coders import SimulatedCoder


def coders_simulate(
    *, study: Study, progress: Callable[[int], object] = lambda answers: None
) -> int:
    """Have every simulated coder of a study submit the notes that are left. Returns how many.

    They are given the note's text and the titles of the shortlist, never the reference. In Label
    Studio each coder works in a thread; `progress` is told of each answer.
    """
    titles = {}
    for code in study.code_set.codes.all():
        titles[code.code] = Title(as_kind(code.kind), code.short_title, code.long_title)
    simulated = study.workspaces.filter(rater__simulated=True).select_related("rater__user")
    work = []
    for workspace in simulated.exclude(arm=Study.Interface.PAGE):
        mine = study.assignments.filter(rater=workspace.rater, arm=workspace.arm)
        queue = mine.order_by("position").values_list("task_id", "note__text")
        work.append((workspace, list(queue)))
    with ThreadPoolExecutor(max_workers=max(len(work), 1)) as threads:
        jobs = []
        for workspace, notes in work:
            jobs.append(threads.submit(_answer_all, workspace, notes, titles, study.seed, progress))
        answers = _answer_on_page(study, titles, progress)
        return answers + sum(job.result() for job in jobs)


def _answer_on_page(
    study: Study, titles: dict[str, Title], progress: Callable[[int], object]
) -> int:
    """Submit what the simulated coders have left on our own page. Returns how many answers.

    Label Studio gets its copies from the sweep, as where a poke is lost.
    """
    mine = study.assignments.filter(rater__simulated=True, arm=Study.Interface.PAGE)
    left = with_done(mine).filter(is_done=False).select_related("note", "rater")
    coders: dict[int, SimulatedCoder] = {}
    answers = 0
    for assignment in left.order_by("rater", "position"):
        rater = assignment.rater
        if rater.pk not in coders:
            coders[rater.pk] = SimulatedCoder(rater.name, study.seed, titles)
        codes, seconds = coders[rater.pk].code(assignment.note.text)
        _submit_on_page(assignment, Ticked(tuple(codes), not codes, active_seconds=seconds))
        answers += 1
        progress(1)
    return answers


def _submit_on_page(assignment: Assignment, ticked: Ticked) -> None:
    """Send an answer as our page does: the first one to this note."""
    seen = Seen(tab="simulated")
    coding_submit(assignment=assignment, key="simulated", seen=seen, ticked=ticked)


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
