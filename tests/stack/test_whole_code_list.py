"""Every code of a long list can be given in the search drop-down.

And is what arrives here as the coding.
"""

from __future__ import annotations

import csv
import random
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from icd.chapters import chapter
from icd.codes import CodeRow
from icd.tables import read_icd9_tables
from tests.label_studio.coding import found, ready, send, wait_for_state, wait_for_ticks
from tests.stack.conftest import Stack, seconds_until

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]

SIZE = 4_075


def shortlist() -> list[CodeRow]:
    """Codes of both kinds in code order, as a study's list is."""
    rows = read_icd9_tables()
    return sorted(random.Random(7).sample(rows, SIZE), key=lambda row: row.code)


def chapter_of(row: CodeRow) -> str:
    return chapter(row.code, row.kind)


def drawn(rows: list[CodeRow], number: int, seed: int) -> list[CodeRow]:
    """Codes of every chapter, those of a chapter's later runs first.

    In code order procedures stand between diagnoses, so a chapter falls into runs.
    """
    dice = random.Random(seed)
    runs: dict[str, list[list[CodeRow]]] = {}
    for name, run in groupby(rows, key=chapter_of):
        runs.setdefault(name, []).append(list(run))
    chosen = [dice.choice(dice.choice(of[1:] or of)) for of in runs.values()]
    dice.shuffle(chosen)
    rest = [row for row in rows if row not in chosen]
    return (chosen + dice.sample(rest, number))[:number]


def test_codes_are_drawn_from_every_chapter() -> None:
    rows = shortlist()
    assert {chapter_of(row) for row in drawn(rows, 40, 1)} == {chapter_of(row) for row in rows}
    assert len({row.kind for row in drawn(rows, 40, 1)}) == 2


@pytest.mark.chaos
def test_some_codes_are_found_ticked_and_stored(
    stack: Stack, open_page: Any, tmp_path: Path
) -> None:
    walk(stack, open_page, tmp_path, "some", 4)


@pytest.mark.chaos
def test_forty_codes_are_found_ticked_and_stored(
    stack: Stack, open_page: Any, tmp_path: Path
) -> None:
    walk(stack, open_page, tmp_path, "forty", 40)


def walk(stack: Stack, open_page: Any, folder: Path, name: str, number: int) -> None:
    """Find each code by number and by title, tick it, submit: the coding here has exactly these."""
    rows = shortlist()
    file = folder / f"{name}.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(["note_id", "text", "codes"])
        writer.writerow([f"{name}-1", f"A note of {name}.", "|".join(row.code for row in rows)])
    stack.manage("load_notes", str(file))
    stack.manage(
        "open_study",
        name,
        "--coders",
        "ada",
        "--overlap",
        "0",
        "--interface",
        "search",
        "--codes",
        "reference",
    )
    page = open_page("ada")
    enter(page, name)
    chosen = drawn(rows, number, seed=2021)
    for place, row in enumerate(chosen, 1):
        label = f"{row.code} {row.long}"
        found(page, f"{row.code} ").get_by_text(label, exact=True).wait_for()  # 19.4, not 719.40
        found(page, "nothing is called so").first.wait_for(state="detached")
        found(page, row.long).get_by_text(label, exact=True).click()
        page.wait_for_function(
            "n => document.querySelectorAll('#cb-tray li').length === n", arg=place
        )
    page.keyboard.press("Escape")
    wait_for_ticks(page, [row.code for row in chosen])
    send(page)
    wait_for_state(page, "submitted")
    seconds_until(lambda: stored(stack, name), 90)
    assert stored(stack, name) == [sorted(row.code for row in chosen)]


def stored(stack: Stack, study: str) -> list[list[str]]:
    """Codes of each coding of Ada's in a study."""
    (number,) = [each["id"] for each in stack.api("studies/")["results"] if each["slug"] == study]
    return [sorted(each["codes"]) for each in stack.codings("Ada") if each["study"] == number]


def enter(page: Any, study: str) -> None:
    """From the queue into the next note of one study."""
    page.set_default_timeout(120_000)
    card = page.locator(
        "section", has=page.get_by_role("heading", name=f"Study {study}", exact=True)
    )
    if card.get_by_role("button", name="I have read this").count():
        card.get_by_role("button", name="I have read this").click()
    card.locator(".go-on").click()
    ready(page)
