"""The same codings in every natural shape: what people have, and what is to come of it."""

from __future__ import annotations

import csv
import gzip
import json

from files.codings import Asked
from icd.codes import undotted
from tests.files.written import (
    CODED,
    CODINGS,
    DIAGNOSES,
    JSON,
    KINDED,
    LABELS,
    LISTED,
    LOCKED,
    OBJECTS,
    ONE_MEANING,
    PROCEDURES,
    ROWS,
    TWO,
    UNDOTTED,
    WARD,
    Shape,
    arrow,
    beside_book,
    book,
    by_rater,
    caml,
    claims,
    column_a_rater,
    dated_book,
    frame,
    in_caml,
    in_camls_text,
    label_studio,
    list_a_rater,
    lists,
    long,
    mimic,
    of_two,
    pairs,
    refused,
    shared_book,
    taken,
    text,
    wide,
    xml,
    zipped,
)

SHAPES: dict[str, Shape] = {
    "commas": taken("a.csv", long(), None, "comma-separated", "note ids in note_id"),
    "tabs": taken("a.tsv", long(separator="\t"), None, "tab-separated"),
    "semicolons": taken("a.csv", long(separator=";"), None, "semicolon-separated"),
    "bars with a header": taken("a.txt", long(separator="|"), None, "vertical bars"),
    "told separator": taken("a.csv", "sep=^\n" + long(separator="^"), None, "separated by ^"),
    "blanks": taken(
        "a.txt", "".join(f"{n:<12} {c:>8}\n" for n, c in [("note_id", "code"), *pairs(CODED)]),
        CODED, "separated by blanks",
    ),
    "formulas of nothing but a string": taken(
        "a.csv",
        text([["note_id", "code"], *((n, f'="{c}"') for n, c in pairs(CODED))]),
        CODED,
        'cells written ="..."',
    ),
    "dates and formulas in other columns": taken(
        "a.xlsx",
        beside_book(["id", "code"], pairs(CODED)),
        CODED,
        "ignored: admitted, length, ward",
    ),
    "columns that nobody filled in": taken(
        "a.csv",
        text([["note_id", "code", "ward", "remark"], *((n, c, "", "") for n, c in pairs(CODED))]),
        CODED,
        "ignored: ward, remark",
    ),
    "blank rows": taken("a.csv", f"\n{long()}\n,\n , \n"),
    "all quoted": taken("a.csv", long(quoting=csv.QUOTE_ALL)),  # type: ignore[arg-type]
    "apostrophes": taken(
        "a.csv", long(quotechar="'", quoting=csv.QUOTE_ALL), None, "apostrophes"  # type: ignore[arg-type]
    ),
    "line ends of Windows": taken("a.csv", long(lineterminator="\r\n")),
    "line ends of an old Mac": taken("a.csv", long(lineterminator="\r"), None, "old Mac"),
    "byte-order mark": taken("a.csv", long().encode("utf-8-sig")),
    "Unicode text of Excel": taken(
        "a.txt", long(separator="\t").encode("utf-16"), None, "UTF-16", "tab-separated"
    ),
    "UTF-32": taken("a.csv", long().encode("utf-32"), None, "UTF-32"),
    "Windows-1252": taken("a.csv", text(WARD).encode("cp1252"), None, "1252", "ignored: ward"),
    "gzip": taken("a.csv.gz", gzip.compress(long().encode())),
    "no ending": taken("codings", long("HADM_ID,ICD9_CODE"), None, "codes in ICD9_CODE"),
    "a pandas index": taken(
        "a.csv", "".join(f"{'' if n == 0 else n},{line}\n"
                         for n, line in enumerate(long().splitlines())),
        None, "ignored: a column without a name",
    ),
    "comments above": taken("a.csv", f"# made by us\n# in May\n{long()}", None, "header in row 3"),
    "case, blanks, a dot behind": taken(
        "a.csv", text([["Note ID", " ICD-9 Code "], *((f" {n} ", f" {c.lower()}. ")
                                                      for n, c in pairs(CODED))]), CODED
    ),
    "titles beside the codes": taken(
        "a.csv", text([["id", "code"], *((n, f"{c} - some title") for n, c in pairs(CODED))]),
        CODED,
    ),
    "MIMIC's diagnoses": taken(
        "DIAGNOSES_ICD.csv", mimic(DIAGNOSES), DIAGNOSES,
        "note ids in HADM_ID; codes in ICD9_CODE, undotted, diagnoses",
        "ignored: ROW_ID, SUBJECT_ID, SEQ_NUM",
    ),
    "MIMIC's procedures": taken(
        "PROCEDURES_ICD.csv.gz", gzip.compress(mimic(PROCEDURES).encode()), PROCEDURES,
        "undotted, procedures",
    ),
    "undotted, their kind said": taken(
        "a.csv", UNDOTTED, DIAGNOSES, "undotted, diagnoses", asked=Asked(kind="dx")
    ),
    "a column of kinds": taken("a.csv", text(KINDED), CODED, "their kinds in kind"),
    "claims": taken("a.csv", claims(), None, "codes in 18 columns, dx1 to pr6"),
    "a column and its numbered ones": taken(
        "a.csv", "id,code,code.1,code.2\nn1,428.0,401.9,\nn2,042,,\n",
        {"n1": {"428.0", "401.9"}, "n2": {"042"}},
        "codes in code, code.1, code.2",
    ),
    "CAML's labels": taken("a.csv", text(LABELS), CODED, "ignored: SUBJECT_ID, TEXT"),
    "list by bars": taken("a.csv", lists("|".join), None, "codes in codes"),
    "list by semicolons": taken("a.csv", lists(";".join, "id,icd9_code")),
    "list by commas": taken("a.csv", lists(", ".join)),
    "list by blanks": taken("a.csv", lists(" ".join)),
    "list of Python": taken("a.csv", lists(str, "hadm_id,target")),
    "list of JSON": taken("a.csv", lists(json.dumps, "_id,labels")),
    "ones and zeros": taken("a.csv", wide("1", "0"), None, "a column a code"),
    "true and false": taken("a.csv", wide("True", "False")),
    "crosses": taken("a.csv", wide("x", "")),
    "a column of raters": of_two("a.csv", by_rater(TWO), "2 raters in rater", "ignored: ward"),
    "a column of coders": of_two("a.csv", by_rater(TWO, "annotator"), "2 raters in annotator"),
    "a column a rater": of_two("a.csv", column_a_rater(), "2 raters, a column each: Ada, Ben"),
    "a list a rater": of_two("a.csv", list_a_rater(), "2 raters, a column each: Ada, Ben"),
    "target and prediction": Shape(
        "a.csv",
        list_a_rater().replace("Ada,Ben", "target,prediction").encode(),
        {"target": TWO["Ada"], "prediction": TWO["Ben"]},
        ("2 raters, a column each: target, prediction",),
    ),
    "labels beside a model": Shape(
        "a.csv",
        list_a_rater().replace("Ada,Ben", "labels,RAC").encode(),
        {"labels": TWO["Ada"], "RAC": TWO["Ben"]},
    ),
    "given or not": taken(
        "a.csv", "note_id,code,given\nn1,428.0,1\nn1,401.9,0\nn2,042,0\n",
        {"n1": {"428.0"}, "n2": set()}, "given where given says so",
    ),
    "JSON under a key, beside others": taken(
        "a.json", json.dumps({"notes": OBJECTS, "model": "RAC", "version": 1}), None, "under notes"
    ),
    "CAML's predictions": taken(
        "preds_test.psv", caml(CODINGS, str), CODINGS, "PSV, a note id and its codes a line"
    ),
    "CAML's predictions, named otherwise": taken("preds.txt", caml(CODINGS, str)),
    "CAML's zeros": taken(
        "preds.psv", caml(ONE_MEANING, in_caml), ONE_MEANING, asked=Asked(reading="caml")
    ),
    "CAML's zeros, another table": taken(
        "preds.psv", caml(ONE_MEANING, in_camls_text), ONE_MEANING, asked=Asked(reading="caml")
    ),
    "JSON lines": taken("a.jsonl", "\n".join(map(json.dumps, OBJECTS))),
    "JSON list": taken("a.json", json.dumps(OBJECTS, indent=1)),
    "JSON by note": taken("a.json", json.dumps(JSON), None, "a note id a key"),
    "JSON undotted, its kind said": taken(
        "a.json",
        json.dumps({note: sorted(map(undotted, codes)) for note, codes in DIAGNOSES.items()}),
        DIAGNOSES,
        "codes undotted, diagnoses",
        asked=Asked(kind="dx"),
    ),
    "JSON by note, over lines": taken("a.json", json.dumps(JSON, indent=2)),
    "JSON by note and code": taken(
        "a.json", json.dumps({n: dict.fromkeys(codes, True) for n, codes in JSON.items()})
    ),
    "JSON by rater and note": of_two(
        "a.json", json.dumps({r: {n: sorted(c) for n, c in g.items()} for r, g in TWO.items()})
    ),
    "JSON of columns": taken(
        "a.json", json.dumps({"note_id": list(JSON), "codes": list(JSON.values())}), None, "columns"
    ),
    "JSON rows, a code each": taken("a.json", json.dumps(ROWS), CODED),
    "JSON under a key": taken("a.json", json.dumps({"predictions": OBJECTS})),
    "pandas, columns": taken("a.json", frame(CODED).to_json(), CODED, "columns"),
    "pandas, index": taken("a.json", frame(CODED).to_json(orient="index"), CODED),
    "pandas, split": taken("a.json", frame(CODED).to_json(orient="split"), CODED),
    "pandas, table": taken("a.json", frame(CODED).to_json(orient="table"), CODED),
    "Label Studio": of_two("export.json", label_studio(), "an export of Label Studio"),
    "workbook": taken("a.xlsx", book([["note_id", "code"], *pairs(CODINGS)]), None, "workbook"),
    "workbook of Excel": taken(
        "a.xlsx", shared_book([["hadm_id", "code"], *pairs(CODED)]), CODED
    ),
    "workbook of sheets": taken(
        "a.xlsx", book([["Codes of 2007"], [], ["HADM_ID", "ICD9"], *pairs(CODED)], others=2),
        CODED, "sheet Codes 1", "header in row 3",
    ),
    "numbers that show their zeros": taken(
        "a.xlsx",
        book([["id", "code"], [1, 250], [1, 10.1], [2, 11]], formats="000.00"),
        {"1": {"250.00", "010.10"}, "2": {"011.00"}},
    ),
    "the challenge's XML": of_two("cmc.xml", xml(TWO), "2 raters in origin"),
    "Parquet": taken("a.parquet", arrow(frame(CODED), "parquet"), CODED, "Parquet"),
    "Feather": taken("a.feather", arrow(frame(CODED), "feather"), CODED, "Feather"),
    "lists in Parquet": taken(
        "a.parquet", arrow(LISTED, "parquet"), CODED, "codes in icd9_diag, icd9_proc",
        "ignored: target",
    ),
    "ICD version": taken(
        "a.csv",
        text([["hadm_id", "icd_code", "icd_version"], *((n, c, "9") for n, c in pairs(CODED))]),
        CODED,
    ),
}  # fmt: skip

