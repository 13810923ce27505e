"""The reader itself.

Whatever the bytes, it answers in words; totals are totals; large files stay cheap.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import resource
import time

import pytest
from hypothesis import example, settings
from hypothesis import strategies as st

from files.checked import check_codings
from files.codings import Asked, parse_codings
from files.notes import parse_notes, stream_notes
from files.problems import FileError, Problems
from files.source import from_bytes, from_path
from icd.check import CodeCheck
from tests.generated import given

NAMES = ["n.csv", "n.jsonl", "n.json", "n.csv.gz", "n.tsv", "n.psv", "n.xml", "n"]
PIECES = st.sampled_from(
    [
        b"note_id", b"text", b"code", b"codes", b"rater", b"kind", b"score", b"428.0,401.9",
        b'<doc id="1">', b"<code>", b"</code>", b"<!DOCTYPE a>", b'{"n1":', b'{"note_id":["n1"],',
        b"ARROW1", b"PAR1", b"1", b"dx1",
        b",", b";", b"\t", b"|", b"\n", b"\r\n", b"\r", b'"', b"n1", b"428.0",
        b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"{", b"}", b"[", b"]", b":",
        b"9" * 5000, b"\x1f\x8b", b"PK\x03\x04",
        b'{"note_id":"n1","text":"x","codes":["401.9"]}',
        b"\\ud800", b"NaN", b"sep=;", "é".encode("utf-16"),
    ]
)  # fmt: skip
BYTES = st.binary(max_size=300) | st.lists(PIECES, max_size=25).map(b"".join)


def read_both(name: str, data: bytes) -> None:
    """Every way to read a file; only FileError comes out of it, with words."""
    for read in (
        lambda: parse_notes(from_bytes(name, data)),
        lambda: list(stream_notes(from_bytes(name, data))),
        lambda: check_codings(
            parse_codings(from_bytes(name, data), Asked("csv")).raters, CodeCheck(), Problems(name)
        ),
        lambda: check_codings(
            parse_codings(from_bytes(name, data), Asked("jsonl")).raters,
            CodeCheck(),
            Problems(name),
            "keep",
        ),
        lambda: check_codings(
            parse_codings(from_bytes(name, data), Asked("psv")).raters, CodeCheck(), Problems(name)
        ),
    ):
        try:
            read()
        except FileError as error:
            assert str(error) and error.total >= 1 and error.errors
            str(error).encode()
            error.to_csv().encode()


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), BYTES)
@example("n.jsonl", b"[" * 100_000)
@example("n.csv", b"\xff\xfe")
@example("n.csv", b"\xff\xfea")
@example("n.json", b"[,]")
def test_whatever_the_bytes_only_words_come_out(name, data):
    read_both(name, data)


KEYS = st.sampled_from(
    ["note_id", "hadm_id", "code", "codes", "labels", "rater", "kind", "score", "scores", "given",
     "data", "annotations", "result", "type", "value", "choices", "completed_by", "columns", "n1",
     "428.0", "text", "patient", "icd_version", "schema"]
)  # fmt: skip
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.sampled_from(["", "n1", "428.0", "Ada", "choices", "dx", "428.0;401.9"])
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=25,
)


@settings(max_examples=200, deadline=None)
@given(VALUES, st.sampled_from(["n.json", "n.jsonl"]))
@example([{"id": 1, "data": {}, "annotations": [7]}], "n.json")
@example([{"id": 1, "data": {}, "annotations": [{"result": [None]}]}], "n.json")
@example([{"id": 1, "data": {}, "annotations": [{"result": [{"type": "choices"}]}]}], "n.json")
@example([{"id": 1, "data": {}, "annotations": [{"completed_by": [], "result": []}]}], "n.json")
def test_whatever_the_json_only_words_come_out(value, name):
    read_both(name, json.dumps(value).encode())


@settings(max_examples=60, deadline=None)
@given(BYTES)
def test_nor_out_of_a_gzip_file_cut_or_spoilt(data):
    packed = gzip.compress(data)
    for spoilt in (
        packed,
        packed[:-5],
        packed[: len(packed) // 2],
        packed + b"x",
        packed[:12] + b"\xff" + packed[13:],
    ):
        read_both("n.csv.gz", spoilt)
        read_both("n.jsonl.gz", spoilt)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=30)


@settings(max_examples=200, deadline=None)
@given(
    st.lists(CELL.filter(str.strip), min_size=1, max_size=5),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_a_csv_writer_wrote_is_read_back(texts, separator, encoding, line_end):
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=separator, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    writer.writerow(("note_id", "text"))
    for number, text in enumerate(texts):
        writer.writerow((f"n{number}", text))
    found = parse_notes(from_bytes("n.csv", buffer.getvalue().encode(encoding)))
    assert [row.text for row in found.rows] == texts


def test_rows_are_the_lines_of_the_file():
    lines = [
        "note_id,text,codes",
        "",
        'n1,"a',
        "b",
        'c",401.9',
        " ",
        "n2,x,250",
        "n2,y,66",
        "",
        "n3,,401.9",
    ]
    with pytest.raises(FileError) as error:
        parse_notes(from_bytes("n.csv", "\r\n".join(lines).encode()))
    assert [(problem.row, problem.cause[:12]) for problem in error.value.errors] == [
        (7, "a code looks"),
        (8, "a note_id is"),
        (8, "a code looks"),
        (10, "the text is "),
    ]


@pytest.mark.parametrize("wrong", [191, 200, 500])
def test_totals_are_totals(wrong):
    lines = [
        "note_id,code",
        *(f"n{number},{'250' if number % 3 else '66'}" for number in range(wrong)),
    ]
    file = parse_codings(from_bytes("c.csv", "\n".join(lines).encode())).only()
    problems = Problems("c.csv")
    check_codings({"": file}, CodeCheck(), problems)
    error = problems.fatal(0, "and one more")
    assert (error.total, len(error.errors)) == (wrong + 1, wrong + 1)
    first = error.groups[0]
    assert first.count == wrong and first.rows == [2, 3, 4, 5, 6]
    assert sum(count for _, count in first.examples) == wrong and len(first.examples) == 2
    assert error.to_csv().count("\n") == wrong + 2


def test_a_note_never_shows_in_a_message():
    secret = "Patient John Smith of Boston"
    files = [
        ("n.csv", f"note_id,text,codes\nn1,x,{secret}\n"),
        ("n.csv", f"n1,{secret} was admitted with chest pain\nn2,x\n"),
        ("n.csv", f'note_id,text\nn1,"{secret}" x\n'),
        ("n.csv", f"note_id,text\n{secret},{secret},{secret}\n"),
        ("n.jsonl", f'{{"note_id": "n1", "text": "{secret}"'),
        ("n.jsonl", f'{{"note_id": "n1", "text": ["{secret}"]}}'),
        ("n.jsonl", f'{{"note_id": "n1", "text": "x", "codes": ["{secret}"]}}'),
        ("n.jsonl", f'{{"note_id": "n1", "text": "{secret}", "text": "{secret}"}}'),
    ]
    for name, content in files:
        with pytest.raises(FileError) as error:
            parse_notes(from_bytes(name, content.encode()))
        assert "John" not in str(error.value) + error.value.to_csv() + "".join(
            map(str, error.value.groups)
        )


def test_a_folder_and_a_file_that_is_not_there_are_refused_in_words(tmp_path):
    with pytest.raises(FileError, match="is a folder; give a file"):
        from_path(tmp_path)
    with pytest.raises(
        FileError, match=r"cannot be read \(No such file or directory\); check the path"
    ):
        from_path(tmp_path / "gone.csv")


def test_the_limit_is_of_what_is_unpacked():
    data = gzip.compress(b"note_id,text\n" + b"n1,x\n" * 400_000)
    with pytest.raises(FileError, match="over the limit of 1 MiB"):
        parse_notes(from_bytes("n.csv.gz", data, limit=2**20))


def test_a_line_of_199_megabytes_costs_little():
    data = b"note_id,text\nn1," + b"x y " * (199 * 2**18)
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.process_time()
    with pytest.raises(FileError, match=r"row 2: a line of over 5,000,000 characters"):
        parse_notes(from_bytes("n.csv", data))
    assert time.process_time() - start < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000


PATIENTS = {
    "a column": ("n.csv", b"note_id,text,patient\nn1,x,p1\nn2,y, p2 \nn3,z,\n", ["p1", "p2", ""]),
    "MIMIC's name": ("n.csv", b"note_id,text,SUBJECT_ID\nn1,x,17\n", ["17"]),
    "another name": ("n.tsv", b"note_id\ttext\tPatient ID\nn1\tx\tp1\n", ["p1"]),
    "a key": (
        "n.jsonl",
        b'{"note_id":"n1","text":"x","patient":17}\n{"note_id":"n2","text":"y","patient":null}\n',
        ["17", ""],
    ),
    "none": ("n.csv", b"note_id,text\nn1,x\n", [""]),
}


@pytest.mark.parametrize("kind", PATIENTS)
def test_patients_are_read_and_said(kind):
    name, data, patients = PATIENTS[kind]
    file = parse_notes(from_bytes(name, data))
    assert [row.patient for row in file.rows] == patients
    named = [patient for patient in patients if patient]
    said = f"patients named: {len(set(named))}, of {len(named)} notes"
    assert any(said in remark for remark in file.remarks) == (kind != "none")
    assert "ignored" not in file.read_as
    assert ("read as patient" in file.read_as) == (kind in ("MIMIC's name", "another name"))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('"' + "p" * 65 + '"', "over 64 characters"),
        ('"a\\u0000b"', "NUL"),
        ("1.5", "not a string"),
        ("[]", "not a string"),
        ('"a\\nb"', "line break"),
    ],
)
def test_a_patient_that_cannot_be_kept_is_refused_with_its_row(cell, words):
    data = f'{{"note_id": "n1", "text": "x", "patient": {cell}}}\n'.encode()
    with pytest.raises(FileError) as refused:
        parse_notes(from_bytes("n.jsonl", data))
    assert refused.value.errors[0].row == 1 and words in str(refused.value)
