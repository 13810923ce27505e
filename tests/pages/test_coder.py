"""A coder's page: its figures are those of the codings, and so are those of its file."""

from __future__ import annotations

import csv
import io
import re
from html import unescape
from statistics import median

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from openpyxl import load_workbook

from annotation.models import Code, Coding, CodingItem, Rater, Study
from annotation.services.codings import Given, coding_append
from benchmark.models import BenchmarkRun
from benchmark.selectors.coder_page import page_of
from benchmark.selectors.sides import newest_run, raters_listed, sides_of
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables.coder.page import CoderPage
from tests.cast import logged_in
from tests.imports import codings_import
from tests.pages.coded import (
    SECRET,
    SHARED,
    Counted,
    address,
    closed,
    given_by,
    read,
    truth,
)
from tests.pages.test_glossary import Reading

pytestmark = pytest.mark.slow


def page_for(study: Study, rater: Rater, beside: str = "Model of coded") -> CoderPage:
    run = newest_run(study, study.preset)
    return page_of(run, raters_listed(run), rater, beside, "the reference")


def test_each_figure_is_that_of_the_codings(coded, rater):
    page = page_for(coded, rater)
    mine = given_by(coded, rater)
    true = truth(coded)
    counted = Counted(true, mine)
    figures = page.figures
    assert figures.notes == counted.notes == 30
    assert figures.f1.value == pytest.approx(counted.f1)
    assert figures.recall.value == pytest.approx(counted.recall)
    assert figures.precision.value == pytest.approx(counted.precision)
    for each in (figures.f1, figures.recall, figures.precision):
        assert each.interval.low < each.value < each.interval.high
    assert figures.codes_a_note == pytest.approx(sum(map(len, mine.values())) / 30)
    assert figures.reference_a_note == 5
    model = Rater.objects.get(kind="model")
    theirs = {note: codes for note, codes in given_by(coded, model).items() if note in mine}
    assert page.beside.f1.value == pytest.approx(Counted(true, theirs).f1)
    other = Rater.objects.get(user__username="ben")
    assert page.others[0].f1.value == pytest.approx(Counted(true, given_by(coded, other)).f1)
    for line in (*page.wrong, *page.missed, *page.added, *page.frequent):
        code = line.name
        assert (line.found, line.missed, line.added) == (
            counted.found[code],
            counted.missed[code],
            counted.added[code],
        )
        both = [note for note in mine if code in true[note] - mine[note] and code in theirs[note]]
        assert line.beside.found_of_missed == len(both)
        assert line.beside.missed == line.missed
    errors = counted.missed + counted.added
    first = sorted(errors, key=lambda code: (-errors[code], code))[:5]
    assert [line.name for line in page.wrong] == first
    assert page.missed[0].missed == max(counted.missed.values())
    assert page.family.near == counted.near and page.family.added == counted.added.total()
    confused = {(pair.given, pair.instead_of): pair.notes for pair in page.family.confusions}
    assert confused == dict(counted.confused)
    of_chapters = sum(line.reference for line in page.chapters)
    assert of_chapters == sum(len(true[note]) for note in mine)


def test_agreement_with_another_coder_is_on_the_notes_of_both(coded, rater):
    shared = page_for(coded, rater).shared[0]
    other = given_by(coded, Rater.objects.get(user__username="ben"))
    both = [
        len(codes & other[note]) / len(codes | other[note])
        for note, codes in given_by(coded, rater).items()
        if note in other
    ]
    assert shared.notes == len(both) == SHARED and shared.few
    assert shared.jaccard == pytest.approx(sum(both) / SHARED)
    assert -1 < shared.alpha < 1


def test_whether_a_coder_got_faster_is_told_by_medians_and_a_test(coded, rater):
    page = page_for(coded, rater)
    rows = Coding.objects.filter(study=coded, rater=rater).order_by("submitted_at")
    minutes = [seconds / 60 for seconds in rows.values_list("active_seconds", flat=True)]
    change = page.course.minutes
    assert change.first == pytest.approx(median(minutes[:10]))
    assert change.last == pytest.approx(median(minutes[-10:]))
    assert page.pace_words.startswith(f"Faster: {median(minutes[:10]):.1f} minutes over the first")
    assert page.course.median_minutes == pytest.approx(median(minutes))
    assert sum(bar.notes for bar in page.bars) == 30
    assert [each.last for each in page.course.stretches] == [5, 10, 15, 20, 25, 30]
    mine, true = given_by(coded, rater), truth(coded)
    first = list(rows.values_list("note__external_id", flat=True))[:5]
    assert page.course.stretches[0].f1 == pytest.approx(
        Counted(true, {note: mine[note] for note in first}).f1
    )
    # No trend where none was put in: the sentence says so.
    assert page.f1_words.startswith("No trend")


