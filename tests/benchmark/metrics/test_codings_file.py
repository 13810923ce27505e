"""Files of codings: what is read, and every way to be wrong, by the whole message."""

import gzip
import io
import sys
from types import SimpleNamespace

import pytest

from benchmark.metrics.files.codings_file import read_codings
from benchmark.metrics.files.labels_file import read_labels
from files.codings import ENDINGS, Asked, Codings
from files.problems import FileError

SAME = {"n1": {"250.00", "401.9"}, "n2": set(), "n3": {"V10.5"}}


def written(tmp_path, name: str, content: str | bytes) -> str:
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return str(path)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.csv", "note_id,code\nn1,250.00\nn2,\nn1,401.9\nn3,V10.5\n"),
        ("a.CSV", "\ufeffcode,Note_ID\r\n\r\n250.00,n1\r\n,n2\r\n  \r\n401.9,n1\r\nV10.5,n3"),
        ("a.csv", 'note_id,code\n"n1","250.00"\n n1 , 401.9 \nn2,""\nn3,V10.5\n'),
        (
            "a.jsonl",
            '{"note_id":"n1","codes":["250.00",{"code":"401.9","title":"x"}]}\n\n'
            '{"note_id":"n2","codes":[]}\n'
            '{"note_id":"n3","codes":["V10.5"]}',
        ),
        (
            "a.jsonl",
            '\ufeff{"note_id":"n1","codes":["250.00","401.9"]}\r\n'
            '{"note_id":"n2","codes":[]}\r\n'
            '{"codes":[" V10.5 "],"note_id":" n3 "}\r\n',
        ),
        ("a.psv", "n1|250.00|401.9\nn2\nn3|V10.5"),
        ("a.psv", "\ufeffn1 | 250.00 | 401.9\r\n\r\nn2|\r\nn3|V10.5\r\n"),
    ],
)
def test_every_format_says_the_same(tmp_path, name, content):
    assert read_codings(written(tmp_path, name, content)).only() == Codings(SAME, 0)


def test_codes_stay_strings(tmp_path):
    given = ["250.00", "250.0", "250", "008.45", "8.45", "0", "1e5", "NaN", 'Ünicode, "q" x']
    rows = "".join(f'n1,"{code.replace(chr(34), chr(34) * 2)}"\n' for code in given)
    assert read_codings(written(tmp_path, "a.csv", "note_id,code\n" + rows)).only().codings == {
        "n1": set(given)
    }
    assert read_codings(written(tmp_path, "a.psv", "1|" + "|".join(given))).only().codings == {
        "1": set(given)
    }


@pytest.mark.parametrize(
    ("name", "content", "repeats"),
    [
        ("a.csv", "note_id,code\nn1,a\nn1,a\nn2,\nn2,\nn1,a\n", 3),
        (
            "a.jsonl",
            '{"note_id":"n1","codes":["a","a",{"code":"a"}]}\n{"note_id":"n2","codes":[]}',
            2,
        ),
        ("a.psv", "n1|a|a\nn2", 1),
    ],
)
def test_repeats_collapse_and_are_counted(tmp_path, name, content, repeats):
    assert read_codings(written(tmp_path, name, content)).only() == Codings(
        {"n1": {"a"}, "n2": set()}, repeats
    )


