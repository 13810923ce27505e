"""What the coders' work took: by one clock at a time, and every export says by which."""

from __future__ import annotations

import csv
import io
import json
from xml.etree import ElementTree

import pytest
from django.utils import timezone

from annotation.models import Code, Coding, Rater, Study
from annotation.services.codings import Given, coding_append
from annotation.services.studies import study_draft
from benchmark.bundle.export import study_export
from benchmark.bundle.zip_format import unpack
from benchmark.metrics.tables.rendering import render
from benchmark.scoring.arms import Arms
from benchmark.selectors.inputs import _hashed, benchmark_inputs
from benchmark.selectors.raters import arms_of
from benchmark.selectors.work import coder_facts
from benchmark.services.benchmarks import benchmark_run
from benchmark.tables.coders import arms_table
from benchmark.tables.work import (
    CoderFacts,
    InterfaceWork,
    facts_table,
    times_chart,
    times_table,
)
from tests.cast import logged_in

ACTIVE = "active time"
STUDIO = "Label Studio's clock, pauses included"
ACTIVE_FIELD = "active_seconds"


def work(interface: str, minutes: list[float], clock: str, notes: int = 0) -> InterfaceWork:
    notes = notes or len(minutes)
    return InterfaceWork(interface=interface, notes=notes, clock=clock, minutes=minutes)


def coder(name: str, *interfaces: InterfaceWork, simulated: bool = False) -> CoderFacts:
    """A coder whose clock over all notes is that of the first interface."""
    first = interfaces[0]
    return CoderFacts(
        rater_id=1,
        name=name,
        label=f"{name} (simulated)" if simulated else name,
        certification="CCS",
        years_experience=7,
        simulated=simulated,
        days=2,
        notes=first.notes,
        clock=first.clock,
        minutes=first.minutes,
        interfaces=interfaces,
    )


MINUTES = [1.25, 3.5, 10.0]


def test_a_study_by_label_studios_clock_has_the_table_that_it_had() -> None:
    """Letter by letter: simulated coders, and whatever was published before."""
    table = facts_table([coder("Ada", work("list", MINUTES, "lead_time"), simulated=True)])
    assert table is not None
    assert render(table, "csv") == (
        "rater,kind,certification,years,notes,days,hours,notes_an_hour,median_minutes\n"
        "Ada (simulated),rater,CCS,7,3,2,0.2,12.2,3.5\n"
    )
    assert render(table, "text") == (
        "The coders and their work\n"
        "\n"
        "                        Coder                 Work           Notes  Minutes a note\n"
        "Coder            certification  years  notes  days  hours  an hour          median\n"
        "----------------------------------------------------------------------------------\n"
        "Ada (simulated)            CCS      7      3     2    0.2     12.2             3.5\n"
        "\n"
        "Hours: Label Studio's clock from opening a note to submitting it, pauses included.\n"
        "Simulated coders are programs: their times say nothing about people.\n"
    )


@pytest.mark.parametrize(
    ("clocks", "cells", "words"),
    [
        (["active_seconds"], [ACTIVE], "Hours: active time, without pauses"),
        (["lead_time"], None, "Hours: Label Studio's clock"),
        (["active_seconds", "lead_time"], [ACTIVE, STUDIO], "; or Label Studio's clock"),
        (["active_seconds", ""], [ACTIVE, ""], "Hours: active time"),
        ([""], None, ""),
    ],
)
def test_the_table_of_coders_says_by_which_clock_its_hours_are(
    clocks: list[str], cells: list[str] | None, words: str
) -> None:
    facts = []
    for clock in clocks:
        facts.append(coder("Ada", work("page", MINUTES if clock else [], clock, notes=3)))
    table = facts_table(facts)
    assert table is not None
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    if cells is None:
        assert "clock" not in rows[0]
    else:
        assert [row["clock"] for row in rows] == cells
    assert words in " ".join(table.footnotes)
    assert bool(table.footnotes) == bool(words)


def test_hours_of_some_notes_alone_are_called_so() -> None:
    table = facts_table([coder("Ada", work("list", MINUTES, "lead_time", notes=5))])
    assert table is not None and "Hours of Ada: 3 of 5 notes." in table.footnotes


