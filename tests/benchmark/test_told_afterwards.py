"""run_benchmark prints every table, and takes a margin and files after the study was coded."""

import json

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.models import Code
from annotation.services.codings import Given, coding_append
from benchmark.bundle.export import study_export
from benchmark.bundle.zip_format import unpack
from benchmark.models import BenchmarkRun
from benchmark.scoring.document import read
from benchmark.selectors.benchmarks import newest_benchmark
from tests.cast import CODES, logged_in
from tests.imports import codings_import


@pytest.fixture
def coded(study):
    """Both coders gave the first code to each of their notes; a model half of the reference's."""
    first = Code.objects.get(code=CODES[0])
    for assignment in study.assignments.select_related("note", "rater"):
        given = Given(assignment.note, {first: None}, f"key{assignment.pk}", timezone.now(), 60.0)
        coding_append(study=study, rater=assignment.rater, given=given)
    rows = ["note_id,code"]
    for number in range(12):
        rows.append(f"n{number},{CODES[number % 8]}")
    codings_import(
        study=study, name="Theirs", kind="model", file="t.csv", data="\n".join(rows).encode()
    )
    return study


@pytest.fixture
def files(tmp_path):
    """Weights with tiers, counts of other notes, groups."""
    contents = {
        "weights": f"code,weight,tier\n{CODES[0]},2,1\n{CODES[1]},1,2\n",
        "counts": "code,count\n,100\n" + "".join(f"{code},{90}\n" for code in CODES),
        "groups": "note_id,group\nn1,ward\nn2,ward\nn3,other\n",
    }
    paths = {}
    for name, content in contents.items():
        paths[name] = tmp_path / f"{name}.csv"
        paths[name].write_text(content)
    return paths


def printed(capsys, **options) -> str:
    capsys.readouterr()
    call_command("run_benchmark", "small", **options)
    return capsys.readouterr().out


@pytest.mark.parametrize("form", ["text", "md", "csv", "tex"])
def test_more_prints_table_1_first_to_the_byte_and_then_every_other_table(coded, capsys, form):
    alone = printed(capsys, format=form)
    everything = printed(capsys, format=form, more=True)
    assert everything.startswith(alone)
    after = everything.removeprefix(alone)
    for title in ("intervals of Table 1", "Coders as a sample", "upper bounds"):
        assert title in after
    assert "Table 1. Raters" not in after


def test_what_is_told_afterwards_is_said_to_be_and_changes_no_protocol(coded, files, capsys, rae):
    plain = json.loads(printed(capsys, format="json"))
    assert plain["margin"] is None and plain["weighted"] is None
    told = json.loads(printed(capsys, format="json", margin=0.1, **files))
    assert told["protocol_sha256"] == plain["protocol_sha256"]
    assert told["margin"]["margin"] == {"value": 0.1, "afterwards": True, "set_at": ""}
    assert told["weighted"]["afterwards"] and len(told["weighted"]["sha256"]) == 64
    assert told["frequent"]["chosen_by"] == "outside"
    assert [each["name"] for each in told["subgroups"]["group"]] == ["(no group)", "other", "ward"]
    assert told["raters"] == plain["raters"] and told["differences"] == plain["differences"]
    table = printed(capsys, table="margin", margin=0.1)
    assert "Margin set afterwards" in table and "Theirs, than coders like these" in table
    # Pages, the API and bundles show the study as its protocol has it.
    shown = newest_benchmark(coded).result
    assert shown.margin is None and read(json.dumps(plain)) == shown
    client = logged_in(rae)
    assert client.get("/api/v1/studies/small/table1/").json() == plain
    page = client.get("/studies/small/results/").content.decode()
    assert "Coders as a sample" in page and "Margin set afterwards" not in page
    stored = json.loads(unpack(study_export(study=coded))["benchmark/paper/result.json"])
    assert stored == plain
    assert BenchmarkRun.objects.filter(partial=True).count() == 2


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"margin": 0.0}, "--margin is 0.0; it must be above 0"),
        ({"margin": float("nan")}, "--margin is nan; it must be above 0"),
        ({"more": True, "format": "json"}, "--more is for text, md, csv and tex"),
        ({"weights": "groups"}, "groups.csv"),
        ({"counts": "weights"}, "weights.csv"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(coded, files, options, words):
    given = {name: files.get(value, value) for name, value in options.items()}
    with pytest.raises((CommandError, ValueError), match=words):
        call_command("run_benchmark", "small", **given)
    assert not BenchmarkRun.objects.exists()