def test_a_changed_answer_keeps_its_place_and_counts_as_it_is_now(coded, rater):
    """Its minutes have the earlier ones in them."""
    first = Coding.objects.filter(study=coded, rater=rater).earliest("submitted_at")
    answer = Given(
        note=first.note,
        scores={Code.objects.get(code="96.04"): None},
        source_key="again",
        submitted_at=timezone.now(),
        active_seconds=6_000.0,
    )
    coding_append(study=coded, rater=rater, given=answer)
    benchmark_run(study=coded)
    page = page_for(coded, rater)
    assert page.course.notes == 30 and page.course.measured[0] == 100
    mine = given_by(coded, rater) | {first.note.external_id: {"96.04"}}
    assert page.figures.f1.value == pytest.approx(Counted(truth(coded), mine).f1)


def test_the_page_shows_the_figures_and_links_to_the_notes(coded, rater, rae):
    page = page_for(coded, rater)
    url = address(coded, rater)
    text = read(rae, url)
    assert page.heading in unescape(re.sub("</?abbr[^>]*>", "", text))
    reading = Reading(text)
    assert reading.unexplained() == reading.repeated() == set()
    assert f"{100 * page.figures.f1.value:.1f}" in text
    code = page.missed[0].name
    link = f"/results/notes/?a=Ada&amp;b=Model+of+coded&amp;by=code&amp;of={code}&amp;show=missed-a"
    assert link in text
    named = re.findall(
        r"show=missed-a\">(\d+)<span class=\"out-of-sight\"> notes, ([\d.V]+) ", text
    )
    missed = Counted(truth(coded), given_by(coded, rater)).missed
    assert named and all(int(count) == missed[code] for count, code in named)
    # The rater beside is the bar's; the coder stays.
    beside_ben = read(rae, url, a="Ada", b="Ben")
    assert "Ben found of the missed" not in beside_ben  # on 12 shared notes: too few to say
    told = read(rae, url, a="Model of coded", b="Human coders")
    assert told.split("<main")[1] == text.split("<main")[1]
    assert SECRET not in text


def test_lists_of_notes_have_the_notes_that_are_counted(coded, rater):
    """Whoever stands beside: another coder has coded a part of them alone."""
    for beside in ("Model of coded", "Ben", ""):
        page = page_for(coded, rater, beside)
        sides = sides_of(newest_run(coded, "paper"), [page.who.side, page.lists_beside])
        rows = sides.counted(page.who.side, page.lists_beside)
        assert len(rows) == page.notes


def test_queries_do_not_grow(coded, rater, rae):
    client = logged_in(rae)
    for url in (address(coded, rater), f"/studies/{coded.slug}/coders/"):
        client.get(url)
        with CaptureQueriesContext(connection) as queries:
            client.get(url)
        assert len(queries) <= 15, "\n".join(each["sql"][:120] for each in queries)


# The file.


def test_the_file_says_what_the_page_says_and_names_nobody_else(coded, rater, rae):
    page = page_for(coded, rater)
    client = logged_in(rae)
    for beside in ("Model of coded", "Ben"):
        query = {"a": "Ada", "b": beside}
        texts = []
        for extension in ("csv", "md"):
            answer = client.get(address(coded, rater) + f"feedback.{extension}", query)
            texts.append(unescape(answer.content.decode()))
            name = f'filename="coded-coder-{rater.pk}-feedback.{extension}"'
            assert name in answer.headers["Content-Disposition"]
        book = client.get(address(coded, rater) + "feedback.xlsx", query)
        sheets = load_workbook(io.BytesIO(b"".join(book)))
        cells = [cell for sheet in sheets for row in sheet.values for cell in row]
        texts.append(" ".join(str(cell) for cell in cells))
        for text in texts:
            assert page.heading in text and page.pace_words in text
            assert not re.search(r"\bben\b", text, re.IGNORECASE)
            assert SECRET not in text and "coded-1" not in text
            for line in page.wrong:
                assert line.name in text
    rows = list(csv.reader(io.StringIO(texts[0])))
    start = rows.index(["Missed most"])
    line = page.missed[0]
    title = Code.objects.get(code=line.name).long_title
    counts = [line.reference, line.found, line.missed, line.given, line.added]
    found = line.beside.found_of_missed
    assert rows[start + 2] == [line.name, title, *map(str, counts), str(found)]
    # A code stays text where a spreadsheet would make a number of it.
    assert sheets["Missed most"]["A2"].value == line.name
    assert sheets["Missed most"]["E2"].value == line.missed
    assert client.get(address(coded, rater) + "feedback.svg").status_code == 404


