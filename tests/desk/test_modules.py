"""Each pure part of the coding page: answers, undo, sections, keys, what a note starts with."""

from __future__ import annotations

import pytest

from mimic.folder import read_admissions
from tests.cast import MIMIC_30
from tests.desk.modules import empty_page, run

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def page(chromium):
    return empty_page(chromium)


# Answers


def test_an_answer_and_its_way_back(page):
    steps = """
        const a = new m.Answer({ codes: ["401.9"] });
        const said = [a.add("428.0"), a.add("428.0"), a.setNone(true), a.remove("401.9")];
        a.writeDown("999 Other");
        const full = a.state;
        const undone = [a.undo(), a.undo(), a.undo(), a.undo()];
        return { said, full, undone, end: a.state };
    """
    got = run(page, "answer", steps)
    assert got["said"] == [True, False, False, True]
    assert got["full"] == {"codes": ["428.0"], "none_applies": False, "unlisted": "999 Other"}
    assert got["undone"] == ["Wrote down 999 Other", "Removed 401.9", "Added 428.0", None]
    assert got["end"] == {"codes": ["401.9"], "none_applies": False, "unlisted": ""}


def test_undo_brings_a_code_back_to_its_place(page):
    steps = """
        const a = new m.Answer({ codes: ["1", "2", "3"] });
        a.remove("2");
        a.undo();
        return a.codes;
    """
    assert run(page, "answer", steps) == ["1", "2", "3"]


def test_a_code_takes_the_place_of_no_listed_code_applies(page):
    steps = """
        const a = new m.Answer();
        const empty = a.isEmpty;
        a.setNone(true);
        const none = a.isEmpty;
        a.add("1");
        const both = a.state;
        a.undo();
        return { empty, none, both, end: a.state };
    """
    got = run(page, "answer", steps)
    assert (got["empty"], got["none"]) == (True, False)
    assert got["both"]["none_applies"] is False and got["end"]["none_applies"] is True


# What a note starts with

DRAFT = {"version": "tab-a:4", "based_on": 0, "codes": ["1"], "active_seconds": 30}
KEPT = {"tab": "tab-a", "sequence": 5, "after": "tab-a:4", "based_on": 0, "codes": ["1", "2"]}
STARTS = {
    "nothing": ({"draft": None, "submitted": None, "based_on": 0}, {}, [], False, False),
    "the server's draft": (
        {"draft": DRAFT, "submitted": None, "based_on": 0},
        {},
        ["1"],
        False,
        False,
    ),
    "kept here, the server has the one before": (
        {"draft": DRAFT, "submitted": None, "based_on": 0},
        KEPT,
        ["1", "2"],
        True,
        False,
    ),
    "kept here, and it had arrived": (
        {"draft": {**DRAFT, "version": "tab-a:5"}, "submitted": None, "based_on": 0},
        KEPT,
        ["1"],
        False,
        False,
    ),
    "kept here, the server has nothing": (
        {"draft": None, "submitted": None, "based_on": 0},
        KEPT,
        ["1", "2"],
        True,
        False,
    ),
    "kept here, another tab has saved since": (
        {"draft": {**DRAFT, "version": "tab-b:1"}, "submitted": None, "based_on": 0},
        KEPT,
        ["1", "2"],
        True,
        True,
    ),
    "kept here, submitted elsewhere since": (
        {"draft": None, "submitted": {"codes": ["9"], "revision": 1}, "based_on": 1},
        KEPT,
        ["1", "2"],
        True,
        True,
    ),
}


@pytest.mark.parametrize("case", STARTS)
def test_what_a_note_starts_with(page, case):
    data, kept, codes, unsent, asks = STARTS[case]
    got = run(
        page, "start", "return m.startOf(x[0], x[1])", [data, {"draft": kept} if kept else {}]
    )
    assert (got["state"].get("codes", []), got["unsent"], got["other"] is not None) == (
        codes,
        unsent,
        asks,
    )
    assert got["sequence"] >= kept.get("sequence", 0)


# Sections


def shown(sections) -> str:
    return "".join("".join(s["title"] + s["text"] for s in sections).split()).replace(":", "")


def test_sections_of_synthetic_notes(page):
    for admission in list(read_admissions(MIMIC_30))[:10]:
        got = run(page, "sections", "return m.sectionsOf(x)", admission.text)
        labels = [section["label"] for section in got]
        assert len(labels) >= 6 and "Hospital course" in labels and "Complaint" in labels, labels
        assert shown(got) == "".join(admission.text.split()).replace(":", "")


