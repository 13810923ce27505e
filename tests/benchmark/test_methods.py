"""`run_benchmark --format methods`: every number is the study's own, nothing is glossed over."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone

from annotation.models import Code, OutsideCounts, Study
from annotation.services.codings import Given, coding_append
from annotation.services.statements import weights_keep
from annotation.services.studies import study_draft
from benchmark.bundle.export import study_export
from benchmark.bundle.zip_format import unpack
from benchmark.models import BenchmarkRun
from benchmark.scoring.beside import Beside, Margin, Weighted
from benchmark.scoring.document import Document, Reopened, read, written
from benchmark.scoring.figures import figures_of
from benchmark.selectors.beside import beside_of
from benchmark.selectors.methods import software
from benchmark.tables.methods import CITED, Setting, methods_text
from benchmark.tables.references import WORKS
from files.code_files import CountsFile, WeightsFile
from tests.benchmark.test_document import study

ROOT = Path(__file__).resolve().parents[2]
SETTING = Setting("Coderbench", "the page", "2026-01-02")
OF_METHODS = {"95", "256", "2,000", "10,000", "1", "2"}
"""Numbers of the methods themselves: levels, resamples, draws; one or two coders and models; and
the version of the document."""
MARGIN = Margin(0.07, set_at="2025-12-30T10:00:00+00:00")
WEIGHTED = Weighted({"401.9": 2.0}, None, set_at="2025-12-29T10:00:00+00:00", sha256="a" * 64)


def document(beside: Beside | None = None, **changes: object) -> Document:
    of_study = {
        "study": "demo",
        "protocol_sha256": "b" * 64,
        "kinds": {"Human coders": "people", "RAC": "model"},
        "synthetic": False,
        "notes_of_study": 11,
        "reopened": [
            Reopened("2026-02-01T00:00:00+00:00", "2026-02-03T00:00:00+00:00", 13, ["Rae"])
        ],
    }
    told = beside or Beside()
    figures = figures_of(study(), {}, beside=told)
    return Document(**vars(figures), **{**of_study, **changes})


def numbers(value: object) -> Iterator[float]:
    """Every number of a document; how many coders there are is one."""
    if isinstance(value, dict):
        for each in value.values():
            yield from numbers(each)
    elif isinstance(value, list):
        for each in value:
            yield from numbers(each)
    elif isinstance(value, int | float):
        yield value


def in_words(value: float) -> set[str]:
    percent = 100 * value
    shown = {f"{value:,}", f"{value:.1f}", f"{value:.2f}", f"{percent:.1f}", f"{percent:g}"}
    return {word.lstrip("-") for word in shown}


def paragraphs(text: str) -> str:
    return text[: text.index("\n@")]


def flat(text: str) -> str:
    return " ".join(paragraphs(text).split())


@pytest.mark.parametrize("beside", [None, Beside(margin=MARGIN, weighted=WEIGHTED)])
def test_every_number_is_of_the_document(beside):
    of_study = document(beside)
    said = CITED.sub("", flat(methods_text(of_study, SETTING)))
    for digest in (of_study.protocol_sha256, of_study.label_space.sha256, "a" * 64):
        said = said.replace(digest, "")
    plain = written(of_study)
    dates = {"2026-01-02", *re.findall(r"20\d\d-\d\d-\d\d", str(plain))}
    for date in dates:
        said = said.replace(date, "")
    known = set(OF_METHODS)
    for value in numbers(plain):
        known |= in_words(value)
    outside = sum(rater.outside for rater in of_study.raters.values())
    known.add(str(outside))
    found = re.findall(r"\d[\d,]*(?:\.\d+)?", said)
    assert len(found) > 12
    assert [number.rstrip(",") for number in found if number.rstrip(",") not in known] == []


def test_another_number_is_another_text():
    """Each of these is in the text, as the document has it."""
    of_study = document(Beside(margin=MARGIN, weighted=WEIGHTED))
    space = replace(of_study.label_space, size=4321, sha256="c" * 64)
    agreement = replace(of_study.agreement, shared_notes=432, krippendorff_alpha_jaccard=0.123)
    assert of_study.margin and of_study.weighted
    margin = replace(of_study.margin, margin=Margin(0.031, set_at="2024-05-06T00:00:00+00:00"))
    for change, words in (
        ({"notes": 1234, "notes_of_study": 5678}, ["1,234 notes", "5,678 notes"]),
        ({"label_space": space}, ["4,321 codes", "c" * 64]),
        ({"agreement": agreement}, ["for agreement: 432 (Krippendorff's alpha 0.12"]),
        ({"protocol_sha256": "d" * 64}, ["d" * 64]),
        ({"reference": replace(of_study.reference, codes_per_note=17.25)}, ["17.2 codes a note"]),
        ({"margin": margin}, ["3.1 points of micro Jaccard, set on 2024-05-06, before"]),
        ({"weighted": replace(of_study.weighted, unweighted=77)}, ["count for nothing: 77"]),
        ({"macro_method": "centred bootstrap"}, ["those of macro figures are of a centred"]),
    ):
        said = flat(methods_text(replace(of_study, **change), SETTING))
        for each in words:
            assert each in said
            assert each not in flat(methods_text(of_study, SETTING))


def test_what_is_no_result_about_people_or_notes_says_so():
    of_study = document()
    said = flat(methods_text(of_study, SETTING))
    assert "programs" not in said and "generated" not in said
    assert "No margin was stated, so nothing is claimed" in said
    assert "too wide to say anything about others" in said
    generated = flat(methods_text(replace(of_study, synthetic=True), SETTING))
    assert "8 synthetic notes" in generated and "nothing about real notes" in generated
    coder = next(iter(of_study.coders.values()))
    both = {"Ada (simulated)": coder, "Ben (simulated)": coder}
    said = flat(methods_text(replace(of_study, coders=both), SETTING))
    assert "All coders were programs that simulate people: nothing here is a result" in said
    some = {"Ada": coder, "Ben (simulated)": coder}
    said = flat(methods_text(replace(of_study, coders=some), SETTING))
    assert "Ben (simulated) were programs" in said and "All coders" not in said
    interim = flat(methods_text(replace(of_study, interim=True), SETTING))
    assert "The benchmark is interim" in interim
    elsewhere = flat(methods_text(of_study, Setting("Coderbench")))
    assert "Codings were made elsewhere" in elsewhere and "before coding" not in elsewhere


def test_a_margin_that_was_set_afterwards_proves_nothing():
    afterwards = Beside(margin=Margin(0.05, afterwards=True))
    said = flat(methods_text(document(afterwards), SETTING))
    assert "5 points of micro Jaccard, set afterwards" in said and "proves nothing" in said
    assert "before the study opened" not in said


@pytest.mark.parametrize("mimic", [True, False])
def test_each_work_that_is_cited_has_its_entry(mimic):
    setting = replace(SETTING, mimic=mimic)
    text = methods_text(document(Beside(margin=MARGIN)), setting)
    entries = set(re.findall(r"^@\w+\{([\w-]+),", text, re.MULTILINE))
    assert entries == {*CITED.findall(paragraphs(text)), "coderbench-demo"}
    assert ("johnson2016" in entries) == mimic and text.count("{") == text.count("}")
    for key, entry in WORKS.items():
        assert entry.splitlines()[0].endswith(f"{{{key},") and key[-4:] in entry.splitlines()[-2]


def test_one_of_an_earlier_version_is_told_too():
    plain = document().to_json()
    first = ("notes", "label_space", "reference", "raters", "agreement", "study")
    rest = ("protocol_sha256", "synthetic", "notes_of_study", "without_codings")
    old = read(json.dumps({key: plain[key] for key in (*first, *rest)}))
    said = flat(methods_text(old, SETTING))
    assert "centred bootstrap" in said and "Human coders and RAC" in said


def test_the_release_is_that_of_the_package():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert project["version"] == settings.RELEASE and settings.RELEASE in software()


@pytest.fixture
def stated(batch, codes, ada, ben) -> Study:
    """An open study with a margin and weights, whose coders have coded all of it."""
    found = study_draft(
        slug="small",
        batch=batch,
        code_set=codes,
        coders=[ada.rater, ben.rater],
        overlap=12,
        margin=0.05,
        weights=weights_keep("w.csv", WeightsFile({"401.9": 2.0}, None)),
    )
    Study.objects.update(status="open", opened_at=timezone.now())
    given = dict.fromkeys(Code.objects.filter(code__in=["401.9", "428.0"]))
    for assignment in found.assignments.select_related("note", "rater"):
        coding = Given(assignment.note, given, f"t{assignment.pk}", timezone.now(), 30.5)
        coding_append(study=found, rater=assignment.rater, given=coding)
    return Study.objects.get()


def test_by_command(stated, tmp_path, capsys):
    out = tmp_path / "methods.txt"
    for _ in range(2):  # over an earlier one
        call_command("run_benchmark", "small", format="methods", out=out)
    said = flat(out.read_text())
    assert "It was not tested: a margin is about a model beside coders" in said
    assert said.startswith("Study small compared 2 coders (Ada and Ben) on 12 synthetic")
    assert f"fixed on {stated.opened_at:%Y-%m-%d}, before coding" in said
    assert f"5 points of micro Jaccard, set on {stated.margin_set_at:%Y-%m-%d}, before" in said
    assert stated.protocol_sha256 in said and stated.weights.sha256 in said
    with pytest.raises(CommandError, match="no --table"):
        call_command("run_benchmark", "small", format="methods", table="margin")
    call_command("run_benchmark", "small", format="methods", margin=0.02)
    assert "2 points of micro Jaccard, set afterwards" in flat(capsys.readouterr().out)
    again = Study.objects.get()
    assert again.protocol_sha256 == stated.protocol_sha256 and again.margin == 0.05


def test_a_benchmark_is_told_what_the_study_states(stated):
    OutsideCounts.objects.create(batch=stated.batch, stays=50, counts={"401.9": 20})
    items = stated.reference.codings.get(note__external_id="n0").items
    first = items.first()
    first.rank = 1
    first.save()
    beside = beside_of(stated)
    assert beside.margin == Margin(0.05, set_at=stated.margin_set_at.isoformat())
    assert beside.weighted and beside.weighted.sha256 == stated.weights.sha256
    assert beside.outside == CountsFile({"401.9": 20}, 50)
    assert beside.ranks == {"n0": {first.code.code: 1}}
    call_command("run_benchmark", "small")
    found = BenchmarkRun.objects.latest("pk").result
    assert found.margin and found.margin.margin == beside.margin
    assert found.margin.refused, "there is no model"
    assert found.weighted and found.ranks
    assert (
        unpack(study_export(study=stated))["outside_counts.csv"] == b"code,count\n,50\n401.9,20\n"
    )