def test_no_cell_of_the_file_is_run_as_a_formula(coded, rater, rae):
    Rater.objects.filter(pk=rater.pk).update(name="=1+1|<b>")
    Study.objects.filter(pk=coded.pk).update(title='@cmd"')
    benchmark_run(study=coded)
    client = logged_in(rae)
    rows = csv.reader(
        io.StringIO(client.get(address(coded, rater) + "feedback.csv").content.decode())
    )
    cells = [cell for row in rows for cell in row]
    assert "'=1+1|<b>" in cells and not any(cell.startswith(("=", "@")) for cell in cells)
    book = b"".join(client.get(address(coded, rater) + "feedback.xlsx"))
    for sheet in load_workbook(io.BytesIO(book)):
        for row in sheet:
            assert all(cell.data_type != "f" for cell in row)
    text = client.get(address(coded, rater) + "feedback.md").content.decode()
    assert "| =1+1\\|&lt;b> |" in text


# States.


def test_a_study_that_is_not_scored_or_was_scored_before_coders_were_kept(coded, rater, rae):
    BenchmarkRun.objects.update(axes=b"")
    text = read(rae, address(coded, rater))
    assert "it has to be scored again" in text and "Run the benchmark" in text
    assert "score it again" in read(rae, "/studies/coded/coders/")
    BenchmarkRun.objects.all().delete()
    assert "No benchmark has been run on this study yet" in read(rae, address(coded, rater))
    listed = read(rae, "/studies/coded/coders/")
    assert "30 of 30" in listed and "once the study is scored" in listed
    closed(coded)
    own = read(rater.user, address(coded, rater))
    assert "has not been scored yet" in own and "Run the benchmark" not in own
    missing = logged_in(rae).get(address(coded, rater) + "feedback.csv")
    assert missing.status_code == 404


def test_a_study_without_a_reference(coded, rater, rae):
    BenchmarkRun.objects.all().delete()
    Study.objects.filter(pk=coded.pk).update(reference=None)
    for url in (address(coded, rater), "/studies/coded/coders/"):
        text = re.sub("</?abbr[^>]*>", "", read(rae, url))
        assert "came without reference codes" in text


def test_few_notes_are_too_few_to_say(study, rae):
    """Of twelve notes a coder here has seven; another has coded none."""
    ada, ben = (Rater.objects.get(user__username=name) for name in ("ada", "ben"))
    codes = list(study.code_set.codes.order_by("code"))
    for assignment in study.assignments.filter(rater=ada).select_related("note"):
        given = {codes[assignment.pk % 8]: None}
        key = f"k{assignment.pk}"
        answer = Given(assignment.note, given, key, timezone.now(), 60.0)
        coding_append(study=study, rater=ada, given=answer)
    data = b"note_id,code\n" + b"".join(b"n%d,428.0\n" % k for k in range(12))
    codings_import(study=study, name="Ellen", kind="coder", file="b.csv", data=data)
    benchmark_run(study=study)
    text = read(rae, address(study, ada))
    assert "too few to say how well" in text and "advice needs 20 notes" in text
    assert "a trend needs 20 notes" in text and "<svg role" in text
    assert re.search("Ben (had|has) coded no note", read(rae, address(study, ben)))
    imported = Rater.objects.get(name="Ellen")
    text = read(rae, address(study, imported))
    assert "These codes came from a file" in text and "Ellen has coded 12 notes" in text
    assert "</abbr> measured these notes" in text
    listed = read(rae, f"/studies/{study.slug}/coders/")
    assert "12 from a file" in listed and listed.count("too few to say") == 2
    assert listed.count('<td class="n soft">too few to say</td>') == 2, "in place of F1"
    assert '<span class="ci">' not in listed.split("12 from a file")[1].split("</tr>")[0]


def test_where_nothing_was_wrong_it_is_said_in_words(study, rae):
    note = study.notes.filter(codings__rater=study.reference).first()
    true = CodingItem.objects.filter(coding__note=note, coding__rater=study.reference)
    rows = "".join(
        f"{note.external_id},{code}\n" for code in true.values_list("code__code", flat=True)
    )
    data = f"note_id,code\n{rows}".encode()
    codings_import(study=study, name="Ellen", kind="coder", file="e.csv", data=data)
    benchmark_run(study=study)
    text = " ".join(read(rae, address(study, Rater.objects.get(name="Ellen"))).split())
    assert "No code was added." in text and "No code is wrong." in text
    assert "A number leads to its notes. </p> <p>None.</p>" not in text
    assert "those to train first" not in text, "advice says that it is too few to say"


def test_the_list_has_each_coders_own_figures(coded, rater, rae):
    text = read(rae, "/studies/coded/coders/")
    for name in ("Ada", "Ben"):
        each = Rater.objects.get(name=name)
        f1 = 100 * Counted(truth(coded), given_by(coded, each)).f1
        row = re.search(rf">{name}</a>.*?</tr>", text, re.DOTALL)[0]
        assert f" {f1:.1f}\n" in row and "30 of 30" in row