def test_minutes_stand_by_coder_and_interface_with_the_papers_pace() -> None:
    facts = [
        coder("Ada", work("list", [6, 8, 10, 12], "lead_time"), work("page", [4], ACTIVE_FIELD)),
        coder("Ben", work("page", [3, 5], ACTIVE_FIELD, notes=4)),
    ]
    table = times_table(facts)
    assert table is not None
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    ada, ada_page, ben, paper = rows
    assert (ada["rater"], ada["interface"], ada["clock"]) == (
        "Ada with the whole list",
        "list",
        STUDIO,
    )
    figures = ("quarter_minutes", "median_minutes", "three_quarters_minutes", "notes_an_hour")
    assert [float(ada[key]) for key in figures] == [7.5, 9, 10.5, pytest.approx(60 / 9)]
    assert (ada_page["median_minutes"], ada_page["clock"]) == ("4", ACTIVE)
    assert (ben["notes"], ben["median_minutes"], ben["notes_an_hour"]) == ("4", "4", "15")
    assert (paper["kind"], paper["notes_an_hour"], paper["median_minutes"]) == ("paper", "2.5", "")
    words = " ".join(table.footnotes)
    assert "Ben with our own page: 2 of 4 notes were measured." in words
    assert "Rows of different clocks are not to be compared" in words
    said = described(times_chart(facts))
    assert "Ada, list (with pauses): mean 9.0, median 9, 6 to 12" in said
    assert "Ada, page: mean 4.0" in said
    assert "line at 24: paper: 2.5 charts an hour" in said


def described(chart: str) -> str:
    """What a chart says for screen readers."""
    words = ElementTree.fromstring(chart)[1].text
    assert words
    return words


def test_a_slow_coder_still_has_the_papers_pace_beside() -> None:
    slow = times_chart([coder("Ada", work("page", [300.0], ACTIVE_FIELD))])
    assert "line at 24" in described(slow)
    assert 'text-anchor="start">paper' in slow
    fast = times_chart([coder("Ada", work("page", [1.0], ACTIVE_FIELD))])
    assert 'text-anchor="end">paper' in fast


def test_the_minutes_of_programs_are_not_compared() -> None:
    program = coder("Cid", work("list", MINUTES, "lead_time"), simulated=True)
    table = times_table([program])
    assert table is not None
    assert render(table, "csv").splitlines()[1:] == [
        "Cid (simulated) with the whole list,rater,list,3,,,,,"
    ]
    assert table.footnotes == ("Simulated coders are programs: their minutes are not compared.",)
    assert times_chart([program]) == ""
    person = coder("Ada", work("list", MINUTES, "lead_time"))
    assert "Cid (simulated), list: not compared" in described(times_chart([person, program]))


def test_who_has_coded_nothing_has_no_minutes() -> None:
    idle = CoderFacts(
        rater_id=1,
        name="Ada",
        label="Ada",
        certification="",
        years_experience=None,
        simulated=False,
        days=0,
        notes=0,
        clock="",
        minutes=[],
    )
    assert times_table([idle]) is None
    assert times_table([]) is None
    assert times_chart([idle]) == ""


# From the codings of a study


@pytest.fixture
def armed(batch, codes, ada, ben) -> Study:
    """A study of two arms, list against our own page, with nothing coded yet."""
    coders = [Rater.objects.get(user=person) for person in (ada, ben)]
    study = study_draft(
        slug="armed", batch=batch, code_set=codes, coders=coders, interface="list+page", seed=4
    )
    Study.objects.filter(pk=study.pk).update(status=Study.Status.CLOSED)
    study.refresh_from_db()
    return study


def all_coded(study: Study, active: dict[str, float | None], lead: dict[str, float | None]) -> None:
    """Every note is given a code, with these seconds by arm."""
    given = dict.fromkeys(Code.objects.filter(code="401.9"))
    for row in study.assignments.select_related("note", "rater").order_by("pk"):
        coding = Given(
            row.note,
            given,
            f"w{row.pk}",
            timezone.now(),
            active_seconds=active[row.arm],
            lead_time=lead[row.arm],
        )
        assert coding_append(study=study, rater=row.rater, given=coding)


@pytest.mark.parametrize(
    ("active", "lead", "overall", "by_interface", "arms"),
    [
        (
            {"list": 120, "page": 60},
            {"list": 300, "page": None},
            "active_seconds",
            {"list": ("active_seconds", 2), "page": ("active_seconds", 1)},
            ("active_seconds", 2, 1),
        ),
        # Projects of before: nobody measured the active time there.
        (
            {"list": None, "page": 60},
            {"list": 300, "page": None},
            "lead_time",
            {"list": ("lead_time", 5), "page": ("active_seconds", 1)},
            ("lead_time", 5, None),
        ),
        (
            {"list": None, "page": None},
            {"list": None, "page": None},
            "",
            {"list": ("", None), "page": ("", None)},
            ("", None, None),
        ),
    ],
)
def test_no_figure_mixes_the_clocks(
    armed: Study,
    active: dict[str, float | None],
    lead: dict[str, float | None],
    overall: str,
    by_interface: dict[str, tuple[str, float | None]],
    arms: tuple[str, float | None, float | None],
) -> None:
    all_coded(armed, active, lead)
    for facts in coder_facts(armed):
        assert facts.clock == overall
        found = {each.interface: (each.clock, each.median_minutes) for each in facts.interfaces}
        assert found == by_interface
        assert sum(each.notes for each in facts.interfaces) == facts.notes
    result = benchmark_run(study=armed).result
    assert result.arms is not None
    medians = [figures.median_minutes for figures in result.arms.rows.values()]
    assert (result.arms.clock, *medians) == arms
    table = arms_table(result)
    assert table is not None
    said = [note for note in table.footnotes if note.startswith("Minutes: ")]
    assert bool(said) == bool(arms[0])
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    words = {"active_seconds": ACTIVE, "lead_time": STUDIO, "": None}[arms[0]]
    assert {row.get("clock") for row in rows} == {words}
    assert (result.arms.differences["minutes"] is None) == (None in medians)