ODD = {
    "no headings": ("she came and went. " * 40, 1),
    "empty": ("", 1),
    "CRLF": ("Chief Complaint:\r\nfever\r\n\r\nAllergies:\r\nnone\r\n", 2),
    "CR": ("Chief Complaint:\rfever\rAllergies:\rnone", 2),
    "capitals, text on the line": ("HISTORY OF PRESENT ILLNESS: fever\nALLERGIES: none", 2),
    "a sentence that ends in a colon": ("She was given the following four medicines today:\nx", 1),
    "only colons": ("A:\n" * 4000, 1),
}


@pytest.mark.parametrize("shape", ODD)
def test_sections_of_odd_notes(page, shape):
    text, sections = ODD[shape]
    got = run(page, "sections", "return m.sectionsOf(x)", text)
    assert len(got) == sections, [each["label"] for each in got]
    assert shown(got) == "".join(text.split()).replace(":", "")


def test_a_note_with_many_headings_keeps_those_that_are_known(page):
    day = "Day 1 events:\nx\nAllergies:\nnone\nHospital Course:\nslow\n"
    got = run(page, "sections", "return m.sectionsOf(x)", day * 50)
    labels = [section["label"] for section in got]
    assert labels == ["Top", *["Allergies", "Hospital course"] * 50]
    assert shown(got) == "".join((day * 50).split()).replace(":", "")


def test_a_note_of_60_000_characters(page):
    text = "".join(f"Day {day} events:\n{'word ' * 30}\n" for day in range(400))[:60_000]
    steps = """
        const began = performance.now();
        const sections = m.sectionsOf(x);
        return { took: performance.now() - began, many: sections.length };
    """
    got = run(page, "sections", steps, text)
    assert got["many"] <= 60 and got["took"] < 1000


def test_lines_that_only_the_width_had_broken_are_joined(page):
    text = (
        "She was evaluated in triage and brought back promptly to the floor where\n"
        "she stayed.\n"
        "\n"
        "1. metformin 10 mg Capsule Sig: One (1) Capsule PO TID (3 times a day)\n"
        "2. fluticasone\n"
        "WBC 13.6     RBC 3.27     Hgb 10.0     Hct 36.5     MCV 98     MCH 34.0\n"
        "next"
    )
    joined = run(page, "reflow", "return m.unwrapped(x)", text).split("\n")
    assert joined[0].endswith("floor where she stayed.")
    assert len(joined) == 6 and joined[2].startswith("1.") and joined[3].startswith("2.")
    assert run(page, "reflow", "return m.unwrapped(x)", "short\nlines") == "short\nlines"


# Keys

SEARCH = {"in": "search", "empty": False, "hasRows": True, "single": True}
EMPTY = {"in": "search", "empty": True, "hasRows": False, "single": True}
NOTE = {"in": "note", "single": True, "marked": False}
TEXT = {"in": "text", "single": True}
TRAY = {"in": "tray", "single": True}
TABULAR = {"in": "tabular", "single": True}
OFF = {"single": False}
KEYS = [
    ("ArrowDown", "", SEARCH, "next-row"),
    ("ArrowUp", "", SEARCH, "previous-row"),
    ("ArrowDown", "", EMPTY, "to-tray"),
    ("Enter", "", SEARCH, "add"),
    ("Enter", "shift", SEARCH, "add-and-keep"),
    ("Enter", "", EMPTY, None),
    ("Enter", "ctrl", SEARCH, "submit"),
    ("Enter", "meta", EMPTY, "submit"),
    ("Tab", "", SEARCH, "to-tabular"),
    ("Tab", "shift", SEARCH, None),
    ("Tab", "", {**SEARCH, "hasRows": False}, None),
    ("Tab", "shift", TABULAR, None),
    ("Enter", "", {**SEARCH, "hasRows": False}, "search-everywhere"),
    ("Escape", "", SEARCH, "empty-search"),
    ("Escape", "", NOTE, "to-search"),
    ("Escape", "", TEXT, "to-search"),
    ("PageDown", "", SEARCH, "page-down"),
    ("PageUp", "", SEARCH, "page-up"),
    ("PageDown", "", NOTE, None),
    ("ArrowDown", "alt", SEARCH, "next-section"),
    ("ArrowUp", "alt", NOTE, "previous-section"),
    ("f", "ctrl", SEARCH, "find-in-note"),
    ("z", "ctrl", EMPTY, "undo"),
    ("z", "ctrl", SEARCH, None),
    ("z", "ctrl", TEXT, None),
    ("z", "meta", TRAY, "undo"),
    ("Delete", "", TRAY, "tray-remove"),
    ("ArrowDown", "", TRAY, "tray-next"),
    ("ArrowRight", "", TABULAR, "tabular-open"),
    ("ArrowLeft", "", TABULAR, "tabular-back"),
    ("Enter", "", TABULAR, "tabular-add"),
    ("Enter", "", {**NOTE, "marked": True}, "search-marked"),
    ("Enter", "", {"in": "control", "marked": True, "single": True}, None),
    ("Enter", "", NOTE, None),
    ("/", "", NOTE, "to-search"),
    ("/", "", SEARCH, None),
    ("/", "", {**NOTE, **OFF}, None),
    ("?", "", NOTE, "keys"),
    ("?", "", EMPTY, "keys"),
    ("?", "", SEARCH, None),
    ("?", "", {**NOTE, **OFF}, None),
    ("F1", "", SEARCH, "keys"),
    ("F1", "", {**NOTE, **OFF}, "keys"),
    ("p", "alt", SEARCH, "pause"),
    ("π", "alt", SEARCH, "pause"),
    ("p", "ctrl alt", SEARCH, None),
    ("1", "alt", SEARCH, None),
    ("q", "", SEARCH, None),
]


