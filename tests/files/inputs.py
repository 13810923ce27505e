"""Files as people send them, and what becomes of each.

Taken with the right value, or refused with words that name cause and mend.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field

TEXT = "CHF, exacerbation"
DEEP = '{"note_id":"n1","text":"x","codes":' + "[" * 100_000 + "]" * 100_000 + "}"
DIGITS = '{"note_id":"n1","text":"x","codes":[],"weight":' + "9" * 6_000 + "}"
XLSX = b"PK\x03\x04" + bytes(60)


@dataclass(frozen=True)
class Taken:
    """The codes by note; None where the file says nothing about them."""

    codes: dict[str, list[str] | None]
    texts: dict[str, str] = field(default_factory=dict)
    said: str = ""
    """What is said beside: how the file was read, or what was folded or marked."""


@dataclass(frozen=True)
class Refused:
    """Words of the message.

    `by_readers`: refused too by doors that take codes as any strings, or do not read them.
    """

    words: tuple[str, ...]
    by_readers: bool = True


def refused(*words: str) -> Refused:
    return Refused(words)


def codes_refused(*words: str) -> Refused:
    return Refused(words, by_readers=False)


def note(**fields: object) -> bytes:
    return json.dumps({"note_id": "n1", "text": TEXT} | fields).encode()


def cells(codes: str) -> bytes:
    """A CSV file of one note with these codes."""
    return f'note_id,text,codes\nn1,"{TEXT}",{codes}\n'.encode()


ONE = Taken({"n1": ["428.0"]})
NOTES: dict[str, tuple[str, bytes, Taken | Refused]] = {
    "plain": ("n.csv", b"note_id,text,codes\nn1,CHF,428.0|401.9\n",
              Taken({"n1": ["401.9", "428.0"]})),
    "byte-order mark, semicolons": (
        "n.csv",
        b"\xef\xbb\xbfnote_id;text;codes\nn1;CHF, exacerbation;428.0|401.9\n",
        Taken({"n1": ["401.9", "428.0"]}, {"n1": TEXT}, "semicolon-separated"),
    ),
    "tabs": (
        "n.csv",
        b"note_id\ttext\tcodes\nn1\tCHF\t428.0\n",
        Taken({"n1": ["428.0"]}, said="tab-separated"),
    ),
    "bars": ("n.csv", b"note_id|text\nn1|CHF\n",
             Taken({"n1": None}, said="separated by vertical bars")),
    "sep line of Excel": ("n.csv", b"sep=;\nnote_id;text\nn1;CHF\n",
                          Taken({"n1": None}, said="semicolon-separated")),
    "blanks in the header": ("n.csv", b"note_id, text, codes\nn1, CHF,428.0\n",
                             Taken({"n1": ["428.0"]})),
    "blanks and quotes": (
        "n.csv",
        b'note_id, text\nn1, "CHF, exacerbation"\n',
        Taken({"n1": None}, {"n1": TEXT}),
    ),
    "case in the header": ("n.csv", b"Note_ID,TEXT,Codes\nn1,CHF,428.0\n", ONE),
    "another name of codes": (
        "n.csv",
        b"note_id,text,icd9_codes\nn1,CHF,428.0\n",
        Taken({"n1": ["428.0"]}, said="column icd9_codes read as codes"),
    ),
    "further columns": (
        "n.csv",
        b"note_id,ward,text,age\nn1,7,CHF,64\n",
        Taken({"n1": None}, {"n1": "CHF"}, "ignored: ward, age"),
    ),
    "utf-16": ("n.csv", cells("428.0").decode().encode("utf-16"),
               Taken({"n1": ["428.0"]}, said="UTF-16")),
    "utf-16 without mark": ("n.csv", cells("428.0").decode().encode("utf-16-le"), ONE),
    "utf-16 big end": ("n.csv", cells("428.0").decode().encode("utf-16-be"), ONE),
    "gzip": ("n.csv.gz", gzip.compress(cells("428.0")), ONE),
    "gzip without its ending": ("n.csv", gzip.compress(cells("428.0")),
                                Taken({"n1": ["428.0"]}, said="gzipped")),
    "crlf": (
        "n.csv",
        b'note_id,text\r\nn1,"line one\r\nline two  \r\n\r\n"\r\n',
        Taken({"n1": None}, {"n1": "line one\r\nline two  \r\n\r\n"}),
    ),
    "a list of objects": ("n.jsonl", b'[{"note_id": "a", "text": "x"}]', Taken({"a": None})),
    "a list over lines": (
        "n.json",
        b'[\n {"note_id": "a", "text": "x"},\n {"note_id": 7, "text": "y"}\n]\n',
        Taken({"a": None, "7": None}),
    ),
    "json in a csv file": ("n.csv", note(codes=["428.0"]), ONE),
    "ids with blanks": ("n.csv", b'note_id,text,codes\n"n1 ",CHF,428.0\n', ONE),
    "ids alike but for blanks": (
        "n.csv",
        b'note_id,text\n"n1 ",trailing\n n1,leading\nn1,plain\n',
        refused("note_id n1 is already on row 2", "own id"),
    ),
    "blank rows": (
        "n.csv",
        b"note_id,text\n\nn1,blank before\n\n\nn2,blank between\n,\n,blank id\n",
        refused("row 8: no note_id"),
    ),
    "rows after broken lines": (
        "n.csv",
        b'note_id,text\nn1,"one\ntwo\nthree"\n\nn1,again\n',
        refused("row 6: note_id n1 is already on row 2"),
    ),
    "doubled header": ("n.csv", b"note_id,text,text\nn1,a,b\n",
                       refused("row 1: the header has text twice")),
    "header doubled but for case": ("n.csv", b"note_id,Text,text\nn1,a,b\n",
                                    refused("the header has text twice")),
    "doubled key": ("n.jsonl", b'{"note_id":"a","note_id":"b","text":"x"}\n',
                    refused("a key twice", "name each once")),
    "doubled key inside": (
        "n.jsonl",
        b'{"note_id":"a","text":"x","codes":[{"code":"428.0","code":"401.9"}]}\n',
        refused("a key twice"),
    ),
    "no header": ("n.csv", b"n1,CHF\nn2,COPD\n", refused("row 1: the header", "note_id,text")),
    "empty": ("n.csv", b"", refused("the header is missing", "note_id,text")),
    "header alone": ("n.csv", b"note_id,text\n", Refused(("no notes",), by_readers=False)),
    "open quote": ("n.csv", b'note_id,text\nn1,ok\nn2,"open\nn3,ok\n',
                   refused("row 3: a quote is not closed")),
    "quote not doubled": ("n.csv", b'note_id,text\nn1,"a "quoted" word"\n',
                          refused("row 2: a quote", "not doubled")),
    "cells": ("n.csv", b"note_id,text\nn1,CHF, exacerbation\n",
              refused("row 2: the number of cells, 3", "quote")),
    "old mac": ("n.csv", b"note_id,text\rn1,CHF\r", Taken({"n1": None}, {"n1": "CHF"}, "old Mac")),
    "latin-1": ("n.csv", b"note_id,text\nn1,caf\xe9\n",
                Taken({"n1": None}, {"n1": "café"}, "Windows-1252")),
    "two encodings": ("n.csv", "note_id,text\nn1,café\n".encode() + b"n2,caf\xe9\n",
                      refused("row 3: not UTF-8", "save the file as UTF-8")),
    "broken excel": ("n.xlsx", XLSX, refused("workbook is broken", "save it again")),
    "excel called csv": ("n.csv", XLSX, refused("workbook is broken", "save it again")),
    "broken gzip": ("n.csv.gz", gzip.compress(cells("428.0"))[:-12],
                    refused("gzip", "compress it again")),
    "spoilt gzip": ("n.csv.gz", gzip.compress(cells("428.0") * 99)[:40] + b"\xff" * 40,
                    refused("compress it again")),
    "no gzip": ("n.jsonl.gz", note(), refused("not a gzip file", "compress it again")),
    "deep": ("n.jsonl", DEEP.encode(), refused("row 1", "nested too deep")),
    "deep list": ("n.jsonl", b"[" * 100_000, refused("nested too deep")),
    "6,000 digits": ("n.jsonl", DIGITS.encode(), refused("row 1", "thousands of digits", "string")),
    "nul in an id": ("n.jsonl", note(note_id="a\x00"),
                     refused("row 1: the note_id holds a NUL", "remove it")),
    "nul in a text": ("n.csv", b"note_id,text\nn1,a\x00b\n",
                      refused("row 2: the text holds a NUL")),
    "half a character": ("n.jsonl", b'{"note_id":"a","text":"x\\ud800"}',
                         refused("half a character")),
    "no object": ("n.jsonl", note() + b"\n7\n", refused("row 2: not an object")),
    "no json": ("n.jsonl", note() + b"\n{oops\n", refused("row 2: not valid JSON (column 2)")),
    "no text": ("n.jsonl", b'{"note_id":"a","body":"x"}', refused("row 1: an object without text")),
    "other keys of json": (
        "n.jsonl",
        b'{"Note ID":"n1","Text":"x","icd9_codes":["428.0"],"ward":7}',
        Taken({"n1": ["428.0"]}, said="icd9_codes read as codes; ignored: ward"),
    ),
    "keys of json doubled but for case": ("n.jsonl", b'{"note_id":"n1","text":"x","Text":"y"}',
                                          refused("a key twice")),
    "empty text": ("n.csv", b"note_id,text\nn1, \n", refused("row 2: the text is empty")),
    "open list": ("n.jsonl", b'[{"note_id":"a","text":"x"}', refused("not closed")),
    "more after the list": ("n.jsonl", b'[{"note_id":"a","text":"x"}] 7',
                            refused("more after the list")),
    "a long line": ("n.csv", b"note_id,text\nn1," + b"x" * 5_000_001,
                    refused("row 2", "over 5,000,000 characters")),
    "a long cell": (
        "n.csv",
        b'note_id,text\nn1,"' + b"x y\n" * 1_300_000 + b'"\n',
        refused("row 2", "over 5,000,000 characters"),
    ),
    "no ending": ("n.docx", b"note_id,text\nn1,CHF\n", refused(".csv")),
    "semicolons in codes": ("n.csv", cells("428.0;401.9"), Taken({"n1": ["401.9", "428.0"]})),
    "commas in codes": ("n.csv", cells('"428.0, 401.9"'), Taken({"n1": ["401.9", "428.0"]})),
    "a list of Python": ("n.csv", cells("\"['428.0', '401.9']\""),
                         Taken({"n1": ["401.9", "428.0"]})),
    "null codes": (
        "n.csv",
        b"note_id,text,codes\nn1,a,NULL\nn2,b,nan\nn3,c,N/A\nn4,d,\n",
        Taken({"n1": [], "n2": [], "n3": [], "n4": []}, said="3 cells said that there is no code"),
    ),
    "null in json": ("n.jsonl", note(codes=["428.0", None, "", "nan"]), ONE),
    "case and blanks": ("n.csv", cells(" v10.3 | 428.0."),
                        Taken({"n1": ["428.0", "V10.3"]}, said="upper case")),
    "retired": ("n.csv", cells("518.5|780.6"),
                Taken({"n1": ["518.5", "780.6"]}, said="retired: 518.5 (1)")),
    "undotted with kinds": (
        "n.csv",
        b"note_id,text,dx_codes,proc_codes\nn1,a,4280|v103|0389,0066|3893\nn2,b,,\n",
        Taken({"n1": ["00.66", "038.9", "38.93", "428.0", "V10.3"], "n2": []}, said="dot put in"),
    ),
    "undotted with kinds in json": (
        "n.jsonl",
        note(codes=[{"code": "4280", "kind": "dx"}, {"code": "0066", "kind": "proc"}]),
        Taken({"n1": ["00.66", "428.0"]}),
    ),
    "undotted": (
        "n.csv",
        cells("4280|4019|0066|V103"),
        codes_refused("428.0", "401.9", "00.66", "V10.3", "has no dot", "kind"),
    ),
    "spoilt": (
        "n.csv",
        b"note_id,text,codes\nn1,a,250\nn2,b,8.45\nn3,c,38.9\nn4,d,66\nn5,e,42\n",
        codes_refused(
            "250.00", "008.45", "038.9", "00.66", "066.0", "042", "spoilt by a spreadsheet"
        ),
    ),
    "icd-10": ("n.csv", cells("I50.22|E11.65|Z87.891|I10|E116.5"),
               codes_refused("is of ICD-10", "convert the codes")),
    "words": ("n.csv", cells("CONGESTIVE HEART FAILURE"),
              codes_refused("of 24 characters is free text")),
    "mistyped": ("n.csv", cells(".786.2"),
                 codes_refused(".786.2 looks mistyped; it may have been 786.2")),
    "category": ("n.csv", cells("V10"), codes_refused("V10 is a category", "V10.00")),
    "unknown": ("n.csv", cells("36.01"), codes_refused("36.01 is not in the code system")),
    "swapped": ("n.csv", b"note_id,text,dx_codes\nn1,a,38.93\n",
                codes_refused("of the other kind", "swapped")),
    "numbers for codes": ("n.jsonl", note(codes=[250.0]),
                          refused("a code is not a string", "zeros and all")),
    "one string for codes": ("n.jsonl", note(codes="428.0"), refused("codes must be a list")),
}  # fmt: skip


def rows(*codes: str, note_id: str = "n2") -> bytes:
    """A CSV file of codings of one note."""
    return ("note_id,code\n" + "".join(f"{note_id},{code}\n" for code in codes)).encode()


GIVEN = Taken({"n2": ["401.9"]})
CODINGS: dict[str, tuple[str, bytes, Taken | Refused]] = {
    "plain": ("c.csv", rows("401.9"), GIVEN),
    "semicolons": ("c.csv", b"note_id;code\nn2;401.9\n",
                   Taken({"n2": ["401.9"]}, said="semicolon-separated")),
    "a third column": ("c.csv", b"note_id,code,prob\nn2,401.9,0.4\n",
                       Taken({"n2": ["401.9"]}, said="scores in prob")),
    "ids with blanks": ("c.csv", b'note_id,code\n"n1 ",428.0\nn2,401.9\n',
                        Taken({"n1": ["428.0"], "n2": ["401.9"]})),
    "retired": ("c.csv", rows("518.5"), Taken({"n2": ["518.5"]}, said="1 code is retired: 518.5")),
    "lower case": ("c.csv", rows("v10.3"), Taken({"n2": ["V10.3"]}, said="upper case")),
    "twice in two spellings": ("c.csv", rows("v10.3", "V10.3"), Taken({"n2": ["V10.3"]})),
    "undotted with kinds": (
        "c.csv",
        b"note_id,code,kind\nn2,0066,proc\nn2,4280,dx\n",
        Taken({"n2": ["00.66", "428.0"]}, said="dot put in"),
    ),
    "null": ("c.csv", rows("NULL"), Taken({"n2": []}, said="no code")),
    "null among codes": ("c.jsonl", b'{"note_id":"n2","codes":["401.9",null,"nan"]}', GIVEN),
    "all codes in a row": ("c.csv", b"note_id,codes\nn2,401.9|428.0\n",
                           Taken({"n2": ["401.9", "428.0"]})),
    "a list": ("c.json", b'[{"note_id": "n2", "codes": [{"code": "401.9"}]}]', GIVEN),
    "other keys of json": (
        "c.jsonl",
        b'{"note_id":"n2","icd9_codes":["401.9"],"scores":[0.4]}',
        Taken({"n2": ["401.9"]}, said="scores in scores"),
    ),
    "bars with a header": ("c.psv", b"note_id|code\nn2|401.9\n", GIVEN),
    "utf-16": ("c.csv", rows("401.9").decode().encode("utf-16"),
               Taken({"n2": ["401.9"]}, said="UTF-16")),
    "gzip": ("c.psv.gz", gzip.compress(b"n2|401.9\n"), GIVEN),
    "undotted": ("c.csv", rows("0066"),
                 codes_refused("row 2", "0066 has no dot", "00.66", "006.6")),
    "icd-10": ("c.csv", rows("I10"), codes_refused("row 2: code I10 is of ICD-10")),
    "spoilt": ("c.csv", rows("66"), codes_refused("00.66", "066.0", "spreadsheet")),
    "mistyped": ("c.csv", rows(".786.2"), codes_refused(".786.2 looks mistyped", "786.2")),
    "words": ("c.csv", rows("chest pain"), codes_refused("of 10 characters is free text")),
    "no code and codes": ("c.csv", rows("", "401.9"),
                          refused("row 2: note n2 has no code here and codes elsewhere")),
    "a note twice": (
        "c.jsonl",
        b'{"note_id":"n2","codes":[]}\n{"note_id":"n2 ","codes":[]}',
        refused("row 2: note n2 is already on row 1"),
    ),
    "two kinds of one string": (
        "c.csv",
        b"note_id,code,kind\nn2,0066,proc\nn2,0066,dx\nn2,0066,proc\n",
        Taken({"n2": ["00.66", "006.6"]}),
    ),
    "two kinds": (
        "c.csv",
        b"note_id,code,kind\nn2,00.66,proc\nn2,00.66,dx\n",
        refused("row 3: note n2 has a code as a diagnosis and as a procedure"),
    ),
    "a strange kind": ("c.csv", b"note_id,code,kind\nn2,0066,x\n", refused("neither dx nor proc")),
    "doubled header": ("c.csv", b"note_id,code,code\nn2,401.9,428.0\n",
                       refused("the header has code twice")),
    "doubled key": ("c.jsonl", b'{"note_id":"n2","codes":[],"codes":["401.9"]}',
                    refused("a key twice")),
    "deep": ("c.jsonl", b'{"note_id":"n2","codes":' + b"[" * 100_000,
             refused("row 1", "nested too deep")),
    "6,000 digits": ("c.jsonl", b'{"note_id":' + b"9" * 6_000 + b',"codes":[]}',
                     refused("thousands of digits")),
    "nul": ("c.psv", b"n\x002|401.9", refused("NUL")),
    "half a character": ("c.jsonl", b'{"note_id":"n2","codes":["\\ud800"]}',
                         refused("half a character")),
    "broken gzip": ("c.csv.gz", gzip.compress(rows("401.9"))[:-9], refused("compress it again")),
    "broken excel": ("c.xlsx", XLSX, refused("workbook is broken", "save it again")),
    "old mac": ("c.csv", b"note_id,code\rn2,401.9\r", GIVEN),
    "latin-1": ("c.csv", b"note_id,code,ward\nn2,401.9,\xe9\n", GIVEN),
    "open quote": ("c.csv", b'note_id,code\nn2,"401.9\n', refused("row 2: a quote is not closed")),
    "cells": ("c.csv", b"note_id,code\nn2,401.9,x\n", refused("row 2: the number of cells")),
    "no header": ("c.csv", b"n2,401.9\n", refused("the header", "note_id,code")),
    "no ending": ("c.doc", rows("401.9"), refused("end", ".csv")),
}  # fmt: skip
