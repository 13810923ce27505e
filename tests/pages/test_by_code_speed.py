"""By code of a study of 20,000 notes and 20 raters: only two of them are read, and it is quick."""

import time
from unittest.mock import patch

import pytest

from annotation.models import Code
from benchmark.selectors import sides
from tests.cast import logged_in
from tests.pages.drawn_run import drawn_sides, stored_run

pytestmark = [pytest.mark.slow, pytest.mark.chaos]

NOTES, RATERS, CODES, A_NOTE = 20_000, 20, 8_000, 15
SECONDS = 1.0
"""Of processor time, generously: it takes .1 to .3."""


@pytest.fixture
def large(study):
    kinds = ["model"] * 6 + ["coder"] * (RATERS - 7)
    raters = {f"rater {number}": kind for number, kind in enumerate(kinds)}
    raters["Human coders"] = "people"
    codes = sorted(Code.objects.of_systems().values_list("code", flat=True)[:CODES])
    notes = [f"note {number}" for number in range(NOTES)]
    stored_run(study, drawn_sides(notes, codes, raters, A_NOTE), "rater 0", "Human coders")
    return study


def test_two_of_twenty_raters_on_twenty_thousand_notes(large, rae, capsys):
    client = logged_in(rae)
    pages = ("codes/", "codes/?q=heart+failure&least=0", "codes/?by=category&sort=ahead")
    pages += ("codes/?rows=100&page=3", "codes/?a=rater+8&b=rater+9&by=chapter", "code/?code=428.0")
    for page in pages:
        address = f"/studies/small/results/{page}"
        client.get(address)  # the index of the search stays in the process
        with patch.object(sides, "unpacked", wraps=sides.unpacked) as unpacked:
            began, wall = time.process_time(), time.perf_counter()
            answer = client.get(address)
            took = time.process_time() - began
            wall = time.perf_counter() - wall
        assert answer.status_code == 200
        if page.startswith("codes"):
            assert unpacked.call_count == 3, "the reference and two raters"
        with capsys.disabled():
            sizes = f"{wall:.2f} s, {len(answer.content):,} bytes"
            print(f"\n{page}: {took:.2f} s of processor, {sizes}")
        assert took < SECONDS, page
