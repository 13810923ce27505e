"""The compare pages.

They show what the codings say, each view has an address, each count leads to its notes.
"""

import csv
import doctest
import io
import json
import re
import time
from collections import Counter
from dataclasses import replace
from html import unescape
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from annotation.models import Code, Rater, Role, User
from annotation.selectors.codings import codings_of, primary_codings
from annotation.services.codings import Given, coding_append
from benchmark.metrics.label_space import listed
from benchmark.metrics.tables.certainty import LEAST_NOTES, differences_table
from benchmark.models import BenchmarkRun
from benchmark.scoring.encoded import encoded_study
from benchmark.scoring.partial_credit import partial_credit
from benchmark.scoring.presets import PRESETS
from benchmark.services.benchmarks import benchmark_run
from benchmark.services.import_codings import codings_import
from benchmark.tables import lines, summary
from benchmark.tables.lines import GROUPINGS, band, grouping
from benchmark.tables.summary import definitions_table, headline
from benchmark.tables.svg import plane, spread
from icd.groups import GROUPS
from tests.broker import work_is_swept
from tests.cast import logged_in
from tests.markup import markup

pytestmark = pytest.mark.slow

HUMANS = "Human coders"


def picked(true, given, show):
    """Whether a note with these codes, of those asked after, is to be listed."""
    lists = {
        "missed": true - given,
        "added": given - true,
        "agreed": true & given,
        "reference": true,
        "given": given,
    }
    return bool(lists[show])


@pytest.fixture
def compared(study):
    """Every note coded by people, not always alike, and by an imported model.

    The model also gives a code off the list.
    """
    listed = sorted(study.code_set.codes.values_list("code", flat=True))
    assignments = study.assignments.select_related("note", "rater").order_by("pk")
    for number, assignment in enumerate(assignments):
        rows = Code.objects.filter(code__in=[listed[number % 8], listed[(number * 3 + 1) % 8]])
        given = Given(
            assignment.note, dict.fromkeys(rows), f"t{assignment.pk}", timezone.now(), 60.0 + number
        )
        coding_append(study=study, rater=assignment.rater, given=given)
    rows = [f"n{k},{listed[k % 8]}" for k in range(12)] + ["n3,038.9"]
    codings_import(
        study=study,
        name="Theirs",
        kind="model",
        file="a.csv",
        data="\n".join(["note_id,code", *rows]).encode(),
    )
    benchmark_run(study=study)
    return study


def sets_of(study, rater):
    listed = set(study.code_set.codes.values_list("code", flat=True))
    if rater == HUMANS:
        given = primary_codings(study)
    else:
        given = codings_of(study, Rater.objects.get(name=rater))
    reference = codings_of(study, study.reference)
    return {note: (set(codes), set(given[note]) & listed) for note, codes in reference.items()}


def cells(page: str) -> list[list[str]]:
    """The rows of a page's table of lines, as bare text; a title beside a name is left out."""
    body = page.split("<tbody>")[1].split("</tbody>")[0]
    body = re.sub(r'<span class="help">.*?</span>', "", body)
    rows = []
    for row in re.findall(r"<tr>.*?</tr>", body, re.DOTALL):
        found = re.findall(r"<t[hd].*?</t[hd]>", row, re.DOTALL)
        rows.append([unescape(re.sub(r"<[^>]+>", "", cell)).strip() for cell in found])
    return rows


@pytest.mark.parametrize("rater", [HUMANS, "Theirs"])
def test_by_note_is_what_was_given(compared, rae, rater):
    page = logged_in(rae).get("/studies/small/compare/notes/", {"rater": rater}).content.decode()
    shown = {row[0]: [int(x) for x in row[1:6]] for row in cells(page)}
    for note, (true, given) in sets_of(compared, rater).items():
        both, missed, extra = true & given, true - given, given - true
        assert shown[note] == [len(codes) for codes in (true, given, both, missed, extra)]
    jaccards = [float(row[8]) for row in cells(page)]
    assert jaccards == sorted(jaccards) and len(jaccards) == 12, "worst first"


