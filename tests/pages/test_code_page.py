"""A code's own page: who found it, whether they differ, what was given instead, where missed."""

import doctest
import re
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from scipy.stats import binomtest

from annotation.models import Code, CodingItem
from benchmark.scoring.sides import Sides
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables import lines
from benchmark.tables.codes import one_code, rows
from benchmark.tables.codes.one_code import columns_of, difference, instead
from tests.cast import CODES, logged_in
from tests.markup import markup
from tests.pages.compared import HUMANS
from tests.pages.drawn_run import drawn_sides, stored_run
from tests.pages.test_by_code import CODE, KINDS, WIDE

pytestmark = pytest.mark.slow


@pytest.fixture
def drawn(study):
    sides = drawn_sides(
        [note.external_id for note in study.notes.all()] + ["m1", "m2"], WIDE, KINDS
    )
    stored_run(study, sides, "Best model", HUMANS)
    return sides


def column(sides, name, code):
    """(notes,) whether a rater, or the reference, gave a code."""
    matrix = sides.true if name == "reference" else sides.raters[name].given
    return matrix.toarray()[:, sides.axes.codes.index(code)] > 0


def test_everybodys_figures_are_counted_on_their_own_notes(drawn, rae):
    client = logged_in(rae)
    for code in WIDE:
        page = markup(client.get(CODE, {"code": code}))
        true = column(drawn, "reference", code)
        rows = re.findall(r'<th scope="row"><span class="named">.*?</tr>', page)
        assert len(rows) == len(KINDS)
        for row in rows:
            row = unescape(re.sub(r'<span class="out-of-sight">.*?</span>', "", row))
            name = re.search(r"<strong> ?(?:<a[^>]*>)?([^<]*)<", row)[1].strip()
            given, done = column(drawn, name, code), drawn.raters[name].done
            cells = [
                re.sub(r"<[^>]+>", " ", cell).split() for cell in re.findall("<td.*?</td>", row)
            ]
            found = int((true & given).sum())
            assert cells[0] == [str(found), "of", str(int((true & done).sum()))]
            assert cells[5] == [str(int((true & done & ~given).sum()))]
            assert cells[6] == [str(int((given & ~true).sum()))]
            assert cells[7] == [str(int(done.sum()))]
            if (true & done).any():
                share = binomtest(found, int((true & done).sum()))
                bounds = share.proportion_ci(method="wilson")
                assert cells[2][1:] == [f"{100 * bounds.low:.0f}", "to", f"{100 * bounds.high:.0f}"]


def test_the_difference_is_mcnemars_and_its_verdict_that_of_q(study, rae):
    notes = [f"m{k}" for k in range(100)]
    sides = drawn_sides(notes, WIDE, KINDS, codes_a_note=6, seed=4)
    stored_run(study, sides, "Best model", HUMANS)
    client = logged_in(rae)
    verdicts = set()
    for code in WIDE:
        true = column(sides, "reference", code)
        right_a = column(sides, "Best model", code) == true
        right_b = column(sides, HUMANS, code) == true
        a_only, b_only = int((right_a & ~right_b).sum()), int((right_b & ~right_a).sum())
        columns = columns_of(sides, code, "code", sides.counted("Best model", HUMANS))
        found = difference(sides, columns, "Best model", HUMANS, "code")
        assert (found.a_only, found.b_only) == (a_only, b_only)
        if a_only + b_only < 6:
            assert found.p is None and found.verdict == "few"
        else:
            assert found.p == pytest.approx(binomtest(a_only, a_only + b_only).pvalue)
            assert found.q >= found.p
            assert found.verdict == ("real" if found.q <= 0.05 else "not-shown")
        verdicts.add(found.verdict)
        words = {"few": "Too few notes", "real": "A real difference", "not-shown": "Not shown"}
        page = client.get(CODE, {"code": code}).content.decode()
        assert words[found.verdict] in page
    assert verdicts == {"few", "real", "not-shown"}


