"""The synthetic folder: MIMIC-III's schema, the published shape, the same bytes every time."""

import csv
import filecmp
import re
from collections import defaultdict
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from files.output import OutputError
from mimic.folder import read_admissions, read_splits, read_titles
from mimic.synthetic import (
    DEMO_SEED,
    DEMO_TEST_NOTES,
    check,
    write_corpus,
)
from mimic.synthetic.check import corpus_figures, published_spread
from mimic.synthetic.corpus import split_stays
from mimic.synthetic.stays import LARGEST_SEED, make_stay, patients
from mimic.synthetic.world import frequency, world

HEADERS = {
    "NOTEEVENTS": '"ROW_ID","SUBJECT_ID","HADM_ID","CHARTDATE","CHARTTIME","STORETIME",'
    '"CATEGORY","DESCRIPTION","CGID","ISERROR","TEXT"\n',
    "DIAGNOSES_ICD": '"ROW_ID","SUBJECT_ID","HADM_ID","SEQ_NUM","ICD9_CODE"\n',
    "PROCEDURES_ICD": '"ROW_ID","SUBJECT_ID","HADM_ID","SEQ_NUM","ICD9_CODE"\n',
    "D_ICD_DIAGNOSES": '"ROW_ID","ICD9_CODE","SHORT_TITLE","LONG_TITLE"\n',
    "D_ICD_PROCEDURES": '"ROW_ID","ICD9_CODE","SHORT_TITLE","LONG_TITLE"\n',
    "ADMISSIONS": '"ROW_ID","SUBJECT_ID","HADM_ID","ADMITTIME","DISCHTIME","DEATHTIME",'
    '"ADMISSION_TYPE","ADMISSION_LOCATION","DISCHARGE_LOCATION","INSURANCE","LANGUAGE",'
    '"RELIGION","MARITAL_STATUS","ETHNICITY","EDREGTIME","EDOUTTIME","DIAGNOSIS",'
    '"HOSPITAL_EXPIRE_FLAG","HAS_CHARTEVENTS_DATA"\n',
    "PATIENTS": '"ROW_ID","SUBJECT_ID","GENDER","DOB","DOD","DOD_HOSP","DOD_SSN","EXPIRE_FLAG"\n',
}
RETIRED = set("518.5 276.5 779.3 36.01 288.0 287.4 V45.1 997.4 997.3 255.4 348.3 780.6".split())  # noqa: SIM905


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("corpus") / "mimic"
    write_corpus(folder, notes=2000, seed=11, jobs=2, short=True)
    return folder


@pytest.fixture(scope="module")
def admissions(corpus):
    return list(read_admissions(corpus))


