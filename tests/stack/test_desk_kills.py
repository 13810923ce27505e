"""60 notes coded by keyboard while the site, Label Studio and the browser are killed and the
session ends: 60 answers, each once, each exactly the codes that were ticked. Then by two coders at
once, in a study of two arms."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from demo.processes import LABEL_STUDIO_BIN, Services
from tests.browser import CHROMIUM
from tests.cast import PASSWORD
from tests.require import require
from tests.stack.conftest import Stack, seconds_until
from tests.stack.desk_person import Person

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.label_studio,
    pytest.mark.redis,
    pytest.mark.browser,
    pytest.mark.timeout(3600),
]

NOTES = 60
CODES = 300
FURNISH = """
from annotation.models import Rater
from annotation.services.batches import batch_create, sha256_of
from annotation.services.codes import code_set_create
from annotation.services.studies import study_draft
from files.notes import NoteRow
from icd.tables import read_icd9_tables
from mimic.folder import read_admissions
from tests.cast import MIMIC_30
step = len(read_icd9_tables()) // CODES
codes = code_set_create(name="some", codes=[row.code for row in read_icd9_tables()[::step]][:CODES])
texts = [each.text for each in read_admissions(MIMIC_30)]
raters = {rater.name: rater for rater in Rater.objects.filter(kind="coder")}
for slug, interface, names in (("alone", "page", ["Ada"]), ("arms", "list+page", ["Ada", "Ben"])):
    rows = []
    for number in range(NOTES):
        text = f"Unit No: {slug} {number}\\n{texts[number % len(texts)]}"
        rows.append(NoteRow(f"{slug}{number:03}", text, ("401.9",)))
    batch, _ = batch_create(
        name=slug, sha256=sha256_of(slug), origin="synthetic", rows=rows, split="", user=None
    )
    study_draft(
        slug=slug,
        batch=batch,
        code_set=codes,
        coders=[raters[name] for name in names],
        overlap=0,
        interface=interface,
    )
"""
ANSWERS = """
import json
from annotation.models import Assignment, Coding, Mirror, Study
study = Study.objects.get(slug=SLUG)
told = []
for row in study.assignments.select_related("rater"):
    codings = Coding.objects.filter(study=study, note=row.note_id, rater=row.rater)
    revisions = []
    for coding in codings.order_by("submitted_at", "id"):
        revisions.append(sorted(coding.items.values_list("code__code", flat=True)))
    key = ["page", row.pk] if row.arm == "page" else ["list", row.task_id]
    told.append([row.rater.name, *key, row.task_id, revisions])
left = Mirror.objects.filter(coding__study=study, done_at=None).count()
print(json.dumps({"answers": told, "left": left}))
"""
PROJECTS = """
import json
from annotation.models import Study
from annotation.services.workstation import workstation
held = []
for space in Study.objects.get(slug=SLUG).workspaces.all():
    for answer in workstation().changed(space.project_id):
        held.append([answer.task_id, sorted(answer.parsed.codes)])