def test_what_is_given_instead_is_of_the_category_and_wrong(drawn):
    rows = drawn.counted("Best model", HUMANS)
    for code in ("428.0", "250.00", "38.93"):
        columns = columns_of(drawn, code, "code", rows)
        true = column(drawn, "reference", code)
        for name in ("Best model", HUMANS):
            missed = true & ~column(drawn, name, code)
            expected = {}
            for other in WIDE:
                if other != code and other.partition(".")[0] == code.partition(".")[0]:
                    wrong = column(drawn, name, other) & ~column(drawn, "reference", other)
                    if (missed & wrong).any():
                        expected[other] = int((missed & wrong).sum())
            found = instead(drawn, columns, name, rows)
            assert dict(found.codes) == expected and found.notes == missed.sum()


def test_what_stands_out_is_said(study, rae):
    """428.9 always instead of 428.0."""
    sides = drawn_sides([f"m{k}" for k in range(12)], ["428.0", "428.9"], {HUMANS: "people"})
    always, never = np.ones((12, 1), int), np.zeros((12, 1), int)
    humans = replace(sides.raters[HUMANS], given=csr_matrix(np.hstack([never, always])))
    sides = Sides(sides.axes, csr_matrix(np.hstack([always, never])), {HUMANS: humans})
    stored_run(study, sides, HUMANS, "")
    page = markup(logged_in(rae).get(CODE, {"code": "428.0"}))
    assert "12 times in the 12 notes" in page and "Stands out: 428.9." in page


@pytest.mark.parametrize("notes", [1, 2])
@pytest.mark.parametrize("by", ["code", "category"])
def test_one_note_is_said_in_words(study, rae, notes, by):
    """The model finds 428.0 on every note, the people on none."""
    kinds = {"Best model": "model", HUMANS: "people"}
    sides = drawn_sides([f"m{k}" for k in range(notes)], ["428.0"], kinds)
    always, never = csr_matrix(np.ones((notes, 1), int)), csr_matrix((notes, 1), dtype=int)
    given = {"Best model": always, HUMANS: never}
    raters = {name: replace(side, given=given[name]) for name, side in sides.raters.items()}
    stored_run(study, Sides(sides.axes, always, raters), "Best model", HUMANS)
    asked = {"code": "428.0" if by == "code" else "428", "by": by}
    page = unescape(re.sub("<[^>]+>", "", markup(logged_in(rae).get(CODE, asked))))
    expected = {
        (1, "code"): "Best model found it in the one note where the hospital gave it; "
        f"{HUMANS} did not.",
        (2, "code"): "Best model found it in 2 of the 2 notes where the hospital gave it, "
        f"{HUMANS} in 0.",
        (1, "category"): "The hospital gave a code of it once, and Best model gave the same "
        f"code; {HUMANS} did not.",
        (2, "category"): "Of the 2 times that the hospital gave its one code, Best model gave "
        f"the same code 2 times, {HUMANS} 0.",
    }
    lead = " ".join(page.split())
    assert expected[notes, by] in lead