def rows(folder: Path, table: str) -> list[dict[str, str]]:
    with (folder / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
def test_headers_are_those_of_the_full_dump_to_the_byte(corpus):
    for table, header in HEADERS.items():
        assert (corpus / f"{table}.csv").read_bytes().startswith(header.encode())
    assert "No patient, stay or note in it is real." in (corpus / "SYNTHETIC").read_text()


def test_processes_do_not_change_a_byte(tmp_path):
    seen = []
    write_corpus(tmp_path / "one", notes=83, seed=5, progress=seen.append)
    write_corpus(tmp_path / "two", notes=83, seed=5, jobs=2)
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(names) == 12
    same, other, failed = filecmp.cmpfiles(tmp_path / "one", tmp_path / "two", names, shallow=False)
    assert (same, other, failed) == (names, [], [])
    assert sum(seen) == 83


def test_a_note_is_the_same_at_any_scale(tmp_path, corpus):
    write_corpus(tmp_path / "few", notes=29, seed=11, short=True)
    for table in ("NOTEEVENTS", "DIAGNOSES_ICD", "PROCEDURES_ICD", "ADMISSIONS", "PATIENTS"):
        few, many = ((folder / f"{table}.csv").read_text() for folder in (tmp_path / "few", corpus))
        assert many.startswith(few)


def test_no_patient_stay_or_note_is_shared_between_seeds(tmp_path, admissions):
    write_corpus(tmp_path / "other", notes=400, seed=12, short=True)
    others = list(read_admissions(tmp_path / "other"))
    for field in ("hadm_id", "subject_id", "text"):
        assert not {getattr(a, field) for a in admissions} & {getattr(a, field) for a in others}
    ids = [
        (s.subject_id, s.hadm_id)
        for seed in (0, 1, LARGEST_SEED)
        for s in (make_stay(world(), seed, k) for k in (0, 99_999))
    ]
    assert min(min(pair) for pair in ids) >= 900_000 and max(max(pair) for pair in ids) < 2**31
    assert len({number for pair in ids for number in pair}) == len(ids) * 2


def test_seeds_and_sizes_out_of_range_are_refused(tmp_path):
    for arguments in (
        {"seed": -1, "notes": 3},
        {"seed": LARGEST_SEED + 1, "notes": 3},
        {"seed": 1, "notes": 0},
    ):
        with pytest.raises(ValueError, match="seed must be 0 to 2,100 and notes 1 to 100,000"):
            write_corpus(tmp_path / "out", **arguments)
    with pytest.raises(ValueError, match="add up to 3 notes"):
        write_corpus(tmp_path / "out", seed=1, notes=3, splits=(1, 1, 2))
    (tmp_path / "NOTEEVENTS.csv").write_text("real")
    with pytest.raises(OutputError, match="not synthetic"):
        write_corpus(tmp_path, seed=1, notes=3)
    assert (tmp_path / "NOTEEVENTS.csv").read_text() == "real"


@pytest.mark.slow
def test_the_published_shape(corpus):
    figures = {figure.name: figure for figure in corpus_figures(corpus)}
    bounds = {
        "codes a note": (15, 17),
        "diagnoses' share": (0.72, 0.76),
        "top 50 share": (0.30, 0.38),
        "words a note": (350, 400),
        "addenda a note": (0.08, 0.18),
        "ceiling, micro-F1": (0.85, 0.89),
    }
    for name, (low, high) in bounds.items():
        figure = figures[name]
        assert (figure.low, figure.high) == (low, high), name
        assert low <= figure.value <= high, name
    for part in ("all", "train", "dev", "test"):
        for name in (f"distinct codes, {part}", f"codes seen once, {part}"):
            assert figures[name].kept and figures[name].low > 0, name


def test_codes_thin_out_as_in_mimic():
    """8,929 codes in 52,726 notes, about 1,620 of them once.

    Fewer notes have fewer codes, and more of those once.
    """
    assert published_spread(52_726) == pytest.approx((8_929, 1_619), abs=1)
    spreads = [published_spread(notes) for notes in (508, 5_000, 52_726)]
    distinct, once = zip(*spreads, strict=True)
    assert list(distinct) == sorted(distinct)
    assert once[0] / distinct[0] > once[1] / distinct[1] > once[2] / distinct[2]


def test_the_check_prints_the_corpus_and_fails_outside_its_targets(tmp_path, monkeypatch):
    def run(notes: int) -> str:
        call_command(
            "make_synthetic_mimic",
            tmp_path,
            notes=notes,
            seed=9,
            short=True,
            check=True,
            stdout=(out := StringIO()),
        )
        return out.getvalue()

    assert "distinct codes, test" in run(60)
    monkeypatch.setattr(check, "ENOUGH", 60)
    monkeypatch.setattr(check, "published_spread", lambda notes: (10_000, 1))
    with pytest.raises(CommandError, match="outside the targets: ") as failure:
        run(60)
    assert failure.value.returncode == 1 and "distinct codes, all" in str(failure.value)
    with pytest.raises(ValueError, match="no synthetic folder"):
        corpus_figures(tmp_path.parent)


def test_full_notes_have_the_published_length(tmp_path):
    write_corpus(tmp_path / "full", notes=200, seed=4)
    lengths = [len(a.text.split()) for a in read_admissions(tmp_path / "full")]
    assert 1200 <= sum(lengths) / len(lengths) <= 1500
    assert min(lengths) < 1000 and max(lengths) > 1800


def test_codes_keep_their_frequency(admissions):
    names, notes = world().codes, len(admissions)
    # The tail goes on as in a hospital of which MIMIC-III is a sample.
    assert len(names) == len(set(names)) > 8_929
    assert names[:6] == ("401.9", "38.93", "428.0", "427.31", "414.01", "96.04")
    for first, last in ((0, 30), (30, 150), (150, 600), (600, 8_929)):
        group = set(names[first:last])
        seen = sum(len(group & set(a.codes)) for a in admissions) / notes
        expected = sum(frequency(rank + 1) for rank in range(first, last))
        assert 0.8 < seen / expected < 1.2, (first, last)


def test_rows_have_the_blemishes_of_the_real_tables(corpus):
    codes = rows(corpus, "PROCEDURES_ICD")
    assert any(row["ICD9_CODE"] == "" and row["SEQ_NUM"] == "" for row in codes)
    pairs = [(row["HADM_ID"], row["ICD9_CODE"]) for row in codes if row["ICD9_CODE"]]
    assert len(set(pairs)) < len(pairs)
    notes = rows(corpus, "NOTEEVENTS")
    assert {row["CATEGORY"] for row in notes} == {"Discharge summary", "Radiology"}
    assert {row["DESCRIPTION"] for row in notes if row["HADM_ID"]} == {"Report", "Addendum"}
    assert any(row["HADM_ID"] == "" for row in notes)
    assert [int(row["ROW_ID"]) for row in notes] == list(range(1, len(notes) + 1))
    known = set(read_titles(corpus))
    retired = {c for a in read_admissions(corpus) for c in a.codes} - known
    assert retired and retired <= RETIRED


def test_lines_wrap_and_marks_hide_names(admissions):
    text = "".join(a.text for a in admissions[:300])
    lengths = [len(line) for line in text.split("\n")]
    assert sum(length > 80 for length in lengths) / len(lengths) < 0.01
    assert re.search(r"\[\*\*\d{4}-\d{1,2}-\d{1,2}\*\*\]", text) and "[**Known lastname" in text
    assert "#" not in text and "{" not in text
    assert "History of Present Illness:" in text and "HISTORY OF PRESENT ILLNESS:" in text


def test_a_patient_stays_in_one_split_and_the_sizes_are_those_asked_for(
    tmp_path, corpus, admissions
):
    sizes = {name: len(ids) for name, ids in read_splits(corpus).items()}
    assert sizes == {"train": 1810, "dev": 62, "test": 128}
    subject_of = {a.hadm_id: a.subject_id for a in admissions}
    owners = [{subject_of[hadm] for hadm in ids} for ids in read_splits(corpus).values()]
    assert sum(map(len, owners)) == len(set.union(*owners))
    write_corpus(tmp_path / "asked", notes=60, seed=2, short=True, splits=(30, 10, 20))
    assert [len(ids) for ids in read_splits(tmp_path / "asked").values()] == [30, 10, 20]


def test_patients_recur_and_keep_their_chronic_codes(admissions):
    stays = defaultdict(list)
    for admission in admissions:
        stays[admission.subject_id].append(set(admission.codes))
    assert 1.15 < len(admissions) / len(stays) < 1.5
    again = [len(s[0] & s[1]) for s in stays.values() if len(s) > 1]
    strangers = [
        len(set(a.codes) & set(b.codes))
        for a, b in zip(admissions[::40], admissions[20::40], strict=True)
    ]
    assert sum(again) / len(again) > 1.4 * sum(strangers) / len(strangers)
    assert [k for owned in patients(11, 50) for k in owned] == list(range(50))


def test_the_demo_reaches_the_studys_number_of_codes_with_as_few_test_notes_as_it_can():
    def distinct(notes: int) -> int:
        stays = split_stays(DEMO_SEED, notes + 100, (0, 100, notes))["test"]
        return len({code for k in stays for code in make_stay(world(), DEMO_SEED, k).reference})

    assert distinct(DEMO_TEST_NOTES - 1) < 4_075 <= distinct(DEMO_TEST_NOTES)
