"""Words that a coder marks in a note and searches for stand nowhere afterwards: in no log, not in
Redis, not in the browser's history or storage, not in the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import redis

from tests.browser import CHROMIUM
from tests.cast import PASSWORD
from tests.stack.conftest import Stack, seconds_until

pytestmark = [pytest.mark.label_studio, pytest.mark.redis, pytest.mark.browser]

NAME = "Quartermain"
MAKE = f"""
from annotation.models import Rater
from annotation.services.batches import batch_create
from annotation.services.codes import code_set_create
from annotation.services.studies import study_draft, study_open
from files.notes import NoteRow
codes = code_set_create(name="named", codes=["401.9", "428.0", "250.00"])
rows = [NoteRow(f"q{{k}}", f"Mr. {NAME} has diabetes. Number {{k}}.", None) for k in range(2)]
batch, _ = batch_create(
    name="named", sha256="9" * 64, origin="synthetic", rows=rows, split="", user=None
)
ada = Rater.objects.get(user__username="ada")
study = study_draft(slug="named", batch=batch, code_set=codes, coders=[ada])
study_open(study=study, actor=None)
"""


@pytest.fixture
def browser_folder(stack, tmp_path) -> Path:
    stack.manage("shell", "-c", MAKE)
    return tmp_path / "browser"


def test_a_marked_name_is_nowhere(stack, browser_folder):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            browser_folder, executable_path=CHROMIUM, args=["--no-sandbox"]
        )
        context.set_default_timeout(60_000)
        page = context.new_page()
        code_the_note(stack, page)
        kept = page.evaluate("JSON.stringify([{...localStorage}, {...sessionStorage}])")
        addresses = page.evaluate("performance.getEntries().map(entry => entry.name).join()")
        context.close()
    assert NAME.lower() not in (kept + addresses).lower()
    assert files_with(stack.services.home, "*.log*") == []
    assert in_redis(stack) == []
    # Chromium keeps the note's page in no file, nor where anybody has been searching.
    assert files_with(browser_folder, "*") == []
    tables = stack.manage("shell", "-c", IN_DATABASE)
    assert tables.strip().splitlines()[-1] == "['annotation_note']", "the notes alone"


def code_the_note(stack: Stack, page: Any) -> None:
    page.goto(f"{stack.site}/login/")
    page.fill("input[name=username]", "ada")
    page.fill("input[name=password]", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url("**/queue/")
    page.goto(f"{stack.site}/queue/?study=named")
    accept = page.locator("form[action*='named/acknowledge'] button")
    if accept.count():
        accept.click()
    assignment = stack.manage(
        "shell",
        "-c",
        "from annotation.models import Assignment\n"
        "print(Assignment.objects.filter(study__slug='named').order_by('position').first().pk)",
    ).split()[-1]
    page.goto(f"{stack.site}/code/{assignment}/")
    page.wait_for_selector("body[data-ready]")
    page.evaluate(MARK, NAME)
    page.wait_for_selector("#ask:visible")
    page.keyboard.press("Enter")
    page.wait_for_function(
        "name => document.querySelector('#search').value.includes(name)", arg=NAME
    )
    everywhere = page.locator("#search-everywhere")
    everywhere.wait_for()
    with page.expect_response("**/codes/search/") as asked:
        everywhere.press("Enter")
    assert asked.value.ok and asked.value.request.method == "POST"
    page.fill("#search", "chf")
    page.wait_for_selector("#results [data-code]")
    page.press("#search", "Enter")
    page.keyboard.press("Control+Enter")
    page.wait_for_function(
        "() => document.querySelector('#last-sent').textContent.includes('submitted')"
    )
    # The workers have written their lines about it, too.
    sync = stack.services.log("sync")
    seconds_until(lambda: "mirror_assignment" in sync.read_text(errors="replace"), 60)


MARK = """name => {
  const walker = document.createTreeWalker(document.querySelector('#note'), NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const at = walker.currentNode.textContent.indexOf(name);
    if (at < 0) continue;
    const range = document.createRange();
    range.setStart(walker.currentNode, at);
    range.setEnd(walker.currentNode, at + name.length);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
    document.querySelector('#note').focus();
    return;
  }
  throw new Error('the name is not in the note');
}"""
IN_DATABASE = f"""
from django.db import connection
found = []
with connection.cursor() as cursor:
    for table in sorted(connection.introspection.table_names()):
        cursor.execute(f'SELECT * FROM "{{table}}"')
        if any("{NAME.lower()}" in str(row).lower() for row in cursor.fetchall()):
            found.append(table)
print(found)
"""


def files_with(folder: Path, pattern: str) -> list[str]:
    """Files below a folder that have the name in them, in any encoding that programs use."""
    words = [NAME.encode(), NAME.lower().encode(), NAME.encode("utf-16-le")]
    found = []
    for path in folder.rglob(pattern):
        try:
            if path.is_file() and any(word in path.read_bytes() for word in words):
                found.append(str(path.relative_to(folder)))
        except OSError:
            continue  # a socket, or gone meanwhile
    return found


def in_redis(stack: Stack) -> list[str]:
    """Keys of Redis that have the name in them, or in what they hold."""
    client = redis.Redis.from_url(stack.services.addresses["REDIS_URL"])
    found = []
    for key in client.scan_iter():
        dumped = client.dump(key) or b""
        if NAME.lower().encode() in (key + dumped).lower():
            found.append(key.decode())
    return found