def test_every_key_where_it_is_pressed(page):
    events = []
    for key, held, at, _ in KEYS:
        code = "KeyP" if key in "pπ" else ""
        event = {"key": key, "code": code, **{f"{name}Key": True for name in held.split()}}
        events.append([event, at])
    got = run(page, "keys", "return x.map(([event, at]) => m.commandOf(event, at))", events)
    wrong = [(case, found) for case, found in zip(KEYS, got, strict=True) if case[3] != found]
    assert wrong == []


def test_composing_letters_are_no_command(page):
    event = {"key": "Enter", "isComposing": True}
    assert run(page, "keys", "return m.commandOf(x[0], x[1])", [event, SEARCH]) is None


def test_a_key_that_is_held_submits_once(page):
    event = {"key": "Enter", "ctrlKey": True, "repeat": True}
    assert run(page, "keys", "return m.commandOf(x[0], x[1])", [event, SEARCH]) is None


def test_the_table_names_the_keys_of_a_mac(page):
    assert run(page, "keys", 'return [m.nameOf("mod", true), m.nameOf("alt", false)]') == [
        "⌘",
        "Alt",
    ]


# Requests, searches, clocks

OUTCOMES = [
    (0, None, "down"),
    (502, None, "down"),
    (200, None, "down"),  # a portal's page is not our server
    (200, {"saved_at": "x"}, "arrived"),
    (204, None, "arrived"),
    (401, {"reason": "login"}, "ended"),
    (403, None, "ended"),
    (403, {"reason": "not-yours"}, "not-yours"),
    (409, {"reason": "changed"}, "changed"),
    (400, {}, "refused"),
    (429, None, "down"),
]


@pytest.mark.parametrize(("status", "data", "became"), OUTCOMES)
def test_what_became_of_a_request(page, status, data, became):
    assert run(page, "server", "return m.outcome(x)", {"status": status, "data": data}) == became


def test_a_name_where_the_page_is_no_secure_context(page):
    steps = "return m.uniqueName({ getRandomValues: (bytes) => crypto.getRandomValues(bytes) })"
    name = run(page, "server", steps)
    assert len(name) == 36 and name[14] == "4" and len(name.split("-")) == 5
    assert name != run(page, "server", steps)


QUERIES = {
    "  acute\n  renal failure ": "acute renal failure",
    "x" * 80: "x" * 60,
    "word " * 20: ("word " * 12).strip(),
}


@pytest.mark.parametrize("words", QUERIES)
def test_words_of_a_note_as_a_query(page, words):
    assert run(page, "words", "return m.asQuery(x)", words) == QUERIES[words]


def test_find_crosses_line_ends_and_is_no_pattern(page):
    steps = "return [...x[1].matchAll(m.patternOf(x[0]))].map((match) => match[0])"
    assert run(page, "find", steps, ["renal  failure", "Renal\nfailure, renal  failure"]) == [
        "Renal\nfailure",
        "renal  failure",
    ]
    assert run(page, "find", steps, ["a.c (", "abc ( a.c ("]) == ["a.c ("]
    assert run(page, "find", 'return m.patternOf("a")') is None


def test_seconds_as_a_clock(page):
    got = run(page, "dom", "return [0, 59.9, 252, 3723].map(m.asClock)")
    assert got == ["0:00", "0:59", "4:12", "1:02:03"]


def test_practice_compares(page):
    both = [[{"code": "1"}, {"code": "2"}], [{"code": "2"}, {"code": "3"}]]
    got = run(page, "practice", "return m.compared(x[0], x[1])", both)
    assert {kind: [each["code"] for each in rows] for kind, rows in got.items()} == {
        "found": ["2"],
        "missed": ["1"],
        "added": ["3"],
    }
