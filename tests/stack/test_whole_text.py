"""A note looks the same wherever it is read: its lines, its columns, its laboratory table."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from tests.label_studio.coding import send, wait_for_state
from tests.stack.conftest import Stack
from tests.stack.test_whole_code_list import enter

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]

RULER = "1234567890" * 7 + "123456789"  # 79 columns, as wide as an old terminal's page
TEXT = "\r\n".join(
    (
        "Admission Date:  [**2101-1-1**]        Discharge Date:   [**2101-1-9**]",
        RULER,
        "",
        "   Pertinent Results:",
        "TEST      WBC     HGB     PLT",
        "d1       11.2     9.8     141",
        "d2        9.1    10.2     155",
        "Na\t138\tK\t4.1",
        "Chloride\t101\tBUN\t21",
        "1.  Furosemide 40 mg     PO   DAILY",
        "    2.  LAST LINE",
    )
)
WORDS = ("Discharge", "Pertinent", "HGB", "9.8", "10.2", "141", "138", "101", "21", "DAILY", "LAST")

# Where words stand, relative to the first one: {word: [line, x in pixels]}.
PLACES = """([selector, words]) => {
    const root = document.querySelector(selector);
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    const found = {};
    let first = null;
    while (walker.nextNode()) {
        const node = walker.currentNode;
        for (const word of ['Admission', ...words]) {
            const literal = word.replace('.', '[.]');
            const at = node.textContent.search(new RegExp('(?<![0-9.])' + literal + '(?![0-9.])'));
            if (at < 0 || found[word]) continue;
            const range = document.createRange();
            range.setStart(node, at);
            range.setEnd(node, at + word.length);
            const box = range.getClientRects()[0];
            first ??= box;
            const height = parseFloat(getComputedStyle(node.parentElement).lineHeight);
            const line = Math.round((box.top - first.top) / height);
            found[word] = [line, Math.round(box.left - first.left)];
        }
    }
    return found;
}"""


def places(page: Any, selector: str) -> dict[str, list[int]]:
    found: dict[str, list[int]] = page.evaluate(PLACES, [selector, list(WORDS)])
    assert found.keys() == {"Admission", *WORDS}
    return found


@pytest.mark.chaos
def test_a_note_looks_the_same_in_both_interfaces_and_on_our_page(
    stack: Stack, open_page: Any, tmp_path: Path
) -> None:
    file = tmp_path / "columns.csv"
    with file.open("w", newline="") as out:
        writer = csv.writer(out)
        writer.writerows(
            [
                ("note_id", "text", "codes"),
                ("columns-1", TEXT, "401.9|428.0"),
                ("columns-2", TEXT + " ", "401.9"),
            ]
        )
    stack.manage("load_notes", str(file))
    stack.manage(
        "open_study", "columns", "--coders", "ada", "--overlap", "0", "--interface", "both"
    )
    ours = on_our_page(stack, open_page)
    lines = TEXT.split("\r\n")
    assert ours["LAST"][0] == len(lines) - 1, (
        "a line of 79 columns was wrapped, or a line break doubled"
    )
    column = ours["10.2"][1] / lines[6].index("10.2")
    for word in ("HGB", "9.8", "141", "DAILY"):
        line = next(line for line in lines if word in line)
        assert ours[word][1] == pytest.approx(column * line.index(word), abs=2)
    assert in_label_studio(stack, open_page) == {"list": ours, "search": ours}


def on_our_page(stack: Stack, open_page: Any) -> dict[str, list[int]]:
    page = open_page("rae")
    page.goto(f"{stack.site}/studies/columns/notes/")
    page.get_by_role("link", name="columns-1").click()
    page.wait_for_selector("pre.note-text")
    found = places(page, "pre.note-text")
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    return found


def in_label_studio(stack: Stack, open_page: Any) -> dict[str, dict[str, list[int]]]:
    """Places of the words in either interface; the queue leads into both."""
    page, found = open_page("ada"), {}
    for _ in range(2):
        page.goto(f"{stack.site}/queue/")
        enter(page, "columns")
        interface = "search" if page.locator(".cb-codes .ant-select").count() else "list"
        found[interface] = places(page, ".cb-note")
        page.set_viewport_size({"width": 390, "height": 844})
        page.wait_for_timeout(500)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        for part in ("#cb-tray", ".cb-note", "button:has-text('Submit')"):
            box = page.locator(part).bounding_box()
            assert box["x"] >= 0 and box["x"] + box["width"] <= 390, part
        page.set_viewport_size({"width": 1440, "height": 900})
        page.locator(".cb-codes .ant-select-selector, .cb-list label:visible").first.click()
        if interface == "search":
            page.locator(".ant-select-dropdown").get_by_text("No listed code applies").click()
            page.keyboard.press("Escape")
        send(page)
        wait_for_state(page, "submitted")
    return found