REFUSED: dict[str, Shape] = {
    "no header": refused(
        "a.csv", long().partition("\n")[2], "the header is missing", "note_id,code"
    ),
    "no header of tabs": refused("a.tsv", "n1\t428.0\nn2\t401.9\n", "the header is missing"),
    "no note ids": refused("a.csv", "ward,code\n7,428.0\n", "no column of note ids", "ward, code"),
    "yes and no of whom": refused(
        "a.csv", "note_id,code,Ada\nn1,428.0,1\nn1,042,0\n", "Ada says yes or no", "given"
    ),
    "no codes": refused("a.csv", "note_id,ward\nn1,seven\n", "no column of codes", "note_id, ward"),
    "two columns of ids": refused(
        "a.csv", "hadm_id,doc_id,code\n1,2,428.0\n", "hadm_id and doc_id", "note_id"
    ),
    "two columns of codes": refused(
        "a.csv", "hadm_id,icd9_code,icd_code\n1,428.0,I50.9\n", "icd9_code and icd_code", "code"
    ),
    "spoilt": refused("a.csv", "note_id,code\nn1,250\n", "250.00", "spoilt by a spreadsheet"),
    "spoilt in a workbook": refused(
        "a.xlsx", book([["note_id", "code"], ["n1", 250], ["n1", 8.45]]), "250.00", "008.45"
    ),
    "undotted of an unknown kind": refused("a.csv", UNDOTTED, "has no dot", "kind"),
    "several codes in CAML's way": refused(
        "a.psv", "n1|66.0\n", "00.66 or 06.6", "CAML", asked=Asked(reading="caml")
    ),
    "values without names": refused(
        "a.json", frame(CODED).to_json(orient="values"), "not an object"
    ),
    "a locked workbook": refused("a.xlsx", LOCKED, "locked with a password"),
    "a document of Word": refused(
        "a.docx", zipped({"word/document.xml": "<x/>"}), "a Word document", "CSV or xlsx"
    ),
    "a workbook of old": refused("a.xls", LOCKED[:500], "old form (.xls)"),
    "a formula": refused("a.xlsx", book([["id", "code"], ["n1", "=A1"]]), "row 2", "formula"),
    "a formula for a score": refused(
        "a.xlsx",
        book([["id", "code", "score"], ["n1", "428.0", 0.9], ["n1", "401.9", "=C2"]]),
        "row 3",
        "formula",
    ),
    "a formula for what a rater gave": refused(
        "a.xlsx",
        book([["id", "code", "Ada", "Ben"], ["n1", "428.0", 1, 0], ["n1", "401.9", "=C2", 1]]),
        "row 3",
        "formula",
    ),
    "a date for a code": refused("a.xlsx", dated_book(), "row 2", "a cell is a date"),
    "a cell cut by Excel": refused(
        "a.xlsx", book([["id", "code"], ["n1", "x" * 32_767]]), "row 2", "32,767 characters"
    ),
    "rows of ICD-10": refused(
        "a.csv", "hadm_id,icd_code,icd_version\n1,E110,10\n", "row 2", "ICD-10"
    ),
    "a note twice with a list": refused(
        "a.csv", "note_id,codes\nn1,428.0|401.9\nn1,042\n", "row 3", "already on row 2"
    ),
    "a row of totals": refused("a.csv", f"{long()}Total,12\n", "row of totals", "remove it"),
    "a pickle": refused("a.pkl", b"\x80\x04\x95", "never opened"),
}  # fmt: skip