@pytest.mark.parametrize("by", GROUPINGS)
def test_by_code_is_what_was_given_and_each_count_leads_to_its_notes(compared, rae, by):
    client, group = logged_in(rae), grouping(by, BenchmarkRun.objects.get().tally)
    page = client.get("/studies/small/compare/codes/", {"rater": HUMANS, "by": by}).content.decode()
    sets = sets_of(compared, HUMANS)

    def held(name: str) -> dict[str, tuple[set[str], set[str]]]:
        return {
            note: tuple({c for c in side if group(c) == name} for side in both)
            for note, both in sets.items()
        }

    shown = cells(page)
    assert {group(code) for true, given in sets.values() for code in true | given} <= {
        row[0] for row in shown
    }
    for name, *counts in shown:
        both = held(name).values()
        true, given, agreed = (
            sum(map(len, x)) for x in zip(*((t, g, t & g) for t, g in both), strict=True)
        )
        assert [int(x) for x in counts[:5]] == [
            true,
            given,
            agreed,
            true - agreed,
            given - agreed,
        ], name
    links = [unescape(link) for link in re.findall(r'<td class="n"><a href="([^"]+)"', page)]
    assert links
    for link in links:
        asked = parse_qs(urlsplit(link).query)
        notes = {row[0] for row in cells(client.get(link).content.decode())}
        both = held(asked["of"][0]).items()
        assert notes == {note for note, (t, g) in both if picked(t, g, asked["show"][0])} != set()


def test_from_a_count_to_a_note_and_back(compared, rae):
    client, by = (
        logged_in(rae),
        {"rater": "Theirs", "by": "code", "of": "401.9", "show": "added", "preset": "full"},
    )
    benchmark_run(study=compared, preset="full")
    listed = markup(client.get("/studies/small/compare/notes/", by))
    link = unescape(re.search(r'<th scope="row"><a href="([^"]+)"', listed)[1])
    page = client.get(link).content.decode()
    (row,) = re.findall(r'<tr class="[^"]*counted">.*?</tr>', page, re.DOTALL)
    assert "→" in row and "401.9" in row
    back = unescape(re.search(r'href="(/studies/small/compare/notes/[^"]*)"', page)[1])
    assert {k: v[0] for k, v in parse_qs(urlsplit(back).query).items()} == by
    plain = client.get(urlsplit(link).path).content.decode()
    assert "counted" not in plain and "back to the notes of" not in plain


def test_by_frequency_is_how_many_notes_have_the_code(compared, rae):
    times = Counter(
        code for codes in codings_of(compared, compared.reference).values() for code in codes
    )
    page = (
        logged_in(rae)
        .get("/studies/small/compare/codes/", {"rater": HUMANS, "by": "frequency"})
        .content.decode()
    )
    shown = {row[0]: int(row[1]) for row in cells(page)}
    expected = Counter({band(0): 0})
    for code, notes in times.items():
        expected[band(times[code])] += notes
    assert {name: n for name, n in shown.items() if n} == +expected
    by = {"rater": HUMANS, "by": "frequency", "sort": "name"}
    page = logged_in(rae).get("/studies/small/compare/codes/", by).content.decode()
    assert [row[0] for row in cells(page)] == [
        band(n) for n in (0, 1, 2, 6, 21, 101) if band(n) in shown
    ]


def test_the_headline_is_the_ratio_with_its_interval(compared, rae, monkeypatch):
    monkeypatch.setattr(summary, "LEAST_NOTES", 5)
    result = BenchmarkRun.objects.get().result.to_json()
    ours, theirs = (result["raters"][name]["micro"]["jaccard"] for name in ("Theirs", HUMANS))
    (pair,) = result["differences"]
    assert (pair["first"], pair["second"]) == (HUMANS, "Theirs")
    page = logged_in(rae).get("/studies/small/compare/").content.decode()
    told = re.search(
        r"The first is ([\d.]+) times the second \(95% interval ([\d.]+) to ([\d.]+)\); p", page
    )
    value, low, high = map(float, told.groups())
    assert value == pytest.approx(ours / theirs, abs=0.006) and low <= value <= high
    assert (low, high) == pytest.approx(
        (1 / pair["times"]["high"], 1 / pair["times"]["low"]), abs=0.006
    )
    assert f"Theirs {100 * ours:.1f} and {HUMANS} {100 * theirs:.1f}" in page
    assert headline(replace(BenchmarkRun.objects.get().result, raters={})) == ""