@pytest.mark.parametrize(
    ("name", "content", "read_as"),
    [
        (
            "a.csv",
            "note_id;code\nn1;a\nn2;\n",
            "semicolon-separated; note ids in note_id; codes in code",
        ),
        (
            "a.tsv",
            "note_id\tcode\nn1\ta\nn2\t\n",
            "tab-separated; note ids in note_id; codes in code",
        ),
        (
            "a.psv",
            "note_id|code\nn1|a\nn2|\n",
            "separated by vertical bars; note ids in note_id; codes in code",
        ),
        (
            "a.csv",
            "sep=;\nnote_id;code\nn1;a\nn2;\n",
            "semicolon-separated; note ids in note_id; codes in code",
        ),
        (
            "a.csv",
            "note_id,code,ward\nn1,a,.4\nn2,,\n",
            "comma-separated; note ids in note_id; codes in code; ignored: ward",
        ),
        (
            "a.csv",
            "Note ID, ICD9_Code \nn1, a\nn2,\n",
            "comma-separated; note ids in Note ID; codes in ICD9_Code",
        ),
        (
            "a.csv",
            "note_id,codes\nn1,a\nn2,\n",
            "comma-separated; note ids in note_id; codes in codes",
        ),
        (
            "a.csv",
            "note_id,code\nn1,a\nn2,\n".encode("utf-16"),
            "comma-separated; UTF-16; note ids in note_id; codes in code",
        ),
        (
            "a.csv",
            "note_id,code\nn1,a\nn2,\n".encode("utf-16-be"),
            "comma-separated; UTF-16 without a byte-order mark; note ids in note_id; codes in code",
        ),
        (
            "a.csv.gz",
            gzip.compress(b"note_id,code\nn1,a\nn2,\n", mtime=0),
            "comma-separated; note ids in note_id; codes in code",
        ),
        (
            "a.csv",
            '{"note_id":"n1","codes":["a"]}\n{"note_id":"n2","codes":[]}',
            "JSON, an object a line; note ids in note_id; codes in codes",
        ),
        (
            "a.json",
            '[{"note_id":"n1","codes":["a"]},\n {"note_id":"n2","codes":[]}]',
            "JSON, a list of objects; note ids in note_id; codes in codes",
        ),
        (
            "a.jsonl",
            '{"note_id":"n1","codes":["a",null,""]}\n{"note_id":"n2","codes":[]}',
            "JSON, an object a line; note ids in note_id; codes in codes",
        ),
        ("a.psv", "n1|a||\nn2\n", "PSV, a note id and its codes a line"),
    ],
)
def test_what_is_found_out_is_told(tmp_path, name, content, read_as):
    found = read_codings(written(tmp_path, name, content))
    assert (found.only().codings, found.understood) == ({"n1": {"a"}, "n2": set()}, read_as)


def test_the_format_can_be_said(tmp_path, monkeypatch):
    path = written(tmp_path, "codings.txt", "n1|a")
    assert read_codings(path, Asked("psv")).only().codings == {"n1": {"a"}}
    monkeypatch.setattr(
        sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b'{"note_id": 7, "codes": ["a"]}'))
    )
    assert read_codings("-").only().codings == {"7": {"a"}}
    piped = SimpleNamespace(buffer=io.BytesIO(b"note_id,code\n7,a\n"))
    monkeypatch.setattr(sys, "stdin", piped)
    assert read_codings("-").only().codings == {"7": {"a"}}