def test_one_note_without_its_active_time_turns_the_coders_clock(armed: Study) -> None:
    all_coded(armed, {"list": 120, "page": 60}, {"list": 300, "page": None})
    (ada, ben) = coder_facts(armed)
    one = armed.assignments.filter(rater=ada.rater_id, arm="list").earliest("position")
    Coding.objects.filter(note=one.note, rater=one.rater).update(active_seconds=None)
    (ada, ben) = coder_facts(armed)
    clocks = {each.interface: each.clock for each in ada.interfaces}
    assert clocks == {"list": "lead_time", "page": "active_seconds"}
    assert ada.clock == "lead_time" and ben.clock == "active_seconds"


def test_arms_of_programs_compare_no_minutes(armed: Study) -> None:
    Rater.objects.filter(name="Ben").update(simulated=True)
    all_coded(armed, {"list": 120, "page": 60}, {"list": 300, "page": None})
    result = benchmark_run(study=armed).result
    assert result.arms is not None and result.arms.simulated
    assert result.arms.differences["minutes"] is None
    table = arms_table(result)
    assert table is not None
    rows = list(csv.DictReader(io.StringIO(render(table, "csv"))))
    assert {row["minutes"] for row in rows} == {""}
    assert "Simulated coders are programs: their minutes are not compared." in table.footnotes


def test_a_benchmark_of_before_keeps_its_hash(armed: Study) -> None:
    """Minutes by Label Studio's clock are hashed as they were when there was no other."""
    all_coded(armed, {"list": None, "page": None}, {"list": 300, "page": 60})
    arms = arms_of(armed)
    assert isinstance(arms, Arms)
    assert _hashed(arms).keys() == {"names", "arm", "coder", "minutes"}
    before = benchmark_inputs(armed).sha256
    Coding.objects.filter(study=armed).update(active_seconds=60)
    assert benchmark_inputs(armed).sha256 != before


def test_every_export_says_which_clock(armed: Study, rae) -> None:
    all_coded(armed, {"list": 120, "page": 60}, {"list": 300, "page": None})
    benchmark_run(study=armed)
    client = logged_in(rae)
    page = client.get("/studies/armed/results/").content.decode()
    assert "Minutes a note, by coder and interface" in page and "paper: 2.5 charts an hour" in page
    for name in ("work", "time"):
        text = client.get(f"/studies/armed/results/{name}.csv").content.decode()
        assert ACTIVE in text
        assert client.get(f"/studies/armed/results/{name}.xlsx").status_code == 200
    chart = client.get("/studies/armed/results/time.svg")
    assert chart["Content-Type"] == "image/svg+xml"
    told = client.get("/api/v1/studies/armed/work/").json()
    assert {row["clock"] for row in told} == {"active_seconds"}
    by_interface = {each["interface"]: each for each in told[0]["interfaces"]}
    assert by_interface["list"]["median_minutes"] == 2
    assert by_interface["page"]["notes_an_hour"] == pytest.approx(60)
    assert by_interface["page"]["clock"] == "active_seconds"
    files = unpack(study_export(study=armed))
    rows = list(csv.DictReader(io.StringIO(files["codings.csv"].decode())))
    human = [row for row in rows if row["kind"] == "coder"]
    assert {(row["active_seconds"], row["lead_time"]) for row in human} == {
        ("120.0", "300.0"),
        ("60.0", ""),
    }
    document = json.loads(files["benchmark/paper/result.json"])
    assert document["arms"]["clock"] == "active_seconds"


def test_a_study_without_people_has_no_times(study: Study, rae) -> None:
    study.assignments.all().delete()
    study.workspaces.all().delete()
    client = logged_in(rae)
    assert client.get("/studies/small/results/time.csv").status_code == 404
    assert client.get("/studies/small/results/time.svg").status_code == 404
    assert client.get("/studies/small/results/").status_code == 200