def test_few_notes_say_nothing_and_mark_nothing(compared, rae):
    page = logged_in(rae).get("/studies/small/compare/").content.decode()
    assert "on 12 notes: too few notes to say who is better" in page
    assert "times the second" not in page
    document = BenchmarkRun.objects.get().result
    tables = [
        definitions_table({"one": document, "two": document}, []),
        differences_table(document.differences, document.notes),
    ]
    assert all(not any(row.best) for table in tables for row in table.rows)
    many = replace(document, notes=LEAST_NOTES)
    assert any(any(row.best) for row in definitions_table({"one": many, "two": many}, []).rows)


def test_a_label_has_one_value_on_a_page(compared, rae):
    context = logged_in(rae).get("/studies/small/compare/").context
    tables = [context["table"], context["definitions"], context["spread_table"], context["facts"]]
    shown: dict[tuple[str, str], set[str]] = {}
    for table in filter(None, [*tables, *context["details"].values()]):
        for row in table.rows:
            for column, cell in zip(table.columns, row.cells, strict=True):
                if re.fullmatch(r"[+-]?[\d.,]+", cell):
                    shown.setdefault((row.label, f"{column.group} {column.name}"), set()).add(cell)
    assert len(shown) > 20
    assert {label: values for label, values in shown.items() if len(values) > 1} == {}


def test_a_pair_has_the_same_times_in_the_headline_and_in_the_table(compared, rae, monkeypatch):
    monkeypatch.setattr(summary, "LEAST_NOTES", 5)
    document = BenchmarkRun.objects.get().result
    (row,) = differences_table(document.differences, document.notes).rows
    assert f"is {row.cells[0]} times" in headline(document)
    assert float(row.exact[0]) >= 1 and row.cells[3].startswith("+")


def test_codes_a_note_are_all_that_were_given(compared, rae):
    """038.9 is not on the list: Table 1 drops it, this table counts it."""
    theirs = codings_of(compared, Rater.objects.get(name="Theirs"))
    tally = BenchmarkRun.objects.get().tally
    assert dict(zip(tally.notes, tally.dropped["Theirs"], strict=True)) == {
        n: int(n == "n3") for n in theirs
    }
    rows = csv.DictReader(
        io.StringIO(logged_in(rae).get("/studies/small/compare/spread.csv").content.decode())
    )
    mean = float({row["rater"]: row["mean"] for row in rows}["Theirs"])
    assert mean == pytest.approx(sum(map(len, theirs.values())) / len(theirs), rel=1e-12)


def test_would_another_definition_change_the_story(compared, rae):
    client = logged_in(rae)
    assert "Would another definition" not in client.get("/studies/small/compare/").content.decode()
    benchmark_run(study=compared, preset="full")
    for preset in ("paper", "full"):
        page = client.get(f"/studies/small/compare/?preset={preset}").content.decode()
        assert "Would another definition" in page
        assert "Not scored yet: codes present, models tuned." in page
    rows = csv.DictReader(
        io.StringIO(client.get("/studies/small/compare/definitions.csv").content.decode())
    )
    scored = {run.preset: run.result.to_json()["raters"] for run in BenchmarkRun.objects.all()}
    for row in rows:
        for key, (preset, average) in {
            "as_the_paper_macro": ("paper", "macro"),
            "full_code_system_micro": ("full", "micro"),
        }.items():
            assert float(row[key]) == pytest.approx(
                scored[preset][row["rater"]][average]["jaccard"]
            )
        partial = BenchmarkRun.objects.first().result.to_json()["partial"][row["rater"]]
        assert float(row["chapter_micro"]) == pytest.approx(partial["chapter"]["jaccard"])


