"""A clerk in a browser: drops a file, looks at it, confirms; by keyboard, on a phone, with axe."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.desk.conftest import WIDE, log_in, watch
from tests.desk.test_accessible import PHONE, serious

pytestmark = pytest.mark.browser

DROP = """([name, text]) => {
  const files = new DataTransfer();
  files.items.add(new File([text], name, { type: "text/csv" }));
  const form = document.querySelector("form.drop");
  for (const kind of ["dragover", "drop"]) {
    const options = { dataTransfer: files, bubbles: true, cancelable: true };
    form.dispatchEvent(new DragEvent(kind, options));
  }
}"""
MIXED = "note_id,text,codes\nc1,Seen for a cough.,786.2\nc2,Seen again.,250\n"
MENDED = "row_in_file,what_to_mend,note_id,text,codes\n3,spoilt,c2,Seen again.,250.00\n"


@pytest.fixture
def sam(desk_site, chromium) -> Iterator[Any]:
    """Sam's page, logged in."""
    if not desk_site.answers():
        desk_site.start()
    state = log_in(chromium.new_context(), desk_site, "sam")
    context = chromium.new_context(storage_state=state, viewport=WIDE)
    context.set_default_timeout(30_000)
    page = context.new_page()
    watch(page, desk_site)
    yield page
    assert page.trouble == []
    context.close()


def fits(page: Any) -> bool:
    """Whether nothing on the page makes a phone scroll sideways."""
    return page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_file_is_dropped_mended_and_stored(sam, desk_site):
    sam.goto(f"{desk_site.url}/batches/")
    assert serious(sam) == [], "list"
    sam.evaluate(DROP, ["clerk.csv", MIXED])
    sam.wait_for_url(re.compile("/batches/uploads/"))
    sam.get_by_role("button", name="Check it here now").click()  # no worker runs here
    sam.get_by_role("heading", name="1 cause to mend").wait_for()
    assert sam.get_by_text("Seen for a cough.").is_visible()
    assert serious(sam) == [], "rows to mend"
    sam.set_viewport_size(PHONE)
    assert fits(sam)
    mended = {"name": "mended.csv", "mimeType": "text/csv", "buffer": MENDED.encode()}
    sam.get_by_label("File with the mended rows").set_input_files(mended)
    sam.get_by_role("button", name="Check the mended rows").press("Enter")
    sam.get_by_role("button", name="Check it here now").press("Enter")
    name = sam.get_by_label("Name of the batch")
    name.fill("Brought by Sam")
    name.press("Enter")  # the form's first button is Store
    sam.get_by_role("button", name="Store it here now").press("Enter")
    sam.get_by_role("link", name="Brought by Sam").press("Enter")
    sam.get_by_role("heading", name="Brought by Sam").wait_for()
    assert fits(sam) and serious(sam) == [], "batch"
    stored = desk_site.rows(
        "select n.external_id from annotation_note n join annotation_batch b on b.id = n.batch_id "
        "where b.name = 'Brought by Sam' order by 1"
    )
    assert stored == [("c1",), ("c2",)]


def test_a_file_that_is_too_large_is_not_even_sent(sam, desk_site):
    sam.goto(f"{desk_site.url}/batches/")
    sam.evaluate("document.querySelector('form.drop').dataset.limit = 20")
    sam.evaluate(DROP, ["large.csv", MIXED])
    said = sam.locator("p.arriving")
    said.wait_for()
    assert "over the limit" in said.inner_text()


def test_who_is_logged_out_meanwhile_is_told_so(sam, desk_site):
    sam.goto(f"{desk_site.url}/batches/")
    sam.context.clear_cookies()
    sam.evaluate(DROP, ["late.csv", MIXED])
    sam.get_by_text("You seem to be logged out. Nothing was stored").wait_for()
    sam.trouble.clear()  # the browser says of itself that the answer was 403