LIST = 'codes must be a list of strings, like ["428.0", "401.9"]'
OBJECT = 'not {"note_id": "...", "codes": [...]}; write one such object a line'
STRING = "a code is not a string; put codes in quotes, zeros and all"
HALF = '{"note_id":"n1","codes":["\\ud800"]}'
LABELS = "code, or a code a line without a header"
CELLS = "differs from the header's, 2; quote what holds separators, or give every column a name"
BAD = [
    (
        "a.csv",
        "",
        "a.csv row 1: the header is missing; write note_id,code above the rows",
    ),
    (
        "a.csv",
        "stay,code\nn1,a\n",
        "a.csv row 1: the header is stay, code; no column of note ids: name it note_id",
    ),
    (
        "a.csv",
        "note_id,code,code\n",
        "a.csv row 1: the header has code twice; name each column once",
    ),
    ("a.csv", "note_id,code\nn1,a\n\nn1,a,b\n", f"a.csv row 4: the number of cells, 3, {CELLS}"),
    ("a.csv", "note_id,code\nn1\n", f"a.csv row 2: the number of cells, 1, {CELLS}"),
    ("a.csv", "note_id,code\nn1,a\n,b\n", "a.csv row 3: no note_id; every row belongs to a note"),
    (
        "a.csv",
        "note_id,code\nTotal,1\n",
        "a.csv row 2: a row of totals belongs to no note; remove it",
    ),
    (
        "a.csv",
        "note_id,code\nn1,a\nn1,\n",
        "a.csv row 3: note n1 has no code here and codes elsewhere; remove one",
    ),
    (
        "a.csv",
        'note_id,code\nn1,"a\nn2,b\n',
        "a.csv row 2: a quote is not closed before the file ends",
    ),
    (
        "a.csv",
        'note_id,code\nn1,"a\nn2,b"\n',
        "a.csv row 2: a line break in a code; check that every quote is closed",
    ),
    (
        "a.csv",
        'note_id,code\nn1,"a"b\n',
        "a.csv row 2: a quote in a quoted cell is not doubled; the rest was not read",
    ),
    (
        "a.csv",
        "note_id,code\nn1,é\n".encode() + b"n2,\xe9\n",
        "a.csv row 3: not UTF-8; save the file as UTF-8",
    ),
    (
        "a.csv",
        b"note_id,code\nn1,\x81\n",
        "a.csv row 2: neither UTF-8 nor Windows-1252; save the file as UTF-8",
    ),
    ("a.jsonl", "{}\n", f"a.jsonl row 1: {OBJECT}"),
    (
        "a.jsonl",
        "\n[1]\n",
        "a.jsonl row 2: not an object; write a list of objects, or one object a line",
    ),
    ("a.jsonl", '{"note_id":"n1","codes":7}', f"a.jsonl row 1: {LIST}"),
    (
        "a.jsonl",
        '{"note_id":"n1","codes":["a"],"codes":[]}',
        "a.jsonl row 1: an object has a key twice; name each once",
    ),
    (
        "a.jsonl",
        "note_id,code\n",
        "a.jsonl row 1: not valid JSON (column 1); write one object a line",
    ),
    (
        "a.jsonl",
        "[" * 100_000,
        "a.jsonl row 1: not JSON that can be read: brackets are nested too deep; "
        "write one object a line",
    ),
    (
        "a.jsonl",
        '{"note_id":1.5,"codes":[]}',
        "a.jsonl row 1: note_id is not a string; put it in quotes",
    ),
    (
        "a.jsonl",
        '{"note_id":true,"codes":[]}',
        "a.jsonl row 1: note_id is not a string; put it in quotes",
    ),
    (
        "a.jsonl",
        '{"note_id":"","codes":[]}',
        "a.jsonl row 1: no note_id; every row belongs to a note",
    ),
    ("a.jsonl", '{"note_id":"n1","codes":[250.00]}', f"a.jsonl row 1: {STRING}"),
    ("a.jsonl", '{"note_id":"n1","codes":[{"title":"x"}]}', f"a.jsonl row 1: {STRING}"),
    (
        "a.jsonl",
        HALF,
        "a.jsonl row 1: a code holds half a character (a lone \\ud800-\\udfff); "
        "write the whole one, in UTF-8",
    ),
    (
        "a.jsonl",
        '{"note_id":"n1","codes":[]}\n' * 2,
        "a.jsonl row 2: note n1 is already on row 1; give each note one row",
    ),
    (
        "a.psv",
        "n1|a\n\nn2\nn1|b\n",
        "a.psv row 4: note n1 is already on row 1; give each note one row",
    ),
    ("a.psv", "|a\n", "a.psv row 1: no note_id; every row belongs to a note"),
    (
        "a.xlsx",
        "",
        "a.xlsx: the name is one of an Excel workbook, but this is none; "
        "save it again, or rename it",
    ),
    (
        "a.doc",
        "",
        f"a.doc: {ENDINGS}",
    ),
]


@pytest.mark.parametrize(("name", "content", "message"), BAD)
def test_bad_files(tmp_path, name, content, message):
    with pytest.raises(FileError) as error:
        read_codings(written(tmp_path, name, content))
    assert str(error.value) == message


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(
        FileError, match=r"gone\.csv cannot be read \(No such file or directory\); check the path"
    ):
        read_codings(str(tmp_path / "gone.csv"))


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("top3.txt", "250.00\n401.9\nV10.5\n"),
        ("top3.txt", "\ufeffcode\r\n250.00\r\n\r\n 401.9\r\nV10.5"),
        ("top3.csv", "250.00\n401.9\nV10.5\n"),
        (
            "top3.csv",
            'code,kind,long_title\n250.00,dx,"Diabetes, type II"\n401.9,dx,x\nV10.5,dx,x\n',
        ),
    ],
)
def test_label_files(tmp_path, name, content):
    found = read_labels(written(tmp_path, name, content))
    assert (found.space.name, found.space.codes, found.repeats) == (
        "top3",
        ("250.00", "401.9", "V10.5"),
        0,
    )


def test_repeated_labels_collapse(tmp_path):
    assert read_labels(written(tmp_path, "top.txt", "a\nb\na\n")).repeats == 1


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("l.txt", "\n", "l.txt: no code in it; write a code a line"),
        ("l.csv", "", "l.csv: no code in it; write a code a line"),
        (
            "l.csv",
            "a,b\n",
            "l.csv row 1: the header is a, b; "
            "it must be code, or a code a line without a header; missing: code",
        ),
        (
            "l.csv",
            "code,kind\na\n",
            "l.csv row 2: the number of cells, 1, differs from the header's, 2; "
            "quote what holds separators, or give every column a name",
        ),
        ("l.csv", "code,kind\na,dx\n,dx\n", "l.csv row 3: no code; write one or remove the row"),
    ],
)
def test_bad_label_files(tmp_path, name, content, message):
    with pytest.raises(FileError) as error:
        read_labels(written(tmp_path, name, content))
    assert str(error.value) == message