def test_a_coder_from_outside_agrees_and_disagrees_like_the_others(compared, rae):
    data = b"note_id,code\nn1,401.9\nn2,428.0\n"
    codings_import(study=compared, name="Audit", kind="coder", file="d.csv", data=data)
    result = benchmark_run(study=compared).result.to_json()
    assert "Audit" in result["coders"] and result["interim"] and result["notes"] == 2
    assert result["lacking"] == {"Audit": 10}
    assert any("Audit" in (p["first"], p["second"]) for p in result["pairs"])
    page = logged_in(rae).get("/studies/small/compare/").content.decode()
    assert "interim, n = 2 of 12" in page and "Audit lacks 10" in page
    page = markup(logged_in(rae).get("/studies/small/")).lower()
    assert '<td>coder</td><td class="n">2 of 12</td>' in page


def test_columns_sort_both_ways_and_say_so(compared, rae):
    client = logged_in(rae)
    for sort, state in (("given", "ascending"), ("-given", "descending")):
        page = client.get(
            "/studies/small/compare/codes/", {"rater": HUMANS, "sort": sort}
        ).content.decode()
        given = [int(row[2]) for row in cells(page)]
        assert given == sorted(given, reverse=sort.startswith("-"))
        assert page.count(f'aria-sort="{state}"') == 1
    assert client.get("/studies/small/compare/codes/?sort=nothing").status_code == 404
    assert client.get("/studies/small/compare/codes/?rater=Nobody").status_code == 404
    assert client.get("/studies/small/compare/notes/?of=401.9&show=nothing").status_code == 404
    assert client.get("/studies/small/compare/?preset=nothing").status_code == 404


def test_presets_change_what_macro_figures_average_over(compared, rae):
    client = logged_in(rae)
    full = client.get("/studies/small/compare/?preset=full").content.decode()
    assert "No benchmark of this kind" in full
    page = client.post("/studies/small/benchmark/", {"preset": "full"}, follow=True)
    assert page.redirect_chain == [("/studies/small/compare/?preset=full", 302)]
    work_is_swept()
    out = io.StringIO()
    call_command("run_benchmark", "small", preset="present", format="json", stdout=out)
    found = {
        name: client.get(f"/api/v1/studies/small/table1/?preset={name}").json()
        for name in ("paper", "present", "full")
    }
    sizes = {name: result["label_space"]["size"] for name, result in found.items()}
    assert sizes["paper"] == 8 and sizes["full"] == Code.objects.count()
    assert sizes["present"] == len({c for t, _ in sets_of(compared, HUMANS).values() for c in t})
    outside = {name: result["raters"]["Theirs"]["outside"] for name, result in found.items()}
    assert outside == {"paper": 1, "present": 1, "full": 0}
    assert found["full"]["raters"]["Theirs"]["codes_per_note"] == pytest.approx(13 / 12)
    assert client.get("/api/v1/studies/small/table1/?preset=x").status_code == 400
    refused = client.post(
        "/studies/small/benchmark/", {"preset": "panel"}, follow=True
    ).content.decode()
    assert "no panel yet" in refused
    assert client.post("/studies/small/benchmark/", {"preset": "x"}).status_code == 404
    counts = client.get("/api/v1/studies/small/counts/?preset=full").json()
    assert sum(counts["by_note"]["Theirs"][1]) == 13 == sum(counts["by_code"]["Theirs"][1])
    assert set(PRESETS) == {"paper", "present", "full", "tuned", "panel"}


def test_some_raters_alone_by_command(compared, rae, tmp_path):
    """Those left out do not hold the others up, and no page takes such a run for the whole."""
    out = io.StringIO()
    call_command("run_benchmark", "small", raters="Theirs", format="json", stdout=out)
    alone = json.loads(out.getvalue())
    assert list(alone["raters"]) == ["Theirs"]
    assert alone["left_out"] == [HUMANS]
    assert not alone["interim"]
    assert HUMANS in logged_in(rae).get("/api/v1/studies/small/table1/").json()["raters"]
    with pytest.raises(CommandError, match="no rater named Nobody; there is: Human coders, Theirs"):
        call_command("run_benchmark", "small", raters="Nobody")
    call_command("run_benchmark", "small", format="xlsx", out=tmp_path / "a.xlsx")
    assert openpyxl.load_workbook(tmp_path / "a.xlsx").active["A4"].value == HUMANS
    with pytest.raises(CommandError, match="--out"):
        call_command("run_benchmark", "small", format="xlsx")