def test_the_notes_in_which_it_was_missed_are_listed_and_lead_on(drawn, study, rae):
    client = logged_in(rae)
    pks = dict(study.notes.values_list("external_id", "pk"))
    for code in CODES:
        page = markup(client.get(CODE, {"code": code}))
        true = column(drawn, "reference", code)
        missed = {name: true & ~column(drawn, name, code) for name in ("Best model", HUMANS)}
        who = HUMANS if missed[HUMANS].sum() >= missed["Best model"].sum() else "Best model"
        if not missed[who].any():
            assert "Missed by neither" in page
            continue
        assert f"Missed by {who}: {missed[who].sum()} note" in page
        table = page.split('class="notes-table"')[1].split("</table>")[0]
        shown = re.findall(r'<th scope="row">(.*?)</th>', table)
        ids = [drawn.axes.notes[row] for row in np.flatnonzero(missed[who])]
        assert [re.sub("<[^>]+>", "", cell) for cell in shown] == ids[:14]
        for cell, note in zip(shown, ids, strict=False):
            if note in pks:
                assert f"/notes/{pks[note]}/?" in cell and f"of={code}&amp;show=missed-" in cell


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("428.43", "Nobody gave this code"),
        ("V45.81", "Nobody gave this code"),
        (".786.2", "It is no code of ICD-9-CM; it is counted as it was written"),
        ("zz 9", "It is no code of ICD-9-CM; it is counted as it was written"),
        ("nonsense", "It is no code of ICD-9-CM."),
        ("428", "Nobody gave this code"),
        ("<script>", "&lt;SCRIPT&gt;"),
        ("", "No code is asked for"),
        ("x" * 3000, "Nobody gave this code"),
        ("٣é😀", "Nobody gave this code"),
        ("v58.61", "V58.61"),
    ],
)
def test_whatever_is_asked_for_has_a_page(drawn, rae, code, says):
    answer = logged_in(rae).get(CODE, {"code": code})
    assert answer.status_code == 200 and says in markup(answer)


@pytest.mark.parametrize(
    ("typed", "category"),
    [
        ("428", "428"),
        ("250", "250"),
        ("38", "38 proc"),
        (" 428 ", "428"),
        ("038", ""),
        ("999", ""),
        ("428.43", ""),
        ("nonsense", ""),
    ],
)
def test_a_category_typed_as_a_code_leads_to_its_page(drawn, rae, typed, category):
    client = logged_in(rae)
    answer = client.get(CODE, {"code": typed, "a": "Ada", "b": "Ben"})
    found = re.search(r'It is a category.*?<a href="([^"]*)">([^<]*)<', markup(answer))
    if not category:
        assert found is None
        return
    assert "It is no code" not in markup(answer)
    address = unescape(found[1])
    query = parse_qs(urlsplit(address).query)
    assert query == {"a": ["Ada"], "b": ["Ben"], "code": [category], "by": ["category"]}
    assert found[2].startswith(f"{typed.strip()} ") and len(found[2]) > 8, "with its title"
    assert "Nobody gave" not in markup(client.get(address))


def test_a_code_outside_those_that_count_says_so(compared, rae):
    reference = compared.reference
    coding = reference.codings.first()
    CodingItem.objects.create(coding=coding, code=Code.objects.get(code="038.9"))
    benchmark_run(study=compared)
    page = markup(logged_in(rae).get(CODE, {"code": "038.9"}))
    assert "not among the codes that count here" in page and "Unspecified septicemia" in page


@pytest.mark.parametrize(
    ("by", "name"),
    [
        ("category", "250"),
        ("category", "38 proc"),
        ("category", ".786.2"),
        ("category", "999"),
        ("chapter", "Diseases of the circulatory system"),
        ("kind", "Procedures"),
        ("frequency", "in 2 to 5 notes"),
        ("frequency", "in over 100 notes"),
    ],
)
def test_a_group_has_a_page_and_what_two_coders_agree_on_in_it(drawn, rae, by, name):
    answer = logged_in(rae).get(CODE, {"code": name, "by": by, "a": "Ada", "b": "Ben"})
    assert answer.status_code == 200
    page = markup(answer)
    if by == "category" and name == "250":
        rows = drawn.counted("Ada", "Ben")
        columns = [drawn.axes.codes.index(code) for code in WIDE if code.startswith("250")]
        ada = drawn.raters["Ada"].given[rows][:, columns].toarray() > 0
        ben = drawn.raters["Ben"].given[rows][:, columns].toarray() > 0
        both, either = int((ada & ben).sum()), int((ada | ben).sum())
        assert either and f"both gave {both} of the {either} that either gave" in page


def test_examples():
    for module in (one_code, rows, lines):
        found = doctest.testmod(module)
        assert found.attempted and not found.failed