print(json.dumps(held))
"""
LISTED = """
import json
from annotation.models import CodeSet
print(json.dumps(list(CodeSet.objects.get(name="some").codes.values_list("code", flat=True))))
"""
END_SESSIONS = """
from annotation.models import User
from annotation.services.people import sessions_end
sessions_end(User.objects.get(username=NAME))
"""


@pytest.fixture(scope="module")
def stack(tmp_path_factory) -> Iterator[Stack]:
    require("Label Studio", (LABEL_STUDIO_BIN / "label-studio").exists(), "make setup installs it")
    require("Chromium", CHROMIUM.exists(), "make setup-system installs it")
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("CODERBENCH_HOME", str(home))
        services = Services(home)
        try:
            services.start()
            services.wait()
            made = Stack(services)
            made.manage("load_codes")
            for name in ("ada", "ben"):
                made.manage("create_user", name, "--role", "coder", "--stdin", stdin=PASSWORD)
            made.manage("shell", "-c", f"NOTES, CODES = {NOTES}, {CODES}\n{FURNISH}")
            made.manage("open_study", "alone")
            yield made
        finally:
            services.stop()


def listed(stack: Stack) -> list[str]:
    return last_line(stack.manage("shell", "-c", LISTED))


def last_line(told: str) -> Any:
    return json.loads(told.strip().splitlines()[-1])


def kill(stack: Stack, name: str) -> None:
    """A part dies; the supervisor starts it again."""
    os.killpg(stack.services.children[name].pid, signal.SIGKILL)


def end_session(stack: Stack, person: Person) -> None:
    """Her session ends on the server; she logs in again in a second tab, and goes on."""
    stack.manage("shell", "-c", f"NAME = {person.name!r}\n{END_SESSIONS}")
    free = next(
        code for code in person.listed if f'data-code="{code}"' not in person.page.content()
    )
    person.tick(free)
    person.page.keyboard.press("Control+z")
    person.page.locator("[data-notice=ended]").wait_for()
    tab = person.context.new_page()
    person.log_in(tab)
    tab.close()
    person.page.bring_to_front()
    person.page.locator("[data-notice=ended] [data-again]").press("Enter")
    person.page.locator("[data-notice=ended]").wait_for(state="hidden")


def browser_dies(person: Person) -> None:
    """And is started again: what was ticked is there."""
    before = person.where()
    ticked = person.page.evaluate(
        "[...document.querySelectorAll('#tray-list li')].map(row => row.dataset.code)"
    )
    person.killed()
    person.go_on()
    assert person.where() == before
    person.see(ticked)


def seat(stack: Stack, name: str, tmp_path, codes: list[str], events: Any) -> dict[Any, list[str]]:
    """One person's whole work, in a thread of its own. Returns what she submitted."""
    from playwright.sync_api import sync_playwright

    folder = tmp_path / name
    folder.mkdir()
    with sync_playwright() as playwright:
        person = Person(name, stack.site, folder, codes, playwright)
        person.come()
        person.work(events)
        person.context.close()
    return person.given


def check(stack: Stack, slug: str, given: dict[str, dict[Any, list[str]]]) -> None:
    """Each note has one answer, exactly what was ticked; Label Studio's projects hold the same."""

    def told() -> Any:
        return last_line(stack.manage("shell", "-c", f"SLUG = {slug!r}\n{ANSWERS}"))

    took = seconds_until(lambda: told()["left"] == 0 and all(a[4] for a in told()["answers"]), 240)
    print(f"{slug}: the mirror and the sync had caught up after {took:.0f} s")
    answers = told()["answers"]
    assert len(answers) == NOTES
    expected = {}
    for name, door, pk, task, revisions in answers:
        codes = sorted(given[name][door, pk])
        assert revisions == [codes], (name, door, pk)
        expected[task] = codes
    held = last_line(stack.manage("shell", "-c", f"SLUG = {slug!r}\n{PROJECTS}"))
    assert sorted(held) == sorted([task, codes] for task, codes in expected.items())


def test_sixty_notes_by_keyboard_with_everything_killed_in_between(stack, tmp_path):
    began = time.monotonic()
    events = {
        7: lambda person: kill(stack, "web"),
        15: lambda person: kill(stack, "label-studio"),
        24: browser_dies,
        33: lambda person: end_session(stack, person),
        42: lambda person: kill(stack, "web"),
        51: lambda person: kill(stack, "label-studio"),
    }
    given = seat(stack, "ada", tmp_path, listed(stack), events)
    print(f"60 notes in {time.monotonic() - began:.0f} s")
    check(stack, "alone", {"Ada": given})


def test_two_coders_at_once_in_two_arms(stack, tmp_path):
    stack.manage("close_study", "alone", "--yes")
    stack.manage("open_study", "arms")
    codes = listed(stack)
    of_ada = {
        5: lambda person: kill(stack, "web"),
        12: lambda person: kill(stack, "label-studio"),
        20: lambda person: kill(stack, "web"),
        26: lambda person: kill(stack, "label-studio"),
    }
    with ThreadPoolExecutor(2) as threads:
        ada = threads.submit(seat, stack, "ada", tmp_path, codes, of_ada)
        ben = threads.submit(seat, stack, "ben", tmp_path, codes, {})
        given = {"Ada": ada.result(), "Ben": ben.result()}
    check(stack, "arms", given)