def test_every_table_can_be_taken_away(compared, rae):
    client = logged_in(rae)
    page = client.get("/studies/small/compare/").content.decode()
    names = {
        "table1",
        "intervals",
        "differences",
        "coders",
        "agreement",
        "spread",
        "work",
        "partial",
    }
    assert names <= set(re.findall(r"/compare/(\w+)\.xlsx", page))
    for name in (*names, "codes", "notes"):
        for extension in ("csv", "md", "tex", "txt", "xlsx"):
            answer = client.get(f"/studies/small/compare/{name}.{extension}")
            assert answer.status_code == 200 and answer.content, name
            assert f'filename="small-{name}.{extension}"' in answer["Content-Disposition"]
    sheet = openpyxl.load_workbook(
        io.BytesIO(client.get("/studies/small/compare/codes.xlsx").content)
    ).active
    names = [row[0].value for row in sheet.iter_rows(min_row=4) if row[0].value]
    assert "250.00" in names and all(isinstance(name, str) for name in names)
    assert client.get("/studies/small/compare/nothing.csv").status_code == 404
    assert client.get("/studies/small/compare/table1.doc").status_code == 404


def test_each_coder_apart_agreement_and_work(compared, rae):
    page = logged_in(rae).get("/studies/small/compare/").content.decode()
    result = BenchmarkRun.objects.get().result.to_json()
    assert list(result["coders"]) == ["Ada", "Ben"] and "Theirs on the notes of Ada" in page
    ada = codings_of(compared, Rater.objects.get(name="Ada"))
    reference = codings_of(compared, compared.reference)
    tp = sum(len(set(reference[n]) & set(codes)) for n, codes in ada.items())
    assert result["coders"]["Ada"]["notes"] == len(ada)
    assert result["coders"]["Ada"]["raters"]["Ada"]["micro"]["precision"] == pytest.approx(
        tp / sum(map(len, ada.values()))
    )
    pair = next(p for p in result["pairs"] if (p["first"], p["second"]) == ("Ada", "Ben"))
    assert pair["notes"] == 2 and f"{100 * pair['jaccard']:.1f} (2)" in page
    assert "The coders and their work" in page and "Krippendorff" in page


def test_partial_credit_is_plain_set_arithmetic(compared):
    reference = codings_of(compared, compared.reference)
    theirs = codings_of(compared, Rater.objects.get(name="Theirs"))
    found = BenchmarkRun.objects.get().result.to_json()["partial"]["Theirs"]
    for way in ("category", "chapter"):
        group = GROUPS[way]
        tp, given, true = 0, 0, 0
        for note, codes in reference.items():
            right = {group(code) for code in codes}
            answered = {group(code) for code in theirs[note]}
            tp += len(right & answered)
            given += len(answered)
            true += len(right)
        assert found[way]["precision"] == pytest.approx(tp / given)
        assert found[way]["recall"] == pytest.approx(tp / true)
    reference, given = {"n": ["038.9"]}, {"A": {"n": ["38.93"]}}
    kinds = partial_credit(encoded_study(listed("none", []), ["n"], reference, given, {}, []))["A"]
    assert kinds.category.f1 == 0, "a diagnosis and a procedure are no neighbours"


@pytest.mark.parametrize("module", [lines])
def test_examples_in_docstrings_hold(module):
    found = doctest.testmod(module)
    assert found.attempted and not found.failed


def test_charts_are_pictures_that_say_what_they_show(compared, rae):
    page = logged_in(rae).get("/studies/small/compare/").content.decode()
    charts = re.findall(r"<svg.*?</svg>", page, re.DOTALL)
    assert len(charts) == 4
    for chart in charts:
        root = ElementTree.fromstring(chart)
        assert root.get("role") == "img" and [child.tag for child in root][:2] == ["title", "desc"]
        assert HUMANS in root[1].text or "Ada, list: mean" in root[1].text
    for name in re.findall(r"/compare/(\w+)\.svg", page):
        answer = logged_in(rae).get(f"/studies/small/compare/{name}.svg")
        assert answer["Content-Type"] == "image/svg+xml"
        assert ElementTree.fromstring(answer.content).tag == "{http://www.w3.org/2000/svg}svg"
    assert page.count(".svg") >= 3
    assert logged_in(rae).get("/studies/small/compare/none.svg").status_code == 404
    marked = ElementTree.fromstring(plane([("A & B", 0.5, 0.25)]))
    circle = next(child for child in marked if child.tag == "circle")
    assert (float(circle.get("cx")), float(circle.get("cy"))) == (58 + 350 * 0.25, 400 - 350 * 0.5)
    assert plane([]) == spread([]) == ""


def test_the_leaderboard_ranks_people_and_models_of_each_study(compared, rae, ada):
    client = logged_in(rae)
    page = client.get("/leaderboard/").content.decode()
    result = BenchmarkRun.objects.get().result.to_json()
    by_f1 = sorted(result["raters"], key=lambda name: -result["raters"][name]["micro"]["f1"])
    places = [page.index(f'<th scope="row">{name}') for name in by_f1]
    assert places == sorted(places) and len(places) == 2
    assert result["kinds"] == {HUMANS: "people", "Theirs": "model"}
    assert ">people<" in page
    assert "synthetic" in page
    full = client.get("/leaderboard/?preset=full").content.decode()
    assert "No study has a benchmark of this kind" in full
    User.objects.filter(pk=ada.pk).update(role=Role.RESEARCHER)
    hidden = logged_in(User.objects.get(pk=ada.pk)).get("/leaderboard/").content.decode()
    assert "Theirs" not in hidden, "who codes in an open study does not see its results"


def test_without_a_reference_raters_are_compared_with_each_other(study, rae):
    study.reference = None
    study.save()
    client = logged_in(rae)
    assert "once two of them have coded" in client.get("/studies/small/compare/").content.decode()
    for assignment in study.assignments.select_related("note", "rater"):
        rows = Code.objects.filter(
            code__in=["401.9", "428.0"][: 1 + (assignment.rater.name == "Ben")]
        )
        given = Given(
            assignment.note, dict.fromkeys(rows), f"t{assignment.pk}", timezone.now(), 60.0
        )
        coding_append(study=study, rater=assignment.rater, given=given)
    page = client.get("/studies/small/compare/").content.decode()
    assert "nothing says which codes are right" in page
    assert "50.0 (2)" in page
    assert "The coders and their work" in page
    assert "50.0 (2)" in client.get("/studies/small/compare/agreement.md").content.decode()
    assert client.get("/studies/small/compare/table1.md").status_code == 404
    assert client.get("/studies/small/compare/codes/").status_code == 200
    refused = client.post("/studies/small/benchmark/", follow=True).content.decode()
    assert "no reference codes" in refused


def test_an_old_run_without_counts_asks_to_be_run_again(compared, rae):
    run = BenchmarkRun.objects.get()
    kept = (
        "notes",
        "label_space",
        "reference",
        "raters",
        "study",
        "protocol_sha256",
        "synthetic",
        "notes_of_study",
        "agreement",
        "interim",
        "without_codings",
    )
    BenchmarkRun.objects.update(
        counts="", document=json.dumps({key: run.result.to_json()[key] for key in kept})
    )
    client = logged_in(rae)
    assert client.get("/studies/small/compare/").status_code == 200
    for page in ("codes", "notes"):
        assert "Run the benchmark" in client.get(f"/studies/small/compare/{page}/").content.decode()
    assert client.get("/api/v1/studies/small/counts/").status_code == 404


def test_the_pages_are_light(compared, rae):
    """Few queries, whatever the number of notes.

    Time and size at the size of the paper's study: `make bench`.
    """
    client = logged_in(rae)
    for address in ("", "codes/", "notes/", "notes/?of=401.9&show=missed"):
        with CaptureQueriesContext(
            connection,
        ) as queries:
            began = time.perf_counter()
            assert client.get(f"/studies/small/compare/{address}").status_code == 200
        assert len(queries) <= (20 if "of=" in address else 15), [q["sql"][:80] for q in queries]
        assert time.perf_counter() - began < 5
